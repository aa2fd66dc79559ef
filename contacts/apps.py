"""People at home and around the student."""

from django.apps import AppConfig


class ContactsConfig(AppConfig):
    """The contacts app."""

    name = "contacts"
    verbose_name = "Contacts"

    def ready(self) -> None:
        """Add what home said to the briefing before a session."""
        from contacts.briefing import home_lines
        from students.briefing_hooks import also_known

        also_known(home_lines)
