"""Sign-in, own settings, hiding the screen, health."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
