"""Preparing, logging and reading sessions."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
