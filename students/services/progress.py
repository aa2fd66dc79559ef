"""What people write down of progress: grades, scores, barriers and what became of them."""

from datetime import date
from typing import Any

from django.db import transaction

from keywork.history import save_by
from keywork.models import User
from students.models import Barrier, GradeSheet, Student, TestScore
from students.rules.progress import value_of
from students.services.records import StudentError

Status = Barrier.Status
GRADE_FIELDS = ("drop", "drop_on", "subject", "grade", "expected_grade", "effort", "comment")
SCORE_FIELDS = ("kind", "name", "taken_on", "score", "note")


@transaction.atomic
def record_grade(*, student: Student, values: dict[str, Any], by: User) -> GradeSheet:
    """Write a subject's line of a data drop; one that is there is changed, its history kept.

    values: of GRADE_FIELDS.
    """
    Student.objects.select_for_update().get(pk=student.pk)
    same = student.grade_sheets.filter(
        drop_on=values["drop_on"], subject__iexact=values["subject"]
    )
    sheet = same.first() or GradeSheet(student=student)
    for name in GRADE_FIELDS:
        setattr(sheet, name, values[name])
    save_by(sheet, by)
    return sheet


@transaction.atomic
def record_score(*, student: Student, values: dict[str, Any], by: User) -> TestScore:
    """Write a test's score; the same test of the same day is changed, its history kept.

    values: of SCORE_FIELDS. Raises StudentError where an age cannot be read.
    """
    try:
        value = value_of(values["kind"], values["score"])
    except ValueError as problem:
        raise StudentError(str(problem), "score") from problem
    Student.objects.select_for_update().get(pk=student.pk)
    same = student.test_scores.filter(
        kind=values["kind"], name__iexact=values["name"], taken_on=values["taken_on"]
    )
    score = same.first() or TestScore(student=student)
    for name in SCORE_FIELDS:
        setattr(score, name, values[name])
    score.value = value
    save_by(score, by)
    return score


@transaction.atomic
def note_barrier(
    *,
    student: Student,
    text: str,
    by: User,
    on: date,
    follow_up: str = "",
    follow_up_on: date | None = None,
    owner: User | None = None,
) -> Barrier:
    """Write down what the student sees as a barrier, and what is to be done about it.

    The same by the same person once more, as where a form is sent twice, is the same barrier.
    """
    list(Student.objects.select_for_update(no_key=True).filter(pk=student.pk).values("pk"))
    values: dict[str, Any] = {
        "text": text,
        "noted_on": on,
        "noted_by": by,
        "follow_up": follow_up,
        "follow_up_on": follow_up_on,
        "owner": owner,
    }
    if already := student.barriers.filter(status=Status.OPEN, **values).first():
        return already
    barrier = Barrier(student=student, **values)
    save_by(barrier, by)
    return barrier


@transaction.atomic
def follow_barrier(*, barrier: Barrier, values: dict[str, Any], by: User, on: date) -> Barrier:
    """Write down what was done about a barrier, and whether it is still there.

    values: status, follow_up, follow_up_on, owner. A barrier that is not open any more is closed
    on `on`; one that is open again has no such day.
    """
    locked = Barrier.objects.select_for_update().get(pk=barrier.pk)
    was_open = locked.status == Status.OPEN
    for name in ("status", "follow_up", "follow_up_on", "owner"):
        setattr(locked, name, values[name])
    if locked.status == Status.OPEN:
        locked.closed_on = None
    elif was_open or locked.closed_on is None:
        locked.closed_on = on
    save_by(locked, by)
    return locked
