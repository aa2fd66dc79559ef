"""People at home and around the student."""

from django.apps import AppConfig


class ContactsConfig(AppConfig):
    """The contacts app."""

    name = "contacts"
    verbose_name = "Contacts"
