"""The rows of Today: duties folded into what one does in one go, in order, in words.

screens.md 4.1: late ones, the oldest first; those with a time; the week's calls, which wait for
the end of school; those without a time; then tight ones; then the coming days. A session's row
holds the quota, the target reviews and the planned session that one sitting settles; each still
counts as a duty of its own.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from enum import IntEnum

from django.urls import reverse

from contacts.duties import CallFacts, Tried
from contacts.models import Channel, Outcome
from keywork.duties import Duty, DutyKind, DutyStatus
from keywork.home.duty_words import (
    CALL_KINDS,
    KIND_WORDS,
    SESSION_KINDS,
    Act,
    act_for,
    chip_words,
    in_sentence,
    session_url,
    short_day,
)
from keywork.term_dates import SchoolCalendar
from sessions.duties import counted
from sessions.own_day import FOCUS_WORDS, PlannedSession
from students.duties import StudentOnRoll

DONE_IN_A_SESSION = frozenset({*SESSION_KINDS, DutyKind.TARGET_REVIEW})


class Hour(IntEnum):
    """When of the day a row is for, in the order of the page."""

    TIMED = 0
    AFTER_SCHOOL = 1
    ANY = 2


class Section(IntEnum):
    """Where a row stands, in the order of the page."""

    NOW = 0
    TIGHT = 1
    COMING = 2


@dataclass(slots=True)
class Item:
    """What one does for one student in one go: duties, a planned session, or both.

    calls: who tried home today, for a call.
    """

    section: Section
    day: date
    student: StudentOnRoll | None
    duties: list[Duty] = field(default_factory=list)
    planned: PlannedSession | None = None
    calls: CallFacts | None = None

    @property
    def lead(self) -> Duty | None:
        """Give the duty that the row is named after: the session, where there is one."""
        by_kind = [duty for duty in self.duties if duty.kind in SESSION_KINDS]
        by_kind = by_kind or [d for d in self.duties if d.folded_into is None] or self.duties
        return by_kind[0] if by_kind else None

    @property
    def is_session(self) -> bool:
        """Say whether a session settles it."""
        return self.planned is not None or any(d.kind in SESSION_KINDS for d in self.duties)


@dataclass(frozen=True, slots=True)
class MenuItem:
    """A line of the menu behind the three dots."""

    label: str
    url: str
    icon: str


@dataclass(frozen=True, slots=True)
class Row:
    """A row as components/ledger_row.html takes it."""

    kind: str
    name: str
    url: str
    group: str
    reason: str
    act: Act
    status: str = ""
    status_text: str = ""
    when: str = ""
    when_note: str = ""
    also: str = ""
    menu: Sequence[MenuItem] = ()


# Folding


def items_of(
    duties: Iterable[Duty],
    students: Mapping[int, StudentOnRoll],
    planned: Sequence[PlannedSession],
    on: date,
    *,
    calls: Mapping[int, CallFacts] | None = None,
    call_window: tuple[time, time] | None = None,
) -> list[Item]:
    """Fold duties and planned sessions into items, in the order of the page.

    A weekly call stands in the row of the latest same-day call, as one talk settles both.

    planned: in order of time. All that is planned up to today stands under "now"; a later one
    stands with the session it is planned for. call_window: when the school makes calls home.
    """
    now = {each.student_id: each for each in reversed(_planned_for_now(planned, on))}
    ahead = {each.student_id: each for each in reversed(planned) if each.on > on}
    items: dict[tuple[object, ...], Item] = {}
    same_day: dict[int, tuple[object, ...]] = {}
    for each in _planned_for_now(planned, on):
        # The first of a student takes what one sitting settles; the others stand beside it.
        ref = "" if now[each.student_id] is each else each.ref
        items[Section.NOW, on, each.student_id, ref] = Item(
            Section.NOW, on, students.get(each.student_id), planned=each
        )
    for duty in _sessions_first(duties):
        student = students[duty.student_id or 0]
        sits = duty.kind in SESSION_KINDS and student.pk in now
        section, day = (Section.NOW, on) if sits else _section_of(duty, on)
        place: tuple[object, ...] = (section, day, student.pk, "")
        if duty.kind not in SESSION_KINDS and not _folds(duty, items.get(place)):
            place = (section, day, student.pk, duty.kind, duty.about or duty.due_on)
        if duty.kind == DutyKind.SAME_DAY_CALL:
            place = same_day[student.pk] = (section, day, student.pk, duty.kind, duty.due_on)
        elif duty.folded_into == DutyKind.SAME_DAY_CALL and student.pk in same_day:
            place = same_day[student.pk]
        item = items.setdefault(place, Item(section, day, student))
        item.duties.append(duty)
        if duty.kind in CALL_KINDS:
            item.calls = (calls or {}).get(student.pk)
        if duty.kind in SESSION_KINDS and item.planned is None:
            item.planned = ahead.get(student.pk)
    return sorted(items.values(), key=lambda item: _order(item, on, call_window))


def _planned_for_now(planned: Sequence[PlannedSession], on: date) -> list[PlannedSession]:
    """Give today's planned sessions in order of time, then those never logged, newest first."""
    today = [each for each in planned if each.on == on]
    return today + [each for each in reversed(planned) if each.on < on]


def _sessions_first(duties: Iterable[Duty]) -> list[Duty]:
    """Give what others fold into first: sessions, and same-day calls before the week's."""
    return sorted(
        duties,
        key=lambda duty: (duty.kind not in SESSION_KINDS, duty.kind == DutyKind.WEEKLY_CALL),
    )


def _section_of(duty: Duty, on: date) -> tuple[Section, date]:
    if duty.act_by <= on:
        return Section.NOW, on
    tight = duty.status == DutyStatus.AT_RISK
    return (Section.TIGHT if tight else Section.COMING), duty.act_by


def _folds(duty: Duty, session: Item | None) -> bool:
    return session is not None and duty.kind in DONE_IN_A_SESSION


def _order(item: Item, on: date, call_window: tuple[time, time] | None) -> tuple[object, ...]:
    earliest = min((duty.act_by for duty in item.duties), default=item.day)
    late = item.section == Section.NOW and earliest < on
    starts_at = item.planned.starts_at if item.planned and item.planned.on == on else None
    name = item.student.name if item.student else item.planned.student_name if item.planned else ""
    return (
        item.section,
        not late,
        earliest if late or item.section != Section.NOW else date.min,
        _hour(item, on, call_window),
        starts_at or time.max,
        name,
    )


def _hour(item: Item, on: date, call_window: tuple[time, time] | None) -> Hour:
    if item.planned and item.planned.on == on and item.planned.starts_at:
        return Hour.TIMED
    return Hour.AFTER_SCHOOL if _waits_for_calls(item, call_window) else Hour.ANY


def _waits_for_calls(item: Item, call_window: tuple[time, time] | None) -> bool:
    """Say whether it is a week's call with an hour; one about today's incident has none."""
    weekly = item.lead is not None and item.lead.kind == DutyKind.WEEKLY_CALL
    return weekly and call_window is not None


# In words


def row_of(
    item: Item,
    on: date,
    calendar: SchoolCalendar,
    *,
    call_window: tuple[time, time] | None = None,
) -> Row:
    """Give an item as a row of the ledger; call_window: when the school makes calls home."""
    ref, name, group = _who(item)
    planned = item.planned
    status, status_text = _chip(item, on, calendar)
    coming = item.section == Section.COMING
    return Row(
        kind="Session" if item.is_session else KIND_WORDS[_lead(item).kind],
        name=name,
        url=reverse("student", args=[ref]),
        group=group,
        reason=_reason(item, on),
        act=_act(item, ref, name),
        status="" if coming else status,
        status_text=status_text,
        when=short_day(item.day) if coming else "",
        when_note=_when_note(item, on, call_window),
        also=_also(item, calendar, on),
        menu=() if coming else _menu(item, ref, planned),
    )


def reminders(planned: Iterable[PlannedSession], on: date, calendar: SchoolCalendar) -> list[Row]:
    """Give a row for each session of the next school day whose briefing nobody has read (S2-35).

    Those of today say so in their own row. A day without school reminds of the next one, too.
    """
    last = calendar.add_school_days(on, 1)
    ahead = [each for each in planned if last and on < each.on <= last and not each.briefed]
    return [_reminder(each, on) for each in ahead]


def _reminder(planned: PlannedSession, on: date) -> Row:
    day = "tomorrow" if planned.on == on + timedelta(days=1) else short_day(planned.on)
    at = f" {planned.starts_at:%H:%M}" if planned.starts_at else ""
    return Row(
        kind="Prepare",
        name=planned.student_name,
        url=reverse("student", args=[planned.student_ref]),
        group=planned.reg_form,
        reason=f"Session with {planned.student_name} {day}{at}.",
        act=Act(
            "Prepare",
            session_url(planned.student_ref, planned.ref),
            f"for the session with {planned.student_name}",
        ),
        when=day.capitalize() if day == "tomorrow" else day,
        when_note=", ".join(part for part in (_times(planned), planned.venue) if part),
    )


def _lead(item: Item) -> Duty:
    if item.lead is None:
        raise ValueError("A row without a duty is a planned session's.")
    return item.lead


def _who(item: Item) -> tuple[str, str, str]:
    if item.student:
        return item.student.ref, item.student.name, item.student.reg_form
    if item.planned is None:
        raise ValueError("A row is about a student or a planned session.")
    return item.planned.student_ref, item.planned.student_name, item.planned.reg_form


def _act(item: Item, ref: str, name: str) -> Act:
    if item.planned:
        return Act("Prepare", session_url(ref, item.planned.ref), f"session with {name}")
    if item.student is None:
        raise ValueError("A duty is about a student on roll.")
    return act_for(_lead(item), item.student)


def _chip(item: Item, on: date, calendar: SchoolCalendar) -> tuple[str, str]:
    """Give the status and words of the most urgent duty; of the plan where none is due yet."""
    pressing = [duty for duty in item.duties if duty.status != DutyStatus.UPCOMING]
    if pressing:
        first = min(pressing, key=lambda duty: duty.act_by)
        return first.status.value, chip_words(first, on, calendar)
    planned_on = item.planned.on if item.planned else item.day
    return DutyStatus.UPCOMING.value, "Today" if planned_on == on else short_day(planned_on)


def _when_note(item: Item, on: date, call_window: tuple[time, time] | None) -> str:
    """Give time and place of today's plan; else when a late or tight duty is to be acted on.

    For the week's call, also from when on.
    """
    planned, duty = item.planned, item.lead
    if planned is not None and planned.on == on:
        return ", ".join(part for part in (_times(planned), planned.venue) if part)
    if duty is None:
        return ""
    waits = _waits_for_calls(item, call_window)
    after = f"after {call_window[0]:%H:%M}" if waits and call_window else ""
    if item.section == Section.COMING or duty.act_by == on:
        return after
    day = f"{'due' if duty.act_by < on else 'by'} {short_day(duty.act_by)}"
    return f"{day}, {after}" if after else day


def _times(planned: PlannedSession) -> str:
    if planned.starts_at is None:
        return ""
    ends = f"–{planned.ends_at:%H:%M}" if planned.ends_at else ""
    return f"{planned.starts_at:%H:%M}{ends}"


def _reason(item: Item, on: date) -> str:
    planned = item.planned
    parts = []
    if planned and planned.on == on and planned.focus:
        parts.append(f"Focus: {in_sentence(FOCUS_WORDS[planned.focus])}.")
    parts += [duty.reason for duty in item.duties if duty.kind in SESSION_KINDS]
    if not item.is_session:
        parts.append(_lead(item).reason)
    return " ".join(parts)


def _also(item: Item, calendar: SchoolCalendar, on: date) -> str:
    """Say what else the session settles, and when it is planned where that is not today."""
    parts = [_reviews(item, calendar, on)] if item.is_session else []
    if not item.is_session and len(item.duties) > 1:
        parts.append("Also counts as this week’s call.")
    if item.calls:
        parts += [_tried(each) for each in item.calls.tried]
    if item.planned and item.planned.on != on:
        at = ", ".join(part for part in (_times(item.planned), item.planned.venue) if part)
        was = "Was planned for" if item.planned.on < on else "Planned for"
        unlogged = "; not logged yet" if item.planned.on < on else ""
        parts.append(f"{was} {short_day(item.planned.on)}{at and ', '}{at}{unlogged}.")
    if item.planned and item.planned.on == on and not item.planned.briefed:
        parts.append("Prepare: the briefing is not read yet.")
    return " ".join(part for part in parts if part)


def _tried(each: Tried) -> str:
    """Say who tried: "Voicemail 12:40 by Mr Osei; try again at 16:00."."""
    how = Outcome(each.outcome).label if each.outcome != Outcome.SENT else ""
    how = how or Channel(each.channel).label
    again = f"; try again at {each.again_at:%H:%M}" if each.again_at else ""
    return f"{how} {each.at:%H:%M}{f' by {each.who}' if each.who else ''}{again}."


def _reviews(item: Item, calendar: SchoolCalendar, on: date) -> str:
    reviews = [duty for duty in item.duties if duty.kind == DutyKind.TARGET_REVIEW]
    if not reviews:
        return ""
    late = [duty for duty in reviews if duty.status == DutyStatus.OVERDUE]
    how_late = f", {len(late)} late ({chip_words(late[0], on, calendar)})" if late else ""
    return f"{counted(len(reviews), 'target')} to review{how_late}."


def _menu(item: Item, ref: str, planned: PlannedSession | None) -> list[MenuItem]:
    student = MenuItem("Open student", reverse("student", args=[ref]), "user")
    if item.lead and item.lead.kind in CALL_KINDS:
        log = MenuItem("Contact with home", reverse("contacts:log", args=[ref]), "phone")
        adults = MenuItem("Adults at home", reverse("people", args=[ref]), "people")
        return [log, adults, student]
    if not item.is_session:
        return [
            MenuItem("All targets", reverse("sessions:targets", args=[ref]), "target"),
            student,
        ]
    missed = session_url(ref, planned.ref if planned else "") + "?missed=1"
    return [
        MenuItem("Not possible today…", missed, "clock"),
        MenuItem("Plan a time…", reverse("sessions:plan", args=[ref]), "calendar"),
        student,
    ]
