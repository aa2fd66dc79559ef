"""A school's calendar, read from the database into the plain value that rules take."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from django.db.models import CharField, F, QuerySet, Value

from keywork.models import ClosedDay, HalfTerm, School
from keywork.prepared import prepared
from keywork.term_dates import ClosedDays, HalfTermDates, SchoolCalendar


def calendars_of(schools: Iterable[School]) -> dict[int, SchoolCalendar]:
    """Give school id → calendar, in one query whatever the number of schools."""
    ids = [school.pk for school in schools]
    half_terms: dict[int, list[HalfTermDates]] = {pk: [] for pk in ids}
    closed: dict[int, list[ClosedDays]] = {pk: [] for pk in ids}
    for school, kind, term, name, start, end in _rows(schools=tuple(ids)):
        if kind:
            closed[school].append(ClosedDays(kind, name, start, end))
        else:
            half_terms[school].append(HalfTermDates(term, name, start, end))
    return {pk: _built(tuple(half_terms[pk]), tuple(closed[pk])) for pk in ids}


def calendar_of(school: School) -> SchoolCalendar:
    """Give one school's calendar, in one query."""
    return calendars_of([school])[school.pk]


@prepared
def _rows(*, schools: tuple[int, ...]) -> QuerySet:
    # An empty kind is a half term; closed days belong to no term.
    halves = _spans(HalfTerm, schools, Value("", CharField()), F("term"))
    days = _spans(ClosedDay, schools, F("kind"), Value("", CharField()))
    return halves.union(days, all=True)


def _spans(
    model: type[HalfTerm] | type[ClosedDay], schools: tuple[int, ...], kind: Any, term: Any
) -> QuerySet:
    rows = model._base_manager.filter(school__in=schools).order_by()
    return rows.annotate(span_kind=kind, span_term=term).values_list(
        "school_id", "span_kind", "span_term", "name", "start", "end"
    )


@lru_cache(maxsize=128)
def _built(
    half_terms: tuple[HalfTermDates, ...], closed: tuple[ClosedDays, ...]
) -> SchoolCalendar:
    """Build a calendar, or give the one built from the very same dates: it never changes."""
    return SchoolCalendar(half_terms, closed)
