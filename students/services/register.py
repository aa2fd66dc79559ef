"""What people say about marks: talks with the student, questions to the office, agreed hours."""

from datetime import date, datetime
from typing import Any

from django.db import transaction

from keywork.history import save_by
from keywork.models import User
from students.models import (
    AbsenceTalk,
    AttendanceMark,
    PartTimeTimetable,
    RegisterQuery,
    Student,
)
from students.rules.attendance import ABSENT, CODES, LATE_CODES
from students.services.records import StudentError

Status = RegisterQuery.Status
PART_TIME_FIELDS = ("start", "end", "review_on", "sessions_a_week", "agreed")


@transaction.atomic
def record_talk(
    *, student: Student, day: date, session: str, said: str, by: User, on: date
) -> AbsenceTalk:
    """Write down what was said about an absence or lateness; `on`: the day of the talk.

    The same by the same person once more, as where a form is sent twice, is the same talk. Raises
    StudentError where the register has neither for that session.
    """
    code = _code_at(student, day, session)
    if not code or not is_away_or_late(code):
        raise StudentError("The register has no absence or lateness there", "session")
    list(Student.objects.select_for_update(no_key=True).filter(pk=student.pk).values("pk"))
    values: dict[str, Any] = {"date": day, "session": session, "said": said, "talked_on": on}
    there = student.absence_talks.filter(withdrawn_at=None, talked_by=by)
    if already := there.filter(**values).first():
        return already
    talk = AbsenceTalk(student=student, code=code, talked_by=by, **values)
    save_by(talk, by)
    return talk


@transaction.atomic
def withdraw_talk(*, talk: AbsenceTalk, by: User, now: datetime) -> AbsenceTalk:
    """Take back what was written; its history stays. Done already: nothing changes."""
    locked = AbsenceTalk.objects.select_for_update().get(pk=talk.pk)
    if locked.withdrawn_at is None:
        locked.withdrawn_at, locked.withdrawn_by = now, by
        save_by(locked, by, "Withdrawn")
    return locked


@transaction.atomic
def put_talk_back(*, record: AbsenceTalk, by: User, now: datetime) -> AbsenceTalk:
    """Undo a withdrawal. Done already: nothing changes."""
    locked = AbsenceTalk.objects.select_for_update().get(pk=record.pk)
    if locked.withdrawn_at is not None:
        locked.withdrawn_at = locked.withdrawn_by = None
        save_by(locked, by, "Put back")
    return locked


@transaction.atomic
def query_register(
    *,
    student: Student,
    day: date,
    session: str,
    text: str,
    by: User,
    now: datetime,
    suggested_code: str = "",
) -> RegisterQuery:
    """Ask the office about a mark, or about one that is missing.

    Raises StudentError where the same is with the office already.
    """
    Student.objects.select_for_update().get(pk=student.pk)
    asked = student.register_queries.filter(date=day, session=session, status=Status.OPEN)
    if asked.exists():
        raise StudentError("The office has a query about this session already", "session")
    query = RegisterQuery(
        student=student,
        date=day,
        session=session,
        text=text,
        code=_code_at(student, day, session),
        suggested_code=suggested_code,
        asked_at=now,
        asked_by=by,
    )
    save_by(query, by)
    return query


@transaction.atomic
def answer_query(
    *, query: RegisterQuery, status: str, answer: str, by: User, now: datetime
) -> RegisterQuery:
    """Give the office's answer; status: changed or stands.

    Raises StudentError where somebody has answered already.
    """
    locked = RegisterQuery.objects.select_for_update().get(pk=query.pk)
    if not locked.is_open:
        raise StudentError("Somebody has answered this meanwhile", "answer")
    locked.status, locked.answer = status, answer
    locked.answered_at, locked.answered_by = now, by
    save_by(locked, by, "Answered")
    return locked


@transaction.atomic
def save_part_time(
    *, student: Student, values: dict[str, Any], by: User, current: PartTimeTimetable | None = None
) -> PartTimeTimetable:
    """Write down a part-time timetable, or change one; values: of PART_TIME_FIELDS.

    Raises StudentError where another one is in force on one of its days.
    """
    Student.objects.select_for_update().get(pk=student.pk)
    timetable = current or PartTimeTimetable(student=student)
    for name in PART_TIME_FIELDS:
        setattr(timetable, name, values[name])
    if any(_overlap(timetable, other) for other in student.part_time_timetables.all()):
        raise StudentError("Another part-time timetable is in force then", "start")
    save_by(timetable, by)
    return timetable


def is_away_or_late(code: str) -> bool:
    """Say whether a code is worth a talk: an absence of either kind, or a lateness."""
    return code in LATE_CODES or (code in CODES and CODES[code].category in ABSENT)


def _overlap(one: PartTimeTimetable, other: PartTimeTimetable) -> bool:
    if one.pk == other.pk:
        return False
    first = one.end is None or other.start <= one.end
    return first and (other.end is None or one.start <= other.end)


def _code_at(student: Student, day: date, session: str) -> str:
    marks = AttendanceMark.objects.filter(student=student, date=day, session=session)
    return marks.values_list("code", flat=True).first() or ""
