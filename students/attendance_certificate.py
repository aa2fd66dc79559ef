"""What the attendance certificate says: the figure of an academic year, by half term, defined."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

from keywork.term_dates import SchoolCalendar
from students.attendance import academic_year
from students.models import AttendanceMark, Student
from students.rules.attendance import Figures, figures


@dataclass(frozen=True, slots=True)
class Line:
    """The figures of one half term."""

    name: str
    figures: Figures


@dataclass(frozen=True, slots=True)
class Certificate:
    """Figures of the marks between two days, both inclusive, while on roll."""

    since: date
    to: date
    figures: Figures
    lines: list[Line]


def certificate_of(student: Student, on: date, calendar: SchoolCalendar) -> Certificate:
    """Count one student's marks of the academic year up to a day, in one query.

    The last day is that of the last mark, so that the paper claims no day without a register.
    """
    first, _ = academic_year(on)
    since, to = max(first, student.on_roll_from), min(on, student.left_on or on)
    marks = AttendanceMark.objects.filter(student=student).between(since, to)
    rows = list(marks.values_list("date", "code"))
    counts = Counter(code for _, code in rows)
    lines = []
    for half in calendar.half_terms:
        within = Counter(code for day, code in rows if half.start <= day <= half.end)
        if within:
            lines.append(Line(f"{half.name or half.term}, {half.term}", figures(within)))
    return Certificate(since, max((day for day, _ in rows), default=to), figures(counts), lines)
