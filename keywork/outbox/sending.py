"""Sending what waits: one claim a message, so that a killed sender leaves one in doubt at most.

A message is claimed by an UPDATE that only one sender can win, just before it is handed over, and
stamped just after. Whatever else waits is nobody's, so another worker goes on with it at once; the
one that was in flight is taken up again when its lease is over, and the log says which it was.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException
from typing import Any

from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models import F

from keywork.models import Heartbeat, OutboxMessage, School
from keywork.outbox.hours import known, may_go_out, within_hours
from keywork.outbox.kinds import Content, MessageKind, finders_for, kinds
from keywork.outbox.queueing import NO_ADDRESS
from keywork.outbox.rendering import address_of, email_of, message_id
from keywork.outbox.state import MAIL

log = logging.getLogger(__name__)

# Far longer than a mail server may take (EMAIL_TIMEOUT for each of its answers).
LEASE = timedelta(minutes=5)
# Minutes until the next try, after the first failure, the second …; the last one from there on.
PAUSES = (1, 2, 5, 10, 20, 40, 60)
NAMED = "Held back: it names a student."
A_PAGE = 200
# A mail server that breaks off so often in a row is left alone until the next tick.
BROKEN_OFF_AT_MOST = 3
State = OutboxMessage.State
Clock = Callable[[], datetime]


@dataclass(slots=True)
class Outcome:
    """How many messages of a run were sent, failed, given up or no longer needed.

    down: why the mail server could not be used, or "".
    """

    sent: int = 0
    failed: int = 0
    given_up: int = 0
    not_needed: int = 0
    down: str = ""

    def as_text(self) -> str:
        """Give the counts for a log line."""
        counts = f"sent {self.sent}, failed {self.failed}, given up {self.given_up}"
        return f"{counts}, not needed {self.not_needed}" + (f"; {self.down}" if self.down else "")


@dataclass(slots=True)
class _Run:
    """One run of a sender: the clock, the connection it reuses, and what came of it."""

    clock: Clock
    at_any_hour: bool
    schools: list[School] | None
    link: BaseEmailBackend = field(default_factory=get_connection)
    outcome: Outcome = field(default_factory=Outcome)
    broken_off: int = 0


def send_waiting(
    *, clock: Clock, schools: list[School] | None = None, at_any_hour: bool = False
) -> Outcome:
    """Send every message whose turn has come, page by page, over one connection.

    clock: gives the present moment, aware. schools: only of these. at_any_hour: also outside
    school hours, as somebody who sends by hand wants it. Never raises for what a mail server
    does; safe to run twice at once. Call it outside a transaction: each claim must be seen.
    """
    run = _Run(clock, at_any_hour, schools)
    _give_up(run)
    try:
        while not run.outcome.down and (page := _page(run)):
            for _, rows in groupby(page, attrgetter("school_id", "kind")):
                _send_alike(run, list(rows))
    finally:
        _close(run.link)
    return run.outcome


def _page(run: _Run) -> list[OutboxMessage]:
    """Give the next messages that may go out now, those of a school and kind together."""
    now = run.clock()
    rows = OutboxMessage.objects.ready(now).filter(lapses_at__gt=now)
    if run.schools is not None:
        rows = rows.filter(school__in=run.schools)
    rows = rows.filter(known() if run.at_any_hour else may_go_out(now))
    return list(
        rows.select_related("user", "school").order_by("school_id", "kind", "next_try_at", "pk")[
            :A_PAGE
        ]
    )


def _send_alike(run: _Run, rows: list[OutboxMessage]) -> None:
    """Send messages of one school and kind: their contents are read together."""
    kind = next(kind for kind in kinds() if kind.name == rows[0].kind)
    try:
        contents = kind.contents(rows, run.clock())
    except Exception:
        # One kind that fails must not hold up the others; these wait for their next try.
        log.exception("messages of kind %s could not be prepared", kind.name)
        for row in rows:
            if _claim(row, run.clock()):
                _failed(run, row, "It could not be prepared.")
        return
    finders = finders_for(kind, rows[0].school)
    for row in rows:
        if run.outcome.down or _too_late(run, kind, row):
            return
        content = contents.get(row.pk)
        if content is None:
            _not_needed(run, row)
        else:
            _send(run, row, content, finders)


def _too_late(run: _Run, kind: MessageKind, row: OutboxMessage) -> bool:
    """Say whether the school's last hour passed while its messages went out."""
    if run.at_any_hour or kind.any_time or row.school is None:
        return False
    return not within_hours(row.school, run.clock())


def _send(
    run: _Run, row: OutboxMessage, content: Content, finders: list[Callable[[str], bool]]
) -> None:
    if not _connected(run) or not _claim(row, run.clock()):
        return
    if not address_of(row):
        _given_up(run, row, NO_ADDRESS)
        return
    try:
        email = email_of(row, content, run.link)
        if _names_somebody(email, finders):
            log.error("mail %s held back: it names a student", message_id(row))
            _given_up(run, row, NAMED)
            return
        log.info("mail %s: sending, try %d", message_id(row), row.attempts)
        email.send()
    except (SMTPException, OSError) as error:
        _close(run.link)
        _refused(run, row, error)
    except Exception:
        log.exception("mail %s could not be put together", message_id(row))
        _failed(run, row, "It could not be put together.")
    else:
        _sent(run, row)


def _names_somebody(email: EmailMultiAlternatives, finders: list[Callable[[str], bool]]) -> bool:
    texts = [str(email.subject), str(email.body), *(str(part[0]) for part in email.alternatives)]
    return any(finder(text) for finder in finders for text in texts)


def _connected(run: _Run) -> bool:
    """Open the connection where it is closed; where that fails, the run ends here."""
    try:
        run.link.open()
    except (SMTPException, OSError) as error:
        _close(run.link)
        run.outcome.down = f"The mail server cannot be reached: {in_words(error)}"
        _note_mail(run, failing=run.outcome.down)
        log.warning("no mail goes out: %s", run.outcome.down)
        return False
    return True


def _claim(row: OutboxMessage, now: datetime) -> bool:
    """Claim a message for this sender; False where another was faster or it is no longer due."""
    in_doubt = row.state == State.CLAIMED
    claimed = (
        OutboxMessage.objects.ready(now)
        .filter(pk=row.pk, attempts=row.attempts)
        .update(state=State.CLAIMED, lease_until=now + LEASE, attempts=F("attempts") + 1)
    )
    row.attempts += 1
    if claimed and in_doubt:
        log.warning(
            "mail %s: taken up again; it was in flight when its sender stopped, and may arrive "
            "twice",
            message_id(row),
        )
    return bool(claimed)


def _leave(row: OutboxMessage, **values: Any) -> bool:
    """Write what became of a claimed message; False where it is no longer this sender's."""
    mine = OutboxMessage.objects.filter(pk=row.pk, state=State.CLAIMED, attempts=row.attempts)
    return bool(mine.update(lease_until=None, **values))


def _sent(run: _Run, row: OutboxMessage) -> None:
    _leave(row, state=State.SENT, sent_at=run.clock(), last_error="")
    log.info("mail %s: sent", message_id(row))
    run.outcome.sent += 1
    run.broken_off = 0
    if run.outcome.sent == 1:
        _note_mail(run)


def _refused(run: _Run, row: OutboxMessage, error: Exception) -> None:
    words = in_words(error)
    _failed(run, row, words)
    if isinstance(error, SMTPRecipientsRefused | SMTPResponseException):
        return
    run.broken_off += 1
    if run.broken_off >= BROKEN_OFF_AT_MOST:
        run.outcome.down = f"The mail server breaks off: {words}"
        _note_mail(run, failing=run.outcome.down)


def _failed(run: _Run, row: OutboxMessage, why: str) -> None:
    """Leave a message for another try, after a pause that grows with each."""
    pause = timedelta(minutes=PAUSES[min(row.attempts, len(PAUSES)) - 1])
    _leave(row, state=State.FAILED, next_try_at=run.clock() + pause, last_error=why)
    log.warning("mail %s: failed: %s", message_id(row), why)
    run.outcome.failed += 1


def _not_needed(run: _Run, row: OutboxMessage) -> None:
    if _claim(row, run.clock()) and _leave(row, state=State.NOT_NEEDED):
        run.outcome.not_needed += 1


def _given_up(run: _Run, row: OutboxMessage, why: str) -> None:
    _leave(row, state=State.GIVEN_UP, last_error=why)
    run.outcome.given_up += 1


def _give_up(run: _Run) -> None:
    """Give up what was not sent in its time; admins see it, and can send it again."""
    rows = OutboxMessage.objects.lapsed(run.clock())
    if run.schools is not None:
        rows = rows.filter(school__in=run.schools)
    untold = rows.filter(last_error="").update(
        state=State.GIVEN_UP, lease_until=None, last_error="It could not be sent in time."
    )
    run.outcome.given_up += untold + rows.update(state=State.GIVEN_UP, lease_until=None)


def _note_mail(run: _Run, failing: str = "") -> None:
    """Keep when the mail server last took a message, or since when it takes none."""
    now = run.clock()
    beat, _ = Heartbeat.objects.get_or_create(name=MAIL, defaults={"at": now})
    if not failing:
        beat.at, beat.failing_since = now, None
    elif beat.failing_since is None:
        beat.failing_since = now
    beat.note = failing[:150]
    beat.save()


def in_words(error: Exception) -> str:
    """Say what a mail server did, without its own words, which may name a person."""
    if isinstance(error, SMTPRecipientsRefused):
        codes = sorted({code for code, _ in error.recipients.values()})
        return f"The address was refused ({', '.join(map(str, codes))})."
    if isinstance(error, SMTPResponseException):
        return f"The mail server refused ({error.smtp_code})."
    # smtplib makes a lost connection of a silence, and keeps what it was behind it.
    if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
        return "The mail server did not answer in time."
    return "The connection was broken off or refused."


def _close(link: BaseEmailBackend) -> None:
    try:
        link.close()
    except (SMTPException, OSError):
        # Already gone; what was sent has its answer.
        log.info("the mail server was gone before the goodbye")


__all__ = ["LEASE", "Outcome", "in_words", "send_waiting"]
