"""The attendance tab: the figure in words, weeks of letters, patterns, talks, queries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from keywork.dates import day_in_words
from keywork.term_dates import DayType, HalfTermDates, SchoolCalendar
from students.attendance import academic_year, last_mark
from students.models import (
    AbsenceTalk,
    AttendanceMark,
    PartTimeTimetable,
    RegisterQuery,
    Session,
    Student,
)
from students.models.attendance import UNAUTHORISED
from students.own_page import hide_others_in
from students.rules import spans
from students.rules.attendance import (
    CODES,
    TOO_FEW_SESSIONS,
    Category,
    Code,
    Figures,
    figures,
    ten_week_start,
)
from students.rules.patterns import Pattern, days_of, patterns
from students.services.register import is_away_or_late

SCHOOL_WEEK = 5
ANSWERS_SHOWN = 5
# One tint a category; the letter and the legend carry the meaning.
TINTS = {
    Category.PRESENT: "present",
    Category.APPROVED: "present",
    Category.AUTHORISED: "authorised",
    Category.UNAUTHORISED: "unauthorised",
    Category.NOT_POSSIBLE: "none",
    Category.ADMINISTRATIVE: "none",
}
CLOSED_WORDS = {
    DayType.INSET: "INSET",
    DayType.BANK_HOLIDAY: "Bank holiday",
    DayType.CLOSURE: "Closed",
}


@dataclass(frozen=True, slots=True)
class Letter:
    """One mark of the grid. when: "Morning"; tint: what colours it, besides the letter."""

    code: str
    when: str
    meaning: str
    tint: str


@dataclass(frozen=True, slots=True)
class GridDay:
    """One day of the grid: its letters, or why there are none."""

    on: date
    letters: list[Letter]
    closed: str


@dataclass(frozen=True, slots=True)
class Week:
    """A week of the grid, Monday to Friday."""

    monday: date
    days: list[GridDay]


@dataclass(slots=True)
class Missed:
    """Sessions of one day with one code away or late, and what was said and asked about them."""

    on: date
    code: Code
    sessions: list[str] = field(default_factory=list)
    minutes_late: int | None = None
    talks: list[AbsenceTalk] = field(default_factory=list)
    queries: list[RegisterQuery] = field(default_factory=list)

    @property
    def words(self) -> str:
        """Say which part of the day: "morning and afternoon"."""
        return " and ".join(Session(each).label.lower() for each in self.sessions)


@dataclass(frozen=True, slots=True)
class Attendance:
    """The page.

    figures None: no mark counts yet. stale: what the figure does not hold yet. answered_queries:
    those of the last answers that no absence or lateness of these weeks shows.
    """

    figures: Figures | None
    verdict: str
    marked_to: date | None
    stale: str
    empty: str
    half_term: HalfTermDates | None
    earlier: HalfTermDates | None
    later: HalfTermDates | None
    weeks: list[Week]
    legend: list[Code]
    missed: list[Missed]
    patterns: list[Pattern]
    part_time: list[PartTimeTimetable]
    open_queries: list[RegisterQuery]
    answered_queries: list[RegisterQuery]


def attendance_for(
    student: Student, on: date, calendar: SchoolCalendar, *, starting: str = ""
) -> Attendance:
    """Read and compose the tab of a student seen in full, in a fixed number of queries.

    starting: the first day of the half term to show, as in its address; else the present one.
    """
    asked = min(on, student.left_on or on)
    weeks_from = ten_week_start(calendar, asked)
    every = _marks(student, weeks_from, asked)
    year = [mark for mark in every if mark.date >= academic_year(asked)[0]]
    found = figures_of(year, [mark for mark in every if mark.date >= weeks_from])
    marks = [mark for mark in every if mark.date >= _year_before(asked)]
    to = max((mark.date for mark in year), default=None)
    halves = _half_terms(calendar, on)
    half_term = _chosen_half_term(halves, starting)
    queries = list(student.register_queries.select_related("asked_by", "answered_by"))
    talks = list(student.absence_talks.filter(withdrawn_at=None).select_related("talked_by"))
    agreed = _part_time(student, on)
    hide_others_in(
        student,
        [(each, ("text", "answer")) for each in queries]
        + [(each, ("said",)) for each in talks]
        + [(each, ("agreed",)) for each in agreed],
    )
    shown = _between(marks, half_term)
    place = halves.index(half_term) if half_term else 0
    counted = found if found.possible else None
    missed = _missed(shown, talks, queries)
    return Attendance(
        figures=counted,
        verdict=verdict(counted) if counted else "",
        marked_to=to,
        stale=stale_words(to, asked, calendar) if counted else "",
        empty="" if counted else _empty(student, asked),
        half_term=half_term,
        earlier=halves[place - 1] if place else None,
        later=halves[place + 1] if place + 1 < len(halves) else None,
        weeks=_weeks(half_term, shown, calendar, on),
        legend=_legend(shown),
        missed=missed,
        patterns=_patterns(marks, calendar, asked),
        part_time=agreed,
        open_queries=[each for each in queries if each.is_open],
        answered_queries=_answered_elsewhere(queries, missed),
    )


def verdict(figures: Figures) -> str:
    """Say what the figure means: too few sessions, severe, persistent, or nothing."""
    if figures.possible < TOO_FEW_SESSIONS:
        return "Too few sessions to judge"
    missed = f"{figures.absence} of {figures.possible} sessions missed"
    if figures.severe:
        return f"Severe absence: {missed}, half or more"
    if figures.persistent:
        return f"Persistent absence: {missed}, a tenth or more"
    return ""


def stale_words(marked_to: date | None, on: date, calendar: SchoolCalendar) -> str:
    """Say to which day the figure goes, where a school day has passed without marks."""
    if marked_to is None:
        return ""
    missing = calendar.school_days_between(marked_to + timedelta(days=1), on - timedelta(days=1))
    return f"Attendance to {marked_to:%a} {day_in_words(marked_to, on)}" if missing else ""


def figures_of(year: Iterable[AttendanceMark], weeks: Iterable[AttendanceMark]) -> Figures:
    """Give one student's figures, of marks while on roll: the year's, and the ten weeks'."""
    lately = sum(mark.code in UNAUTHORISED for mark in weeks)
    return figures(Counter(mark.code for mark in year), lately)


def _marks(student: Student, since: date, on: date) -> list[AttendanceMark]:
    """Read the marks of this academic year, the one before, and since a day, while on roll."""
    first = max(min(_year_before(on), since), student.on_roll_from)
    return list(AttendanceMark.objects.filter(student=student).between(first, on))


def _year_before(on: date) -> date:
    first = academic_year(on)[0]
    return date(first.year - 1, first.month, 1)


def _part_time(student: Student, on: date) -> list[PartTimeTimetable]:
    """Give the part-time timetables begun this academic year, else what is in force."""
    every = list(student.part_time_timetables.all())
    begun = [each for each in every if each.start >= academic_year(on)[0]]
    in_force = (each for each in every if spans(each.start, each.end, on))
    return begun or list(in_force)


def _half_terms(calendar: SchoolCalendar, on: date) -> list[HalfTermDates]:
    """Give the half terms begun, of this academic year and the one before, in order."""
    since = _year_before(on)
    return [half for half in calendar.half_terms if half.end >= since and half.start <= on]


def _chosen_half_term(halves: Sequence[HalfTermDates], starting: str) -> HalfTermDates | None:
    named = [half for half in halves if half.start.isoformat() == starting]
    return named[0] if named else (halves[-1] if halves else None)


def _between(
    marks: Iterable[AttendanceMark], half_term: HalfTermDates | None
) -> list[AttendanceMark]:
    if half_term is None:
        return list(marks)
    return [mark for mark in marks if half_term.start <= mark.date <= half_term.end]


def _weeks(
    half_term: HalfTermDates | None,
    marks: Iterable[AttendanceMark],
    calendar: SchoolCalendar,
    on: date,
) -> list[Week]:
    if half_term is None:
        return []
    letters: dict[date, list[Letter]] = {}
    for mark in marks:
        letters.setdefault(mark.date, []).append(_letter(mark))
    monday, weeks = half_term.start - timedelta(days=half_term.start.weekday()), []
    while monday <= min(half_term.end, on):
        dates = [monday + timedelta(days=number) for number in range(SCHOOL_WEEK)]
        days = [GridDay(day, letters.get(day, []), _closed(day, calendar)) for day in dates]
        weeks.append(Week(monday, days))
        monday += timedelta(weeks=1)
    return weeks[::-1]


def _letter(mark: AttendanceMark) -> Letter:
    code = CODES[mark.code]
    when = Session(mark.session).label
    late = "late" if mark.code == "L" else TINTS[code.category]
    return Letter(mark.code, when, code.meaning, late)


def _closed(day: date, calendar: SchoolCalendar) -> str:
    return CLOSED_WORDS.get(calendar.day_type(day), "")


def _legend(marks: Iterable[AttendanceMark]) -> list[Code]:
    shown = {mark.code for mark in marks}
    return [code for code in CODES.values() if code.code in shown]


def _missed(
    marks: Iterable[AttendanceMark],
    talks: Sequence[AbsenceTalk],
    queries: Sequence[RegisterQuery],
) -> list[Missed]:
    """Group the sessions away or late by day and code, newest first."""
    found: dict[tuple[date, str], Missed] = {}
    for mark in marks:
        if is_away_or_late(mark.code):
            day = found.setdefault((mark.date, mark.code), Missed(mark.date, CODES[mark.code]))
            day.sessions.append(mark.session)
            day.minutes_late = day.minutes_late or mark.minutes_late
    for day in found.values():
        day.talks = [each for each in talks if _is_about(each, day)]
        day.queries = [each for each in queries if _is_about(each, day)]
    return sorted(found.values(), key=lambda day: (day.on, day.sessions), reverse=True)


def _is_about(record: AbsenceTalk | RegisterQuery, day: Missed) -> bool:
    return record.date == day.on and record.session in day.sessions


def _answered_elsewhere(
    queries: Sequence[RegisterQuery], missed: Sequence[Missed]
) -> list[RegisterQuery]:
    """Give the newest answers about marks that the list of absences does not show."""
    shown = {query.pk for day in missed for query in day.queries}
    found = [each for each in queries if not each.is_open and each.pk not in shown]
    return found[:ANSWERS_SHOWN]


def _patterns(
    marks: Iterable[AttendanceMark], calendar: SchoolCalendar, on: date
) -> list[Pattern]:
    days = days_of((mark.date, mark.session, mark.code) for mark in marks)
    first = academic_year(on)[0]
    return patterns(
        [day for day in days if day.on >= first], longer=days, school_days=calendar.school_days
    )


def _empty(student: Student, on: date) -> str:
    last = last_mark(Student.objects.filter(pk=student.pk))
    first = academic_year(on)[0]
    since = last if last and last < first else first
    return f"No marks since {since:%-d %B %Y}. Ask the office to import."
