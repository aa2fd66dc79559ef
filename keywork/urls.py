"""Every URL of the site; screens.md section 3 gives the names."""

from django.urls import include, path

urlpatterns = [
    path("", include("keywork.home.urls")),
    path("", include("students.urls")),
    path("", include("sessions.urls")),
    path("", include("contacts.urls")),
]
