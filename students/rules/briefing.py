"""What changed since the last session: two equal windows of school days, and what to say of them.

Plain values in, sentences and figures out. Sources: S2-38, S2-39 (comparison), S2-48, S2-49 (what
keeps coming up, by how many different staff), S2-53 to S2-55 (no slips, few points).
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from keywork.term_dates import SchoolCalendar
from students.rules.attendance import figures

FIRST_WINDOW_DAYS = 10  # before a first session: the last school fortnight (S2-39)
DAYS_IN_SCHOOL_WEEK = 5
REPEATED = 3
REPEATED_BY_SEVERAL = 2
NOON = 12
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class Window:
    """Days from first to last, both inclusive, holding so many school days."""

    first: date
    last: date
    school_days: int

    def holds(self, day: date) -> bool:
        """Say whether a day lies in it."""
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True)
class Windows:
    """The time since the last session and the equal time before it; why there is none, if so."""

    since: Window
    before: Window | None
    why_none: str = ""


def windows(
    calendar: SchoolCalendar, on: date, *, last_held: date | None, on_roll_from: date
) -> Windows:
    """Give the two windows to compare on a day.

    Since: from the day after the last held session to `on`, both inclusive. Before: as many
    school days, up to and including the day of that session. A first session has the last ten
    school days alone.
    """
    if last_held is None or last_held < on_roll_from:
        first = _days_back(calendar, on, FIRST_WINDOW_DAYS) or on_roll_from
        since = _window(calendar, max(first, on_roll_from), on)
        return Windows(since, None, "First session: there is nothing to compare with yet.")
    since = _window(calendar, last_held + timedelta(days=1), on)
    if since.school_days == 0:
        return Windows(since, None, "No school day has passed since the last session.")
    start = _days_back(calendar, last_held, since.school_days)
    if start is None:
        return Windows(since, None, "The calendar does not reach back as far: no comparison.")
    if start < on_roll_from:
        joined = f"{on_roll_from.day} {on_roll_from:%B}"
        return Windows(since, None, f"On roll only since {joined}: no equal time to compare with.")
    return Windows(since, _window(calendar, start, last_held))


def _days_back(calendar: SchoolCalendar, last: date, count: int) -> date | None:
    """The first of the last `count` school days up to `last`; None where there are fewer."""
    end = bisect_right(calendar.school_days, last)
    return calendar.school_days[end - count] if end >= count else None


def _window(calendar: SchoolCalendar, first: date, last: date) -> Window:
    return Window(first, last, calendar.school_days_between(first, last))


# The comparison


@dataclass(frozen=True, slots=True)
class Tally:
    """What a window holds. points: of rewards; codes: marks by code."""

    low: int
    high: int
    rewards: int
    points: int
    codes: Mapping[str, int]

    @property
    def slips(self) -> int:
        """Count slips of both levels."""
        return self.low + self.high

    @property
    def is_empty(self) -> bool:
        """Say whether nothing at all is recorded."""
        return not (self.slips or self.rewards or any(self.codes.values()))


class Verdict(StrEnum):
    """What a change means for the student."""

    BETTER = "better"
    WORSE = "worse"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class Change:
    """A change: verdict, direction (what the number did: up, down, same), amount ("3 fewer")."""

    verdict: Verdict
    direction: str
    amount: str = ""

    @property
    def text(self) -> str:
        """Put it into words: "Better, 3 fewer"."""
        words = self.verdict.capitalize()
        return f"{words}, {self.amount}" if self.amount else words


@dataclass(frozen=True, slots=True)
class Row:
    """One measure. before: empty without a comparison; change: None where none can be said."""

    label: str
    before: str
    since: str
    change: Change | None


COUNTS: tuple[tuple[str, str, bool], ...] = (
    ("Low-level slips", "low", True),
    ("High-level slips", "high", True),
    ("Rewards", "rewards", False),
    ("Points", "points", False),
)


def compare(since: Tally, before: Tally | None) -> list[Row]:
    """Compare each measure; without `before` the counts stand alone."""
    rows = [
        _counted(label, getattr(since, name), getattr(before, name) if before else None, fewer)
        for label, name, fewer in COUNTS
    ]
    now, then = figures(since.codes), figures(before.codes) if before else None
    percent = Row(
        "Attendance",
        _percent(then.percent) if then else "",
        _percent(now.percent),
        percent_change(then.percent, now.percent) if then else None,
    )
    return [
        *rows,
        percent,
        _counted("Late", now.late, then.late if then else None, fewer_is_better=True),
    ]


def count_change(before: int, since: int, *, fewer_is_better: bool) -> Change:
    """Put the change of a count into words."""
    if since == before:
        return Change(Verdict.SAME, "same")
    fewer = since < before
    verdict = Verdict.BETTER if fewer == fewer_is_better else Verdict.WORSE
    amount = f"{abs(since - before)} {'fewer' if fewer else 'more'}"
    return Change(verdict, "down" if fewer else "up", amount)


def percent_change(before: str, since: str) -> Change | None:
    """Put the change of an attendance figure into words; None where either is not known."""
    if not before or not since:
        return None
    difference = Decimal(since) - Decimal(before)
    if difference == 0:
        return Change(Verdict.SAME, "same")
    verdict = Verdict.BETTER if difference > 0 else Verdict.WORSE
    direction = "up" if difference > 0 else "down"
    return Change(verdict, direction, f"{direction} {abs(difference)}")


def _counted(label: str, since: int, before: int | None, fewer_is_better: bool) -> Row:
    if before is None:
        return Row(label, "", str(since), None)
    change = count_change(before, since, fewer_is_better=fewer_is_better)
    return Row(label, str(before), str(since), change)


def _percent(text: str) -> str:
    return f"{text}%" if text else "–"


# What keeps coming up


@dataclass(frozen=True, slots=True)
class SlipFact:
    """What one slip says of where, when and who. staff: any key of a person, empty if unknown."""

    on: date
    hour: int
    category: str
    place: str
    lesson: str
    staff: str


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that keeps coming up: what, and the numbers."""

    what: str
    text: str


def keeps_coming_up(slips: Sequence[SlipFact]) -> list[Finding]:
    """Give what recurs among slips of low and high level, the widest reported first.

    A category: three slips, or two from different staff. A place, lesson or weekday: three slips
    and more than half of those that say it.
    """
    return [
        *_categories(slips),
        *_mostly(slips, lambda slip: slip.place),
        *_mostly(slips, lambda slip: slip.lesson),
        *_mostly(slips, lambda slip: f"{WEEKDAYS[slip.on.weekday()]}s"),
    ]


def _categories(slips: Sequence[SlipFact]) -> list[Finding]:
    by_name: dict[str, list[SlipFact]] = {}
    for slip in slips:
        by_name.setdefault(slip.category, []).append(slip)
    ranked = sorted(by_name.items(), key=lambda each: (-_staff(each[1]), -len(each[1]), each[0]))
    return [Finding(name, _reported(found)) for name, found in ranked if name and _repeats(found)]


def _repeats(slips: Sequence[SlipFact]) -> bool:
    several = _staff(slips) >= REPEATED_BY_SEVERAL and len(slips) >= REPEATED_BY_SEVERAL
    return several or len(slips) >= REPEATED


def _staff(slips: Sequence[SlipFact]) -> int:
    return len({slip.staff for slip in slips if slip.staff})


def _reported(slips: Sequence[SlipFact]) -> str:
    staff, known = _staff(slips), all(slip.staff for slip in slips)
    who = ""
    if staff > 1:
        who = f" from {staff} different staff"
    elif staff == 1 and known:
        who = ", all from one member of staff"
    afternoon = sum(slip.hour >= NOON for slip in slips)
    part = ""
    if len(slips) >= REPEATED and afternoon * 3 >= len(slips) * 2:
        part = f", {afternoon} of them in the afternoon"
    return f"{len(slips)} slips{who}{part}."


def _mostly(slips: Sequence[SlipFact], of: Callable[[SlipFact], str]) -> list[Finding]:
    said = Counter(of(slip) for slip in slips if of(slip))
    total = sum(said.values())
    return [
        Finding(what, f"{count} of {total} slips.")
        for what, count in said.most_common(1)
        if count >= REPEATED and count * 2 > total
    ]


# What to praise


def most_slips(categories: Iterable[str]) -> str:
    """Name the category of most of these slips, and how many: "Calling out (3)".

    Empty where none came up twice. Of several as frequent, the first by name.
    """
    found = Counter(category for category in categories if category)
    often = [(-number, name) for name, number in found.items() if number > 1]
    if not often:
        return ""
    number, name = min(often)
    return f"{name} ({-number})"


def praise(
    since: Tally, rows: Sequence[Row], *, school_days: int, points_target: int
) -> list[str]:
    """Give what to praise, and what to aim for below the radar; empty where nothing supports it.

    points_target: points a week (S2-55). Few: fewer than half of it, week for week (S2-54).
    """
    if since.is_empty or school_days == 0:
        return []
    attendance = figures(since.codes)
    if attendance.possible and not attendance.attended:
        return ["Away all this time, so no slips says nothing yet. Ask what would help to come."]
    found = _no_slips(since) if since.slips == 0 else []
    better = [
        f"{row.label.lower()} {row.change.amount}"
        for row in rows
        if row.change and row.change.verdict == Verdict.BETTER
    ]
    if better:
        found.append(f"Better than before: {', '.join(better)}. Say so.")
    if since.slips == 0 and _few(since.points, school_days, points_target):
        number = f"{counted(since.points, 'point')} in {counted(school_days, 'school day')}"
        found.append(f"Few points: {number}. Suggest {points_target} points a week.")
    return found


def _no_slips(since: Tally) -> list[str]:
    points = f" and {counted(since.points, 'point')}" if since.points > 0 else ""
    return [f"No slips{points}: say so, and tell home."]


def _few(points: int, school_days: int, target: int) -> bool:
    return points * 2 * DAYS_IN_SCHOOL_WEEK < target * school_days


def counted(number: int, what: str) -> str:
    """Give a number with its noun: "1 point", "96 points"."""
    return f"{number} {what}{'' if number == 1 else 's'}"


# Dates ahead


def yearly_review_by(plan_made_on: date, on: date) -> date:
    """Give the last day, on or after `on`, by which a plan's yearly review is to be complete.

    The same day of a later year less one day; of 29 February that of 28 February in a common year.
    """
    for year in range(max(on.year, plan_made_on.year + 1), on.year + 3):
        by = _same_day(plan_made_on, year) - timedelta(days=1)
        if by >= on:
            return by
    return _same_day(plan_made_on, plan_made_on.year + 1) - timedelta(days=1)


def _same_day(day: date, year: int) -> date:
    try:
        return day.replace(year=year)
    except ValueError:
        return date(year, 2, 28)
