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
    """A session cannot be amended so; the message is a sentence for the screen.

    field: the field it is about; None where it is about none.
    """

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.message, self.field = message, field


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
    changed. Raises AmendmentError without a reason, for a session that is only planned, and for a
    day before a target was set that the session judged.
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
    _refuse_before_targets(found, values.held_on)
    changes = _apply(found, values)
    if not changes:
        return None
    save_by(found, by, reason)
    return Amendment.objects.create(
        keywork_session=found, reason=reason, changes=changes, made_at=now, made_by=by
    )


def _refuse_before_targets(record: KeyworkSession, held_on: date) -> None:
    """A session judges no target before it was set: another day would make it."""
    judged = record.target_reviews.standing().filter(target__set_on__gt=held_on)
    review = judged.select_related("target").order_by("-target__set_on").first()
    if review:
        set_on = f"{review.target.set_on.day} {review.target.set_on:%B %Y}"
        text = review.target.text.rstrip(". ")
        message = f"“{text}” was judged in this session and set on {set_on}: choose a later day"
        raise AmendmentError(message, "held_on")


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
