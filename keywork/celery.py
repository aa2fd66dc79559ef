"""The Celery app: `celery -A keywork worker`, `celery -A keywork beat`."""

import os
import sys
from typing import Any

from celery import Celery
from celery.schedules import crontab
from celery.signals import beat_init, before_task_publish, worker_init
from django.utils.timezone import now

from keywork.deployment import UnsafeSettingsError, require_safe_settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "keywork.settings")

# The header that says when beat, or whoever it was, asked for a job.
ASKED_AT = "keywork_asked_at"

app = Celery("keywork")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["keywork.home"])
app.conf.beat_schedule = {
    # At night, when nobody waits for the database.
    "tidy-up": {"task": "keywork.home.tasks.tidy_up", "schedule": crontab(hour=2, minute=30)},
    # One that waited while no worker was there is not worth catching up with: the next does it.
    "reminders": {
        "task": "keywork.home.tasks.remind",
        "schedule": crontab(minute="*/5"),
        "options": {"expires": 300},
    },
    "outbox": {
        "task": "keywork.home.tasks.send_outbox",
        "schedule": crontab(),
        "options": {"expires": 60},
    },
}


@before_task_publish.connect
def say_when(headers: dict[str, Any], **kwargs: Any) -> None:
    """Write on a job when it was asked for: a worker that does it shows that beat is alive."""
    headers[ASKED_AT] = now().isoformat()


@worker_init.connect
@beat_init.connect
def refuse_unsafe_start(**kwargs: Any) -> None:
    """Stop a worker or beat whose settings are unsafe, naming them."""
    from django.conf import settings  # noqa: PLC0415 (settings load Celery)

    try:
        require_safe_settings(dict(os.environ), demo=settings.DEMO)
    except UnsafeSettingsError as unsafe:
        sys.exit(str(unsafe))
