"""Today and the caseload."""

from django.urls import path

from keywork.home.views.caseload import caseload, caseload_change
from keywork.home.views.today import home, today

urlpatterns = [
    path("", home, name="home"),
    path("today/", today, name="today"),
    path("caseload/", caseload, name="caseload"),
    path("caseload/change/", caseload_change, name="caseload_change"),
]
