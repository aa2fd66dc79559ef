"""Key-work sessions and targets."""

from django.apps import AppConfig


class SessionsConfig(AppConfig):
    """The sessions app; its label keeps clear of Django's own `sessions`."""

    name = "sessions"
    label = "keywork_sessions"
    verbose_name = "Key-work sessions"

    def ready(self) -> None:
        """Let planned sessions follow the student; tell the outbox what this app sends."""
        from keywork.outbox import MessageKind, register
        from sessions.services.comments import KIND
        from sessions.services.handing_over import move_planned_sessions
        from students.assignment_hooks import when_key_workers_change

        when_key_workers_change(move_planned_sessions)
        # A notice in Keywork alone: there is never an e-mail to say anything in.
        register(MessageKind(KIND, "Comments on sessions you recorded", lambda rows, now: {}))
