"""The school-wide due list."""

from django.urls import path

from keywork.home.views.due import duties

urlpatterns = [path("overview/duties/", duties, name="duties")]
