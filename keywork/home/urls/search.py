"""Search, and reading a date as it is typed."""

from django.urls import path, re_path

from keywork.home.views.search import read_day, search

urlpatterns = [
    path("search/", search, name="search"),
    re_path(r"^dates/(?P<side>past|coming)/$", read_day, name="read_day"),
]
