"""A record's history."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
