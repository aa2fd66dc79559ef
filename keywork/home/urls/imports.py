"""Imports in the browser."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
