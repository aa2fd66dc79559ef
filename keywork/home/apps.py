"""Pages and commands that join the apps."""

from django.apps import AppConfig


class HomeConfig(AppConfig):
    """Today, the caseload, the student page, imports, settings."""

    name = "keywork.home"
    label = "home"
    verbose_name = "Home"
