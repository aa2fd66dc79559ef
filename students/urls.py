"""URLs of the students app; the student page and key workers are in keywork.home."""

from django.urls import path

from students.views import people, profile, students

app_name = "students"
urlpatterns = [
    path("students/", students.students, name="students"),
    path("students/new/", people.student_new, name="new"),
    path("students/<str:ref>/edit/", people.student_edit, name="edit"),
    path("students/<str:ref>/people/", people.people, name="people"),
    path("students/<str:ref>/profile/", profile.profile, name="profile"),
    path("students/<str:ref>/profile/edit/", profile.profile_edit, name="profile_edit"),
    path("students/<str:ref>/strategies/", profile.strategy_new, name="strategy_new"),
    path(
        "strategies/<str:ref>/withdrawal/", profile.strategy_withdrawal, name="strategy_withdrawal"
    ),
    path("students/<str:ref>/timetable/", profile.lesson_new, name="lesson_new"),
    path("students/<str:ref>/timetable/removal/", profile.lesson_removal, name="lesson_removal"),
]
