"""Changing a signed session: an amendment with its reason; the old text is kept and readable."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import date, datetime, time
from typing import Any

from django.db import transaction

from keywork.history import save_by
from keywork.merging import Marks, fields_to_write
from keywork.models import User
from sessions.models import Amendment, KeyworkSession, SessionGroup
from sessions.services.log import SessionValues

AMENDED = tuple(each.name for each in fields(SessionValues))
SHARED, SHARED_WORDS = "shared_details", "what the group talked about"
# What makes a session held or missed: checked against each other.
OF_HAPPENED = ("status", "minutes", "method", "venue", "focus", "missed_reason", "missed_note")


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
    shared_details: str | None = None,
    seen: Marks | None = None,
) -> Amendment | None:
    """Change a session that was held or missed, and keep what stood there before.

    shared_details: the part that its group shares, which changes on every record of the group, an
    amendment each; None leaves it. Gives the amendment, which lists every changed field before and
    after; None where nothing changed. Raises AmendmentError without a reason, for a session that
    is only planned, and for a day before a target was set that the session judged.

    seen: what the form showed; raises ChangedMeanwhileError: see `keywork.merging`.
    """
    found = _locked(keywork_session)
    if not reason.strip():
        raise AmendmentError("Say why you change it")
    current = {name: getattr(found, name) for name in AMENDED}
    wanted = {name: getattr(values, name) for name in AMENDED}
    if found.group and shared_details is not None:
        current[SHARED], wanted[SHARED] = found.group.shared_details, shared_details
    written = fields_to_write(seen, current=current, wanted=wanted, together=[OF_HAPPENED])
    _refuse_before_targets(found, written.get("held_on", found.held_on))
    shared = written.pop(SHARED, None)
    changes = _apply(found, written)
    if changes:
        save_by(found, by, reason)
    if shared is not None and (entry := _apply_shared(found, shared, reason, by)):
        changes.append(entry)
        _amend_the_others(found, entry, reason, by, now)
    if not changes:
        return None
    return Amendment.objects.create(
        keywork_session=found, reason=reason, changes=changes, made_at=now, made_by=by
    )


def _locked(keywork_session: KeyworkSession) -> KeyworkSession:
    """Lock the record, and before it the part it shares: so do all who write either."""
    if keywork_session.group_id:
        SessionGroup.objects.select_for_update().get(pk=keywork_session.group_id)
    found = (
        KeyworkSession.objects.select_for_update(of=("self",))
        .standing()
        .select_related("group")
        .filter(pk=keywork_session.pk)
        .first()
    )
    if found is None or found.is_planned:
        raise AmendmentError("Only a session that was held or missed can be corrected")
    return found


def _refuse_before_targets(record: KeyworkSession, held_on: date) -> None:
    """A session judges no target before it was set: another day would make it."""
    judged = record.target_reviews.standing().filter(target__set_on__gt=held_on)
    review = judged.select_related("target").order_by("-target__set_on").first()
    if review:
        set_on = f"{review.target.set_on.day} {review.target.set_on:%B %Y}"
        text = review.target.text.rstrip(". ")
        message = f"“{text}” was judged in this session and set on {set_on}: choose a later day"
        raise AmendmentError(message, "held_on")


def _apply(record: KeyworkSession, written: Mapping[str, Any]) -> list[dict[str, str]]:
    """Write the values to the record, and list what changed: field, before, after, in words."""
    changes = []
    for name, after in written.items():
        before = getattr(record, name)
        if before == after:
            continue
        field: Any = KeyworkSession._meta.get_field(name)
        words = (in_words(field, before), in_words(field, after))
        changes.append(_change(str(field.verbose_name), *words))
        setattr(record, name, after)
    return changes


def _apply_shared(
    record: KeyworkSession, text: str, reason: str, by: User
) -> dict[str, str] | None:
    """Write the part that the group shares; None where it stood so."""
    group: Any = record.group
    before = group.shared_details
    if before == text:
        return None
    group.shared_details = text
    save_by(group, by, reason)
    return _change(SHARED_WORDS, before, text)


def _amend_the_others(
    record: KeyworkSession, entry: dict[str, str], reason: str, by: User, now: datetime
) -> None:
    """Note the change on the group's other records: what somebody signed reads otherwise now."""
    others = KeyworkSession.objects.standing().filter(group=record.group_id)
    signed = others.exclude(pk=record.pk).exclude(status=KeyworkSession.Status.PLANNED)
    Amendment.objects.bulk_create(
        Amendment(keywork_session=other, reason=reason, changes=[entry], made_at=now, made_by=by)
        for other in signed
    )


def _change(field: str, before: str, after: str) -> dict[str, str]:
    return {"field": field, "before": before, "after": after}


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
