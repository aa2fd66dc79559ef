"""Staff records."""

from django.urls import path

from keywork.home.views import staff

urlpatterns = [
    path("staff/", staff.staff_list, name="staff"),
]
