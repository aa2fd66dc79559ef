"""Duties about sessions and targets, read for a school or some of its students in two queries.

Definitions: session, session_quota, target_review and weekly_targets of the rules.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from typing import Any, NamedTuple, TypedDict

from django.db.models import (
    CharField,
    Count,
    Exists,
    F,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Cast, Coalesce, Concat, LPad

from keywork.dates import day_in_words
from keywork.duties import Duty, DutyKind
from keywork.key_work_presets import KeyWorkParameters
from keywork.prepared import prepared
from sessions import rules
from sessions.models import KeyworkSession, Target
from students.duties import Roll, StudentOnRoll, owed
from students.models import Student

Status = KeyworkSession.Status
NO_TARGET_YET = "No target set this week."
MISSED_WORDS = dict(KeyworkSession.MissedReason.choices)
EXCUSED = Q(missed_reason__in=sorted(rules.EXCUSABLE_REASONS))
NO_REASON = Q(missed_reason="")
LATELY = timedelta(days=90)
# The place in time before a reason: a day such as 2026-11-12, and the session's number.
NUMBER = 12
PLACE = len("2026-11-12") + NUMBER


class Starts(TypedDict):
    """First days of the half term and the term of the date asked about; None between them."""

    half_term: date | None
    term: date | None


class SeenFacts(NamedTuple):
    """What a student's sessions up to the date asked about come to.

    last_missed, missed_reason: the latest session missed for a reason, whatever it is (a drop-in
    time not used is missed for none); last_excused: the
    latest missed for an excusable one. held_in_half_term, held_in_term: sessions held so far in
    the half term and the term of the date asked about; 0 between them.
    """

    last_held: date | None = None
    last_excused: date | None = None
    last_missed: date | None = None
    missed_reason: str = ""
    held_in_half_term: int = 0
    held_in_term: int = 0


UNSEEN = SeenFacts()


class OpenTarget(NamedTuple):
    """A target active on the date asked about."""

    ref: str
    text: str
    set_on: date
    review_on: date | None


@dataclass(slots=True)
class TargetFacts:
    """A student's active targets, and when the latest target was set this week, if one was."""

    active: list[OpenTarget] = field(default_factory=list)
    set_this_week: date | None = None


@dataclass(frozen=True, slots=True)
class QuotaStanding:
    """How a student stands against the model's quota: `period` is "half term" or "term"."""

    state: rules.QuotaState
    quota: int
    period: str
    days_left: int


# Reading


def read_sessions(roll: Roll) -> dict[int, SeenFacts]:
    """Give student id → what their sessions come to, in one query.

    A miss from before somebody's last held session may be left out: it moves nothing any more.
    """
    half_term, term = roll.calendar.half_term_of(roll.on), roll.calendar.term_of(roll.on)
    starts: Starts = {
        "half_term": half_term.start if half_term else None,
        "term": term.start if term else None,
    }
    if roll.named is not None:
        rows = _looked_up_by_name(students=roll.named, on=roll.on, **starts)
    else:
        since = min(roll.on - LATELY, starts["term"] or roll.on)
        rows = _of_school(school=roll.school.pk, on=roll.on, since=since, **starts)
    return {
        pk: SeenFacts(last, excused, missed, (reason or "")[PLACE:], half, whole)
        for pk, last, excused, missed, reason, half, whole in rows
        if pk in roll.by_id
    }


@prepared
def _of_school(
    *, school: int, on: date, since: date, half_term: date | None, term: date | None
) -> QuerySet:
    """Read a school: those seen lately from their last months together, the others one by one."""
    lately = KeyworkSession.objects.standing().filter(school=school, held_on__range=(since, on))
    held, missed = Q(status=Status.HELD), Q(status=Status.MISSED)
    grouped = (
        lately.order_by()
        .values("student")
        .annotate(
            last_held=Max("held_on", filter=held),
            last_excused=Max("held_on", filter=missed & EXCUSED),
            last_missed=Max("held_on", filter=missed & ~NO_REASON),
            reason=Max(_latest_reason(), filter=missed & ~NO_REASON),
            in_half_term=_number(held, half_term),
            in_term=_number(held, term),
        )
    )
    seen = grouped.filter(last_held__isnull=False).values_list(
        *("student", "last_held", "last_excused", "last_missed", "reason"),
        *("in_half_term", "in_term"),
    )
    held_lately = lately.filter(status=Status.HELD, student=OuterRef("pk"))
    others = Student.objects.filter(~Exists(held_lately), school=school).on_roll(on)
    return seen.union(_looked_up(others, on, half_term, term), all=True)


def _number(held: Q, start: date | None) -> Any:
    return Count("pk", filter=held & Q(held_on__gte=start)) if start else Value(0)


@prepared
def _looked_up_by_name(
    *, students: tuple[int, ...], on: date, half_term: date | None, term: date | None
) -> QuerySet:
    return _looked_up(Student.objects.filter(pk__in=students), on, half_term, term)


def _looked_up(
    students: QuerySet, on: date, half_term: date | None, term: date | None
) -> QuerySet:
    """Look each student's latest sessions up: a handful of entries of an index for each."""
    standing = KeyworkSession.objects.standing().filter(student=OuterRef("pk"), held_on__lte=on)
    held = standing.filter(status=Status.HELD)
    missed = standing.filter(~NO_REASON, status=Status.MISSED).order_by("-held_on", "-pk")
    latest = missed.annotate(reason=_latest_reason())
    return students.order_by().values_list(
        "pk",
        Subquery(held.order_by("-held_on").values("held_on")[:1]),
        Subquery(missed.filter(EXCUSED).values("held_on")[:1]),
        Subquery(missed.values("held_on")[:1]),
        Subquery(latest.values("reason")[:1]),
        _held_since(held, half_term),
        _held_since(held, term),
    )


def _latest_reason() -> Concat:
    """Give a reason behind its place in time, so that the latest is the highest."""
    number = LPad(Cast("pk", CharField()), NUMBER, Value("0"))
    return Concat(Cast("held_on", CharField()), number, F("missed_reason"))


def _held_since(held: QuerySet, start: date | None) -> Coalesce:
    """Count the held sessions of a period; none where there is no period."""
    inside = held.filter(held_on__gte=start) if start else held.none()
    counted = inside.order_by().values("student").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), 0)


def read_targets(roll: Roll, *, near: bool = False) -> dict[int, TargetFacts]:
    """Give student id → active targets and those set this week, in one query.

    near: leave out the targets whose review no list of the roll's horizon can hold.
    """
    on, monday = roll.on, roll.calendar.week_of(roll.on).start
    beyond = _first_out_of_reach(roll) if near else None
    if roll.named is not None:
        rows = _targets_by_name(students=roll.named, on=on, monday=monday, beyond=beyond)
    else:
        rows = _targets_of_school(school=roll.school.pk, on=on, monday=monday, beyond=beyond)
    found: dict[int, TargetFacts] = defaultdict(TargetFacts)
    for student, _, ref, text, set_on, review_on, status, closed_on in sorted(rows, key=_in_order):
        if monday <= set_on <= on:
            found[student].set_this_week = set_on
        if rules.target_is_active(status, set_on, closed_on, on):
            found[student].active.append(OpenTarget(ref, text, set_on, review_on))
    return found


def _in_order(row: tuple[Any, ...]) -> tuple[date, int]:
    return row[4], row[1]


@prepared
def _targets_by_name(
    *, students: tuple[int, ...], on: date, monday: date, beyond: date | None
) -> QuerySet:
    return _targets(Target.objects.filter(student__in=students), on, monday, beyond)


@prepared
def _targets_of_school(*, school: int, on: date, monday: date, beyond: date | None) -> QuerySet:
    return _targets(Target.objects.filter(school=school), on, monday, beyond)


def _targets(targets: QuerySet, on: date, monday: date, beyond: date | None) -> QuerySet:
    """Read the active ones, and of the others those closed later or set this week.

    As three reads joined, each is a stretch of an index; as one, all of a school's would be read.
    Of those closed later some may have been set later, too.
    """
    near = targets.filter(_reviewed_before(beyond, monday)).order_by()
    columns = ("student", "pk", "ref", "text", "set_on", "review_on", "status", "closed_on")
    active = near.filter(status=Target.Status.ACTIVE, set_on__lte=on)
    others = near.exclude(status=Target.Status.ACTIVE)
    later = others.filter(closed_on__gt=on)
    lately = others.filter(~Q(closed_on__gt=on), set_on__range=(monday, on))
    arms = [each.values_list(*columns) for each in (active, later, lately)]
    return arms[0].union(*arms[1:], all=True)


def _reviewed_before(first_beyond: date | None, monday: date) -> Q:
    soon = Q(review_on__lt=first_beyond) | Q(set_on__gte=monday)
    return soon if first_beyond else Q()


def _first_out_of_reach(roll: Roll) -> date | None:
    """Give the school day from which on a review lies beyond the horizon; None: there is none."""
    if roll.horizon is None:
        return None
    return roll.calendar.add_school_days(roll.on + timedelta(days=roll.horizon), 1)


# Duties


def session_duties(roll: Roll, seen: dict[int, SeenFacts]) -> Iterator[Duty]:
    """Give the sessions owed: the next one, and those the quota still needs."""
    # Hundreds of students stand alike, so each standing is worked out once. The model counts by
    # identity: its twenty parameters would take longer to hash than a standing to look up.
    known: dict[tuple[int, date | None, int], QuotaStanding | None] = {}
    for student in roll.by_id.values():
        facts = seen.get(student.pk) or UNSEEN
        yield from _next_session(roll, student, facts)
        parameters, starts, held = _of_quota(roll, student, facts)
        key = (id(parameters), starts, held)
        if key not in known:
            known[key] = _standing(roll, parameters, starts, held)
        yield from _quota(roll, student, known[key])


def _next_session(roll: Roll, student: StudentOnRoll, facts: SeenFacts) -> Iterator[Duty]:
    every = student.parameters and student.parameters.session_every_school_days
    if not every:
        return
    anchor = rules.session_anchor(facts.last_held, student.on_roll_from, student.first_assigned)
    due_on = rules.session_due_on(roll.calendar, anchor, every, facts.last_excused)
    if anchor is not None and due_on is not None:
        reason = partial(_why_session, roll, facts, anchor)
        yield from owed(roll, student, DutyKind.SESSION, due_on, reason)


def _quota(roll: Roll, student: StudentOnRoll, standing: QuotaStanding | None) -> Iterator[Duty]:
    if standing is None or standing.state.needed == 0:
        return
    state, reason = standing.state, partial(_why_quota, standing)
    kind = DutyKind.SESSION_QUOTA
    yield from owed(roll, student, kind, state.due_on, reason, at_risk=state.at_risk)


def quota_standing(roll: Roll, student: StudentOnRoll, facts: SeenFacts) -> QuotaStanding | None:
    """Give where a student stands in the half term or term; None where no quota applies."""
    return _standing(roll, *_of_quota(roll, student, facts))


def _of_quota(
    roll: Roll, student: StudentOnRoll, facts: SeenFacts
) -> tuple[KeyWorkParameters | None, date | None, int]:
    """What a student's standing depends on: model, from when they count, sessions held."""
    parameters = student.parameters
    starts = rules.counts_from(student.on_roll_from, student.first_assigned)
    by_half_term = parameters is not None and parameters.sessions_per_half_term is not None
    return parameters, starts, facts.held_in_half_term if by_half_term else facts.held_in_term


def _standing(
    roll: Roll, parameters: KeyWorkParameters | None, starts: date | None, held: int
) -> QuotaStanding | None:
    found = parameters and rules.quota_period(roll.calendar, parameters, roll.on)
    if not found or starts is None or parameters is None:
        return None
    quota, period = found
    by_half_term = parameters.sessions_per_half_term is not None
    wanted = rules.quota_wanted(roll.calendar, period, quota, starts)
    state = rules.quota_state(roll.calendar, period, wanted, held, roll.on)
    if state is None:
        return None
    left = roll.calendar.school_days_between(roll.on, period.end)
    return QuotaStanding(state, quota, "half term" if by_half_term else "term", left)


def target_duties(roll: Roll, targets: dict[int, TargetFacts]) -> Iterator[Duty]:
    """Give the targets to review, and this week's targets still to set."""
    none = TargetFacts()
    for student in roll.by_id.values():
        facts = targets.get(student.pk, none)
        yield from _reviews(roll, student, facts)
        yield from _weekly(roll, student, facts)


def _reviews(roll: Roll, student: StudentOnRoll, facts: TargetFacts) -> Iterator[Duty]:
    for target in facts.active:
        if target.review_on is not None:
            kind, reason = DutyKind.TARGET_REVIEW, partial(_why_review, target, roll.on)
            yield from owed(roll, student, kind, target.review_on, reason, about=target.ref)


def _weekly(roll: Roll, student: StudentOnRoll, facts: TargetFacts) -> Iterator[Duty]:
    if student.parameters is None or not student.parameters.weekly_targets:
        return
    due_on = rules.weekly_targets_due_on(roll.calendar, facts.set_this_week, roll.on)
    if due_on is not None:
        yield from owed(roll, student, DutyKind.WEEKLY_TARGETS, due_on, lambda: NO_TARGET_YET)


# Reasons


def _why_session(roll: Roll, facts: SeenFacts, anchor: date) -> str:
    seen = _last_seen(roll, facts.last_held) if facts.last_held else _never_seen(roll, anchor)
    if facts.last_missed is None or facts.last_missed < anchor:
        return seen
    missed = day_in_words(facts.last_missed, roll.on)
    return f"{seen} Missed on {missed}: {MISSED_WORDS[facts.missed_reason].lower()}."


def _last_seen(roll: Roll, day: date) -> str:
    ago = roll.calendar.school_days_late(day, roll.on)
    when = f"{counted(ago, 'school day')} ago" if ago else "no school day since"
    return f"Last seen {day_in_words(day, roll.on)}, {when}."


def _never_seen(roll: Roll, anchor: date) -> str:
    return f"Not seen yet; counted from {day_in_words(anchor, roll.on)}."


def _why_quota(standing: QuotaStanding) -> str:
    state = standing.state
    held = f"{state.held} of {state.wanted} held this {standing.period}"
    if state.wanted < standing.quota:
        held += f" ({standing.quota} in a whole one)"
    return f"{held}; {counted(standing.days_left, 'school day')} left, today included."


def _why_review(target: OpenTarget, on: date) -> str:
    review = day_in_words(target.review_on, on) if target.review_on else ""
    return f"Set on {day_in_words(target.set_on, on)}, to be reviewed by {review}."


def counted(number: int, noun: str) -> str:
    """Give "1 school day", "2 school days"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
