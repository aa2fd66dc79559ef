"""Key-work sessions and targets."""

from django.apps import AppConfig


class SessionsConfig(AppConfig):
    """The sessions app; its label keeps clear of Django's own `sessions`."""

    name = "sessions"
    label = "keywork_sessions"
    verbose_name = "Key-work sessions"
