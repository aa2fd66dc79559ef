"""Early signs that a student is losing touch: each says which rule, which numbers (S2-20).

Two equal windows of school days are compared. A signal is a reason to ask the student, no
finding; where the numbers are too few it stays silent.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from keywork.term_dates import SchoolCalendar
from students.rules.attendance import TOO_FEW_SESSIONS, figures

TIMES_AS_MANY = 2


class SignalKind(StrEnum):
    """Which rule spoke."""

    ATTENDANCE = "attendance"
    SLIPS = "slips"
    POINTS = "points"
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """When a school wants to be told; 0 turns a rule off. The one place of the defaults.

    window_days: school days in each of the two windows. attendance_drop: percentage points.
    slips_more: slips more than before, at least twice as many. points_drop: per cent of before;
    points_from: points before below which nothing is said. missed_sessions: key-work sessions
    missed in the later window because the student was absent or declined.
    """

    window_days: int = 15
    attendance_drop: int = 10
    slips_more: int = 3
    points_drop: int = 50
    points_from: int = 20
    missed_sessions: int = 2


@dataclass(frozen=True, slots=True)
class Spans:
    """The two windows: first days and last day, inclusive; the earlier ends before `first`."""

    before: date
    first: date
    last: date
    school_days: int

    @property
    def before_last(self) -> date:
        """Give the last day of the earlier window."""
        return self.first - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """One window of one student: slips of both levels, points of rewards, marks by code."""

    slips: int
    points: int
    codes: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Signal:
    """A rule that spoke: its name in words, the numbers, and from when on it speaks."""

    kind: SignalKind
    title: str
    text: str
    threshold: str


TITLES = {
    SignalKind.ATTENDANCE: "Attendance is falling",
    SignalKind.SLIPS: "Slips are rising",
    SignalKind.POINTS: "Points are falling",
    SignalKind.MISSED: "Sessions missed",
}


def spans(calendar: SchoolCalendar, on: date, window_days: int) -> Spans | None:
    """Give two windows of school days that end on `on`; None where the calendar is shorter."""
    end = bisect_right(calendar.school_days, on)
    if end < 2 * window_days or window_days < 1:
        return None
    days = calendar.school_days
    return Spans(days[end - 2 * window_days], days[end - window_days], on, window_days)


def signals(
    before: Period | None, recent: Period, missed: int, thresholds: Thresholds
) -> list[Signal]:
    """Give every signal of one student.

    before: None where the student was not on roll all of the earlier window; then nothing is
    compared. missed: sessions missed in the later window.
    """
    days = thresholds.window_days
    found = [_missed(missed, thresholds, days)]
    if before is not None:
        found = [
            _attendance(before, recent, thresholds, days),
            _slips(before, recent, thresholds, days),
            _points(before, recent, thresholds, days),
            *found,
        ]
    return [signal for signal in found if signal]


def _attendance(before: Period, recent: Period, limits: Thresholds, days: int) -> Signal | None:
    then, now = figures(before.codes), figures(recent.codes)
    if not limits.attendance_drop or min(then.possible, now.possible) < TOO_FEW_SESSIONS:
        return None
    if Decimal(then.percent) - Decimal(now.percent) < limits.attendance_drop:
        return None
    return _signal(
        SignalKind.ATTENDANCE,
        f"{now.percent}% in the last {days} school days ({now.attended} of {now.possible} "
        f"sessions), {then.percent}% in the {days} before ({then.attended} of {then.possible}).",
        f"Shown from {limits.attendance_drop} points down.",
    )


def _slips(before: Period, recent: Period, limits: Thresholds, days: int) -> Signal | None:
    more = recent.slips - before.slips
    twice = recent.slips >= TIMES_AS_MANY * before.slips
    if not limits.slips_more or more < limits.slips_more or not twice:
        return None
    return _signal(
        SignalKind.SLIPS,
        f"{recent.slips} in the last {days} school days, {before.slips} in the {days} before.",
        f"Shown from {limits.slips_more} more and twice as many.",
    )


def _points(before: Period, recent: Period, limits: Thresholds, days: int) -> Signal | None:
    fallen = before.points - recent.points
    enough = before.points >= max(limits.points_from, 1)
    if not limits.points_drop or not enough or fallen * 100 < limits.points_drop * before.points:
        return None
    return _signal(
        SignalKind.POINTS,
        f"{recent.points} in the last {days} school days, {before.points} in the {days} before.",
        f"Shown from {limits.points_drop}% fewer.",
    )


def _missed(missed: int, limits: Thresholds, days: int) -> Signal | None:
    if not limits.missed_sessions or missed < limits.missed_sessions:
        return None
    return _signal(
        SignalKind.MISSED,
        f"{missed} key-work sessions in the last {days} school days: absent or declined.",
        f"Shown from {limits.missed_sessions}.",
    )


def _signal(kind: SignalKind, text: str, threshold: str) -> Signal:
    return Signal(kind, TITLES[kind], text, threshold)
