"""Calendar, planned sessions, drop-in, the calendar feed."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
