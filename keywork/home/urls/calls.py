"""Logging a contact with home; the log and its entries are in the contacts app."""

from django.urls import re_path

from keywork.home.views import call

REF = r"(?P<ref>[0-9a-z]{10})"
urlpatterns = [re_path(rf"^students/{REF}/home/new/$", call.call_new, name="call_new")]
