"""A key worker's week, day by day: sessions and drop-in times, closed days marked."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

from keywork.dates import Span
from keywork.term_dates import DayType, SchoolCalendar
from sessions import rules
from sessions.models import DropInSlot, KeyworkSession
from students.models import Student

SATURDAY = 5
CLOSED_WORDS = {
    DayType.WEEKEND: "Weekend",
    DayType.BANK_HOLIDAY: "Bank holiday",
    DayType.INSET: "INSET day",
    DayType.CLOSURE: "School closed",
    DayType.HALF_TERM: "Half term",
    DayType.HOLIDAY: "Holiday",
}
CHIPS = {
    KeyworkSession.Status.HELD: ("done", "Held"),
    KeyworkSession.Status.MISSED: ("excused", "Missed"),
    KeyworkSession.Status.PLANNED: ("upcoming", "Planned"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """Something in a day: a session, or a drop-in time (`session` is None).

    clash: the student of another session planned for the same time, as where a student came with
    their plans from another key worker; else None. day: of a drop-in time that can be logged.
    """

    starts_at: time | None
    ends_at: time | None
    session: KeyworkSession | None
    slot: DropInSlot | None
    status: str
    chip: str
    day: date | None = None
    clash: Student | None = None

    @property
    def may_change(self) -> bool:
        """Say whether it can still be moved or cancelled."""
        return self.session is not None and self.session.is_planned


@dataclass(slots=True)
class Day:
    """A day of the week; `closed` says why school is closed, empty on a school day."""

    day: date
    closed: str
    is_today: bool
    entries: list[Entry] = field(default_factory=list)


def days_of_week(
    week: Span,
    calendar: SchoolCalendar,
    sessions: Iterable[KeyworkSession],
    slots: Iterable[DropInSlot],
    *,
    drop_ins: Sequence[KeyworkSession],
    on: date,
) -> list[Day]:
    """Monday to Friday, and a weekend day where something is in it.

    Sessions of the week, in order; drop-in times only on school days since they were agreed, until
    they are logged. drop_ins: what was logged of them, a colleague's records too. A session
    planned for a day that has passed says that it waits to be logged.
    """
    days = {
        day: Day(day, _closed(day, calendar), day == on)
        for day in (week.start + timedelta(days=offset) for offset in range(7))
    }
    for session in sessions:
        days[session.held_on].entries.append(_session_entry(session, on))
    for slot in slots:
        day = days[week.start + timedelta(days=slot.weekday)]
        is_open = slot.first_day <= day.day and not _is_logged(slot, day.day, drop_ins)
        if is_open and not day.closed:
            past = day.day if day.day <= on else None
            day.entries.append(Entry(slot.starts_at, slot.ends_at, None, slot, "", "", past))
    for day in days.values():
        day.entries.sort(key=lambda entry: entry.starts_at or time.max)
        day.entries[:] = [_with_clash(entry, day.entries) for entry in day.entries]
    return [day for day in days.values() if day.day.weekday() < SATURDAY or day.entries]


def _closed(day: date, calendar: SchoolCalendar) -> str:
    return (
        "" if calendar.is_school_day(day) else CLOSED_WORDS.get(calendar.day_type(day), "Closed")
    )


def _is_logged(slot: DropInSlot, day: date, drop_ins: Iterable[KeyworkSession]) -> bool:
    return any(
        each.student_id == slot.student_id and each.held_on == day and slot.is_time_of(each)
        for each in drop_ins
    )


def _session_entry(session: KeyworkSession, on: date) -> Entry:
    status, chip = CHIPS[KeyworkSession.Status(session.status)]
    if session.is_unused_drop_in:
        chip = "Drop-in not used"
    if session.is_planned and session.held_on < on:
        status, chip = "overdue", "Not logged yet"
    return Entry(session.starts_at, _ends_at(session), session, None, status, chip)


def _with_clash(entry: Entry, entries: Sequence[Entry]) -> Entry:
    """Mark an entry that is planned for the time of another one, not of the same group."""
    mine = _slot(entry)
    if entry.session is None or mine is None:
        return entry
    for other in entries:
        theirs = _slot(other)
        if other is entry or other.session is None or theirs is None:
            continue
        together = entry.session.group_id and entry.session.group_id == other.session.group_id
        if not together and rules.slots_clash(mine, theirs):
            return replace(entry, clash=other.session.student)
    return entry


def _slot(entry: Entry) -> rules.PlannedSlot | None:
    """Give what an entry takes of its day, where it is a session planned for a time."""
    session = entry.session
    if session is None or not session.is_planned or session.starts_at is None:
        return None
    at = datetime.combine(session.held_on, session.starts_at)
    return rules.PlannedSlot(at, session.minutes or 1)


def _ends_at(session: KeyworkSession) -> time | None:
    if session.starts_at is None or not session.minutes:
        return None
    start = session.starts_at.hour * 60 + session.starts_at.minute
    end = min(start + session.minutes, 24 * 60 - 1)
    return time(end // 60, end % 60)
