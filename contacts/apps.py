"""People at home and around the student."""

from django.apps import AppConfig


class ContactsConfig(AppConfig):
    """The contacts app."""

    name = "contacts"
    verbose_name = "Contacts"

    def ready(self) -> None:
        """Tell the outbox what this app sends, and the briefing what home said."""
        from contacts.briefing import home_lines
        from contacts.checkup_mail import register_kinds
        from students.briefing_hooks import also_known

        register_kinds()
        also_known(home_lines)
