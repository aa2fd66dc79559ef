"""What Celery runs: each task loads, delegates and logs counts."""

import logging

from celery import shared_task

from keywork import clock, outbox, tidy
from keywork.home.imports.services import forget_old_imports

log = logging.getLogger(__name__)


@shared_task
def tidy_up() -> None:
    """Run the nightly tidy-up."""
    now = clock.now()
    log.info("tidied up: %s", tidy.as_text(tidy.tidy_up(now=now)))
    log.info("old imports forgotten: %s", forget_old_imports(now=now))


@shared_task
def send_outbox() -> None:
    """Send what waits in the outbox; beat asks every minute."""
    log.info("outbox: %s", outbox.send_waiting(clock=clock.now).as_text())
