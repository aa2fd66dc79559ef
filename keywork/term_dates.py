"""A school's calendar as a value: school days, weeks, half terms and terms.

One place for every question about "is the school open?", so that a due date,
a header and a planned series can never disagree. Nothing here reads the clock
or the database: callers build a `SchoolCalendar` from plain values and pass
the date they ask about. Definitions: the section "Words" of the rules.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from typing import Protocol

import holidays

from keywork.dates import academic_year_of, week_of

SATURDAY = 5
DAYS_IN_WEEK = 7


class DayType(StrEnum):
    """What sort of day a date is for one school."""

    TERM = "term"
    HALF_TERM = "half_term"
    HOLIDAY = "holiday"
    INSET = "inset"
    BANK_HOLIDAY = "bank_holiday"
    CLOSURE = "closure"
    WEEKEND = "weekend"


class Period(Protocol):
    """Anything with a first and a last day, both included."""

    @property
    def start(self) -> date: ...

    @property
    def end(self) -> date: ...


@dataclass(frozen=True, slots=True)
class HalfTermDates:
    """One half term, first and last day included; `term` is `Autumn 2026`."""

    term: str
    name: str
    start: date
    end: date

    def __post_init__(self) -> None:
        _refuse_backwards(self.name, self)


@dataclass(frozen=True, slots=True)
class ClosedDays:
    """INSET days or a closure, first and last day included.

    `kind` is `inset` or `closure`.
    """

    kind: str
    name: str
    start: date
    end: date

    def __post_init__(self) -> None:
        if self.kind not in (DayType.INSET, DayType.CLOSURE):
            raise ValueError(f"Closed days are inset or closure, not {self.kind!r}.")
        _refuse_backwards(self.name, self)


@dataclass(frozen=True, slots=True)
class TermDates:
    """A term: its half terms and the break between them, both ends included."""

    name: str
    start: date
    end: date


@dataclass(frozen=True, slots=True)
class WeekNumber:
    """Week `number` of `total` in a half term, counted from 1."""

    half_term: HalfTermDates
    number: int
    total: int


@dataclass(frozen=True, slots=True)
class SchoolCalendar:
    """One school's calendar, immutable and built from plain values.

    Bank holidays of England are worked out for every year; one-off ones that
    the library does not know yet come in as `extra_bank_holidays`. The school
    days are listed once, so every question afterwards is a binary search.

    >>> autumn = HalfTermDates("Autumn 2026", "Autumn 2", date(2026, 11, 2), date(2026, 12, 18))
    >>> SchoolCalendar([autumn]).add_school_days(date(2026, 11, 13), 1)
    datetime.date(2026, 11, 16)
    """

    half_terms: Sequence[HalfTermDates]
    closed_days: Sequence[ClosedDays] = ()
    extra_bank_holidays: Collection[date] = ()
    terms: tuple[TermDates, ...] = field(init=False, repr=False, compare=False)
    school_days: tuple[date, ...] = field(init=False, repr=False, compare=False)
    _school_day_set: frozenset[date] = field(init=False, repr=False, compare=False)
    _closed_kinds: dict[date, str] = field(init=False, repr=False, compare=False)
    _last_day: date | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        half_terms = tuple(sorted(self.half_terms, key=lambda half_term: half_term.start))
        _fix(self, "half_terms", half_terms)
        _fix(self, "closed_days", tuple(self.closed_days))
        _fix(self, "extra_bank_holidays", frozenset(self.extra_bank_holidays))
        _fix(self, "_closed_kinds", _closed_kinds(self.closed_days))
        _fix(self, "terms", _terms(half_terms))
        _fix(self, "_last_day", max((half.end for half in half_terms), default=None))
        days = {day for half_term in half_terms for day in _days(half_term) if self._is_open(day)}
        _fix(self, "school_days", tuple(sorted(days)))
        _fix(self, "_school_day_set", frozenset(days))

    # Which days

    def is_school_day(self, day: date) -> bool:
        """Whether `day` is Monday to Friday, in a half term, and nothing closes it."""
        return day in self._school_day_set

    def is_bank_holiday(self, day: date) -> bool:
        """Whether `day` is a bank holiday of England, or a one-off one given."""
        return day in england_bank_holidays(day.year) or day in self.extra_bank_holidays

    def day_type(self, day: date) -> DayType:
        """What sort of day it is; a weekend stays one whatever else falls on it."""
        if day.weekday() >= SATURDAY:
            return DayType.WEEKEND
        if self.is_bank_holiday(day):
            return DayType.BANK_HOLIDAY
        if day in self._closed_kinds:
            return DayType(self._closed_kinds[day])
        if self.half_term_of(day):
            return DayType.TERM
        return DayType.HALF_TERM if self.term_of(day) else DayType.HOLIDAY

    # Moving along the school days

    def add_school_days(self, day: date, count: int) -> date | None:
        """The `count`-th school day strictly after `day`.

        None where the calendar does not reach that far: then there is no duty
        and no lapse. Raises ValueError for a `count` below 1.
        """
        if count < 1:
            raise ValueError(f"Count at least one school day, not {count}.")
        index = bisect_right(self.school_days, day) + count - 1
        return self.school_days[index] if index < len(self.school_days) else None

    def previous_school_day(self, day: date) -> date:
        """The last school day on or before `day`.

        `day` itself where the calendar holds none, or where `day` lies after
        the last half term: nobody can act by a date that nobody entered yet.
        """
        index = bisect_right(self.school_days, day)
        if index == 0 or self.ends_before(day):
            return day
        return self.school_days[index - 1]

    def next_school_day(self, day: date) -> date | None:
        """The first school day on or after `day`; None past the calendar's end."""
        index = bisect_left(self.school_days, day)
        return self.school_days[index] if index < len(self.school_days) else None

    def ends_before(self, day: date) -> bool:
        """Whether `day` lies after the calendar's last half term (or it has none)."""
        return self._last_day is None or self._last_day < day

    # Counting

    def school_days_between(self, first: date, last: date) -> int:
        """How many school days from `first` to `last`, both included; 0 if reversed."""
        count = bisect_right(self.school_days, last) - bisect_left(self.school_days, first)
        return max(count, 0)

    def school_days_in(self, period: Period) -> int:
        """How many school days the period holds, both ends included."""
        return self.school_days_between(period.start, period.end)

    def school_days_late(self, act_by: date, on: date) -> int:
        """Whole school days after `act_by` up to and including `on`.

        Friday's duty is 1 school day late on Monday, and 0 at the weekend
        between, when it is overdue but no school day was lost yet.
        """
        return self.school_days_between(act_by + timedelta(days=1), on)

    # Periods

    def half_term_of(self, day: date) -> HalfTermDates | None:
        """The half term that holds `day`; None in a break or outside the calendar."""
        return next((half for half in self.half_terms if half.start <= day <= half.end), None)

    def term_of(self, day: date) -> TermDates | None:
        """The term that holds `day`, the break between its half terms included."""
        return next((term for term in self.terms if term.start <= day <= term.end), None)

    def first_school_day_of(self, period: Period) -> date | None:
        """The first school day of the period; None where it holds none."""
        day = self.next_school_day(period.start)
        return day if day and day <= period.end else None

    def last_school_day_of(self, period: Period) -> date | None:
        """The last school day of the period; None where it holds none."""
        index = bisect_right(self.school_days, period.end)
        if index == 0 or self.school_days[index - 1] < period.start:
            return None
        return self.school_days[index - 1]

    # Weeks

    week_of = staticmethod(week_of)
    academic_year_of = staticmethod(academic_year_of)

    def first_school_day_of_week(self, day: date) -> date | None:
        """First school day of the Monday-to-Sunday week of `day`; None if it has none."""
        return self.first_school_day_of(week_of(day))

    def last_school_day_of_week(self, day: date) -> date | None:
        """Last school day of the Monday-to-Sunday week of `day`; None if it has none.

        A week is a school week exactly where this gives a date.
        """
        return self.last_school_day_of(week_of(day))

    def week_number(self, day: date) -> WeekNumber | None:
        """Week n of m of the half term of `day`, as in "Autumn 2, week 2 of 7".

        Counts the Monday-to-Sunday weeks that the half term touches with a
        Monday to Friday, closed or not, so a snow week does not renumber the
        rest. None outside the half terms.
        """
        half_term = self.half_term_of(day)
        if half_term is None:
            return None
        total = _weeks_from(half_term, half_term.end)
        return WeekNumber(half_term, max(_weeks_from(half_term, day), 1), max(total, 1))

    def _is_open(self, day: date) -> bool:
        """Whether nothing closes `day`: not a weekend, bank holiday, INSET or closure."""
        if day.weekday() >= SATURDAY or day in self._closed_kinds:
            return False
        return not self.is_bank_holiday(day)


@cache
def england_bank_holidays(year: int) -> frozenset[date]:
    """Bank holidays of England in a year, substitute days included."""
    return frozenset(holidays.country_holidays("GB", subdiv="ENG", years=year))


def _fix(calendar: SchoolCalendar, name: str, value: object) -> None:
    """Set a field of the frozen calendar while it is being built."""
    object.__setattr__(calendar, name, value)


def _refuse_backwards(name: str, period: Period) -> None:
    """Raise ValueError where a period ends before it starts."""
    if period.end < period.start:
        raise ValueError(f"{name} ends ({period.end}) before it starts ({period.start}).")


def _days(period: Period) -> Iterator[date]:
    """Every day of the period, both ends included."""
    for offset in range((period.end - period.start).days + 1):
        yield period.start + timedelta(days=offset)


def _closed_kinds(closed_days: Iterable[ClosedDays]) -> dict[date, str]:
    """Each closed date with its kind."""
    return {day: closed.kind for closed in closed_days for day in _days(closed)}


def _terms(half_terms: Iterable[HalfTermDates]) -> tuple[TermDates, ...]:
    """The terms, from half terms in order of their start."""
    by_name: dict[str, TermDates] = {}
    for half in half_terms:
        known = by_name.get(half.term)
        start, end = (known.start, max(known.end, half.end)) if known else (half.start, half.end)
        by_name[half.term] = TermDates(half.term, start, end)
    return tuple(by_name.values())


def _weeks_from(half_term: HalfTermDates, day: date) -> int:
    """Number of the week of `day`, where a weekend before the first Monday is week 0."""
    first = half_term.start
    if first.weekday() >= SATURDAY:
        first += timedelta(days=DAYS_IN_WEEK - first.weekday())
    return (week_of(day).start - week_of(first).start).days // DAYS_IN_WEEK + 1
