"""The kernel as an installed app."""

from django.apps import AppConfig


class KeyworkConfig(AppConfig):
    """Schools, people, key-work models, drafts."""

    name = "keywork"
    verbose_name = "Keywork"

    def ready(self) -> None:
        """Register the system checks."""
        from keywork import checks  # noqa: F401 (registers itself)
