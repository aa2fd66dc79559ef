"""A school year as its page shows it: twelve months of days, and the count of school days.

Source of 190 and 195: 190 days for pupils and five INSET days (domain reference, 4.1).
"""

import calendar
from collections import Counter
from dataclasses import dataclass
from datetime import date

from keywork.dates import academic_year_of
from keywork.term_dates import DayType, Period, SchoolCalendar

PUPIL_DAYS, STAFF_DAYS = 190, 195
# Letters, so that nothing is told by colour alone.
MARKS = {
    DayType.INSET: ("I", "INSET day"),
    DayType.CLOSURE: ("C", "closed"),
    DayType.BANK_HOLIDAY: ("B", "bank holiday"),
    DayType.HALF_TERM: ("", "half-term break"),
    DayType.HOLIDAY: ("", "holiday"),
    DayType.WEEKEND: ("", "weekend"),
    DayType.TERM: ("", "school day"),
}


@dataclass(frozen=True, slots=True)
class DayCell:
    """One day: number, kind (of `DayType`), mark (a letter or empty), words for it."""

    number: int
    kind: str
    mark: str
    words: str
    is_today: bool


@dataclass(frozen=True, slots=True)
class Month:
    """One month: its name, and weeks of seven days, Monday first; None outside the month."""

    name: str
    weeks: list[list[DayCell | None]]


@dataclass(frozen=True, slots=True)
class YearCount:
    """School days of a year: for pupils, with INSET, per term; `problem` says what to check."""

    pupil_days: int
    inset_days: int
    per_term: list[tuple[str, int]]
    problem: str

    @property
    def staff_days(self) -> int:
        """Give pupils' days and INSET days together."""
        return self.pupil_days + self.inset_days


def months_of(school_calendar: SchoolCalendar, year: Period, on: date) -> list[Month]:
    """Give the twelve months of an academic year; on: today."""
    return [
        _month(school_calendar, year.start.year + (month < 9), month, on)
        for month in [9, 10, 11, 12, 1, 2, 3, 4, 5, 6, 7, 8]
    ]


def count_of(school_calendar: SchoolCalendar, year: Period) -> YearCount:
    """Count an academic year's school days, and say where they are not 190 to 195."""
    days = [day for day in school_calendar.school_days if year.start <= day <= year.end]
    inset = sum(
        1
        for ordinal in range(year.start.toordinal(), year.end.toordinal() + 1)
        if school_calendar.day_type(date.fromordinal(ordinal)) is DayType.INSET
    )
    terms = Counter(term.name for day in days if (term := school_calendar.term_of(day)))
    return YearCount(len(days), inset, list(terms.items()), _problem(len(days)))


def year_shown(asked: str, on: date) -> Period:
    """Give the academic year that starts in the year asked for (such as "2026"), or today's."""
    if asked.isdecimal() and 1990 <= int(asked) <= 2100:
        return academic_year_of(date(int(asked), 9, 1))
    return academic_year_of(on)


def _problem(pupil_days: int) -> str:
    if pupil_days == 0:
        return "No half terms yet."
    if PUPIL_DAYS <= pupil_days <= STAFF_DAYS:
        return ""
    more = "fewer" if pupil_days < PUPIL_DAYS else "more"
    return (
        f"{pupil_days} school days are {more} than the usual {PUPIL_DAYS} to {STAFF_DAYS}. "
        "Check the first and last days."
    )


def _month(school_calendar: SchoolCalendar, year: int, month: int, on: date) -> Month:
    weeks = [
        [_cell(school_calendar, date(year, month, day), on) if day else None for day in week]
        for week in calendar.Calendar().monthdayscalendar(year, month)
    ]
    return Month(f"{date(year, month, 1):%B %Y}", weeks)


def _cell(school_calendar: SchoolCalendar, day: date, on: date) -> DayCell:
    kind = school_calendar.day_type(day)
    mark, words = MARKS[kind]
    return DayCell(day.day, kind.value, mark, words, day == on)
