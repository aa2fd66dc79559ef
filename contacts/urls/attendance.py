"""What was tried where poor attendance persists."""

from django.urls import path, re_path

from contacts.views import attendance

REF = r"(?P<ref>[0-9a-z]{10})"
urlpatterns = [
    re_path(rf"^students/{REF}/attendance/steps/$", attendance.steps, name="attendance_steps"),
    re_path(
        rf"^students/{REF}/attendance/steps/new/$", attendance.new, name="attendance_step_new"
    ),
    re_path(rf"^students/{REF}/attendance/report/$", attendance.report, name="attendance_report"),
    re_path(
        rf"^attendance-steps/{REF}/withdrawal/$",
        attendance.withdrawal,
        name="attendance_step_withdrawal",
    ),
    path("settings/attendance-lead/", attendance.lead, name="attendance_lead"),
]
