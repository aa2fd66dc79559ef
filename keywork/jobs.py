"""Running long jobs: asked for once, done once, told about while they run.

A worker claims a job by one conditional update, so two never run it at once. While it works, a
thread of its own writes once a second how far it is, through a connection of its own: what the job
itself writes is one transaction that nobody sees before its end. That transaction ends with
`Progress.conclude`, which takes everything back where the job was cancelled, or was meanwhile
given to another worker.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from types import TracebackType
from typing import Any, Self

from django.db import DatabaseError, IntegrityError, connections, transaction
from django.db.models import F, Q

from keywork.models import Job, School, User
from keywork.models.jobs import LOST_AFTER, SILENT_AFTER

log = logging.getLogger(__name__)
Clock = Callable[[], datetime]
Send = Callable[[str], object]

SECONDS_BETWEEN = 1.0
MESSAGES_KEPT = 10
OUR_FAULT = (
    "Something went wrong here, and nothing was changed. Start it again; if that does not help, "
    "tell whoever looks after Keywork."
)


class JobCancelledError(Exception):
    """Somebody asked the job to stop."""


class JobLostError(Exception):
    """Another worker has the job now; whatever this one did must not stay."""


class JobRefusedError(Exception):
    """The job cannot be done; the sentence says why and what to do."""


Runner = Callable[[Job, "Progress"], None]


def ask_for(
    *, kind: Job.Kind, about: str, school: School, by: User, now: datetime, send: Send
) -> Job:
    """Put a job into the queue once the transaction is over; one of its kind that is there wins.

    send: gives a job's ref to the queue.
    """
    try:
        with transaction.atomic():
            job = Job(kind=kind, about=about, school=school, by=by, created_at=now, sent_at=now)
            job.save()
    except IntegrityError:
        return Job.objects.filter(kind=kind, about=about).exclude(finished_at__isnull=False).get()
    transaction.on_commit(lambda: send(job.ref))
    return job


def ask_again(*, job: Job, now: datetime, send: Send) -> bool:
    """Put a job that failed, was cancelled or got stuck into the queue once more.

    False where it is at work or done.
    """
    over = Q(state__in=[Job.State.FAILED, Job.State.CANCELLED])
    silent = Q(state=Job.State.RUNNING, heard_at__lt=now - SILENT_AFTER)
    lost = Q(state=Job.State.WAITING, sent_at__lt=now - LOST_AFTER)
    again = Job.objects.filter(over | silent | lost, pk=job.pk).update(
        state=Job.State.WAITING, sent_at=now, cancel_asked=False, finished_at=None,
        done=0, total=0, noun="", problems=0, messages=[],
    )  # fmt: skip
    if again:
        transaction.on_commit(lambda: send(job.ref))
    return bool(again)


def cancel(*, job: Job, now: datetime) -> None:
    """Stop a job: at once where no worker has it or its worker is silent, else when that looks."""
    nobodys = Q(state=Job.State.WAITING) | Q(
        state=Job.State.RUNNING, heard_at__lt=now - SILENT_AFTER
    )
    if not Job.objects.filter(nobodys, pk=job.pk).update(
        state=Job.State.CANCELLED, cancel_asked=True, finished_at=now
    ):
        Job.objects.filter(pk=job.pk, state=Job.State.RUNNING).update(cancel_asked=True)


def claim(ref: str, *, now: datetime) -> Job | None:
    """Take a waiting job, or one whose worker fell silent; None where there is none to take."""
    free = Q(state=Job.State.WAITING) | Q(state=Job.State.RUNNING, heard_at__lt=now - SILENT_AFTER)
    taken = Job.objects.filter(free, ref=ref).update(
        state=Job.State.RUNNING, attempt=F("attempt") + 1, started_at=now, heard_at=now,
        done=0, total=0, noun="", problems=0, messages=[],
    )  # fmt: skip
    return Job.objects.select_related("school", "by").get(ref=ref) if taken else None


def run(ref: str, *, runners: Mapping[str, Runner], clock: Clock) -> str:
    """Do a job, if it is there to be done; give how it ended, for the log."""
    job = claim(ref, now=clock())
    if job is None:
        return "not ours to do"
    ended, message = Job.State.DONE, ""
    try:
        with Progress(job, clock) as progress:
            runners[job.kind](job, progress)
    except JobLostError:
        return "taken over by another worker"
    except JobCancelledError:
        ended = Job.State.CANCELLED
    except JobRefusedError as refused:
        ended, message = Job.State.FAILED, str(refused)
    except Exception:
        _end(job, Job.State.FAILED, OUR_FAULT, clock())
        raise
    _end(job, ended, message, clock())
    return ended.label


def forget_old_jobs(*, before: datetime) -> int:
    """Remove jobs that ended, or were asked for and never done, before a moment; give how many."""
    old = Q(finished_at__lt=before) | Q(created_at__lt=before, finished_at=None)
    return Job.objects.filter(old).delete()[0]


def _end(job: Job, state: Job.State, message: str, now: datetime) -> None:
    values: dict[str, Any] = {"state": state, "finished_at": now}
    if message:
        values["messages"] = [message]
    _ours(job).update(**values)


def _ours(job: Job) -> Any:
    """Give the job's row while it is this worker's."""
    return Job.objects.filter(pk=job.pk, attempt=job.attempt, state=Job.State.RUNNING)


class Progress:
    """How far a job is. The job says it as often as it likes; once a second it is written down."""

    def __init__(self, job: Job, clock: Clock) -> None:
        self.job, self.clock = job, clock
        self.done = self.total = self.problems = 0
        self.noun = ""
        self.messages: list[str] = []
        self._cancelled, self._lost = threading.Event(), threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._write_each_second, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join()

    def begin(self, noun: str, total: int = 0) -> None:
        """Begin to count something else. total: 0 where nobody knows."""
        self.done, self.total, self.noun = 0, total, noun

    def tick(self, done: int) -> None:
        """Say how many are done. Raises JobCancelledError, JobLostError."""
        self.done = done
        self.look()

    def look(self) -> None:
        """Raise JobCancelledError or JobLostError where the job is to stop."""
        if self._lost.is_set():
            raise JobLostError
        if self._cancelled.is_set():
            raise JobCancelledError

    def problem(self, sentence: str) -> None:
        """Count a problem, and keep the first few to show."""
        self.problems += 1
        if len(self.messages) < MESSAGES_KEPT:
            self.messages = [*self.messages, sentence]

    def conclude(self) -> None:
        """End the job together with its work: call last in the transaction that writes it.

        Raises JobCancelledError or JobLostError, and so takes the work back, where it was stopped
        meanwhile.
        """
        self._stop.set()
        ended = _ours(self.job).filter(cancel_asked=False).update(
            state=Job.State.DONE, finished_at=self.clock(), done=self.done, total=self.total,
            noun=self.noun, problems=self.problems, messages=self.messages,
        )  # fmt: skip
        if not ended:
            raise JobCancelledError if _ours(self.job).exists() else JobLostError

    def _write_each_second(self) -> None:
        try:
            while not self._stop.wait(SECONDS_BETWEEN):
                try:
                    self._write()
                except DatabaseError:
                    # Of SQLite there is one writer: the job itself is at it. Or the server is gone
                    # for a moment, of which the job will hear, too.
                    log.info("the progress of job %s was not written", self.job.ref)
        finally:
            connections.close_all()

    def _write(self) -> None:
        _ours(self.job).update(
            done=self.done, total=self.total, noun=self.noun, problems=self.problems,
            messages=self.messages, heard_at=self.clock(),
        )  # fmt: skip
        found = Job.objects.filter(pk=self.job.pk).first()
        if found and found.attempt != self.job.attempt:
            self._lost.set()
        elif found and found.cancel_asked:
            self._cancelled.set()
