"""URLs of the contacts app: one module per topic."""

from contacts.urls import followups

app_name = "contacts"
urlpatterns = [*followups.urlpatterns]
