"""Targets and follow-ups."""

from django.urls import path

from sessions.views import followups, targets

urlpatterns = [
    path("students/<slug:student_ref>/targets/", targets.targets, name="targets"),
    path("students/<slug:student_ref>/targets/new/", targets.new_target, name="new_target"),
    path("targets/<slug:target_ref>/", targets.target, name="target"),
    path("targets/<slug:target_ref>/outcome/", targets.target_outcome, name="target_outcome"),
    path("targets/<slug:target_ref>/evidence/", targets.target_evidence, name="target_evidence"),
    path("followups/<slug:action_ref>/done/", followups.followup_done, name="followup_done"),
]
