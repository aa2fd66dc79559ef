"""Today and the caseload."""

from django.urls import path

from keywork.home.views.caseload import caseload
from keywork.home.views.today import home, today

urlpatterns = [
    path("", home, name="home"),
    path("today/", today, name="today"),
    path("caseload/", caseload, name="caseload"),
]
