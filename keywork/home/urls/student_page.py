"""The student page; and key workers, whose pages have names without a namespace."""

from django.urls import path, re_path

from keywork.home.views.people import people
from keywork.home.views.student_page import student
from students.views import assignments

# A ref has ten characters, so /students/new/ is left for the form of a new student.
REF = r"(?P<ref>[0-9a-z]{10})"

urlpatterns = [
    re_path(rf"^students/{REF}/$", student, name="student"),
    path("students/<str:ref>/people/", people, name="people"),
    path("assignments/", assignments.assignments, name="assignments"),
    path("assignments/changes/new/", assignments.assignment_changes, name="assignment_changes"),
    path("assignments/<str:ref>/end/", assignments.assignment_end, name="assignment_end"),
    path("assignments/<str:ref>/undo/", assignments.assignment_undo, name="assignment_undo"),
]
