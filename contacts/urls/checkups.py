"""The weekly check-up: for those signed in, and behind a teacher's personal link."""

from django.urls import path, re_path

from contacts.views import checkup_link, checkups

REF = r"(?P<ref>[0-9a-z]{10})"
urlpatterns = [
    path("checkups/", checkups.week, name="checkups"),
    re_path(rf"^checkups/{REF}/$", checkups.checkup, name="checkup"),
    path("c/<str:token>/", checkup_link.answer_page, name="checkup_link"),
]
