"""Pages that join the apps, and the pages of everyone's own account."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
