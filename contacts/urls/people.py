"""Adults around a student; the page that shows them is in keywork.home."""

from django.urls import re_path

from contacts.views import people as views

REF = r"(?P<ref>[0-9a-z]{10})"
urlpatterns = [
    re_path(rf"^students/{REF}/people/new/$", views.contact_new, name="contact_new"),
    re_path(rf"^students/{REF}/people/checked/$", views.contacts_checked, name="checked"),
    re_path(rf"^people/{REF}/edit/$", views.contact_edit, name="contact_edit"),
    re_path(rf"^people/{REF}/end/$", views.contact_end, name="contact_end"),
]
