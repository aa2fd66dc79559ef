"""Drafts of forms."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
