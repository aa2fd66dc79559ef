"""How pages about one student fetch them: as deep as the viewer sees."""

from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.http import Http404

from keywork.access import Viewer, allow
from keywork.prepared import prepared
from students.models import Assignment, Student
from students.policies import sight_of


def student_seen(viewer: Viewer, ref: str) -> Student:
    """Give a student with sight, school, models and current key workers, in two queries.

    Somebody out of sight is the same 404 as nobody.
    """
    student: Any = student_in_sight(viewer, ref)
    # What `for_list` would load; see `students.header.current_assignments`.
    student.current_assignments = _current(student=student.pk, on=viewer.on)
    shown: Student = student
    return shown


def student_in_sight(viewer: Viewer, ref: str) -> Student:
    """Give a student as above without their key workers, in one query."""
    found = _seen(viewer=viewer, ref=ref)
    if not found:
        raise Http404
    return found[0]


def student_in_full(viewer: Viewer, ref: str) -> Student:
    """Give a student seen in full, as above; by name or identity only is 403."""
    student = student_seen(viewer, ref)
    allow(sight_of(viewer, student).in_full)
    return student


@prepared
def _seen(*, viewer: Viewer, ref: str) -> QuerySet[Student]:
    seen = Student.objects.with_sight(viewer).visible_to(viewer).filter(ref=ref)
    return seen.select_related("school__key_work_model", "key_work_model")


@prepared
def _current(*, student: int, on: date) -> QuerySet[Assignment]:
    current = Assignment.objects.current(on).select_related("key_worker")
    return current.filter(student=student)
