"""The list of follow-ups; each one's page is its app's."""

from django.urls import path

from keywork.home.views import followups

urlpatterns = [path("followups/", followups.followups, name="followups")]
