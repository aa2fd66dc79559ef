"""Logging a session: the record, the judged targets, the new ones, what follows; then signed."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, time

from django.db import transaction
from django.utils.timezone import localdate

from keywork.drafts import Fields, settle_draft
from keywork.history import save_by
from keywork.models import User
from sessions.models import KeyworkSession, SessionAction, Target, TargetReview
from sessions.next_due import day_for_next
from sessions.services.planning import PlanningError, plan_session
from sessions.services.targets import TargetValues, review_target, set_target
from students.models import Strategy, Student

Status = KeyworkSession.Status
Outcome = TargetReview.Outcome
STRATEGY_LENGTH = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionValues:
    """What is recorded of the session itself: see the fields of `KeyworkSession`.

    status: held or missed. minutes: as long as it truly was, also above the model's maximum.
    """

    status: str
    held_on: date
    starts_at: time | None = None
    minutes: int | None = None
    method: str = ""
    venue: str = ""
    focus: str = ""
    missed_reason: str = ""
    missed_note: str = ""
    pupil_voice: str = ""
    feeling: int | None = None
    details: str = ""
    themes: list[str] = field(default_factory=list)
    engagement: int | None = None
    strategies_agreed: str = ""
    no_target_reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """An open target judged: outcome and evidence; `carry_on_to` a new review date, or closed."""

    target: Target
    outcome: str
    evidence: str = ""
    carry_on_to: date | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAction:
    """Something to do afterwards: by a member of staff, or somebody named in words."""

    text: str
    owner: User | None
    owner_name: str = ""
    due_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NextSession:
    """The next session, to be planned with this one's length and place.

    follows: nobody chose `held_on`, so it gives way to the day that what is logged leads to.
    """

    held_on: date
    follows: bool = False
    starts_at: time | None
    minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionLog:
    """All that one log form says. `briefed`: the briefing was read before the session."""

    values: SessionValues
    judgements: tuple[Judgement, ...] = ()
    targets: tuple[TargetValues, ...] = ()
    actions: tuple[NewAction, ...] = ()
    next_session: NextSession | None = None
    keep_strategies: bool = False
    briefed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedForm:
    """The form as posted: its draft's key, its fields, the draft's version it began with."""

    key: str
    data: Fields
    version: int


@dataclass(frozen=True, slots=True)
class Logged:
    """The signed session, the next one where it was planned, and why it could not be (or "").

    sent_again: it stood signed already, and nothing was written.
    """

    keywork_session: KeyworkSession
    planned_next: KeyworkSession | None = None
    planning_problem: str = ""
    sent_again: bool = False


class AlreadyLoggedError(Exception):
    """Somebody else logged or cancelled this planned session meanwhile."""


@transaction.atomic
def log_session(
    *,
    student: Student,
    log: SessionLog,
    ref: str,
    by: User,
    now: datetime,
    typed: TypedForm | None = None,
) -> Logged:
    """Record a session as held or missed, sign it, and do what it says; drop its draft.

    ref: the record's ref. One that is planned is turned into the record; one that `by` has
    signed already was sent twice, and is given back unchanged; an unknown one is made. Raises
    AlreadyLoggedError where it is anybody else's or cancelled, DraftConflictError where the draft
    of `typed` was changed elsewhere, TargetLimitError and ReviewError of the targets' services.
    Targets are judged and set on the day of the session.
    """
    list(Student.objects.select_for_update().filter(pk=student.pk).values("pk"))
    record = _record(student, ref, by)
    if record.signed_at:
        return Logged(record, sent_again=True)
    if typed:
        settle_draft(owner=by, key=typed.key, data=typed.data, version=typed.version)
    _sign(record, log, by, now)
    on = record.held_on
    if record.status == Status.HELD:
        _judge(record, log.judgements, by, on)
        for values in log.targets:
            set_target(student=student, keywork_session=record, values=values, on=on, by=by)
        if log.keep_strategies:
            _keep_strategies(student, log.values.strategies_agreed, by, on)
    _add_actions(record, log.actions, by)
    return Logged(record, *_plan_next(record, student, log.next_session, by, now))


def _record(student: Student, ref: str, by: User) -> KeyworkSession:
    """The record to sign, locked; one signed by the same person is the same form sent twice."""
    found = KeyworkSession.objects.select_for_update(of=("self",)).filter(ref=ref).first()
    if found is None:
        return KeyworkSession(ref=ref, student=student, school_id=student.school_id)
    signed_by_another = not found.is_planned and found.signed_by_id != by.pk
    if signed_by_another or found.withdrawn_at or found.student_id != student.pk:
        raise AlreadyLoggedError
    return found


def _sign(record: KeyworkSession, log: SessionLog, by: User, now: datetime) -> None:
    for name, value in asdict(log.values).items():
        setattr(record, name, value)
    record.key_worker = record.signed_by = by
    record.signed_at = now
    if log.briefed and not record.briefed_at:
        record.briefed_at = now
    save_by(record, by, "Signed")


def _judge(record: KeyworkSession, judgements: Iterable[Judgement], by: User, on: date) -> None:
    for judgement in judgements:
        review_target(
            target=judgement.target,
            outcome=judgement.outcome,
            evidence=judgement.evidence,
            on=on,
            by=by,
            keywork_session=record,
            extended_to=judgement.carry_on_to,
            reason=judgement.reason,
            close=judgement.carry_on_to is None,
        )


def _keep_strategies(student: Student, agreed: str, by: User, on: date) -> None:
    """Add each line agreed to what helps the student, unless it stands there already."""
    known = set(Strategy.objects.filter(student=student, withdrawn_at=None).values_list("text"))
    lines = (line.strip(" \t-•*")[:STRATEGY_LENGTH] for line in agreed.splitlines())
    for line in dict.fromkeys(lines):
        if line and (line,) not in known:
            save_by(Strategy(student=student, text=line, added_on=on), by, "Agreed in a session")


def _add_actions(record: KeyworkSession, actions: Iterable[NewAction], by: User) -> None:
    for action in actions:
        made = SessionAction(
            keywork_session=record,
            text=action.text,
            owner=action.owner,
            owner_name=action.owner_name,
            due_on=action.due_on,
        )
        save_by(made, by)


def _plan_next(
    record: KeyworkSession, student: Student, wanted: NextSession | None, by: User, now: datetime
) -> tuple[KeyworkSession | None, str]:
    """Plan the next session; a clash must not cost the record just written, so it is told."""
    if wanted is None:
        return None, ""
    on = localdate(now)
    since = record.held_on if record.status == Status.HELD else on
    follows = day_for_next(student, on, since=since) if wanted.follows else None
    try:
        planned = plan_session(
            student=student,
            key_worker=by,
            held_on=follows or wanted.held_on,
            starts_at=wanted.starts_at,
            minutes=wanted.minutes,
            venue=record.venue,
            focus="",
            by=by,
            now=now,
        )
    except PlanningError as problem:
        return None, problem.message
    return planned, ""
