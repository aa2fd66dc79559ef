"""Rules about sessions and targets: plain values in, dates and answers out.

Each function is one rule of "Duties" in the rules. Only what is dated on or
before the date asked about counts: callers pass values already cut at it, or
cut them with `recorded_by`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from keywork.key_work_presets import KeyWorkParameters
from keywork.term_dates import HalfTermDates, Period, SchoolCalendar, TermDates

EXCUSABLE_REASONS = frozenset({"pupil_absent", "declined", "suspended", "closure"})
ACTIVE = "active"
SCHOOL_DAYS_PER_NEEDED_SESSION = 5
DAYS_IN_WEEK = 7


def recorded_by(days: Iterable[date], on: date) -> list[date]:
    """The dates on or before `on`; later ones are as if not recorded."""
    return [day for day in days if day <= on]


# Session


def session_anchor(
    last_held: date | None, on_roll_from: date, first_assigned: date | None
) -> date | None:
    """The date from which the next session is counted.

    The last held session, whoever held it; before there is one, the later of
    joining and the first primary assignment. None where there is neither.
    """
    if last_held:
        return last_held
    return counts_from(on_roll_from, first_assigned)


def counts_from(on_roll_from: date, first_assigned: date | None) -> date | None:
    """The later of joining and the first primary assignment; None before there is one."""
    return max(on_roll_from, first_assigned) if first_assigned else None


def session_due_on(
    calendar: SchoolCalendar, anchor: date | None, every: int, last_excused: date | None = None
) -> date | None:
    """When the next session is due, `every` school days after `anchor`.

    `last_excused` is the date of the latest session missed for an excusable
    reason; where it lies after the anchor, the session is due no earlier than
    the school day after it. None without an anchor, and where the calendar
    does not reach the date.
    """
    if anchor is None:
        return None
    due_on = calendar.add_school_days(anchor, every)
    if due_on is None or last_excused is None or last_excused <= anchor:
        return due_on
    after_miss = calendar.add_school_days(last_excused, 1)
    return max(due_on, after_miss) if after_miss else None


def moves_the_due_date(missed_reason: str) -> bool:
    """Whether a session missed for this reason moves the next one's date."""
    return missed_reason in EXCUSABLE_REASONS


# Session quota


@dataclass(frozen=True, slots=True)
class QuotaState:
    """How many sessions of a period are wanted, held and still needed."""

    wanted: int
    held: int
    due_on: date
    at_risk: bool

    @property
    def needed(self) -> int:
        """Sessions still to hold; a duty is due while this is above 0."""
        return max(self.wanted - self.held, 0)


def quota_period(
    calendar: SchoolCalendar, parameters: KeyWorkParameters, on: date
) -> tuple[int, HalfTermDates | TermDates] | None:
    """The model's quota and the half term (or term) of `on`; None between periods."""
    if parameters.sessions_per_half_term:
        half_term = calendar.half_term_of(on)
        return (parameters.sessions_per_half_term, half_term) if half_term else None
    if parameters.sessions_per_term:
        term = calendar.term_of(on)
        return (parameters.sessions_per_term, term) if term else None
    return None


def quota_wanted(calendar: SchoolCalendar, period: Period, quota: int, starts: date) -> int:
    """The quota of a student whose key work began on `starts`, in proportion.

    Whole where that is no later than the period's start. Otherwise the share
    of the period's school days left from then on, rounded down, but 1 where
    that gives 0 and at least half of them are left.
    """
    if starts <= period.start:
        return quota
    whole = calendar.school_days_in(period)
    left = calendar.school_days_between(starts, period.end)
    if whole == 0:
        return 0
    return quota * left // whole or int(2 * left >= whole)


def quota_state(
    calendar: SchoolCalendar, period: Period, wanted: int, held: int, on: date
) -> QuotaState | None:
    """Where a student stands in the period that holds `on`.

    `held` counts sessions held in the period up to and including `on`. At
    risk where fewer than five school days are left, `on` included, for each
    session needed. None where the period holds no school day.
    """
    due_on = calendar.last_school_day_of(period)
    if due_on is None:
        return None
    left = calendar.school_days_between(on, period.end)
    at_risk = left < SCHOOL_DAYS_PER_NEEDED_SESSION * (wanted - held)
    return QuotaState(wanted, held, due_on, at_risk)


# Targets


def target_is_active(status: str, set_on: date, closed_on: date | None, on: date) -> bool:
    """Whether a target was active on a date, whatever became of it later."""
    if set_on > on:
        return False
    return status == ACTIVE or (closed_on is not None and closed_on > on)


def weekly_targets_due_on(
    calendar: SchoolCalendar, last_set_on: date | None, on: date
) -> date | None:
    """Last school day of the week of `on`, while no target was set in that week.

    `last_set_on` is the latest `set_on` up to `on`. None once one was set, and
    in a week without school.
    """
    if last_set_on and last_set_on >= calendar.week_of(on).start:
        return None
    return calendar.last_school_day_of_week(on)


def room_for_targets(open_targets: int, maximum: int) -> int:
    """How many more targets a student may be set."""
    return max(maximum - open_targets, 0)


# Preparing a session


def suggest_focus(held: Sequence[str], *, has_ehcp: bool, rotation: Sequence[str]) -> str | None:
    """The focus to suggest, from the foci of this half term's held sessions.

    The first of the rotation that the half term lacks; once it has them all,
    the one used least. `ehcp` is passed over for a student without a plan.
    None for an empty rotation. rotation: the model's (S2-100).
    """
    choices = [focus for focus in rotation if has_ehcp or focus != "ehcp"]
    used = Counter(held)
    return min(choices, key=lambda focus: used[focus], default=None)


def next_session_day(
    calendar: SchoolCalendar, on: date, due_on: date | None, usual: date | None
) -> date | None:
    """The day to offer for the next session, `on` being today: a school day still to come.

    The earlier of when it is due and the `usual` day; where that has passed, the next school
    day. None where neither is known, and where the calendar ends.
    """
    soonest = calendar.add_school_days(on, 1)
    day = min((day for day in (due_on, usual) if day), default=None)
    if day is None or soonest is None:
        return None
    return max(calendar.previous_school_day(day), soonest)


def length_problem(minutes: int, maximum: int | None) -> str:
    """What is wrong with a session's length in minutes; empty where nothing is."""
    if minutes < 1:
        return "Enter the number of minutes, like 20"
    if maximum is not None and minutes > maximum:
        return f"A session is {maximum} minutes at most"
    return ""


# A series of planned sessions


@dataclass(frozen=True, slots=True)
class PlannedSlot:
    """One date of a planned series; `clash` where something else is planned then."""

    starts_at: datetime
    minutes: int
    clash: bool = False

    @property
    def ends_at(self) -> datetime:
        """When it ends."""
        return self.starts_at + timedelta(minutes=self.minutes)


def series_dates(calendar: SchoolCalendar, first: date, weekday: int) -> list[date]:
    """Every such weekday (Monday 0) from `first` to the end of its half term.

    Closed days are passed over. In a break, the half term that comes next;
    empty where the calendar holds none.
    """
    opens = calendar.next_school_day(first)
    half_term = calendar.half_term_of(first) or (calendar.half_term_of(opens) if opens else None)
    if half_term is None:
        return []
    start = max(first, half_term.start)
    start += timedelta(days=(weekday - start.weekday()) % DAYS_IN_WEEK)
    weeks = range(0, (half_term.end - start).days + 1, DAYS_IN_WEEK)
    days = (start + timedelta(days=offset) for offset in weeks)
    return [day for day in days if calendar.is_school_day(day)]


def plan_series(
    days: Iterable[date], at: time, minutes: int, taken: Sequence[PlannedSlot] = ()
) -> list[PlannedSlot]:
    """A slot at the same clock time on each day, marked where it clashes with `taken`.

    `at` carries a time zone exactly where `taken` does; then a series keeps
    its time by the clock on the wall when the clocks change.
    """
    slots = [PlannedSlot(datetime.combine(day, at), minutes) for day in days]
    return [
        PlannedSlot(slot.starts_at, minutes, clash=any(slots_clash(slot, each) for each in taken))
        for slot in slots
    ]


def slots_clash(slot: PlannedSlot, other: PlannedSlot) -> bool:
    """Whether two slots overlap; one may begin the minute the other ends."""
    return slot.starts_at < other.ends_at and other.starts_at < slot.ends_at
