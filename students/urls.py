"""URLs of the students app; the student page and key workers are in keywork.home."""

from django.urls import include, path, re_path

from students.views import people, profile, slip_changes, slips, students

app_name = "students"
# A ref has ten characters, so /slips/new/ and the like are left for other pages.
REF = r"(?P<ref>[0-9a-z]{10})"
urlpatterns = [
    path("", include("students.urls_attendance")),
    path("", include("students.urls_change_notices")),
    path("", include("students.urls_observations")),
    path("", include("students.urls_progress")),
    path("students/", students.students, name="students"),
    path("students/new/", people.student_new, name="new"),
    path("students/<str:ref>/edit/", people.student_edit, name="edit"),
    path("students/<str:ref>/profile/", profile.profile, name="profile"),
    path("students/<str:ref>/profile/edit/", profile.profile_edit, name="profile_edit"),
    path("students/<str:ref>/strategies/", profile.strategy_new, name="strategy_new"),
    path(
        "strategies/<str:ref>/withdrawal/", profile.strategy_withdrawal, name="strategy_withdrawal"
    ),
    path("slips/new/", slips.new, name="slip_new"),
    path("slips/new/students/", slips.who, name="slip_who"),
    re_path(rf"^slips/{REF}/$", slips.slip, name="slip"),
    re_path(rf"^slips/{REF}/correction/$", slip_changes.correction, name="slip_correction"),
    re_path(rf"^slips/{REF}/withdrawal/$", slip_changes.withdrawal, name="slip_withdrawal"),
    re_path(
        rf"^slips/{REF}/correction-request/$",
        slip_changes.correction_request,
        name="slip_correction_request",
    ),
    path("slips/corrections/<str:ref>/answer/", slip_changes.answer, name="slip_answer"),
    path("students/<str:ref>/timetable/", profile.lesson_new, name="lesson_new"),
    path("students/<str:ref>/timetable/removal/", profile.lesson_removal, name="lesson_removal"),
]
