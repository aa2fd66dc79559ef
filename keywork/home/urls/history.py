"""A record's history."""

from django.urls import path

from keywork.home.views.history import history

urlpatterns = [
    path("history/<slug:kind>/<str:ref>/", history, name="history"),
]
