"""A school's calendar, read from the database into the plain value that rules take."""

from collections.abc import Iterable
from functools import lru_cache

from keywork.models import ClosedDay, HalfTerm, School
from keywork.term_dates import ClosedDays, HalfTermDates, SchoolCalendar


def calendars_of(schools: Iterable[School]) -> dict[int, SchoolCalendar]:
    """Give school id → calendar, in two queries whatever the number of schools."""
    ids = [school.pk for school in schools]
    half_terms: dict[int, list[HalfTermDates]] = {pk: [] for pk in ids}
    closed: dict[int, list[ClosedDays]] = {pk: [] for pk in ids}
    for half in HalfTerm.objects.filter(school__in=ids):
        half_terms[half.school_id].append(
            HalfTermDates(half.term, half.name, half.start, half.end)
        )
    for day in ClosedDay.objects.filter(school__in=ids):
        closed[day.school_id].append(ClosedDays(day.kind, day.name, day.start, day.end))
    return {pk: _built(tuple(half_terms[pk]), tuple(closed[pk])) for pk in ids}


def calendar_of(school: School) -> SchoolCalendar:
    """Give one school's calendar, in two queries."""
    return calendars_of([school])[school.pk]


@lru_cache(maxsize=128)
def _built(
    half_terms: tuple[HalfTermDates, ...], closed: tuple[ClosedDays, ...]
) -> SchoolCalendar:
    """Build a calendar, or give the one built from the very same dates: it never changes."""
    return SchoolCalendar(half_terms, closed)
