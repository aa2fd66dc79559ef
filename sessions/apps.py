"""Key-work sessions and targets."""

from django.apps import AppConfig


class SessionsConfig(AppConfig):
    """The sessions app; its label keeps clear of Django's own `sessions`."""

    name = "sessions"
    label = "keywork_sessions"
    verbose_name = "Key-work sessions"

    def ready(self) -> None:
        """Tell the outbox what this app sends."""
        from keywork.outbox import MessageKind, register
        from sessions.services.comments import KIND

        # A notice in Keywork alone: there is never an e-mail to say anything in.
        register(MessageKind(KIND, "Comments on sessions you recorded", lambda rows, now: {}))
