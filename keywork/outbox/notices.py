"""Notices: what somebody was told, inside Keywork, whether or not an e-mail said it too."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.core import signing
from django.db.models import QuerySet

from keywork.access import Viewer
from keywork.history import save_by
from keywork.models import OutboxMessage, User
from keywork.outbox.kinds import MessageKind, kinds
from keywork.outbox.rendering import UNSUBSCRIBE_SALT

SHOWN_FOR = timedelta(days=30)


class UnknownLinkError(Exception):
    """The link of an e-mail was altered, or names nobody."""


def notices_of(viewer: Viewer) -> QuerySet[OutboxMessage]:
    """Give what the viewer was told at the chosen school in the last 30 days, newest first."""
    return listed_since(viewer, viewer.now - SHOWN_FOR, listed_kinds())


def listed_kinds() -> tuple[str, ...]:
    """Give the names of the kinds of message that are listed as notices."""
    return tuple(kind.name for kind in kinds() if kind.notice)


def listed_since(
    viewer: Viewer, since: datetime, shown: Collection[str]
) -> QuerySet[OutboxMessage]:
    """Give what the viewer was told at the chosen school since a moment, newest first.

    shown: see `listed_kinds`.
    """
    return OutboxMessage.objects.filter(
        user=viewer.user,
        school=viewer.school,
        kind__in=shown,
        queued_at__gt=since,
        next_try_at__lte=viewer.now,
    )


def mark_read(rows: QuerySet[OutboxMessage], *, now: datetime) -> int:
    """Mark notices as read; give how many were not."""
    return rows.filter(read_at=None).update(read_at=now)


def decline_by_link(token: str) -> MessageKind:
    """Decline a kind of message for the person whom an e-mail's link names; give the kind.

    Raises UnknownLinkError.
    """
    user, kind = read_link(token)
    if kind.name not in user.declined_messages:
        user.declined_messages = sorted({*user.declined_messages, kind.name})
        save_by(user, user, "by the link in an e-mail")
    return kind


def read_link(token: str) -> tuple[User, MessageKind]:
    """Give whom and which kind of message an e-mail's link names. Raises UnknownLinkError."""
    try:
        ref, name = signing.loads(token, salt=UNSUBSCRIBE_SALT)
        kind = next(one for one in kinds() if one.name == name and one.optional)
        return User.objects.get(ref=ref), kind
    except (signing.BadSignature, ValueError, StopIteration, User.DoesNotExist):
        raise UnknownLinkError from None
