"""Ticking off what was agreed in sessions."""

from datetime import datetime

from django.db import transaction

from keywork.history import save_by
from keywork.models import User
from sessions.models import SessionAction


@transaction.atomic
def tick_action(*, action: SessionAction, by: User, now: datetime) -> SessionAction:
    """Mark an agreed action as done; done already, it stays as it was."""
    found = SessionAction.objects.select_for_update().get(pk=action.pk)
    if found.done_at is None:
        found.done_at, found.done_by = now, by
        save_by(found, by, "Done")
    return found


@transaction.atomic
def undo_tick(*, record: SessionAction, by: User, now: datetime) -> SessionAction:
    """Mark an action as still to do (every undo takes `now`)."""
    found = SessionAction.objects.select_for_update().get(pk=record.pk)
    if found.done_at is not None:
        found.done_at = found.done_by = None
        save_by(found, by, "Undone")
    return found
