"""Giving students their key workers: assign, reassign, end, undo until the start."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import transaction

from keywork.history import save_by
from keywork.models import StaffMember, User
from keywork.roles import CAPABILITIES, Capability
from students.assignment_hooks import HandOver, tell_followers
from students.models import Assignment, Student
from students.rules import overlap, spans

Role = Assignment.Role
ONE_DAY = timedelta(days=1)
KEY_WORKING_ROLES = [role for role, can in CAPABILITIES.items() if Capability.KEEP_CASELOAD in can]


class AssignmentError(Exception):
    """A key worker cannot be given so; the message is a sentence for the screen."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True, slots=True)
class Change:
    """One student's new key worker."""

    student: Student
    key_worker: User


@transaction.atomic
def assign_key_worker(
    *, student: Student, key_worker: User, role: str, start: date, reason: str, note: str, by: User
) -> Assignment:
    """Make somebody a student's key worker from a day on, inclusive.

    A new primary ends the present one the day before. Duties not done move with the student by
    themselves, since the key worker of the day owes them; what is planned from then on is moved.
    Raises AssignmentError where the student is not on roll then, the person does not key-work at
    the school then, holds the role already, or another primary starts later.
    """
    change = Change(student, key_worker)
    return assign_key_workers(
        changes=[change], role=role, start=start, reason=reason, note=note, by=by
    )[0]


@transaction.atomic
def assign_key_workers(
    *, changes: Iterable[Change], role: str, start: date, reason: str, note: str, by: User
) -> list[Assignment]:
    """Make several changes, all or none; raises AssignmentError as `assign_key_worker`."""
    # In the order of their keys, so that two people's changes cannot wait for each other.
    ordered = sorted(changes, key=lambda change: change.student.pk)
    made, former = [], {}
    for change in ordered:
        new = Assignment(
            student=Student.objects.select_for_update().get(pk=change.student.pk),
            key_worker=change.key_worker,
            role=role,
            start=start,
            reason=reason,
            note=note,
        )
        former[new.student_id] = _give(new, by)
        made.append(new)
    tell_followers(HandOver(students=former, since=start, by=by, why="Key worker changed"))
    return made


@transaction.atomic
def end_assignment(*, assignment: Assignment, end: date, reason: str, by: User) -> Assignment:
    """End an assignment on a day, its last, inclusive; `reason` goes to its history.

    Raises AssignmentError before its start, or where it ended earlier already.
    """
    Student.objects.select_for_update().get(pk=assignment.student_id)
    locked = Assignment.objects.select_for_update().get(pk=assignment.pk)
    if end < locked.start:
        raise AssignmentError(f"It starts on {locked.start:%-d %B %Y}; end it then or later")
    if locked.end is not None and locked.end < end:
        raise AssignmentError(f"It ended on {locked.end:%-d %B %Y} already")
    locked.end = end
    save_by(locked, by, reason)
    over = {locked.student_id: {locked.key_worker_id}}
    why = "Key worker’s time ended"
    tell_followers(HandOver(students=over, since=end + ONE_DAY, by=by, why=why))
    return locked


@transaction.atomic
def undo_assignment(*, assignment: Assignment, by: User, on: date) -> None:
    """Take back a change on its first day at the latest; the key worker it replaced stays.

    Raises AssignmentError from the day after it started, where it was undone already, and where
    the one replaced would reach another change that comes after this one.
    """
    Student.objects.select_for_update().get(pk=assignment.student_id)
    locked: Any = Assignment.objects.select_for_update().filter(pk=assignment.pk).first()
    if locked is None:
        raise AssignmentError("It was undone already")
    if locked.start < on:
        raise AssignmentError("It has started. Give another key worker instead.")
    replaced = Assignment.objects.filter(
        student=locked.student_id, role=locked.role, end=locked.start - ONE_DAY
    ).exclude(pk=locked.pk)
    reason = _reason_of(locked)
    restored = [each for each in replaced if _bring_back(each, reason)]
    for each in restored:
        _check_next(each, locked)
    former = {locked.student_id: {locked.key_worker_id}}
    locked._history_user = by  # the library's way to be told
    locked.delete()
    for each in restored:
        save_by(each, by, "Change undone")
    why = "Change of key worker undone"
    tell_followers(HandOver(students=former, since=locked.start, by=by, why=why))


def _give(new: Assignment, by: User) -> set[int]:
    """Begin an assignment, its student locked; give the ids of the key workers it replaces."""
    _check_roll(new.student, new.start)
    _check_staff(new.student, new.key_worker, new.start)
    made_way = [
        standing
        for standing in _standing(new.student, new.role, new.start)
        if _make_way(standing, new, by)
    ]
    save_by(new, by)
    return {each.key_worker_id for each in made_way}


def _check_roll(student: Student, start: date) -> None:
    if student.left_on is not None and student.left_on < start:
        raise AssignmentError(f"{student} leaves on {student.left_on:%-d %B %Y}")
    if start < student.on_roll_from:
        raise AssignmentError(f"{student} joins on {student.on_roll_from:%-d %B %Y}")


def _check_staff(student: Student, key_worker: User, start: date) -> None:
    works = StaffMember.objects.filter(
        school=student.school_id, user=key_worker, roles__role__in=KEY_WORKING_ROLES
    ).in_post(start)
    if not works.exists():
        raise AssignmentError(f"{key_worker} does not key-work here on {start:%-d %B %Y}")


def _standing(student: Student, role: str, start: date) -> list[Assignment]:
    """Give the student's assignments in that role that reach the day or start after it."""
    rows = student.assignments.select_for_update(of=("self",)).filter(role=role)
    return [each for each in rows if overlap(each.start, each.end, start, None)]


def _make_way(standing: Assignment, new: Assignment, by: User) -> bool:
    """End what the new assignment replaces, or raise AssignmentError where it cannot.

    False where it replaces nothing: there may be several second key workers.
    """
    if new.role != Role.PRIMARY and standing.key_worker_id != new.key_worker_id:
        return False
    who = f"{standing.key_worker} is {new.student}’s {standing.get_role_display().lower()}"
    if standing.start > new.start:
        raise AssignmentError(f"{who} from {standing.start:%-d %B %Y}. Undo that first")
    if spans(standing.start, standing.end, new.start) and _unchanged(standing, new):
        raise AssignmentError(f"{who} already")
    standing.end = new.start - ONE_DAY
    save_by(standing, by, _reason_of(new))
    return True


def _unchanged(standing: Assignment, new: Assignment) -> bool:
    return standing.key_worker_id == new.key_worker_id or standing.start == new.start


def _reason_of(new: Assignment) -> str:
    """Name the change in the history of what it ended, so that undoing it finds its way back."""
    return f"{new.key_worker} from {new.start:%-d %B %Y}"


def _bring_back(replaced: Assignment, reason: str) -> bool:
    """Give an assignment the end that it had before a change, if that change ended it last."""
    latest, before = [*replaced.history.order_by("-history_date", "-history_id")[:2], None, None][
        :2
    ]
    if not (latest and before and latest.history_change_reason == reason):
        return False
    replaced.end = before.end
    return True


def _check_next(restored: Assignment, undone: Assignment) -> None:
    later = Assignment.objects.filter(
        student=undone.student_id, role=undone.role, start__gt=undone.start
    ).select_related("key_worker", "student")
    for each in later.order_by("-start"):
        if overlap(restored.start, restored.end, each.start, each.end) and (
            each.role == Role.PRIMARY or each.key_worker_id == restored.key_worker_id
        ):
            who = f"{each.key_worker} is {each.student}’s {each.get_role_display().lower()}"
            raise AssignmentError(f"{who} from {each.start:%-d %B %Y}. Undo that first")
