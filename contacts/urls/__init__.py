"""URLs of the contacts app: one module per topic."""

from contacts.urls import checkups, followups

app_name = "contacts"
urlpatterns = [*followups.urlpatterns, *checkups.urlpatterns]
