"""Attendance figures of a school or some of its students, from the tallies, in four queries.

A tally counts an academic year whole. What lies after the date asked about, or before a student
joined, is few marks as a rule; it is counted and taken off.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, F, Max, Q, QuerySet

from keywork.models import School
from keywork.term_dates import SchoolCalendar
from students.models import AttendanceMark, AttendanceTally, Student
from students.models.attendance import UNAUTHORISED
from students.models.student import StudentQuerySet
from students.rules.attendance import Figures, figures, ten_week_start
from students.services.mark_stage import FIRST_MONTH, academic_year_of

CodeCounts = dict[int, Counter[str]]


@dataclass(frozen=True, slots=True)
class AttendanceTable:
    """Figures by student id. marked_to: the last day with a mark by the date asked about."""

    figures: dict[int, Figures]
    marked_to: date | None


def academic_year(on: date) -> tuple[date, date]:
    """Give the first and last day of the academic year of a day."""
    year = academic_year_of(on)
    return date(year, FIRST_MONTH, 1), date(year + 1, FIRST_MONTH, 1) - timedelta(days=1)


def attendance_of(
    school: School, on: date, *, calendar: SchoolCalendar, students: StudentQuerySet | None = None
) -> AttendanceTable:
    """Work out the figures of a school's students on roll on a date.

    students: only these (an unsliced queryset). Everyone on roll has figures, also without marks.
    Marks count from the start of the academic year to the date, both inclusive, while on roll; the
    ten weeks are not cut at the start of the year. Source: "Attendance figures" of the rules.
    """
    chosen = Student.objects.all() if students is None else students
    chosen = chosen.filter(school=school).on_roll(on).order_by()
    ids = list(chosen.values_list("pk", flat=True))
    counts, latest = _tallied(chosen, on)
    for student, code, number in _not_counted(chosen, on, latest):
        counts[student][code] -= number
    weeks = _unauthorised_lately(chosen, on, calendar)
    return AttendanceTable(
        {pk: figures(counts[pk], weeks.get(pk, 0)) for pk in ids},
        min(latest, on) if latest else None,
    )


def _tallied(chosen: QuerySet, on: date) -> tuple[CodeCounts, date | None]:
    """Count the whole academic year; give the date of its last mark."""
    tallies = AttendanceTally.objects.filter(
        student__in=chosen.values("pk"), year=academic_year_of(on)
    )
    counts: CodeCounts = defaultdict(Counter)
    latest = None
    for student, code, marks, last in tallies.values_list("student", "code", "marks", "latest"):
        counts[student][code] = marks
        latest = max(latest, last) if latest else last
    return counts, latest


def _not_counted(chosen: QuerySet, on: date, latest: date | None) -> list[tuple[int, str, int]]:
    """Give the marks of the year that do not count: (student, code, number)."""
    first, last = academic_year(on)
    if latest is None:
        return []
    joined = chosen.filter(on_roll_from__gt=first)
    outside = Q(student__in=joined.values("pk"), date__lt=F("student__on_roll_from"))
    rows = list(_numbers(AttendanceMark.objects.between(first, on).filter(outside)))
    if latest > on:
        after = AttendanceMark.objects.between(on + timedelta(days=1), last)
        rows += _numbers(after.filter(student__in=chosen.values("pk")))
    return rows


def _numbers(marks: QuerySet) -> QuerySet:
    grouped = marks.order_by().values("student", "code").annotate(number=Count("*"))
    return grouped.values_list("student", "code", "number")


def _unauthorised_lately(chosen: QuerySet, on: date, calendar: SchoolCalendar) -> dict[int, int]:
    """Count the unauthorised marks of the last ten school weeks, the present one included."""
    marks = AttendanceMark.objects.between(ten_week_start(calendar, on), on).filter(
        code__in=UNAUTHORISED,
        student__in=chosen.values("pk"),
        date__gte=F("student__on_roll_from"),
    )
    grouped = marks.order_by().values("student").annotate(number=Count("*"))
    return dict(grouped.values_list("student", "number"))


def last_mark(students: QuerySet) -> date | None:
    """Give the day of the last mark of these students, in whatever year."""
    tallies = AttendanceTally.objects.filter(student__in=students.order_by().values("pk"))
    return tallies.aggregate(day=Max("latest"))["day"]
