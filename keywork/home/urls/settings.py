"""Calendar and key-work models of a school."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
