"""Agreed drop-in times of a student."""

from datetime import datetime, time

from django.db import transaction

from keywork.history import save_by
from keywork.models import User
from keywork.undo import UndoError
from sessions.models import DropInSlot
from students.models import Student


class DropInError(Exception):
    """A slot cannot be agreed so; the message is a sentence for the screen."""

    def __init__(self, message: str, field: str = "starts_at") -> None:
        super().__init__(message)
        self.message = message
        self.field = field


@transaction.atomic
def add_slot(
    *,
    student: Student,
    key_worker: User,
    weekday: int,
    starts_at: time,
    ends_at: time,
    venue: str,
    by: User,
) -> DropInSlot:
    """Agree a weekly time at which the key worker is there for the student (S1-24).

    Raises DropInError where it ends before it starts, or overlaps another of the student's.
    """
    list(Student.objects.select_for_update().filter(pk=student.pk).values("pk"))
    slot = DropInSlot(
        student=student,
        key_worker=key_worker,
        weekday=weekday,
        starts_at=starts_at,
        ends_at=ends_at,
        venue=venue,
    )
    if ends_at <= starts_at:
        raise DropInError("Choose a time after the start", "ends_at")
    if _overlaps(slot):
        raise DropInError("There is a drop-in time then already")
    save_by(slot, by)
    return slot


@transaction.atomic
def withdraw_slot(*, slot: DropInSlot, by: User, now: datetime) -> DropInSlot:
    """End an agreed time; it stays in the history."""
    found = DropInSlot.objects.select_for_update().get(pk=slot.pk)
    if found.withdrawn_at is None:
        found.withdrawn_at, found.withdrawn_by = now, by
        save_by(found, by, "Withdrawn")
    return found


@transaction.atomic
def undo_withdrawal(*, record: DropInSlot, by: User, now: datetime) -> DropInSlot:
    """Agree the time again; raises UndoError where another one was agreed in its place."""
    list(Student.objects.select_for_update().filter(pk=record.student_id).values("pk"))
    found = DropInSlot.objects.select_for_update().get(pk=record.pk)
    if found.withdrawn_at is None:
        return found
    if _overlaps(found):
        raise UndoError("Another drop-in time was agreed then")
    found.withdrawn_at = found.withdrawn_by = None
    save_by(found, by, "Withdrawal undone")
    return found


def _overlaps(slot: DropInSlot) -> bool:
    return (
        DropInSlot.objects.filter(
            student=slot.student,
            weekday=slot.weekday,
            withdrawn_at=None,
            starts_at__lt=slot.ends_at,
            ends_at__gt=slot.starts_at,
        )
        .exclude(pk=slot.pk)
        .exists()
    )
