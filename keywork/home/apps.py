"""Pages and commands that join the apps."""

from django.apps import AppConfig


class HomeConfig(AppConfig):
    """Today, the caseload, the student page, imports, settings."""

    name = "keywork.home"
    label = "home"
    verbose_name = "Home"

    def ready(self) -> None:
        """Make the reminders known to the outbox."""
        from keywork.home.reminders.kinds import register_kinds

        register_kinds()
