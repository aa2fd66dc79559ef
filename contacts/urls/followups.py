"""What somebody raised, and what became of it; the list of follow-ups is in keywork.home."""

from django.urls import re_path

from contacts.views import followups as views

REF = r"(?P<ref>[0-9a-z]{10})"
urlpatterns = [
    re_path(rf"^students/{REF}/followups/$", views.of_student, name="student_followups"),
    re_path(rf"^students/{REF}/followups/new/$", views.new, name="followup_new"),
    re_path(rf"^followups/{REF}/$", views.followup, name="followup"),
    re_path(rf"^followups/{REF}/edit/$", views.edit, name="followup_edit"),
    re_path(rf"^followups/{REF}/withdrawal/$", views.withdrawal, name="followup_withdrawal"),
]
