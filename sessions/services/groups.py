"""Small-group sessions: one record per student, joined by the part they share."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.timezone import localtime

from keywork.history import save_by
from keywork.merging import Marks, fields_to_write
from keywork.models import User
from sessions.models import KeyworkSession, SessionGroup
from students.models import Student

IN_COMMON = ("held_on", "starts_at", "minutes", "venue", "focus")


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupValues:
    """What all records of a group session have in common; `minutes` of the session."""

    held_on: date
    starts_at: time | None
    minutes: int | None
    venue: str
    focus: str
    shared_details: str
    briefed: bool = False


@transaction.atomic
def start_group(
    *, students: Sequence[Student], values: GroupValues, by: User, now: datetime
) -> list[KeyworkSession]:
    """Open one record per student, in the order given, each to be finished and signed by itself.

    Until then they stand as planned; what `by` has planned for then is used. Sent twice, the form
    gives back the records it opened, while none of them is finished. Raises ValueError for fewer
    than two students, or of different schools.
    """
    schools = {student.school_id for student in students}
    if len(students) < 2 or len(schools) != 1:
        raise ValueError("A group is two students or more of one school.")
    chosen = Student.objects.filter(pk__in=[student.pk for student in students])
    list(chosen.select_for_update(no_key=True).order_by("pk").values("pk"))
    if opened := _opened_before(students, values, by):
        return opened
    group = SessionGroup(school_id=schools.pop(), shared_details=values.shared_details)
    save_by(group, by)
    return [_open(group, student, values, by, now) for student in students]


def _opened_before(
    students: Sequence[Student], values: GroupValues, by: User
) -> list[KeyworkSession]:
    """Give the records of the very same group that `by` has open already; else none."""
    same = KeyworkSession.objects.planned().filter(
        key_worker=by,
        held_on=values.held_on,
        starts_at=values.starts_at,
        group__shared_details=values.shared_details,
    )
    groups: dict[int | None, dict[int, KeyworkSession]] = {}
    for record in same.select_related("group"):
        groups.setdefault(record.group_id, {})[record.student_id] = record
    wanted = [student.pk for student in students]
    found = next((each for each in groups.values() if set(each) == set(wanted)), {})
    return [found[pk] for pk in wanted] if found else []


def _open(
    group: SessionGroup, student: Student, values: GroupValues, by: User, now: datetime
) -> KeyworkSession:
    """Open a student's record; what `by` has planned with them for then becomes it."""
    record = _planned_for_then(student, values, by) or KeyworkSession(
        student=student, school_id=student.school_id, status=KeyworkSession.Status.PLANNED
    )
    record.group, record.key_worker = group, by
    record.method = KeyworkSession.Method.SMALL_GROUP
    record.held_on, record.starts_at = values.held_on, values.starts_at
    record.minutes, record.venue, record.focus = values.minutes, values.venue, values.focus
    record.briefed_at = now if values.briefed else record.briefed_at
    save_by(record, by, "Opened with a group session")
    return record


class GroupBegunError(Exception):
    """One of the group's records is finished already: what they share is only corrected now."""


@transaction.atomic
def begin_planned_group(
    *,
    planned: KeyworkSession,
    students: Sequence[Student],
    values: GroupValues,
    by: User,
    now: datetime,
    seen: Marks | None = None,
) -> None:
    """Note what a group planned ahead had in common; each record is then finished by itself.

    students: who was there. Those who were not planned for get a record; who is not among them
    keeps the planned one, to be logged as missed. Raises GroupBegunError where one of them is
    finished or `planned` is cancelled.

    seen: what the form showed; raises ChangedMeanwhileError: see `keywork.merging`.
    """
    chosen = Student.objects.filter(pk__in=[student.pk for student in students])
    list(chosen.select_for_update(no_key=True).order_by("pk").values("pk"))
    shared: Any = planned.group
    group = SessionGroup.objects.select_for_update().get(pk=shared.pk)
    records = KeyworkSession.objects.standing().filter(group=group).select_for_update()
    there = {each.student_id: each for each in records}
    if planned.student_id not in there or not all(each.is_planned for each in there.values()):
        raise GroupBegunError
    values = _merged(values, there[planned.student_id], group, seen, now)
    if group.shared_details != values.shared_details:
        group.shared_details = values.shared_details
        save_by(group, by)
    for student in students:
        if record := there.get(student.pk):
            _begin(record, values, by)
        else:
            _open(group, student, values, by, now)


def _merged(
    values: GroupValues,
    record: KeyworkSession,
    group: SessionGroup,
    seen: Marks | None,
    now: datetime,
) -> GroupValues:
    """Give what the form changed, and for the rest what stands there, no later than today."""
    current = {name: getattr(record, name) for name in IN_COMMON}
    current["held_on"] = min(record.held_on, localtime(now).date())
    current["shared_details"] = group.shared_details
    wanted = {name: getattr(values, name) for name in current}
    return replace(values, **current | fields_to_write(seen, current=current, wanted=wanted))


def _begin(record: KeyworkSession, values: GroupValues, by: User) -> None:
    """Bring a planned record to what was so; nothing is written where nothing differs."""
    wanted = {name: getattr(values, name) for name in IN_COMMON} | {"key_worker_id": by.pk}
    if all(getattr(record, name) == value for name, value in wanted.items()):
        return
    for name, value in wanted.items():
        setattr(record, name, value)
    save_by(record, by, "Group session begun")


def is_begun(group: int | None) -> bool:
    """Say whether one of a group's records is finished."""
    records = KeyworkSession.objects.standing().filter(group=group)
    return records.exclude(status=KeyworkSession.Status.PLANNED).exists()


def _planned_for_then(student: Student, values: GroupValues, by: User) -> KeyworkSession | None:
    """Give the session of that day and time that stands as planned; without a time, of the day."""
    planned = KeyworkSession.objects.planned().filter(
        Q(key_worker=by) | Q(key_worker=None),
        student=student,
        held_on=values.held_on,
        group=None,
    )
    if values.starts_at:
        planned = planned.filter(Q(starts_at=values.starts_at) | Q(starts_at=None))
    return planned.order_by("starts_at", "pk").first()


def next_of_group(keywork_session: KeyworkSession, by: User) -> KeyworkSession | None:
    """Give the group's next record that `by` has still to finish, or None."""
    if keywork_session.group_id is None:
        return None
    still_open = KeyworkSession.objects.planned().filter(
        group=keywork_session.group_id, key_worker=by
    )
    return still_open.order_by("pk").first()
