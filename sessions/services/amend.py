"""Changing a signed session: an amendment with its reason; the old text is kept and readable."""

from dataclasses import fields
from datetime import date, datetime, time
from typing import Any

from django.db import transaction

from keywork.history import save_by
from keywork.models import User
from sessions.models import Amendment, KeyworkSession
from sessions.services.log import SessionValues

AMENDED = tuple(each.name for each in fields(SessionValues))


class AmendmentError(Exception):
    """A session cannot be amended so; the message is a sentence for the screen."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@transaction.atomic
def amend_session(
    *,
    keywork_session: KeyworkSession,
    values: SessionValues,
    reason: str,
    by: User,
    now: datetime,
) -> Amendment | None:
    """Change a session that was held or missed, and keep what stood there before.

    Gives the amendment, which lists every changed field before and after; None where nothing
    changed. Raises AmendmentError without a reason, and for a session that is only planned.
    """
    found = (
        KeyworkSession.objects.select_for_update(of=("self",))
        .standing()
        .filter(pk=keywork_session.pk)
        .first()
    )
    if found is None or found.is_planned:
        raise AmendmentError("Only a session that was held or missed can be corrected")
    if not reason.strip():
        raise AmendmentError("Say why you change it")
    changes = _apply(found, values)
    if not changes:
        return None
    save_by(found, by, reason)
    return Amendment.objects.create(
        keywork_session=found, reason=reason, changes=changes, made_at=now, made_by=by
    )


def _apply(record: KeyworkSession, values: SessionValues) -> list[dict[str, str]]:
    """Write the values to the record, and list what changed: field, before, after, in words."""
    changes = []
    for name in AMENDED:
        before, after = getattr(record, name), getattr(values, name)
        if before == after:
            continue
        field: Any = KeyworkSession._meta.get_field(name)
        entry = {"field": str(field.verbose_name), "before": "", "after": ""}
        entry["before"], entry["after"] = in_words(field, before), in_words(field, after)
        changes.append(entry)
        setattr(record, name, after)
    return changes


def in_words(field: Any, value: Any) -> str:
    """A stored value as a reader knows it; empty where there is none."""
    if value in (None, "", []):
        return ""
    if isinstance(value, list):
        themes = dict(KeyworkSession.Theme.choices)
        return ", ".join(str(themes.get(each, each)) for each in value)
    if isinstance(value, date):
        return f"{value:%A} {value.day} {value:%B %Y}"
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return str(dict(field.flatchoices).get(value, value))
