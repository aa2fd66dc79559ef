"""The kernel as an installed app."""

from django.apps import AppConfig


class KeyworkConfig(AppConfig):
    """Schools, people, key-work models, drafts."""

    name = "keywork"
    verbose_name = "Keywork"

    def ready(self) -> None:
        """Register the system checks and the messages about accounts."""
        from keywork import (
            account_messages,
            checks,  # noqa: F401 (registers itself)
        )

        account_messages.register_kinds()
