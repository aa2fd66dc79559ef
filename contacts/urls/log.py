"""The log of contacts with home."""

from django.urls import re_path

from contacts.views import log as views

REF = r"(?P<ref>[0-9a-z]{10})"
urlpatterns = [
    re_path(rf"^students/{REF}/home/$", views.student_log, name="log"),
    re_path(rf"^students/{REF}/home/language/$", views.language, name="language"),
    re_path(rf"^contacts/{REF}/$", views.entry, name="entry"),
    re_path(rf"^contacts/{REF}/about/$", views.entry_about, name="entry_about"),
    re_path(rf"^contacts/{REF}/withdrawal/$", views.entry_withdrawal, name="entry_withdrawal"),
]
