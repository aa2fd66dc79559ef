"""Planned sessions when a student's key worker changes: what is unfinished moves with them."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from django.db import transaction

from keywork.history import change_all
from sessions.models import KeyworkSession
from students.assignment_hooks import HandOver
from students.models import Assignment
from students.rules import spans


@transaction.atomic
def move_planned_sessions(change: HandOver) -> None:
    """Give what a former key worker planned from the change on to who has the student that day.

    A session goes to the primary key worker of its own day, or to nobody in particular where
    there is none; it stays with whoever is still a key worker of the student then. What somebody
    else planned (the SENCo) stays theirs. A clash with other plans of the new one blocks nothing:
    the calendar marks both. Three statements, however many students.
    """
    students = list(change.students)
    planned = KeyworkSession.objects.planned().filter(
        student__in=students, held_on__gte=change.since
    )
    sessions = list(planned.select_for_update(of=("self",)).order_by("pk"))
    if not sessions:
        return
    moved, held = [], _assignments_of(students, change.since)
    for session in sessions:
        former = change.students[session.student_id]
        there = [
            each
            for each in held[session.student_id]
            if spans(each.start, each.end, session.held_on)
        ]
        owner = _owner(session.key_worker_id, former, there)
        if owner != session.key_worker_id:
            session.key_worker_id = owner
            moved.append(session)
    change_all(moved, fields=["key_worker"], by=change.by, reason=change.why)


def _assignments_of(students: Iterable[int], since: date) -> dict[int, list[Assignment]]:
    held: dict[int, list[Assignment]] = defaultdict(list)
    for each in Assignment.objects.filter(student__in=students).exclude(end__lt=since):
        held[each.student_id].append(each)
    return held


def _owner(present: int | None, former: set[int], there: Iterable[Assignment]) -> int | None:
    """Give whose a session is; there: the student's assignments on its day."""
    key_workers = {each.role: each.key_worker_id for each in there}
    stays = present in {each.key_worker_id for each in there}
    if stays or (present is not None and present not in former):
        return present
    return key_workers.get(Assignment.Role.PRIMARY)
