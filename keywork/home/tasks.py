"""What Celery runs: each task loads, delegates and logs counts."""

import logging

from celery import shared_task

from keywork import clock, tidy

log = logging.getLogger(__name__)


@shared_task
def tidy_up() -> None:
    """Run the nightly tidy-up."""
    log.info("tidied up: %s", tidy.as_text(tidy.tidy_up(now=clock.now())))
