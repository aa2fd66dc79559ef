"""Planning sessions ahead: one or a series, moving and cancelling them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time

from django.db import transaction
from django.db.models import Q
from django.utils.timezone import localdate

from keywork.history import save_by
from keywork.models import User
from keywork.school_calendar import calendar_of
from keywork.term_dates import DayType, SchoolCalendar
from keywork.undo import UndoError
from sessions import rules
from sessions.models import KeyworkSession
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
) -> KeyworkSession:
    """Plan one session on a school day from today on; `minutes` within the model's maximum.

    Raises PlanningError on a closed or past day, off roll, too long, or at a clash with another
    planned session of the key worker or the student.
    """
    _lock(student, key_worker)
    planned = KeyworkSession(
        school_id=student.school_id,
        student=student,
        key_worker=key_worker,
        held_on=held_on,
        starts_at=starts_at,
        minutes=minutes,
        venue=venue,
        focus=focus,
        method=KeyworkSession.Method.ONE_TO_ONE,
        status=KeyworkSession.Status.PLANNED,
    )
    _check(planned, now)
    save_by(planned, by)
    return planned


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
) -> list[KeyworkSession]:
    """Plan one session on each day, all or none; raises PlanningError naming the first bad day."""
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
) -> KeyworkSession:
    """Move a planned session; raises PlanningError as `plan_session`, or if no longer planned."""
    moved = _lock_planned(keywork_session)
    moved.held_on, moved.starts_at = held_on, starts_at
    moved.minutes, moved.venue = minutes, venue
    _check(moved, now)
    save_by(moved, by, "Moved")
    return moved


@transaction.atomic
def cancel_session(
    *, keywork_session: KeyworkSession, reason: str, by: User, now: datetime
) -> KeyworkSession:
    """Withdraw a planned session; `reason` goes to its history. It moves no due date.

    Raises PlanningError where it is no longer planned.
    """
    cancelled = _lock_planned(keywork_session)
    cancelled.withdrawn_at, cancelled.withdrawn_by = now, by
    save_by(cancelled, by, f"Cancelled: {reason}" if reason else "Cancelled")
    return cancelled


@transaction.atomic
def undo_cancellation(*, record: KeyworkSession, by: User, now: datetime) -> KeyworkSession:
    """Put a cancelled session back; raises UndoError where its time has gone or is taken."""
    _lock(record.student, record.key_worker)  # before the session, as everywhere
    restored = KeyworkSession.objects.select_for_update(of=("self",)).get(pk=record.pk)
    if restored.withdrawn_at is None:
        return restored
    try:
        _check(restored, now)
    except PlanningError as problem:
        raise UndoError(problem.message) from problem
    restored.withdrawn_at = restored.withdrawn_by = None
    save_by(restored, by, "Cancellation undone")
    return restored


def propose_series(
    *,
    student: Student,
    key_worker: User,
    first: date,
    weekday: int,
    starts_at: time,
    minutes: int,
    now: datetime,
) -> list[ProposedDate]:
    """Every such weekday (Monday 0) from `first` to the end of its half term, with what is wrong.

    Closed days are in it with their reason, so that the preview says why a week is passed over.
    """
    calendar = calendar_of(student.school)
    days = _weekdays_of_half_term(calendar, first, weekday)
    taken = _taken(student, key_worker, days)
    return [
        ProposedDate(
            day,
            _day_problem(calendar, student, day, localdate(now))
            or _clash_problem(taken, student, day, starts_at, minutes),
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


def _lock(student: Student, key_worker: User | None) -> None:
    """Two people who plan at once for one student or one key worker wait for each other."""
    list(Student.objects.select_for_update().filter(pk=student.pk).values("pk"))
    if key_worker:
        list(User.objects.select_for_update().filter(pk=key_worker.pk).values("pk"))


def _lock_planned(keywork_session: KeyworkSession) -> KeyworkSession:
    _lock(keywork_session.student, keywork_session.key_worker)
    found = KeyworkSession.objects.planned().filter(pk=keywork_session.pk).first()
    if found is None:
        raise PlanningError("This session is no longer planned")
    return found


def _check(wanted: KeyworkSession, now: datetime) -> None:
    """Raise PlanningError where the session cannot stand as planned."""
    student, day = wanted.student, wanted.held_on
    model, minutes = student.model_in_force(), wanted.minutes or 0
    if wrong := rules.length_problem(minutes, model.session_minutes_max if model else None):
        raise PlanningError(wrong, "minutes")
    if wrong := _day_problem(calendar_of(student.school), student, day, localdate(now)):
        raise PlanningError(wrong)
    others = [each for each in _taken(student, wanted.key_worker, [day]) if each.pk != wanted.pk]
    if wrong := _clash_problem(others, student, day, wanted.starts_at, minutes):
        raise PlanningError(wrong, "starts_at")


def _day_problem(calendar: SchoolCalendar, student: Student, day: date, today: date) -> str:
    if day < today:
        return "Choose a day from today on"
    if not calendar.is_school_day(day):
        return f"Choose a school day: on {_long(day)} {CLOSED_BECAUSE[calendar.day_type(day)]}"
    if day < student.on_roll_from or (student.left_on and day > student.left_on):
        return f"{student.first_name} is not on roll on {_long(day)}"
    return ""


def _taken(
    student: Student, key_worker: User | None, days: Iterable[date]
) -> list[KeyworkSession]:
    """Planned sessions of the student and of the key worker on these days, in one query."""
    theirs = Q(student=student)
    if key_worker:
        theirs |= Q(key_worker=key_worker)
    planned = KeyworkSession.objects.planned().filter(theirs, held_on__in=list(days))
    return list(planned.select_related("student").order_by("held_on", "starts_at", "pk"))


def _clash_problem(
    taken: Iterable[KeyworkSession],
    student: Student,
    day: date,
    starts_at: time | None,
    minutes: int,
) -> str:
    for other in taken:
        if other.held_on == day and _clashes(other, student, starts_at, minutes):
            when = f" at {other.starts_at:%H:%M}" if other.starts_at else ""
            name = other.student.first_name
            return f"There is a session with {name} planned on {_long(day)}{when}"
    return ""


def _clashes(
    other: KeyworkSession, student: Student, starts_at: time | None, minutes: int
) -> bool:
    """Two timed sessions clash where they overlap; an untimed one only for the same student."""
    if starts_at is None or other.starts_at is None:
        return other.student_id == student.pk
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
