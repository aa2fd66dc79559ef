"""Putting messages into the outbox: each once, whoever asks and however often."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from keywork.models import OutboxMessage, School, User
from keywork.outbox.kinds import kind_named

GIVEN_UP_AFTER = timedelta(days=1)
ROWS_A_STATEMENT = 500
NO_ADDRESS = "No e-mail address is recorded."

State = OutboxMessage.State


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMessage:
    """A message to be sent; the fields are those of `OutboxMessage`.

    user: who it is for, or None with `address` alone. not_before: when its turn comes; None: at
    once. lapses_at: when it is given up; None: a day after its turn came. by_mail: False for a
    notice in Keywork alone.
    """

    kind: str
    due_on: date
    title: str
    school: School | None = None
    user: User | None = None
    address: str = ""
    about: str = ""
    path: str = "/"
    data: dict[str, Any] = field(default_factory=dict)
    not_before: datetime | None = None
    lapses_at: datetime | None = None
    by_mail: bool = True


def queue(message: NewMessage, *, now: datetime) -> bool:
    """Put one message into the outbox; say whether it is new. See `queue_all`."""
    return queue_all([message], now=now) == 1


def queue_all(messages: Iterable[NewMessage], *, now: datetime) -> int:
    """Put messages into the outbox and give how many are new; those there stay as they are.

    One of the same kind, about the same, to the same recipient and of the same day is there
    already. Safe to run twice and on two machines at once: the database refuses the second.
    What is queued inside a transaction is sent once that is committed; no broker is asked, the
    next tick finds it. Raises KeyError for a kind that nobody registered, ValueError for a
    message to nobody, or without a school where its kind keeps to school hours.
    """
    new = 0
    for rows in _batched([_row(message, now) for message in messages]):
        with transaction.atomic():
            OutboxMessage.objects.bulk_create(rows, ignore_conflicts=True)
            new += OutboxMessage.objects.filter(ref__in=[row.ref for row in rows]).count()
    return new


def send_again(message: OutboxMessage, *, now: datetime) -> bool:
    """Put a message that was given up back into the queue for another day; say whether it was."""
    return bool(
        OutboxMessage.objects.filter(pk=message.pk, state=State.GIVEN_UP).update(
            state=State.QUEUED,
            next_try_at=now,
            lapses_at=now + GIVEN_UP_AFTER,
            attempts=0,
            last_error="",
        )
    )


def _row(message: NewMessage, now: datetime) -> OutboxMessage:
    if message.school is None and not kind_named(message.kind).any_time:
        raise ValueError("a message that keeps to school hours needs a school")
    turn = max(message.not_before or now, now)
    row = OutboxMessage(
        school=message.school,
        kind=message.kind,
        about=message.about,
        recipient=_recipient(message),
        due_on=message.due_on,
        user=message.user,
        address=message.address,
        title=message.title,
        path=message.path,
        data=message.data,
        queued_at=now,
        next_try_at=turn,
        lapses_at=message.lapses_at or turn + GIVEN_UP_AFTER,
    )
    row.state, row.last_error = _first_state(message)
    return row


def _first_state(message: NewMessage) -> tuple[str, str]:
    """Give the state a message starts in, and why where it cannot be sent."""
    kind, user = kind_named(message.kind), message.user
    declined = kind.optional and user is not None and kind.name in user.declined_messages
    if declined or not message.by_mail:
        return State.NOTICE, ""
    if not (message.address or (user and user.email)):
        return State.GIVEN_UP, NO_ADDRESS
    return State.QUEUED, ""


def _recipient(message: NewMessage) -> str:
    if message.address:
        return message.address.lower()
    if message.user is None:
        raise ValueError("a message needs a user or an address")
    return f"user:{message.user.ref}"


def _batched(rows: list[OutboxMessage]) -> Iterable[list[OutboxMessage]]:
    for start in range(0, len(rows), ROWS_A_STATEMENT):
        yield rows[start : start + ROWS_A_STATEMENT]
