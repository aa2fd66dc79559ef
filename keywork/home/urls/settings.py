"""Calendar and key-work models of a school."""

from django.urls import path

from keywork.home.views import settings

urlpatterns = [
    path("settings/", settings.index, name="settings"),
]
