"""Undo."""

from django.urls import path

from keywork.home.views.undo import undo

urlpatterns = [path("undo/<str:token>/", undo, name="undo")]
