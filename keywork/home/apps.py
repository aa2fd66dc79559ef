"""Pages and commands that join the apps."""

from django.apps import AppConfig


class HomeConfig(AppConfig):
    """Today, the caseload, the student page, imports, settings."""

    name = "keywork.home"
    label = "home"
    verbose_name = "Home"

    def ready(self) -> None:
        """Make the reminders, and what finds students' names, known to the outbox."""
        from keywork.home.caseload_change import register_kind
        from keywork.home.name_guard import names_of
        from keywork.home.reminders.kinds import register_kinds
        from keywork.outbox.kinds import hold_back_names

        register_kinds()
        register_kind()
        hold_back_names(names_of)
