"""System checks: what `manage.py check --deploy` says of the settings."""

import os
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from keywork.deployment import problems


@register(Tags.security, deploy=True)
def deployment_settings(**kwargs: Any) -> list[CheckMessage]:
    """Give an error for each missing or unsafe setting."""
    if settings.DEMO:
        return []
    return [Error(text, id="keywork.E001") for text in problems(dict(os.environ))]
