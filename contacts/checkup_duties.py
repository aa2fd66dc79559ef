"""The check-ups owed this week, read for a school or some of its students in one query."""

from collections.abc import Iterator
from datetime import date
from functools import partial

from django.db.models import QuerySet

from contacts.checkup_rules import checkup_due_on
from contacts.models import Checkup
from contacts.models.checkups import CheckupQuerySet
from keywork.dates import day_in_words
from keywork.duties import Duty, DutyKind
from keywork.prepared import prepared
from students.duties import Roll, StudentOnRoll, owed


def read_checkups(roll: Roll) -> set[int]:
    """Give the ids of the students whose check-up of this week was sent by the day asked about.

    One query; none where no student's model has check-ups.
    """
    if not any(_has_checkups(student) for student in roll.by_id.values()):
        return set()
    monday = roll.calendar.week_of(roll.on).start
    if roll.named:
        return set(_sent_by_name(students=roll.named, on=roll.on, monday=monday))
    return set(_sent_of_school(school=roll.school.pk, on=roll.on, monday=monday))


@prepared
def _sent_by_name(*, students: tuple[int, ...], on: date, monday: date) -> QuerySet:
    return _sent(Checkup.objects.filter(student__in=students), on, monday)


@prepared
def _sent_of_school(*, school: int, on: date, monday: date) -> QuerySet:
    return _sent(Checkup.objects.filter(student__school=school), on, monday)


def _sent(checkups: CheckupQuerySet, on: date, monday: date) -> QuerySet:
    this_week = checkups.sent_by(on).filter(week_starting=monday)
    return this_week.order_by().values_list("student_id", flat=True)


def checkups_owed(roll: Roll) -> list[int]:
    """Give the ids of the students whose check-up of this week has not been sent yet."""
    sent = read_checkups(roll)
    return [s.pk for s in roll.by_id.values() if _has_checkups(s) and s.pk not in sent]


def checkup_duties(roll: Roll, sent: set[int]) -> Iterator[Duty]:
    """Give the check-ups of this week still to be sent; sent: from `read_checkups`."""
    for student in roll.by_id.values():
        if not _has_checkups(student) or student.pk in sent:
            continue
        due_on = checkup_due_on(roll.calendar, student.on_roll_from, roll.on)
        if due_on is not None:
            reason = partial(_why, roll)
            yield from owed(roll, student, DutyKind.TEACHER_CHECKUP, due_on, reason)


def _has_checkups(student: StudentOnRoll) -> bool:
    return student.parameters is not None and student.parameters.teacher_checkup


def _why(roll: Roll) -> str:
    monday = day_in_words(roll.calendar.week_of(roll.on).start, roll.on)
    return f"No check-up with the teachers yet for the week of {monday}."
