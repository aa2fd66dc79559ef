"""Calls home that are owed, read for a school or some of its students in one query.

Definitions: weekly_call and same_day_call of the rules.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import partial
from typing import Any, TypedDict, Unpack

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
from keywork.prepared import prepared
from keywork.timeline import full_name_of
from students.duties import NAMED_AT_MOST, Roll, StudentOnRoll, owed
from students.models import AttendanceMark, BehaviourRecord, Level, Student
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


class Asked(TypedDict):
    """What is read. on: a day, from `today` to `tomorrow`, both excluded at the end.

    spoken_since, slips_since, marks_since: from when conversations, slips and marks count. models:
    some student's model asks for calls; slips, low: and for those about slips, the low ones too.
    shown: also what was tried that day, and who spoke last.
    """

    school: int
    on: date
    today: datetime
    tomorrow: datetime
    spoken_since: datetime
    slips_since: datetime
    marks_since: date
    models: bool
    slips: bool
    low: bool
    shown: bool


def read_calls(roll: Roll, *, shown: bool = False) -> dict[int, CallFacts]:
    """Give student id → what their calls come to, in one query, or none where no model asks.

    shown: for pages of a few students, which also say who tried today and who spoke last.
    """
    found: dict[int, CallFacts] = defaultdict(CallFacts)
    followed = (each.parameters for each in roll.by_id.values() if each.parameters)
    models = list({id(each): each for each in followed}.values())  # a hash takes longer
    asks = any(_calls_home(model) for model in models)
    if not roll.by_id or not (asks or shown):
        return found
    asked, marked = _asked(roll, models, asks=asks, shown=shown), _marked(roll)
    if roll.named:
        rows = _of_students(students=roll.named, marked=marked, **asked)
    else:
        rows = _of_school(marked=marked, **asked)
    zone = timezone.get_current_timezone()
    for kind, student, at, again, *values in rows:
        if student in roll.by_id:
            local = at and at.astimezone(zone), again and again.astimezone(zone)
            TAKERS[kind](found[student], roll.on, *local, *values)
    for facts in found.values():
        facts.spoken.sort()
        facts.tried.sort(key=lambda each: each.at)
    return found


def _asked(roll: Roll, models: list[KeyWorkParameters], *, asks: bool, shown: bool) -> Asked:
    first = rules.first_day_not_lapsed(roll.calendar, roll.on) or LONG_AGO
    return {
        "school": roll.school.pk,
        "on": roll.on,
        "today": _midnight(roll.on),
        "tomorrow": _midnight(roll.on, after=True),
        "spoken_since": _midnight(min(first, roll.calendar.week_of(roll.on).start)),
        "slips_since": _midnight(first),
        "marks_since": first,
        "models": asks,
        "slips": any(_asks_for_slips(model) for model in models),
        "low": any(model.same_day_low_incidents for model in models),
        "shown": shown,
    }


def _marked(roll: Roll) -> tuple[int, ...] | bool:
    """Give those whose marks ask for a call: none (False), named, or read with the others."""
    asked = tuple(
        each.pk
        for each in roll.by_id.values()
        if each.parameters and each.parameters.same_day_absence_lateness
    )
    return (asked if len(asked) <= NAMED_AT_MOST else True) if asked else False


def _calls_home(model: KeyWorkParameters) -> bool:
    return model.weekly_call or _asks_for_slips(model) or model.same_day_absence_lateness


def _asks_for_slips(model: KeyWorkParameters) -> bool:
    return (
        model.same_day_high_incident or bool(model.same_day_low_incidents) or model.same_day_reward
    )


@prepared
def _of_students(
    *, students: tuple[int, ...], marked: tuple[int, ...] | bool, **asked: Unpack[Asked]
) -> QuerySet:
    return _arms(Student.objects.filter(pk__in=students), students, marked, asked)


@prepared
def _of_school(*, marked: tuple[int, ...] | bool, **asked: Unpack[Asked]) -> QuerySet:
    students = Student.objects.filter(school=asked["school"]).on_roll(asked["on"])
    return _arms(students, students.order_by().values("pk"), marked, asked)


def _arms(
    students: QuerySet, pks: QuerySet | tuple[int, ...], marked: Any, asked: Asked
) -> QuerySet:
    arms = []
    if asked["models"]:
        arms += [_entries(pks, asked), _unreached(students, asked)]
    if asked["slips"]:
        arms.append(_slips(pks, asked))
    if marked:
        arms.append(_marks(pks if marked is True else marked, asked))
    if asked["shown"]:
        arms += [_tried_today(pks, asked), _last_spoken(students, asked)]
    return arms[0].union(*arms[1:], all=True)


def _arm(kind: str, rows: QuerySet, student: str, **columns: Any) -> QuerySet:
    typed = {
        name: Cast(columns[name], TextField()) if name in TEXTS and name in columns else value
        for name, value in {**NOTHING, **columns}.items()
    }
    aliases = {f"row_{name}": value for name, value in typed.items()}
    named = rows.order_by().annotate(row_kind=Value(kind, TextField()), **aliases)
    return named.values_list("row_kind", student, *(f"row_{name}" for name in NOTHING))


def _entries(pks: Any, asked: Asked) -> QuerySet:
    """Conversations since the first day that counts."""
    spoke = ContactLogEntry.objects.spoke().before(asked["tomorrow"])
    return _entry_arm(pks, asked, spoke.filter(made_at__gte=asked["spoken_since"]))


def _tried_today(pks: Any, asked: Asked) -> QuerySet:
    """What was tried or sent today and was no conversation."""
    today = ContactLogEntry.objects.standing().before(asked["tomorrow"])
    tried = today.filter(made_at__gte=asked["today"]).exclude(outcome=Outcome.SPOKE)
    return _entry_arm(pks, asked, tried)


def _entry_arm(pks: Any, asked: Asked, rows: QuerySet) -> QuerySet:
    return _arm(
        ENTRY, rows.filter(school=asked["school"], student__in=pks), "student_id",
        at=F("made_at"), again=F("try_again_at"), code=F("channel"), words=F("outcome"),
        who=full_name_of("made_by"),
    )  # fmt: skip


def _slips(pks: Any, asked: Asked) -> QuerySet:
    wanted = Q(level=Level.HIGH) | Q(level=Level.REWARD, call_home=True)
    if asked["low"]:
        wanted |= Q(level=Level.LOW)
    spoke = AnsweredRecord.objects.filter(
        record=OuterRef("pk"),
        entry__outcome=Outcome.SPOKE,
        entry__withdrawn_at=None,
        entry__made_at__lt=asked["tomorrow"],
    )
    rows = (
        BehaviourRecord.objects.standing()
        .within(asked["slips_since"], asked["tomorrow"])
        .filter(wanted, school=asked["school"], student__in=pks)
    )
    return _arm(
        SLIP, rows, "student_id", at=F("occurred_at"), ref=F("ref"), code=F("level"),
        words=F("category"), who=Case(When(call_home=True, then=Value("call")), default=Value("")),
        flag=Exists(spoke),
    )  # fmt: skip


def _marks(pks: Any, asked: Asked) -> QuerySet:
    rows = AttendanceMark.objects.filter(
        student__in=pks,
        date__range=(asked["marks_since"], asked["on"]),
        code__in=sorted(rules.CALL_WORTHY_CODES),
    )
    return _arm(MARK, rows, "student_id", day=F("date"), code=F("code"))


def _unreached(students: QuerySet, asked: Asked) -> QuerySet:
    """The students whom nobody can be called about; flag: they have contacts."""
    theirs = StudentContact.objects.current(asked["on"]).filter(student=OuterRef("pk"))
    may = StudentContact.objects.may_be_contacted(asked["on"]).filter(student=OuterRef("pk"))
    return _arm(REACH, students.filter(~Exists(may)), "pk", flag=Exists(theirs))


def _last_spoken(students: QuerySet, asked: Asked) -> QuerySet:
    spoke = ContactLogEntry.objects.spoke().before(asked["tomorrow"])
    latest = spoke.filter(student=OuterRef("pk")).order_by("-made_at").values("made_at")[:1]
    return _arm(LAST, students, "pk", at=Subquery(latest))


def _midnight(day: date, *, after: bool = False) -> datetime:
    """Give when a local day begins, or the one after it."""
    shifted = date.fromordinal(day.toordinal() + after)
    return timezone.make_aware(datetime.combine(shifted, time.min))


# Each takes a row's columns: those of NOTHING, in that order, times in the school's zone.


def _take_entry(facts: CallFacts, on: date, *row: Any) -> None:
    at, again, _, _, channel, outcome, who, _ = row
    if outcome == Outcome.SPOKE:
        facts.spoken.append((at, channel))
    if at.date() == on:
        facts.tried.append(Tried(at, channel, outcome, who, again))


def _take_slip(facts: CallFacts, on: date, *row: Any) -> None:
    at, _, _, ref, level, what, call, named = row
    facts.happenings.append(
        rules.Happening(ref, at, level, what, call_home=bool(call), named=bool(named))
    )


def _take_mark(facts: CallFacts, on: date, *row: Any) -> None:
    _, _, day, _, code, *_ = row
    facts.marks.append(rules.Mark(_as_day(day), code))


def _take_reach(facts: CallFacts, on: date, *row: Any) -> None:
    facts.reach = NOBODY_TO_CALL if row[-1] else NO_CONTACT


def _take_last(facts: CallFacts, on: date, *row: Any) -> None:
    if row[0] is not None:
        facts.last_spoke = row[0].date()


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
    nothing = CallFacts()
    unspoken = rules.weekly_call_due_on(roll.calendar, (), roll.on)  # most, early in a week
    for student in roll.by_id.values():
        facts = calls.get(student.pk) or nothing
        if student.parameters is None or not _calls_home(student.parameters):
            continue
        same_day = list(_same_day(roll, student, student.parameters, facts))
        yield from same_day
        if student.parameters.weekly_call:
            due_on = unspoken
            if facts.spoken:
                due_on = rules.weekly_call_due_on(roll.calendar, facts.spoken, roll.on)
            yield from _weekly(roll, student, facts, due_on, folded=bool(same_day))


def _weekly(
    roll: Roll, student: StudentOnRoll, facts: CallFacts, due_on: date | None, *, folded: bool
) -> Iterator[Duty]:
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
