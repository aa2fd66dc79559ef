"""What Celery runs: each task loads, delegates and logs counts."""

import logging
from datetime import datetime, timedelta
from typing import Any

from celery import shared_task
from kombu.exceptions import OperationalError

from keywork import clock, jobs, outbox, tidy
from keywork.celery import ASKED_AT
from keywork.home.import_jobs import RUNNERS
from keywork.home.imports.services import forget_old_imports
from keywork.home.reminders import forget_old_steps, remind_all
from keywork.outbox import state

log = logging.getLogger(__name__)

JOBS_KEPT = timedelta(days=7)


@shared_task
def tidy_up() -> None:
    """Run the nightly tidy-up."""
    now = clock.now()
    log.info("tidied up: %s", tidy.as_text(tidy.tidy_up(now=now)))
    log.info("old steps of reminders forgotten: %s", forget_old_steps(now=now))
    log.info("old imports forgotten: %s", forget_old_imports(now=now))
    log.info("old jobs forgotten: %s", jobs.forget_old_jobs(before=now - JOBS_KEPT))


@shared_task
def remind() -> None:
    """Queue what the schools' days ask for by now; beat asks every few minutes."""
    now = clock.now()
    new = remind_all(now=now)
    log.info("reminders: %s", ", ".join(f"{kind} {n}" for kind, n in new.items()) or "none new")


@shared_task(bind=True)
def send_outbox(self: Any) -> None:
    """Send what waits in the outbox; beat asks every minute."""
    asked = self.request.get(ASKED_AT)
    asked_at = datetime.fromisoformat(asked) if asked else None
    state.note_tick(worker=self.request.hostname or "", asked_at=asked_at, now=clock.now())
    log.info("outbox: %s", outbox.send_waiting(clock=clock.now).as_text())


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
