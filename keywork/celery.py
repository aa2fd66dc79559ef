"""The Celery app: `celery -A keywork worker`, `celery -A keywork beat`."""

import os
import sys
from typing import Any

from celery import Celery
from celery.schedules import crontab
from celery.signals import beat_init, worker_init

from keywork.deployment import UnsafeSettingsError, require_safe_settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "keywork.settings")

app = Celery("keywork")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["keywork.home"])
app.conf.beat_schedule = {
    # At night, when nobody waits for the database.
    "tidy-up": {"task": "keywork.home.tasks.tidy_up", "schedule": crontab(hour=2, minute=30)},
    # One that waited while no worker was there is not worth catching up with: the next does it.
    "outbox": {
        "task": "keywork.home.tasks.send_outbox",
        "schedule": crontab(),
        "options": {"expires": 60},
    },
}


@worker_init.connect
@beat_init.connect
def refuse_unsafe_start(**kwargs: Any) -> None:
    """Stop a worker or beat whose settings are unsafe, naming them."""
    from django.conf import settings  # noqa: PLC0415 (settings load Celery)

    try:
        require_safe_settings(dict(os.environ), demo=settings.DEMO)
    except UnsafeSettingsError as unsafe:
        sys.exit(str(unsafe))
