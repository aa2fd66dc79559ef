"""The log of slips and rewards: one student's and the school's."""

from django.urls import path, re_path

from keywork.home.views import behaviour

REF = r"(?P<ref>[0-9a-z]{10})"

urlpatterns = [
    re_path(rf"^students/{REF}/behaviour/$", behaviour.student_log, name="behaviour"),
    re_path(
        rf"^students/{REF}/behaviour/export/$", behaviour.student_export, name="behaviour_export"
    ),
    path("slips/", behaviour.school_log, name="slips"),
    path("slips/export/", behaviour.school_export, name="slips_export"),
    path("slips/below-the-radar/", behaviour.quiet, name="slips_quiet"),
]
