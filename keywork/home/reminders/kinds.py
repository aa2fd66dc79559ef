"""The kinds of reminder, and what each says when its turn comes."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import groupby

from keywork.home.reminders import deciding
from keywork.home.reminders.reading import Reading
from keywork.models import OutboxMessage
from keywork.outbox import Content, MessageKind, NewMessage, register
from keywork.outbox.kinds import Contents
from keywork.school_calendar import calendar_of

# What was counted so lately is said as it was counted; later, it is counted again.
STILL_FRESH = timedelta(minutes=10)


def register_kinds() -> None:
    """Make the reminders known to the outbox."""
    for name, label, optional in (
        (deciding.DIGEST, "What is due, once a day", True),
        (deciding.DUTY, "Each thing that is due", True),
        (deciding.MILESTONES, "Dates coming nearer", True),
        (deciding.ESCALATION, "What stays late", False),
        (deciding.NUDGE, "Calls home still to make today", False),
    ):
        register(MessageKind(name, label, reminders, optional=optional))


def reminders(rows: Sequence[OutboxMessage], now: datetime) -> Contents:
    """Say what was counted when a reminder was decided; after ten minutes, what holds by then.

    A reminder of what has meanwhile been done is left out, and so not sent.
    """
    fresh = [row for row in rows if now - row.queued_at <= STILL_FRESH]
    contents = {row.pk: Content(row.title, context={"lines": row.data["lines"]}) for row in fresh}
    old = sorted((row for row in rows if now - row.queued_at > STILL_FRESH), key=_day_of)
    for day, of_day in groupby(old, _day_of):
        contents |= _decided_again(list(of_day), date.fromisoformat(day))
    return contents


def _day_of(row: OutboxMessage) -> str:
    return str(row.data["on"])


def _decided_again(rows: list[OutboxMessage], day: date) -> dict[int, Content]:
    school = rows[0].school
    if school is None:
        return {}
    reading = Reading(school, day, calendar_of(school))
    wanted = {_key(message): message for message in _messages(reading, rows[0].kind)}
    found = {}
    for row in rows:
        message = wanted.get((row.about, row.user_id, row.due_on))
        if message is not None:
            found[row.pk] = Content(message.title, context={"lines": message.data["lines"]})
    return found


def _messages(reading: Reading, kind: str) -> list[NewMessage]:
    if kind == deciding.NUDGE:
        return list(deciding.nudges(reading))
    if kind == deciding.ESCALATION:
        return list(deciding.escalations(reading))
    return [one for one in deciding.due_messages(reading, None) if one.kind == kind]


def _key(message: NewMessage) -> tuple[str, int | None, date]:
    return (message.about, message.user.pk if message.user else None, message.due_on)
