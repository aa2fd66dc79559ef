"""What Celery runs: each task loads, delegates and logs counts."""

import logging
from datetime import timedelta

from celery import shared_task
from kombu.exceptions import OperationalError

from keywork import clock, jobs, tidy
from keywork.home.import_jobs import RUNNERS
from keywork.home.imports.services import forget_old_imports

log = logging.getLogger(__name__)

JOBS_KEPT = timedelta(days=7)


@shared_task
def tidy_up() -> None:
    """Run the nightly tidy-up."""
    now = clock.now()
    log.info("tidied up: %s", tidy.as_text(tidy.tidy_up(now=now)))
    log.info("old imports forgotten: %s", forget_old_imports(now=now))
    log.info("old jobs forgotten: %s", jobs.forget_old_jobs(before=now - JOBS_KEPT))


@shared_task
def run_job(ref: str) -> None:
    """Do a long job. Given twice, it is done once."""
    log.info("job %s: %s", ref, jobs.run(ref, runners=RUNNERS, clock=clock.now))


def send_job(ref: str) -> None:
    """Give a long job to the queue. Where that is not there, its page offers to try again."""
    try:
        run_job.delay(ref)
    except OperationalError:
        log.exception("job %s could not be queued", ref)
