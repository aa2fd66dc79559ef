"""Rules about calls home: plain values in, dates and answers out.

Source: weekly_call and same_day_call of the rules. Only what is dated on or before the date asked
about counts: callers pass values already cut at it. Moments are in the site's local time.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from keywork.key_work_presets import KeyWorkParameters
from keywork.term_dates import SchoolCalendar

# Channels in which a conversation counts as the week's call.
WEEKLY_CHANNELS = frozenset({"phone", "video", "in_person"})
HIGH, LOW, REWARD = "high", "low", "reward"
ABSENCE_CODES = frozenset({"N", "O"})
LATENESS_CODES = frozenset({"L", "U"})
CALL_WORTHY_CODES = ABSENCE_CODES | LATENESS_CODES
LAPSES_AFTER_SCHOOL_DAYS = 10
GOOD_NEWS_OF = 10  # contacts looked at for a family's balance


@dataclass(frozen=True, slots=True)
class Happening:
    """A slip or reward that may ask for a call; named: a conversation names it."""

    key: str
    at: datetime
    level: str
    what: str = ""
    call_home: bool = False
    named: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """An absence or lateness of a day that may ask for a call."""

    day: date
    code: str


@dataclass(frozen=True, slots=True)
class Trigger:
    """Why a call is due on a day: when it arose (None: attendance), and what it is about.

    kind: high, low or reward, else the attendance code. keys: the slips that a conversation
    answers it by naming; the first is the one to open.
    """

    day: date
    kind: str
    at: datetime | None = None
    keys: tuple[str, ...] = ()
    named: bool = False
    words: str = ""


# Weekly call


def weekly_call_due_on(
    calendar: SchoolCalendar, spoken: Iterable[tuple[datetime, str]], on: date
) -> date | None:
    """Last school day of the week of `on`, while home was not spoken to in that week.

    spoken: when and by which channel, up to `on`; only phone, video and in person count. None
    once somebody spoke, and in a week without school.
    """
    monday = calendar.week_of(on).start
    if any(at.date() >= monday and channel in WEEKLY_CHANNELS for at, channel in spoken):
        return None
    return calendar.last_school_day_of_week(on)


# Same-day call


def first_day_not_lapsed(calendar: SchoolCalendar, on: date) -> date | None:
    """The earliest day whose call is still owed on `on`; None: every day's.

    A call lapses after the tenth school day that follows its day; where the calendar does not
    reach that far it does not lapse.
    """
    past = bisect_left(calendar.school_days, on)
    if past < LAPSES_AFTER_SCHOOL_DAYS:
        return None
    return calendar.school_days[past - LAPSES_AFTER_SCHOOL_DAYS]


def same_day_triggers(
    parameters: KeyWorkParameters, happenings: Iterable[Happening], marks: Iterable[Mark]
) -> list[Trigger]:
    """What asks for a call on its own day, as the model says, in order of day and time."""
    found = []
    low: dict[date, list[Happening]] = defaultdict(list)
    for each in happenings:
        if each.level == LOW:
            low[each.at.date()].append(each)
        elif _asks(parameters, each):
            found.append(_of(each))
    if parameters.same_day_low_incidents:
        found += _of_low(low, parameters.same_day_low_incidents)
    if parameters.same_day_absence_lateness:
        found += [Trigger(each.day, each.code) for each in marks if each.code in CALL_WORTHY_CODES]
    return sorted(found, key=lambda each: (each.day, each.at is None, each.at or each.kind))


def _asks(parameters: KeyWorkParameters, each: Happening) -> bool:
    if each.level == HIGH:
        return parameters.same_day_high_incident
    return each.level == REWARD and each.call_home and parameters.same_day_reward


def _of(each: Happening) -> Trigger:
    return Trigger(each.at.date(), each.level, each.at, (each.key,), each.named, each.what)


def _of_low(by_day: Mapping[date, list[Happening]], threshold: int) -> list[Trigger]:
    """One trigger for a day's low-level slips, at the time of the one that made them enough."""
    found = []
    for day, unsorted in by_day.items():
        if len(unsorted) >= threshold:
            those = sorted(unsorted, key=lambda each: each.at)
            named = any(each.named for each in those)
            keys = tuple(each.key for each in those)
            words = str(len(those))
            found.append(Trigger(day, LOW, those[threshold - 1].at, keys, named, words))
    return found


def is_time_to_call(now: time, window: tuple[time, time] | None) -> bool:
    """Say whether calls home are made at this time of day (S2-102: "after school").

    window: the school's first and last minute for calls, both included; None: at any time.
    """
    return window is None or window[0] <= now.replace(second=0, microsecond=0) <= window[1]


def is_answered(trigger: Trigger, spoken: Iterable[datetime]) -> bool:
    """Whether a conversation answers a trigger.

    One that names it (whenever); one on its day, from its time on; for attendance, which no
    entry can name, one on its day or later. `spoken` is cut at the date asked about.
    """
    if trigger.named:
        return True
    if trigger.at is None:
        return any(at.date() >= trigger.day for at in spoken)
    return any(at.date() == trigger.day and at >= trigger.at for at in spoken)


def unanswered_by_day(
    triggers: Sequence[Trigger], spoken: Sequence[datetime]
) -> dict[date, list[Trigger]]:
    """The triggers that nobody has answered, by their day: one duty a day."""
    found: dict[date, list[Trigger]] = defaultdict(list)
    for each in triggers:
        if not is_answered(each, spoken):
            found[each.day].append(each)
    return dict(found)
