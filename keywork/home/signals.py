"""Early signs on Today, the caseload and a student's own page: records and sessions together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, QuerySet, Value

from keywork.access import Viewer
from keywork.home.new_slips import NewSince, new_slips_arm
from keywork.prepared import prepared
from keywork.roles import Capability
from sessions.queries import missed_by_students
from students.duties import Roll, StudentOnRoll
from students.models import Student
from students.policies import Sight
from students.rules.signals import Signal
from students.signals import (
    MISSED,
    Counts,
    Moments,
    Seen,
    Watch,
    arm,
    aside_arm,
    counted,
    record_arms,
    seen_of,
    watch_of,
)


@dataclass(frozen=True, slots=True)
class StudentSigns:
    """A student with signals to show."""

    student: StudentOnRoll
    signals: list[Signal]


@dataclass(frozen=True, slots=True)
class Signs:
    """What was counted for a roll, and the signals to show by student id."""

    counts: Counts
    by_student: dict[int, list[Signal]]

    def of(self, students: Iterable[StudentOnRoll]) -> list[StudentSigns]:
        """Give those of these students who have signals, by name."""
        found = [StudentSigns(each, self.by_student.get(each.pk, [])) for each in students]
        return sorted((each for each in found if each.signals), key=lambda each: each.student.name)


def signs_of(roll: Roll, new: NewSince | None = None) -> Signs:
    """Work out the signals of everybody on a roll, in one query.

    new: counts besides what came in since then; see `keywork.home.new_slips`.
    """
    watch = watch_of(roll.school, roll.calendar, roll.on)
    counts = _count(tuple(roll.by_id), watch, new)
    by_student = {
        pk: seen_of(counts.get(pk, Counter()), watch, on_roll_from=student.on_roll_from).shown
        for pk, student in roll.by_id.items()
    }
    return Signs(counts, by_student)


def signs_of_student(student: Student, watch: Watch) -> Seen:
    """Work out one student's signals, those put aside too, in one query."""
    found = _count((student.pk,), watch, None).get(student.pk, Counter())
    return seen_of(found, watch, on_roll_from=student.on_roll_from)


def can_dismiss(viewer: Viewer, student: Student, sight: Sight) -> bool:
    """Say whether the viewer may put a signal aside: who works with the student, or leads."""
    acts = (Capability.RECORD_SESSION, Capability.SEE_SCHOOL_DUTIES)
    return sight.in_full and any(viewer.can_at(act, student.school_id) for act in acts)


def _count(students: tuple[int, ...], watch: Watch, new: NewSince | None) -> Counts:
    given = asdict(Moments.of(watch.spans))
    since, now = (new.since, new.now) if new else (None, None)
    return counted(_rows(students=students, on=watch.on, since=since, now=now, **given))


@prepared
def _rows(
    *,
    students: tuple[int, ...],
    on: date,
    since: datetime | None,
    now: datetime | None,
    **windows: Any,
) -> QuerySet:
    arms = [new_slips_arm(students, since, now)] if since and now else []
    if windows["before"]:
        missed = missed_by_students(students, windows["first"], windows["last"])
        arms += [arm(missed, Value(MISSED), Count("pk")), *record_arms(students, **windows)]
    return aside_arm(students, on).union(*arms, all=True)
