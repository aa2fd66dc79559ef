"""What people do with students' records: verbs, atomic, each naming who did it."""

from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from keywork.history import save_by
from keywork.merging import Marks, fields_to_write
from keywork.models import School, User
from students.models import Strategy, Student, TimetableEntry

PROFILE_FIELDS = (
    *("learning_style", "interests", "engaging_work", "teaching_arrangement"),
    "in_class_support",
    *("trusted_adult", "medical_alert", "referring_school"),
    *("eligibility_reason", "eligibility_decided_by", "considering_ehc_assessment_on"),
)
IDENTITY_FIELDS = (
    *("legal_first_name", "legal_last_name", "preferred_first_name", "pronouns", "dob", "sex"),
    *("upn", "admission_no", "nc_year", "reg_form", "sen_status", "primary_need"),
    *("secondary_need", "ehcp_made_on", "ehcp_la", "on_roll_from", "left_on", "key_work_model"),
    *("home_language", "residence"),
)
CHECKED_TOGETHER = (("on_roll_from", "left_on"), ("primary_need", "secondary_need"))


class StudentError(Exception):
    """Something that cannot be done to a record; the message is a sentence for the screen.

    field: the form's field it is about.
    """

    def __init__(self, message: str, field: str) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


@transaction.atomic
def create_student(*, school: School, values: dict[str, Any], by: User) -> Student:
    """Put a student on a school's roll; values: of IDENTITY_FIELDS.

    Raises StudentError where the UPN is another student's.
    """
    student = Student(school=school, **_only(values, IDENTITY_FIELDS))
    _save_identity(student, by)
    return student


@transaction.atomic
def change_identity(
    *, student: Student, values: dict[str, Any], by: User, seen: Marks | None = None
) -> Student:
    """Change names, roll, SEN status or model; raises StudentError as `create_student`.

    seen: what the form showed; raises ChangedMeanwhileError: see `keywork.merging`.
    """
    locked = _lock(student)
    _set(locked, _only(values, IDENTITY_FIELDS), seen)
    _save_identity(locked, by)
    return locked


@transaction.atomic
def change_profile(
    *, student: Student, values: dict[str, Any], by: User, seen: Marks | None = None
) -> Student:
    """Change how best to work with a student; values: of PROFILE_FIELDS.

    seen: what the form showed; raises ChangedMeanwhileError: see `keywork.merging`.
    """
    locked = _lock(student)
    _set(locked, _only(values, PROFILE_FIELDS), seen)
    save_by(locked, by)
    return locked


@transaction.atomic
def add_strategy(*, student: Student, kind: str, text: str, by: User, on: date) -> Strategy:
    """Write down what helps, or does not; raises StudentError where it is written already."""
    _lock(student)
    if student.strategies.filter(kind=kind, text__iexact=text, withdrawn_at=None).exists():
        raise StudentError("This is written down already", "text")
    strategy = Strategy(student=student, kind=kind, text=text, added_on=on)
    save_by(strategy, by)
    return strategy


@transaction.atomic
def withdraw_strategy(*, strategy: Strategy, by: User, now: datetime) -> Strategy:
    """Take a strategy out of use; its history stays. Done already: nothing changes."""
    locked = Strategy.objects.select_for_update().get(pk=strategy.pk)
    if locked.withdrawn_at is None:
        locked.withdrawn_at, locked.withdrawn_by = now, by
        save_by(locked, by, "Withdrawn")
    return locked


@transaction.atomic
def put_strategy_back(*, strategy: Strategy, by: User) -> Strategy:
    """Bring a withdrawn strategy back into use. Done already: nothing changes."""
    locked = Strategy.objects.select_for_update().get(pk=strategy.pk)
    if locked.withdrawn_at is not None:
        locked.withdrawn_at = locked.withdrawn_by = None
        save_by(locked, by, "Put back")
    return locked


@transaction.atomic
def add_lesson(*, student: Student, teacher: User, subject: str, by: User) -> TimetableEntry:
    """Add who teaches a student what; raises StudentError where it is there already."""
    _lock(student)
    if student.timetable.filter(teacher=teacher, subject__iexact=subject).exists():
        raise StudentError(f"{teacher} is there for {subject} already", "subject")
    entry = TimetableEntry(student=student, teacher=teacher, subject=subject)
    save_by(entry, by)
    return entry


@transaction.atomic
def remove_lesson(*, entry: TimetableEntry, by: User) -> None:
    """Take a lesson off a student's timetable; what it was stays in the history."""
    entry._history_user = by  # type: ignore[attr-defined]  # the library's way to be told
    entry.delete()


def _lock(student: Student) -> Student:
    return Student.objects.select_for_update().get(pk=student.pk)


def _only(values: dict[str, Any], fields: tuple[str, ...]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name in fields}


def _set(student: Student, values: dict[str, Any], seen: Marks | None) -> None:
    current = {name: getattr(student, name) for name in values}
    changed = fields_to_write(seen, current=current, wanted=values, together=CHECKED_TOGETHER)
    for name, value in changed.items():
        setattr(student, name, value)


def _save_identity(student: Student, by: User) -> None:
    taken = Student.objects.filter(upn=student.upn).exclude(pk=student.pk)
    if student.upn and taken.exists():
        raise StudentError("Another student has this UPN", "upn")
    try:
        with transaction.atomic():
            save_by(student, by)
    except IntegrityError as clash:
        # Somebody gave it to another student since the look above.
        raise StudentError("Another student has this UPN", "upn") from clash
