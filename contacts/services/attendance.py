"""What is tried where poor attendance persists, up to the senior lead."""

from datetime import date
from typing import Any

from django.db import transaction

from contacts.attendance_rules import Step, missing_before_report
from contacts.errors import ContactsError
from contacts.models import AttendanceStep, FollowUp
from contacts.services.followups import raise_follow_up
from keywork.history import save_by
from keywork.models import School, User
from students.models import Student


@transaction.atomic
def take_step(
    *, student: Student, kind: str, taken_on: date, note: str, by: User
) -> AttendanceStep:
    """Write down something tried; kind: of AttendanceStep.Kind, all but reporting.

    The same by the same person once more, as where a form is sent twice, is the same step.
    """
    if kind == Step.REPORTED:
        raise ContactsError("Reporting it is a step of its own", "kind")
    list(Student.objects.select_for_update(no_key=True).filter(pk=student.pk).values("pk"))
    values: dict[str, Any] = {"kind": kind, "taken_on": taken_on, "note": note, "noted_by": by}
    if already := AttendanceStep.objects.standing().filter(student=student, **values).first():
        return already
    step = AttendanceStep(student=student, **values)
    save_by(step, by)
    return step


@transaction.atomic
def report_absence(
    *, student: Student, note: str, due_on: date, by: User, on: date
) -> AttendanceStep:
    """Report persistent absence to the school's senior lead, who answers by a follow-up.

    due_on: when the lead's answer is due. The same by the same person once more that day, as where
    a form is sent twice, is the same report: none can be taken back. Raises ContactsError where
    the school has named nobody, or nothing was tried yet with the student and with the family
    (S0-13).
    """
    locked = Student.objects.select_for_update().get(pk=student.pk)
    lead = (
        School.objects.select_related("attendance_lead").get(pk=locked.school_id).attendance_lead
    )
    if lead is None:
        raise ContactsError("Nobody is named to report to. The office or the head names them.")
    steps = AttendanceStep.objects.standing().filter(student=student)
    missing = missing_before_report(list(steps.values_list("kind", flat=True)))
    if missing:
        raise ContactsError(f"Turn to {' and '.join(missing)} first, and write it down here")
    values = {"kind": Step.REPORTED, "taken_on": on, "note": note, "noted_by": by}
    if already := steps.filter(**values).first():
        return already
    step = AttendanceStep(student=student, reported_to=lead, **values)
    save_by(step, by)
    raise_follow_up(
        student=student,
        text=f"Persistent absence: {note}"[:500],
        raised_by=FollowUp.RaisedBy.STAFF,
        raiser_name=by.full_name,
        owner=lead,
        due_on=due_on,
        by=by,
        on=on,
    )
    return step


@transaction.atomic
def name_attendance_lead(*, school: School, lead: User | None, by: User) -> School:
    """Say to whom persistent absence is reported."""
    locked = School.objects.select_for_update().get(pk=school.pk)
    locked.attendance_lead = lead
    save_by(locked, by)
    return locked
