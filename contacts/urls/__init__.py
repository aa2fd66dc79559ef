"""URLs of the contacts app: one module per topic."""

from contacts.urls import agencies, attendance, checkups, followups, log, people

app_name = "contacts"
urlpatterns = [
    *followups.urlpatterns,
    *checkups.urlpatterns,
    *agencies.urlpatterns,
    *attendance.urlpatterns,
    *log.urlpatterns,
    *people.urlpatterns,
]
