"""Search, and reading a date as it is typed."""

from django.urls import re_path

from keywork.home.views.search import read_day

urlpatterns = [
    re_path(r"^dates/(?P<side>past|coming)/$", read_day, name="read_day"),
]
