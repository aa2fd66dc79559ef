"""URLs of the students app."""

from django.urls import URLPattern

app_name = "students"
urlpatterns: list[URLPattern] = []
