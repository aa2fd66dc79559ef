"""The student page."""

from django.urls import re_path

from keywork.home.views.student_page import student

# A ref has ten characters, so /students/new/ is left for the form of a new student.
REF = r"(?P<ref>[0-9a-z]{10})"

urlpatterns = [
    re_path(rf"^students/{REF}/$", student, name="student"),
]
