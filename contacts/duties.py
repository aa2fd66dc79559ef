"""Calls home that are owed, read for a school or some of its students in four queries at most.

Definitions: weekly_call and same_day_call of the rules.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import partial
from typing import Any

from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from contacts import rules
from contacts.models import AnsweredRecord, ContactLogEntry, Outcome, StudentContact
from keywork.dates import day_in_words
from keywork.duties import Duty, DutyKind
from keywork.key_work_presets import KeyWorkParameters
from students.duties import Roll, StudentOnRoll, owed
from students.models import AttendanceMark, BehaviourRecord, Level
from students.rules.attendance import CODES

NO_CONTACT = "No contact is recorded."
NOBODY_TO_CALL = "Nobody may be called: every contact is “must not contact”."


@dataclass(slots=True)
class CallFacts:
    """What is known of one student's calls up to the date asked about.

    spoken: conversations, when (local) and how. reach: why nobody can be called; empty where
    somebody can.
    """

    spoken: list[tuple[datetime, str]] = field(default_factory=list)
    happenings: list[rules.Happening] = field(default_factory=list)
    marks: list[rules.Mark] = field(default_factory=list)
    reach: str = ""


# Reading


def read_calls(roll: Roll) -> dict[int, CallFacts]:
    """Give student id → what their calls come to.

    What no student's model asks for is not read; otherwise one query each for conversations,
    slips, marks, and those whom nobody may call.
    """
    found: dict[int, CallFacts] = defaultdict(CallFacts)
    models = {each.parameters for each in roll.by_id.values() if each.parameters}
    if not any(_calls_home(model) for model in models):
        return found
    first = rules.first_day_not_lapsed(roll.calendar, roll.on)
    _read_spoken(roll, first, found)
    if any(_asks_for_slips(model) for model in models):
        _read_slips(roll, first, models, found)
    if any(model.same_day_absence_lateness for model in models):
        _read_marks(roll, first, found)
    _read_reach(roll, found)
    return found


def _calls_home(model: KeyWorkParameters) -> bool:
    return model.weekly_call or _asks_for_slips(model) or model.same_day_absence_lateness


def _asks_for_slips(model: KeyWorkParameters) -> bool:
    return (
        model.same_day_high_incident or bool(model.same_day_low_incidents) or model.same_day_reward
    )


def _read_spoken(roll: Roll, first: date | None, found: dict[int, CallFacts]) -> None:
    monday = roll.calendar.week_of(roll.on).start
    rows = ContactLogEntry.objects.spoke().until(roll.on)
    if first is not None:
        rows = rows.filter(made_at__gte=_midnight(min(first, monday)))
    rows = rows.filter(school=roll.school, student__in=_pks(roll)).order_by("made_at", "pk")
    for student, at, channel in rows.values_list("student_id", "made_at", "channel"):
        found[student].spoken.append((timezone.localtime(at), channel))


def _read_slips(
    roll: Roll,
    first: date | None,
    models: Iterable[KeyWorkParameters],
    found: dict[int, CallFacts],
) -> None:
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
        .between(first or date(1900, 1, 1), roll.on)
        .filter(wanted, school=roll.school, student__in=_pks(roll))
        .annotate(named=Exists(spoke), what=F("category"))
        .order_by("occurred_at", "pk")
    )
    fields = ("ref", "occurred_at", "level", "what", "call_home", "named")
    for student, ref, at, *rest in rows.values_list("student_id", *fields):
        found[student].happenings.append(rules.Happening(ref, timezone.localtime(at), *rest))


def _read_marks(roll: Roll, first: date | None, found: dict[int, CallFacts]) -> None:
    asked = [
        each.pk
        for each in roll.by_id.values()
        if each.parameters and each.parameters.same_day_absence_lateness
    ]
    rows = AttendanceMark.objects.filter(
        student__in=_pks(roll), date__lte=roll.on, code__in=sorted(rules.CALL_WORTHY_CODES)
    )
    if first is not None:
        rows = rows.filter(date__gte=first)
    wanted = set(asked)
    for student, day, code in rows.order_by("date", "session").values_list(
        "student_id", "date", "code"
    ):
        if student in wanted:
            found[student].marks.append(rules.Mark(day, code))


def _read_reach(roll: Roll, found: dict[int, CallFacts]) -> None:
    """Find the students whom nobody can be called about, and why."""
    theirs = StudentContact.objects.current(roll.on).filter(student=OuterRef("pk"))
    may = StudentContact.objects.may_be_contacted(roll.on).filter(student=OuterRef("pk"))
    rows = roll.students.filter(~Exists(may)).order_by().values_list("pk", Exists(theirs))
    for student, has_some in rows:
        found[student].reach = NOBODY_TO_CALL if has_some else NO_CONTACT


def _pks(roll: Roll) -> Any:
    return roll.students.order_by().values("pk")


def _midnight(day: date, *, after: bool = False) -> datetime:
    """Give when a local day begins, or the one after it."""
    shifted = date.fromordinal(day.toordinal() + after)
    return timezone.make_aware(datetime.combine(shifted, time.min))


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
