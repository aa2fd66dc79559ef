"""The school-wide due list."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
