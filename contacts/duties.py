"""Calls home that are owed, read for a school or some of its students in one query.

Definitions: weekly_call and same_day_call of the rules.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import partial
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    DateField,
    DateTimeField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Cast
from django.utils import timezone

from contacts import rules
from contacts.models import AnsweredRecord, ContactLogEntry, Outcome, StudentContact
from keywork.dates import day_in_words
from keywork.duties import Duty, DutyKind
from keywork.key_work_presets import KeyWorkParameters
from keywork.timeline import full_name_of
from students.duties import NAMED_AT_MOST, Roll, StudentOnRoll, owed
from students.models import AttendanceMark, BehaviourRecord, Level
from students.rules.attendance import CODES

LONG_AGO = date(1900, 1, 1)
NO_CONTACT = "No contact is recorded."
NOBODY_TO_CALL = "Nobody may be called: every contact is “must not contact”."


@dataclass(frozen=True, slots=True)
class Tried:
    """A contact with home: when (local), how, what came of it, by whom, when to try again."""

    at: datetime
    channel: str
    outcome: str
    who: str = ""
    again_at: datetime | None = None


@dataclass(slots=True)
class CallFacts:
    """What is known of one student's calls up to the date asked about.

    spoken: conversations, when (local) and how. tried: today's contacts in order, and
    last_spoke: the latest conversation, both whole only where asked for. reach: why nobody can be
    called; empty where somebody can.
    """

    spoken: list[tuple[datetime, str]] = field(default_factory=list)
    tried: list[Tried] = field(default_factory=list)
    happenings: list[rules.Happening] = field(default_factory=list)
    marks: list[rules.Mark] = field(default_factory=list)
    last_spoke: date | None = None
    reach: str = ""


# Reading: what is known lies in several tables, and is read in one statement.

ENTRY, SLIP, MARK, REACH, LAST = "entry", "slip", "mark", "reach", "last"
NOTHING: dict[str, Any] = {
    # Cast, as PostgreSQL takes an empty column of the first two arms for text.
    "at": Cast(Value(None), DateTimeField()),
    "again": Cast(Value(None), DateTimeField()),
    "day": Cast(Value(None), DateField()),
    "ref": Value("", TextField()),
    "code": Value("", TextField()),
    "words": Value("", TextField()),
    "who": Value("", TextField()),
    "flag": Value(False, BooleanField()),
}
TEXTS = ("ref", "code", "words", "who")


def read_calls(roll: Roll, *, shown: bool = False) -> dict[int, CallFacts]:
    """Give student id → what their calls come to, in one query, or none where no model asks.

    shown: for pages of a few students, which also say who tried today and who spoke last.
    """
    found: dict[int, CallFacts] = defaultdict(CallFacts)
    arms = _arms(roll)
    if shown and roll.by_id:
        arms += [_tried_today(roll), _last_spoken(roll)]
    if not arms:
        return found
    rows = arms[0].union(*arms[1:], all=True) if arms[1:] else arms[0]
    for kind, student, *values in rows:
        if student in roll.by_id:
            TAKERS[kind](found[student], roll.on, *values)
    for facts in found.values():
        facts.spoken.sort()
        facts.tried.sort(key=lambda each: each.at)
    return found


def _arms(roll: Roll) -> list[QuerySet]:
    models = {each.parameters for each in roll.by_id.values() if each.parameters}
    if not any(_calls_home(model) for model in models):
        return []
    first = rules.first_day_not_lapsed(roll.calendar, roll.on)
    arms = [_entries(roll, first), _unreached(roll)]
    if any(_asks_for_slips(model) for model in models):
        arms.append(_slips(roll, first, models))
    if any(model.same_day_absence_lateness for model in models):
        arms.append(_marks(roll, first))
    return arms


def _calls_home(model: KeyWorkParameters) -> bool:
    return model.weekly_call or _asks_for_slips(model) or model.same_day_absence_lateness


def _asks_for_slips(model: KeyWorkParameters) -> bool:
    return (
        model.same_day_high_incident or bool(model.same_day_low_incidents) or model.same_day_reward
    )


def _arm(kind: str, rows: QuerySet, student: str, **columns: Any) -> QuerySet:
    typed = {
        name: Cast(columns[name], TextField()) if name in TEXTS and name in columns else value
        for name, value in {**NOTHING, **columns}.items()
    }
    aliases = {f"row_{name}": value for name, value in typed.items()}
    named = rows.order_by().annotate(row_kind=Value(kind, TextField()), **aliases)
    return named.values_list("row_kind", student, *(f"row_{name}" for name in NOTHING))


def _entries(roll: Roll, first: date | None) -> QuerySet:
    """Conversations since the first day that counts."""
    monday = roll.calendar.week_of(roll.on).start
    rows = ContactLogEntry.objects.spoke().until(roll.on)
    if first is not None:
        rows = rows.filter(made_at__gte=_midnight(min(first, monday)))
    return _entry_arm(roll, rows)


def _tried_today(roll: Roll) -> QuerySet:
    """What was tried or sent today and was no conversation."""
    today = ContactLogEntry.objects.standing().between(roll.on, roll.on)
    return _entry_arm(roll, today.exclude(outcome=Outcome.SPOKE))


def _entry_arm(roll: Roll, rows: QuerySet) -> QuerySet:
    return _arm(
        ENTRY, rows.filter(school=roll.school, student__in=_pks(roll)), "student_id",
        at=F("made_at"), again=F("try_again_at"), code=F("channel"), words=F("outcome"),
        who=full_name_of("made_by"),
    )  # fmt: skip


def _slips(roll: Roll, first: date | None, models: Iterable[KeyWorkParameters]) -> QuerySet:
    wanted = Q(level=Level.HIGH) | Q(level=Level.REWARD, call_home=True)
    if any(model.same_day_low_incidents for model in models):
        wanted |= Q(level=Level.LOW)
    spoke = AnsweredRecord.objects.filter(
        record=OuterRef("pk"),
        entry__outcome=Outcome.SPOKE,
        entry__withdrawn_at=None,
        entry__made_at__lt=_midnight(roll.on, after=True),
    )
    rows = (
        BehaviourRecord.objects.standing()
        .between(first or LONG_AGO, roll.on)
        .filter(wanted, school=roll.school, student__in=_pks(roll))
    )
    return _arm(
        SLIP, rows, "student_id", at=F("occurred_at"), ref=F("ref"), code=F("level"),
        words=F("category"), who=Case(When(call_home=True, then=Value("call")), default=Value("")),
        flag=Exists(spoke),
    )  # fmt: skip


def _marks(roll: Roll, first: date | None) -> QuerySet:
    asked = [
        each.pk
        for each in roll.by_id.values()
        if each.parameters and each.parameters.same_day_absence_lateness
    ]
    few = asked if len(asked) <= NAMED_AT_MOST else _pks(roll)
    rows = AttendanceMark.objects.filter(
        student__in=few,
        date__range=(first or LONG_AGO, roll.on),
        code__in=sorted(rules.CALL_WORTHY_CODES),
    )
    return _arm(MARK, rows, "student_id", day=F("date"), code=F("code"))


def _unreached(roll: Roll) -> QuerySet:
    """The students whom nobody can be called about; flag: they have contacts."""
    theirs = StudentContact.objects.current(roll.on).filter(student=OuterRef("pk"))
    may = StudentContact.objects.may_be_contacted(roll.on).filter(student=OuterRef("pk"))
    return _arm(REACH, roll.students.filter(~Exists(may)), "pk", flag=Exists(theirs))


def _last_spoken(roll: Roll) -> QuerySet:
    spoke = ContactLogEntry.objects.spoke().until(roll.on).filter(student=OuterRef("pk"))
    latest = spoke.order_by("-made_at").values("made_at")[:1]
    return _arm(LAST, roll.students, "pk", at=Subquery(latest))


def _pks(roll: Roll) -> Any:
    return roll.students.order_by().values("pk")


def _midnight(day: date, *, after: bool = False) -> datetime:
    """Give when a local day begins, or the one after it."""
    shifted = date.fromordinal(day.toordinal() + after)
    return timezone.make_aware(datetime.combine(shifted, time.min))


def _take_entry(facts: CallFacts, on: date, *row: Any) -> None:
    at, again, _, _, channel, outcome, who, _ = row
    local = timezone.localtime(at)
    if outcome == Outcome.SPOKE:
        facts.spoken.append((local, channel))
    if local.date() == on:
        again_at = timezone.localtime(again) if again else None
        facts.tried.append(Tried(local, channel, outcome, who, again_at))


def _take_slip(facts: CallFacts, on: date, *row: Any) -> None:
    at, _, _, ref, level, what, call, named = row
    local = timezone.localtime(at)
    facts.happenings.append(
        rules.Happening(ref, local, level, what, call_home=bool(call), named=bool(named))
    )


def _take_mark(facts: CallFacts, on: date, *row: Any) -> None:
    _, _, day, _, code, *_ = row
    facts.marks.append(rules.Mark(_as_day(day), code))


def _take_reach(facts: CallFacts, on: date, *row: Any) -> None:
    facts.reach = NOBODY_TO_CALL if row[-1] else NO_CONTACT


def _take_last(facts: CallFacts, on: date, *row: Any) -> None:
    if row[0] is not None:
        facts.last_spoke = timezone.localtime(row[0]).date()


TAKERS: dict[str, Callable[..., None]] = {
    ENTRY: _take_entry,
    SLIP: _take_slip,
    MARK: _take_mark,
    REACH: _take_reach,
    LAST: _take_last,
}


def _as_day(value: Any) -> date:
    """Give a day; in a union, SQLite has them as text."""
    return date.fromisoformat(value) if isinstance(value, str) else value


# Duties


def call_duties(roll: Roll, calls: dict[int, CallFacts]) -> Iterator[Duty]:
    """Give the calls owed: those of a day, and this week's.

    On a day with a same-day call the weekly call stands in its row, as one talk settles both; it
    counts on its own all the same.
    """
    for student in roll.by_id.values():
        facts = calls.get(student.pk) or CallFacts()
        if student.parameters is None or not _calls_home(student.parameters):
            continue
        same_day = list(_same_day(roll, student, student.parameters, facts))
        yield from same_day
        if student.parameters.weekly_call:
            yield from _weekly(roll, student, facts, folded=bool(same_day))


def _weekly(
    roll: Roll, student: StudentOnRoll, facts: CallFacts, *, folded: bool
) -> Iterator[Duty]:
    due_on = rules.weekly_call_due_on(roll.calendar, facts.spoken, roll.on)
    if due_on is None:
        return
    reason = partial(_why_weekly, facts)
    into = DutyKind.SAME_DAY_CALL if folded else None
    yield from owed(roll, student, DutyKind.WEEKLY_CALL, due_on, reason, folded_into=into)


def _same_day(
    roll: Roll, student: StudentOnRoll, parameters: KeyWorkParameters, facts: CallFacts
) -> Iterator[Duty]:
    if not (facts.happenings or facts.marks):
        return
    triggers = rules.same_day_triggers(parameters, facts.happenings, facts.marks)
    spoken = [at for at, _ in facts.spoken]
    for day, those in rules.unanswered_by_day(triggers, spoken).items():
        about = next((each.keys[0] for each in those if each.keys), "")
        reason = partial(_why_same_day, those, day, facts.reach, roll.on)
        yield from owed(roll, student, DutyKind.SAME_DAY_CALL, day, reason, about=about)


# Reasons


def _why_weekly(facts: CallFacts) -> str:
    return f"Nobody has spoken to home this week. {facts.reach}".strip()


def _why_same_day(those: list[rules.Trigger], day: date, reach: str, on: date) -> str:
    said = "; ".join(_trigger_words(each) for each in those)
    when = "today" if day == on else f"on {day_in_words(day, on)}"
    return f"{said} {when}. {reach}".strip()


def _trigger_words(trigger: rules.Trigger) -> str:
    if trigger.kind == rules.LOW:
        return f"{trigger.words} low-level slips"
    if trigger.kind in (rules.HIGH, rules.REWARD):
        label = "High-level slip" if trigger.kind == rules.HIGH else "Reward worth a call"
        at = f" at {trigger.at:%H:%M}" if trigger.at else ""
        return f"{label}{trigger.words and ': '}{trigger.words}{at}"
    return CODES[trigger.kind].meaning
