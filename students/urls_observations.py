"""URLs of what was noticed of a student's wellbeing."""

from django.urls import path

from students.views import observations

ONE = "observations/<str:ref>"
urlpatterns = [
    path("students/<str:ref>/observations/new/", observations.new, name="observation_new"),
    path(f"{ONE}/", observations.observation, name="observation"),
    path(f"{ONE}/correction/", observations.correction, name="observation_correction"),
    path(f"{ONE}/withdrawal/", observations.withdrawal, name="observation_withdrawal"),
]
