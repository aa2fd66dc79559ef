"""Planning sessions ahead: one or a series, moving and cancelling them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.timezone import localdate

from keywork.history import save_by
from keywork.models import User
from keywork.school_calendar import calendar_of
from keywork.term_dates import DayType, SchoolCalendar
from keywork.undo import UndoError
from sessions import rules
from sessions.models import KeyworkSession, SessionGroup
from students.models import Student

CLOSED_BECAUSE = {
    DayType.WEEKEND: "it is a weekend",
    DayType.BANK_HOLIDAY: "it is a bank holiday",
    DayType.INSET: "it is an INSET day",
    DayType.CLOSURE: "school is closed",
    DayType.HALF_TERM: "it is half term",
    DayType.HOLIDAY: "it is the holidays",
}


class PlanningError(Exception):
    """A session cannot be planned then; the message is a sentence for the screen.

    field: the form's field it is about, such as `held_on`.
    """

    def __init__(self, message: str, field: str = "held_on") -> None:
        super().__init__(message)
        self.message = message
        self.field = field


@dataclass(frozen=True, slots=True)
class ProposedDate:
    """One date of a series as previewed; `problem` is empty where it can be planned."""

    day: date
    problem: str = ""


@transaction.atomic
def plan_session(
    *,
    student: Student,
    key_worker: User,
    held_on: date,
    starts_at: time | None,
    minutes: int,
    venue: str,
    focus: str,
    by: User,
    now: datetime,
    companions: Sequence[Student] = (),
) -> KeyworkSession:
    """Plan one session on a school day from today on; `minutes` within the model's maximum.

    With companions, students of the same school, it is a small group's (S2-31): one record each,
    joined; the student's own is given. Raises PlanningError on a closed or past day, off roll,
    too long, or at a clash with another planned session of the key worker or any of the students.
    """
    students = (student, *companions)
    _lock(students, [key_worker])
    method = KeyworkSession.Method.SMALL_GROUP if companions else KeyworkSession.Method.ONE_TO_ONE
    planned = [
        KeyworkSession(
            school_id=student.school_id,
            student=each,
            key_worker=key_worker,
            held_on=held_on,
            starts_at=starts_at,
            minutes=minutes,
            venue=venue,
            focus=focus,
            method=method,
            status=KeyworkSession.Status.PLANNED,
        )
        for each in students
    ]
    _check_all(planned, now)
    _save_joined(planned, by)
    return planned[0]


def _save_joined(planned: Sequence[KeyworkSession], by: User) -> None:
    """Save new records, those of several students joined; what they share comes later."""
    group = None
    if len(planned) > 1:
        group = SessionGroup(school_id=planned[0].school_id)
        save_by(group, by)
    for each in planned:
        each.group = group
        save_by(each, by)


@transaction.atomic
def plan_sessions(
    *,
    student: Student,
    key_worker: User,
    days: Iterable[date],
    starts_at: time,
    minutes: int,
    venue: str,
    focus: str,
    by: User,
    now: datetime,
    companions: Sequence[Student] = (),
) -> list[KeyworkSession]:
    """Plan one session on each day, all or none; raises PlanningError naming the first bad day.

    companions: as `plan_session`; the student's own records are given.
    """
    return [
        plan_session(
            student=student,
            key_worker=key_worker,
            held_on=day,
            starts_at=starts_at,
            minutes=minutes,
            venue=venue,
            focus=focus,
            by=by,
            now=now,
            companions=companions,
        )
        for day in days
    ]


@transaction.atomic
def move_session(
    *,
    keywork_session: KeyworkSession,
    held_on: date,
    starts_at: time | None,
    minutes: int,
    venue: str,
    by: User,
    now: datetime,
    together: Sequence[KeyworkSession] = (),
) -> KeyworkSession:
    """Move a planned session; raises PlanningError as `plan_session`, or if no longer planned.

    together: those of its group that move with it. One that goes to another time by itself leaves
    its group.
    """
    moved = _lock_planned([keywork_session, *together])
    for each in moved:
        if not together and (each.held_on, each.starts_at) != (held_on, starts_at):
            _leave_group(each)
        each.held_on, each.starts_at = held_on, starts_at
        each.minutes, each.venue = minutes, venue
    _check_all(moved, now)
    for each in moved:
        save_by(each, by, "Moved")
    return moved[0]


def _leave_group(moved: KeyworkSession) -> None:
    if moved.group_id:
        moved.group, moved.method = None, KeyworkSession.Method.ONE_TO_ONE


@transaction.atomic
def cancel_session(
    *,
    keywork_session: KeyworkSession,
    reason: str,
    by: User,
    now: datetime,
    together: Sequence[KeyworkSession] = (),
) -> KeyworkSession:
    """Withdraw a planned session; `reason` goes to its history. It moves no due date.

    together: those of its group that are cancelled with it. Raises PlanningError where one is no
    longer planned.
    """
    cancelled = _lock_planned([keywork_session, *together])
    for each in cancelled:
        each.withdrawn_at, each.withdrawn_by = now, by
        save_by(each, by, f"Cancelled: {reason}" if reason else "Cancelled")
    return cancelled[0]


@transaction.atomic
def undo_cancellation(*, record: KeyworkSession, by: User, now: datetime) -> KeyworkSession:
    """Put a cancelled session back, with those of its group that were cancelled with it.

    Raises UndoError where its time has gone or is taken.
    """
    together = _cancelled_with(record)
    # The students before the sessions, as everywhere.
    _lock([each.student for each in together], [each.key_worker for each in together])
    restored = list(_cancelled_with(record).select_for_update(of=("self",)))
    try:
        _check_all(restored, now)
    except PlanningError as problem:
        raise UndoError(problem.message) from problem
    for each in restored:
        each.withdrawn_at = each.withdrawn_by = None
        save_by(each, by, "Cancellation undone")
    return next((each for each in restored if each.pk == record.pk), record)


def _cancelled_with(record: KeyworkSession) -> Any:
    """Give the session, and those of its group cancelled in the same act; none if it is back."""
    same = Q(pk=record.pk)
    if record.group_id:
        same |= Q(
            group=record.group_id,
            withdrawn_at=record.withdrawn_at,
            withdrawn_by=record.withdrawn_by_id,
        )
    cancelled = KeyworkSession.objects.filter(same, withdrawn_at__isnull=False)
    return cancelled.select_related("student__school").order_by("pk")


def propose_series(
    *,
    student: Student,
    key_worker: User,
    first: date,
    weekday: int,
    starts_at: time,
    minutes: int,
    now: datetime,
    companions: Sequence[Student] = (),
) -> list[ProposedDate]:
    """Every such weekday (Monday 0) from `first` to the end of its half term, with what is wrong.

    Closed days are in it with their reason, so that the preview says why a week is passed over.
    """
    calendar = calendar_of(student.school)
    days = _weekdays_of_half_term(calendar, first, weekday)
    students = (student, *companions)
    taken = _taken(students, [key_worker], days)
    return [
        ProposedDate(
            day,
            _day_problem(calendar, students, day, localdate(now))
            or _clash_problem(taken, students, day, starts_at, minutes),
        )
        for day in days
    ]


def _weekdays_of_half_term(calendar: SchoolCalendar, first: date, weekday: int) -> list[date]:
    open_days = rules.series_dates(calendar, first, weekday)
    half_term = calendar.half_term_of(open_days[0]) if open_days else None
    if half_term is None:
        return []
    start = max(first, half_term.start).toordinal()
    days = map(date.fromordinal, range(start, half_term.end.toordinal() + 1))
    return [day for day in days if day.weekday() == weekday]


def _lock(students: Iterable[Student], key_workers: Iterable[User | None]) -> None:
    """Two people who plan at once for one student or one key worker wait for each other."""
    chosen = Student.objects.filter(pk__in=[each.pk for each in students])
    # What refers to them may be written meanwhile: that waits for nobody.
    list(chosen.select_for_update(no_key=True).order_by("pk").values("pk"))
    people = User.objects.filter(pk__in=[each.pk for each in key_workers if each])
    list(people.select_for_update(no_key=True).order_by("pk").values("pk"))


def _lock_planned(sessions: Sequence[KeyworkSession]) -> list[KeyworkSession]:
    """Give them in that order, as they stand; raises PlanningError if one is no longer planned."""
    _lock([each.student for each in sessions], [each.key_worker for each in sessions])
    planned = KeyworkSession.objects.planned().select_related("student__school")
    found = planned.in_bulk([each.pk for each in sessions])
    if len(found) < len(sessions):
        raise PlanningError("This session is no longer planned")
    return [found[each.pk] for each in sessions]


def _check_all(wanted: Sequence[KeyworkSession], now: datetime) -> None:
    """Raise PlanningError where a session, or those of a group, cannot stand as planned.

    They are planned for the same time. What else their group has then is no clash.
    """
    if not wanted:
        return
    first, students = wanted[0], [each.student for each in wanted]
    minutes = first.minutes or 0
    for student in students:
        model = student.model_in_force()
        if wrong := rules.length_problem(minutes, model.session_minutes_max if model else None):
            raise PlanningError(wrong, "minutes")
    day, calendar = first.held_on, calendar_of(first.student.school)
    if wrong := _day_problem(calendar, students, day, localdate(now)):
        raise PlanningError(wrong)
    taken = _taken(students, [each.key_worker for each in wanted], [day])
    own, groups = {each.pk for each in wanted}, {each.group_id for each in wanted} - {None}
    others = [each for each in taken if each.pk not in own and each.group_id not in groups]
    if wrong := _clash_problem(others, students, day, first.starts_at, minutes):
        raise PlanningError(wrong, "starts_at")


def _day_problem(
    calendar: SchoolCalendar, students: Iterable[Student], day: date, today: date
) -> str:
    if day < today:
        return "Choose a day from today on"
    if not calendar.is_school_day(day):
        return f"Choose a school day: on {_long(day)} {CLOSED_BECAUSE[calendar.day_type(day)]}"
    for student in students:
        if day < student.on_roll_from or (student.left_on and day > student.left_on):
            return f"{student.first_name} is not on roll on {_long(day)}"
    return ""


def _taken(
    students: Iterable[Student], key_workers: Iterable[User | None], days: Iterable[date]
) -> list[KeyworkSession]:
    """Planned sessions of the students and of the key workers on these days, in one query."""
    theirs = Q(student__in=[each.pk for each in students])
    theirs |= Q(key_worker__in=[each.pk for each in key_workers if each])
    planned = KeyworkSession.objects.planned().filter(theirs, held_on__in=list(days))
    return list(planned.select_related("student").order_by("held_on", "starts_at", "pk"))


def _clash_problem(
    taken: Iterable[KeyworkSession],
    students: Sequence[Student],
    day: date,
    starts_at: time | None,
    minutes: int,
) -> str:
    wanted = {each.pk for each in students}
    for other in taken:
        if other.held_on == day and _clashes(other, wanted, starts_at, minutes):
            when = f" at {other.starts_at:%H:%M}" if other.starts_at else ""
            name = other.student.first_name
            return f"There is a session with {name} planned on {_long(day)}{when}"
    return ""


def _clashes(
    other: KeyworkSession, students: set[int], starts_at: time | None, minutes: int
) -> bool:
    """Two timed sessions clash where they overlap; an untimed one only for the same student."""
    if starts_at is None or other.starts_at is None:
        return other.student_id in students
    wanted, taken = (
        rules.PlannedSlot(datetime.combine(other.held_on, at), length)
        for at, length in ((starts_at, minutes), (other.starts_at, other.minutes or 1))
    )
    return rules.slots_clash(wanted, taken)


def _long(day: date) -> str:
    return f"{day:%A} {day.day} {day:%B}"


@transaction.atomic
def mark_briefed(*, keywork_session: KeyworkSession, by: User, now: datetime) -> None:
    """Note that the briefing of a planned session was read; the first reading counts (S2-33).

    One that was logged or cancelled meanwhile is left as it is.
    """
    found = KeyworkSession.objects.select_for_update().get(pk=keywork_session.pk)
    if found.is_planned and not found.withdrawn_at and found.briefed_at is None:
        found.briefed_at = now
        save_by(found, by, "Briefing read")
