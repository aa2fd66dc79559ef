"""Agreed drop-in times of a student."""

from datetime import date, datetime, time

from django.db import transaction
from django.utils.timezone import localdate

from keywork.history import save_by
from keywork.models import User
from keywork.school_calendar import calendar_of
from keywork.undo import UndoError
from sessions.models import DropInSlot, KeyworkSession
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


@transaction.atomic
def log_unused(*, slot: DropInSlot, day: date, by: User, now: datetime) -> KeyworkSession:
    """Record that the student did not come to an agreed time (S1-26); it counts for nothing else.

    It says no place, as nothing does that did not happen, whichever form it is logged or corrected
    with.
    Raises DropInError on a day still to come, before it was agreed, without that time, closed, or
    logged already.
    """
    student = Student.objects.select_for_update().get(pk=slot.student_id)
    if wrong := _day_problem(slot, student, day, now):
        raise DropInError(wrong, "day")
    record = KeyworkSession(
        school_id=student.school_id,
        student=student,
        key_worker=slot.key_worker,
        held_on=day,
        starts_at=slot.starts_at,
        status=KeyworkSession.Status.MISSED,
        method=KeyworkSession.Method.DROP_IN,
        signed_at=now,
        signed_by=by,
    )
    save_by(record, by, "Drop-in time not used")
    return record


def _day_problem(slot: DropInSlot, student: Student, day: date, now: datetime) -> str:
    if day > localdate(now) or day.weekday() != slot.weekday:
        return "Choose a day of that drop-in time, today or earlier"
    first = DropInSlot.objects.with_agreed_at().select_related("student").get(pk=slot.pk).first_day
    if day < first:
        return f"That drop-in time began on {first.day} {first:%B %Y}: choose a later day"
    if not calendar_of(student.school).is_school_day(day):
        return "School was closed that day"
    logged = KeyworkSession.objects.drop_ins(day, day).filter(student=student)
    if any(slot.is_time_of(each) for each in logged):
        return "That drop-in time is logged already"
    return ""


@transaction.atomic
def undo_unused(*, record: KeyworkSession, by: User, now: datetime) -> KeyworkSession:
    """Take it back; raises UndoError where it was corrected to something else meanwhile."""
    found = KeyworkSession.objects.select_for_update(of=("self",)).get(pk=record.pk)
    if found.withdrawn_at:
        return found
    if not found.is_unused_drop_in or found.signed_by_id != by.pk:
        raise UndoError("It was corrected meanwhile")
    found.withdrawn_at, found.withdrawn_by = now, by
    save_by(found, by, "Undone")
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
