"""Long jobs."""

from django.urls import path

from keywork.home.views import jobs as views

urlpatterns = [
    path("jobs/<slug:ref>/", views.job, name="job"),
    path("jobs/<slug:ref>/cancel/", views.job_cancel, name="job_cancel"),
    path("jobs/<slug:ref>/again/", views.job_again, name="job_again"),
]
