"""URLs of the contacts app: one module per topic."""

from contacts.urls import agencies, attendance, followups

app_name = "contacts"
urlpatterns = [*followups.urlpatterns, *agencies.urlpatterns, *attendance.urlpatterns]
