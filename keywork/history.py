"""History of every record a person can change: who, when, before, after.

simple-history writes a row for each `save()`; bulk writes would pass it by, so tracked querysets
refuse them. A record is withdrawn, never deleted.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn

from django.db import models
from simple_history.models import HistoricalRecords


class TrackedQuerySet(models.QuerySet):
    """A queryset that refuses writes which would leave no history."""

    def _refuse(self, verb: str) -> NoReturn:
        raise TypeError(f"{self.model.__name__}: {verb} would leave no history; use save()")

    def update(self, **kwargs: Any) -> NoReturn:
        """Refuse: see the class."""
        self._refuse("update()")

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse: see the class."""
        self._refuse("bulk_update()")

    def bulk_create(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse: see the class."""
        self._refuse("bulk_create()")

    def delete(self) -> NoReturn:
        """Refuse: see the class."""
        self._refuse("delete()")


def track(**kwargs: Any) -> HistoricalRecords:
    """Give the history manager that every tracked model carries (related name `history`)."""
    return HistoricalRecords(history_change_reason_field=models.TextField(null=True), **kwargs)


def save_by(record: Any, by: Any, reason: str = "") -> None:
    """Save a tracked record so that its history names who did it, and why where that is known.

    For services: within a request the middleware would name the signed-in user, outside nobody.
    """
    record._history_user = by
    record._change_reason = reason or None  # noqa: SLF001 (the library's name for it)
    record.save()


@dataclass(frozen=True, slots=True)
class Change:
    """One field of one change, as shown: label, before, after."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a record's history."""

    at: datetime
    by: str
    kind: str
    reason: str
    changes: list[Change]


KINDS = {"+": "Created", "~": "Changed", "-": "Deleted"}
UNSHOWN = {"id", "ref", "password", "last_login", "version"}


def history_entries(record: models.Model, *, limit: int = 100) -> list[Entry]:
    """Give a record's history, newest first, at most `limit` entries, in two queries."""
    rows = list(
        record.history.select_related("history_user").order_by("-history_date", "-history_id")[
            : limit + 1
        ]
    )
    older = [*rows[1:], None]
    return [_entry(row, before) for row, before in zip(rows, older, strict=True)][:limit]


def _entry(row: Any, before: Any) -> Entry:
    by = row.history_user.full_name if row.history_user else "The system"
    changes = _changes(row, before) if before is not None else []
    return Entry(
        row.history_date, by, KINDS[row.history_type], row.history_change_reason or "", changes
    )


def _changes(row: Any, before: Any) -> list[Change]:
    fields = [f for f in row.tracked_fields if f.name not in UNSHOWN]
    pairs = ((f, getattr(before, f.attname), getattr(row, f.attname)) for f in fields)
    return [
        Change(str(f.verbose_name), _shown(f, was), _shown(f, now))
        for f, was, now in pairs
        if was != now
    ]


def _shown(field: models.Field, value: Any) -> str:
    if value in (None, "", [], {}):
        return "empty"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if field.is_relation:
        # One look-up for a changed link; links change seldom.
        found = field.remote_field.model._base_manager.filter(pk=value).first()
        return str(found) if found else "removed"
    choices = dict(field.flatchoices)
    if isinstance(value, list):
        return ", ".join(str(choices.get(item, item)) for item in value)
    return str(choices.get(value, value))
