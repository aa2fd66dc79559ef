"""Whom a slip may be about, and whom its form offers first."""

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Q

from keywork.models import School
from keywork.roles import Capability
from students.models import Assignment, BehaviourRecord, Student, TimetableEntry
from students.models.student import StudentQuerySet
from students.search import SHORTEST, named_like

if TYPE_CHECKING:
    from keywork.access import Viewer

RECENT = timedelta(days=28)
CHIPS = 12
FOUND = 8


def to_record(viewer: "Viewer", school: School) -> StudentQuerySet:
    """Give the students a viewer may write a slip of: all on roll, for any member of staff."""
    if not viewer.can_at(Capability.RECORD_SLIP, school.pk):
        return Student.objects.none()
    return Student.objects.filter(school=school).on_roll(viewer.on)


def offered_first(viewer: "Viewer", school: School) -> list[Student]:
    """Give one's own students, those one teaches and those one wrote of lately; one query."""
    mine = Assignment.objects.current(viewer.on).filter(key_worker=viewer.user)
    taught = TimetableEntry.objects.filter(teacher=viewer.user)
    lately = BehaviourRecord.objects.filter(
        recorded_by=viewer.user, recorded_at__gte=viewer.now - RECENT
    )
    known = to_record(viewer, school).filter(
        Q(pk__in=mine.values("student"))
        | Q(pk__in=taught.values("student"))
        | Q(pk__in=lately.values("student"))
    )
    return list(known.order_by("legal_first_name", "legal_last_name", "pk")[:CHIPS])


def found_by(viewer: "Viewer", school: School, q: str) -> list[Student]:
    """Give the school's students whom some letters name, eight at most; one query or none."""
    if len(q.strip()) < SHORTEST:
        return []
    return list(named_like(to_record(viewer, school), q[:100], viewer).by_name()[:FOUND])


def last_place(viewer: "Viewer", school: School) -> str:
    """Give the place of the viewer's newest slip; empty where there is none."""
    own = BehaviourRecord.objects.filter(recorded_by=viewer.user, school=school)
    newest = own.exclude(location="").order_by("-recorded_at", "-pk")
    return newest.values_list("location", flat=True).first() or ""


def chip_names(students: Sequence[Student]) -> dict[int, str]:
    """Give short names, "Femi A"; in full where two would be the same."""
    short = {each.pk: f"{each.first_name} {each.legal_last_name[:1]}".strip() for each in students}
    taken = list(short.values())
    return {
        each.pk: short[each.pk] if taken.count(short[each.pk]) == 1 else each.name
        for each in students
    }
