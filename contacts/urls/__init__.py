"""URLs of the contacts app: one module per topic."""

from contacts.urls import followups, log, people

app_name = "contacts"
urlpatterns = [*followups.urlpatterns, *log.urlpatterns, *people.urlpatterns]
