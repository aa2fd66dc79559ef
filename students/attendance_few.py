"""Attendance of one student or a caseload, where a page has no queries to spare."""

from collections import Counter, defaultdict
from datetime import date

from django.db.models import Count, F, Max, QuerySet

from keywork.prepared import prepared
from students.attendance import AttendanceTable, academic_year
from students.models import AttendanceMark
from students.rules.attendance import figures


def attendance_of_few(students: tuple[int, ...], on: date) -> AttendanceTable:
    """Work out the figures of a few students, by their ids, from their marks, in one query.

    The figures of `students.attendance`, without those of the ten weeks: the marks of the academic
    year to a day, while on roll. Somebody without marks is not in the answer.
    """
    counts: dict[int, Counter[str]] = defaultdict(Counter)
    days = []
    rows = _counted(students=students, first=academic_year(on)[0], on=on) if students else []
    for student, code, number, to in rows:
        counts[student][code] = number
        days.append(to)
    return AttendanceTable(
        {student: figures(found) for student, found in counts.items()}, max(days, default=None)
    )


@prepared
def _counted(*, students: tuple[int, ...], first: date, on: date) -> QuerySet:
    marks = AttendanceMark.objects.between(first, on).filter(
        student__in=students, date__gte=F("student__on_roll_from")
    )
    rows = marks.order_by().values("student", "code").annotate(number=Count("*"), to=Max("date"))
    return rows.values_list("student", "code", "number", "to")
