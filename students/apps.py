"""Students: who they are, who looks after them, how best to work with them."""

from django.apps import AppConfig


class StudentsConfig(AppConfig):
    """The students app."""

    name = "students"
    verbose_name = "Students"

    def ready(self) -> None:
        """Tell the outbox what this app sends."""
        from keywork.outbox import MessageKind, register
        from students.services.change_notices import KIND

        # A notice in Keywork alone: there is never an e-mail to say anything in.
        register(MessageKind(KIND, "Changes told by colleagues", lambda rows, now: {}))
