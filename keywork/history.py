"""History of every record a person can change: who, when, before, after.

simple-history writes a row for each `save()`; bulk writes would pass it by, so tracked querysets
refuse them. A record is withdrawn, never deleted.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache
from types import MappingProxyType
from typing import Any, NoReturn

from django.db import models
from django.utils.timezone import localtime
from simple_history.manager import HistoryManager
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


class _HistoryManager(HistoryManager):
    @classmethod
    @cache
    def from_queryset(cls, queryset_class: Any, class_name: str | None = None) -> Any:
        """Make the class once: the library does at every save, which is a fifth of its time."""
        return super().from_queryset(queryset_class, class_name)


def track(**kwargs: Any) -> HistoricalRecords:
    """Give the history manager that every tracked model carries (related name `history`)."""
    return HistoricalRecords(
        history_change_reason_field=models.TextField(null=True),
        history_manager=_HistoryManager,
        **kwargs,
    )


def save_by(record: Any, by: Any, reason: str = "") -> None:
    """Save a tracked record so that its history names who did it, and why where that is known.

    For services: within a request the middleware would name the signed-in user, outside nobody.
    """
    record._history_user = by
    record._change_reason = reason or None  # noqa: SLF001 (the library's name for it)
    record.save()


ROWS_A_STATEMENT = 500


def create_all(
    records: Sequence[Any], *, by: Any, reason: str, at: datetime | None = None
) -> None:
    """Write many new records of one tracked model with their history, a few statements in all.

    For what the machine itself writes in hundreds; by: None is the system; at: when the history
    says, as they are written unless told. Inside a transaction.
    """
    if not records:
        return
    model = type(records[0])
    model._base_manager.bulk_create(records, batch_size=ROWS_A_STATEMENT)
    _tell(model, records, by=by, reason=reason, at=at, update=False)


def change_all(
    records: Sequence[Any],
    *,
    fields: Sequence[str],
    by: Any,
    reason: str,
    at: datetime | None = None,
) -> None:
    """Write the same fields of many records of one tracked model, with history.

    The records are locked by the caller, and hold their new values; at: as `create_all`. Inside a
    transaction.
    """
    if not records:
        return
    model = type(records[0])
    model._base_manager.bulk_update(records, fields, batch_size=ROWS_A_STATEMENT)
    _tell(model, records, by=by, reason=reason, at=at, update=True)


def _tell(
    model: Any,
    records: Sequence[Any],
    *,
    by: Any,
    reason: str,
    at: datetime | None,
    update: bool,
) -> None:
    model.history.bulk_history_create(
        records,
        batch_size=ROWS_A_STATEMENT,
        update=update,
        default_user=by,
        default_change_reason=reason,
        default_date=at,
    )


@dataclass(frozen=True, slots=True)
class Change:
    """One field of one change, as shown: label, before, after."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Part:
    """Records whose changes are told with those of the one they belong to, removed ones too.

    rows: their history. words: names one of them, from a row of it.
    """

    rows: models.QuerySet
    words: Callable[[Any], str]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a record's history; about: the part it tells of, empty for the record itself."""

    at: datetime
    by: str
    kind: str
    reason: str
    changes: list[Change]
    about: str = ""


Labels = Mapping[str, Mapping[Any, Any]]  # field → value → what it is called
KINDS = {"+": "Created", "~": "Changed", "-": "Deleted"}
UNSHOWN = {"id", "ref", "password", "last_login", "version"}


def history_entries(
    record: Any,
    *,
    limit: int = 100,
    offset: int = 0,
    hidden: Collection[str] = (),
    parts: Iterable[Part] = (),
    labels: Labels = MappingProxyType({}),
) -> list[Entry]:
    """Give a record's history, newest first, at most `limit` entries after the first `offset`.

    One query, one for each of its parts, and one for each kind of record that changed links point
    to. hidden: names of fields whose changes are not shown to this reader. labels: what the values
    of a field are called whose choices an app above knows.
    """
    told = [
        (row, before, "") for row, before in _pairs(_newest(record.history)[: offset + limit + 1])
    ]
    for part in parts:
        pairs = _pairs(_newest(part.rows))
        told += [(row, before, part.words(row)) for row, before in pairs]
    told.sort(key=lambda line: line[0].history_date, reverse=True)
    told = told[offset : offset + limit]
    unshown = UNSHOWN.union(hidden)
    changed = [_changed_fields(row, before, unshown) for row, before, _ in told]
    names = _names_of_links(each for fields in changed for each in fields)
    return [
        _entry(
            row,
            [Change(str(f.verbose_name), *_shown(f, both, names, labels)) for f, both in fields],
            a,
        )
        for (row, _, a), fields in zip(told, changed, strict=True)
    ]


Changed = tuple[Any, tuple[Any, Any]]


def _newest(rows: Any) -> models.QuerySet:
    return rows.select_related("history_user").order_by("-history_date", "-history_id")


def _pairs(rows: Iterable[Any]) -> list[tuple[Any, Any]]:
    """Give each row, newest first, with the one before it of the same record, or None."""
    pairs = []
    before: dict[Any, Any] = {}
    for row in reversed(list(rows)):
        pairs.append((row, before.get(row.id)))
        before[row.id] = row
    return pairs[::-1]


def _entry(row: Any, changes: list[Change], about: str) -> Entry:
    by = row.history_user.full_name if row.history_user else "The system"
    kind, reason = KINDS[row.history_type], row.history_change_reason or ""
    return Entry(row.history_date, by, kind, reason, changes, about)


def _changed_fields(row: Any, before: Any, unshown: Collection[str]) -> list[Changed]:
    """Give each field that changed with its value before and after."""
    if before is None:
        return []
    fields = [f for f in row.tracked_fields if f.name not in unshown]
    pairs = ((f, (getattr(before, f.attname), getattr(row, f.attname))) for f in fields)
    return [(f, both) for f, both in pairs if both[0] != both[1]]


def _names_of_links(changed: Iterable[Changed]) -> dict[tuple[type, Any], str]:
    """Give (model, key) → name for every record that a changed link points to."""
    keys: dict[type[models.Model], set[Any]] = {}
    for f, both in changed:
        if f.is_relation:
            keys.setdefault(f.remote_field.model, set()).update(both)
    return {
        (model, record.pk): str(record)
        for model, wanted in keys.items()
        for record in model._base_manager.filter(pk__in=wanted - {None})
    }


def _shown(
    field: Any, both: tuple[Any, Any], names: dict[tuple[type, Any], str], labels: Labels
) -> tuple[str, str]:
    if field.is_relation:
        model = field.remote_field.model
        before, after = (
            "empty" if key is None else names.get((model, key), "removed") for key in both
        )
        return before, after
    choices = labels.get(field.name) or dict(field.flatchoices)
    return _in_words(choices, both[0]), _in_words(choices, both[1])


def _in_words(choices: Mapping[Any, Any], value: Any) -> str:
    if value in (None, "", [], {}):
        return "empty"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date | time):  # a datetime is a date, too
        return _moment_in_words(value)
    if isinstance(value, dict):  # as the columns of an export: a heading, and what it is taken as
        return "\n".join(f"{key}: {_in_words(choices, each)}" for key, each in value.items())
    if isinstance(value, list):
        return ", ".join(str(choices.get(item, item)) for item in value)
    return str(choices.get(value, value))


def _moment_in_words(value: date | time) -> str:
    if isinstance(value, datetime):
        return f"{localtime(value):%-d %B %Y, %H:%M}"
    return f"{value:%H:%M}" if isinstance(value, time) else f"{value:%-d %B %Y}"
