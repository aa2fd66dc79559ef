"""Changing a school's calendar: half terms, INSET days, closures. Every due date follows it."""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from django.db import transaction

from keywork.history import save_by
from keywork.merging import Marks, fields_to_write
from keywork.models import ClosedDay, HalfTerm, School, User


class CalendarError(Exception):
    """Dates that cannot be so; the message is for the screen, about `field` of the form."""

    def __init__(self, message: str, field: str = "start") -> None:
        super().__init__(message)
        self.message = message
        self.field = field


@dataclass(frozen=True, slots=True, kw_only=True)
class HalfTermValues:
    """A half term, first and last day included; half terms that share `term` make the term."""

    term: str
    name: str
    start: date
    end: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedDayValues:
    """INSET or a closure, first and last day included; kind: of `ClosedDay.Kind`."""

    kind: str
    name: str
    start: date
    end: date


@transaction.atomic
def save_half_term(
    *,
    school: School,
    values: HalfTermValues,
    by: User,
    record: HalfTerm | None = None,
    seen: Marks | None = None,
) -> HalfTerm:
    """Add a half term, or change one. Raises CalendarError where it overlaps another.

    The half terms of a term stand together: none of another term may lie between them. seen: what
    the form showed; raises ChangedMeanwhileError: see `keywork.merging`.
    """
    _lock(school)
    record, values = _merged(record, values, seen)
    others = list(_others(HalfTerm, school, record))
    _refuse_overlap(values, others)
    _refuse_interleaved(values, others)
    return _saved(record or HalfTerm(school=school), values, by)


@transaction.atomic
def save_closed_day(
    *,
    school: School,
    values: ClosedDayValues,
    by: User,
    record: ClosedDay | None = None,
    seen: Marks | None = None,
) -> ClosedDay:
    """Add INSET days or a closure, or change one. Raises CalendarError where two overlap.

    seen: as in `save_half_term`.
    """
    _lock(school)
    record, values = _merged(record, values, seen)
    _refuse_overlap(values, _others(ClosedDay, school, record))
    return _saved(record or ClosedDay(school=school), values, by)


@transaction.atomic
def remove_dates(*, record: HalfTerm | ClosedDay, by: User) -> None:
    """Take a half term or closed day out of the calendar; its history keeps what it was."""
    _lock(record.school)
    marks: Any = record
    marks._history_user = by
    record.delete()


def _lock(school: School) -> None:
    """Let one change of a school's calendar wait for another."""
    School.objects.select_for_update().get(pk=school.pk)


def _merged(record: Any, values: Any, seen: Marks | None) -> tuple[Any, Any]:
    """Give the record as it is now, and what it is to be; raises CalendarError if removed."""
    if record is None:
        return None, values
    found = type(record).objects.filter(pk=record.pk).first()
    if found is None:
        raise CalendarError(
            f"{record} was removed meanwhile. Add it again if it is still needed.", ""
        )
    wanted = asdict(values)
    current = {name: getattr(found, name) for name in wanted}
    written = fields_to_write(seen, current=current, wanted=wanted, together=[("start", "end")])
    return found, type(values)(**(current | written))


def _others(model: Any, school: School, record: Any) -> Any:
    return model.objects.filter(school=school).exclude(pk=record.pk if record else None)


def _refuse_overlap(values: HalfTermValues | ClosedDayValues, others: Any) -> None:
    for other in others:
        if values.start <= other.end and other.start <= values.end:
            raise CalendarError(f"This overlaps {other} ({_days(other.start, other.end)}).")


def _refuse_interleaved(values: HalfTermValues, others: list[HalfTerm]) -> None:
    own = [half for half in others if half.term == values.term]
    first = min([values.start, *(half.start for half in own)])
    last = max([values.end, *(half.end for half in own)])
    for other in others:
        if other.term != values.term and first <= other.start <= last:
            raise CalendarError(
                f"{other} of {other.term} lies between the half terms of {values.term}.", "term"
            )
    _refuse_inside_other_term(values, others)


def _refuse_inside_other_term(values: HalfTermValues, others: list[HalfTerm]) -> None:
    spans: dict[str, tuple[date, date]] = {}
    for half in others:
        start, end = spans.get(half.term, (half.start, half.end))
        spans[half.term] = min(start, half.start), max(end, half.end)
    for term, (start, end) in spans.items():
        if term != values.term and start <= values.start <= end:
            raise CalendarError(f"This lies between the half terms of {term}.", "term")


def _saved(record: Any, values: HalfTermValues | ClosedDayValues, by: User) -> Any:
    for name, value in asdict(values).items():
        setattr(record, name, value)
    save_by(record, by)
    return record


def _days(start: date, end: date) -> str:
    if start == end:
        return f"{start:%-d %B %Y}"
    return f"{start:%-d %B} to {end:%-d %B %Y}"
