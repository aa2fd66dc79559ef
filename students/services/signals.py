"""Putting early signs aside and taking them up again; what a school wants to be told."""

from dataclasses import asdict
from datetime import date, datetime

from django.db import transaction

from keywork.history import save_by
from keywork.models import School, User
from students.models import SignalDismissal, Student
from students.rules.signals import SignalKind, Thresholds


@transaction.atomic
def dismiss_signal(
    *, student: Student, kind: SignalKind, reason: str, until: date, on: date, by: User
) -> SignalDismissal:
    """Put a student's signal aside from `on` to `until`, both inclusive.

    One put aside already is put aside anew, with the new reason and day. Raises ValueError where
    `until` is before `on`.
    """
    if until < on:
        raise ValueError("A signal is put aside until a later day.")
    list(Student.objects.select_for_update().filter(pk=student.pk).values("pk"))
    aside = SignalDismissal.objects.current(on).filter(student=student, kind=kind).first()
    record = aside or SignalDismissal(student=student, kind=kind, dismissed_on=on)
    record.reason, record.until, record.dismissed_by = reason, until, by
    save_by(record, by, reason)
    return record


@transaction.atomic
def restore_signal(*, dismissal: SignalDismissal, by: User, now: datetime) -> None:
    """Show a signal again that was put aside; one restored already stays so."""
    found = SignalDismissal.objects.select_for_update(of=("self",)).get(pk=dismissal.pk)
    if found.withdrawn_at is None:
        found.withdrawn_at, found.withdrawn_by = now, by
        save_by(found, by, "Shown again")


@transaction.atomic
def set_thresholds(*, school: School, thresholds: Thresholds, by: User) -> None:
    """Set when a school wants to be told; what equals the default is not kept."""
    usual = asdict(Thresholds())
    found = School.objects.select_for_update().get(pk=school.pk)
    found.signal_thresholds = {
        name: value for name, value in asdict(thresholds).items() if value != usual[name]
    }
    save_by(found, by)
