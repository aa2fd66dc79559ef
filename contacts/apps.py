"""People at home and around the student."""

from django.apps import AppConfig


class ContactsConfig(AppConfig):
    """The contacts app."""

    name = "contacts"
    verbose_name = "Contacts"

    def ready(self) -> None:
        """Tell the outbox what this app sends."""
        from contacts.checkup_mail import register_kinds

        register_kinds()
