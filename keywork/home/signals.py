"""Early signs on Today, the caseload and a student's own page: records and sessions together."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Count, QuerySet, Value

from keywork.access import Viewer
from keywork.roles import Capability
from sessions.queries import missed_by_students
from students.duties import Roll, StudentOnRoll
from students.models import Student
from students.policies import Sight
from students.rules.signals import Signal
from students.signals import MISSED, Counts, Seen, Watch, arm, count_signs, seen_of, watch_of


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


def signs_of(roll: Roll, more: Sequence[QuerySet] = ()) -> Signs:
    """Work out the signals of everybody on a roll, in one query; more: see `count_signs`."""
    watch = watch_of(roll.school, roll.calendar, roll.on)
    counts = count_signs(roll.students, watch, [*_missed(roll.students, watch), *more])
    by_student = {
        pk: seen_of(counts.get(pk, Counter()), watch, on_roll_from=student.on_roll_from).shown
        for pk, student in roll.by_id.items()
    }
    return Signs(counts, by_student)


def signs_of_student(student: Student, watch: Watch) -> Seen:
    """Work out one student's signals, those put aside too, in one query."""
    chosen = Student.objects.filter(pk=student.pk)
    counts = count_signs(chosen, watch, _missed(chosen, watch))
    found = counts.get(student.pk, Counter())
    return seen_of(found, watch, on_roll_from=student.on_roll_from)


def can_dismiss(viewer: Viewer, student: Student, sight: Sight) -> bool:
    """Say whether the viewer may put a signal aside: who works with the student, or leads."""
    acts = (Capability.RECORD_SESSION, Capability.SEE_SCHOOL_DUTIES)
    return sight.in_full and any(viewer.can_at(act, student.school_id) for act in acts)


def _missed(students: QuerySet, watch: Watch) -> list[QuerySet]:
    if watch.spans is None:
        return []
    missed = missed_by_students(students, watch.spans.first, watch.spans.last)
    return [arm(missed, Value(MISSED), Count("pk"))]
