"""Ticking off what was agreed in a session."""

from datetime import datetime

from django.db import transaction

from keywork.history import save_by
from keywork.models import User
from sessions.models import SessionAction


@transaction.atomic
def finish_action(*, action: SessionAction, by: User, now: datetime) -> SessionAction:
    """Tick an action done; one done already stays as it is."""
    found = SessionAction.objects.select_for_update(of=("self",)).get(pk=action.pk)
    if found.done_at is None:
        found.done_at, found.done_by = now, by
        save_by(found, by, "Done")
    return found


@transaction.atomic
def reopen_action(*, action: SessionAction, by: User) -> SessionAction:
    """Take a tick back; one not done stays as it is."""
    found = SessionAction.objects.select_for_update(of=("self",)).get(pk=action.pk)
    if found.done_at is not None:
        found.done_at = found.done_by = None
        save_by(found, by, "Not done after all")
    return found
