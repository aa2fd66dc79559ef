"""Undo for ten minutes: a signed address that only the person who acted can use.

Pages that act call `offer_undo`; the banner then carries the button. Which service takes back
which kind of act is `keywork.home.undo_kinds`' matter, because the kernel knows no app.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.core import signing
from django.urls import reverse

from keywork.access import KeyworkRequest
from keywork.models import User

UNDO_FOR = timedelta(minutes=10)
SALT = "keywork.undo"


class UndoError(Exception):
    """Something cannot be undone (any more); the message is a sentence for the screen."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True, slots=True)
class Undoing:
    """What an address asks to undo: the kind of act and the `ref` of its record."""

    kind: str
    ref: str


def undo_url(kind: str, record: Any, *, by: User, now: datetime) -> str:
    """Give the address at which this person can undo an act for ten minutes."""
    return undo_url_of(kind, record.ref, by=by, at=now)


def undo_url_of(kind: str, ref: str, *, by: User, at: datetime) -> str:
    """Give the address that undoes an act of a moment, until ten minutes after it."""
    token = signing.dumps([kind, ref, by.pk, at.timestamp()], salt=SALT)
    return reverse("undo", args=[token])


def read_token(token: str, *, by: User, now: datetime) -> Undoing:
    """Give what an address asks for.

    Raises UndoError where it is not this person's, altered, or more than ten minutes old.
    """
    try:
        kind, ref, user_id, made_at = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError):
        raise UndoError("This cannot be undone") from None
    if user_id != by.pk:
        raise UndoError("Only the person who did this can undo it")
    if now.timestamp() - made_at > UNDO_FOR.total_seconds():
        raise UndoError("Ten minutes have passed, so this can no longer be undone")
    return Undoing(kind, ref)


def offer_undo(request: KeyworkRequest, text: str, *, kind: str, record: Any) -> None:
    """Say on the next page what was done, with a button that undoes it."""
    url = undo_url(kind, record, by=request.viewer.user, now=request.viewer.now)
    messages.success(request, text, extra_tags=url)
