"""Patterns in absence and lateness, said only where the numbers support them.

Each pattern compares days of one sort with the other days of the same student. It is shown where
there are enough days (`FEWEST_…`), where it happens at least twice as often as elsewhere, and
where chance alone would bring as much in fewer than one of twenty such records (`CHANCE`): an
exact hypergeometric tail (Fisher's one-sided test), or a binomial one for halves of a day. Several
patterns are looked at, so one may yet be chance: the sentence gives its numbers, and is a reason
to ask the student, no finding. Both sessions of a day count as one day, since they depend on each
other.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import pairwise
from math import comb

from students.rules.attendance import ABSENT, ATTENDED, CODES, LATE_CODES

CHANCE = 0.05
TIMES_AS_OFTEN = 2
FEWEST_WEEKDAYS = 6  # such weekdays, and as many others
FEWEST_TIMES = 3  # days away or late
FEWEST_BREAKS = 3
LONG_BREAK_DAYS = 7  # from one school day to the next: longer than any weekend
FEWEST_PART_DAYS = 5
CLUSTER_DAYS = 10  # two school weeks
FEWEST_CLUSTER_ABSENCES = 3  # separate ones
FEWEST_DAYS = 20
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class Kind(StrEnum):
    """What a pattern is about."""

    WEEKDAY_AWAY = "weekday_away"
    WEEKDAY_LATE = "weekday_late"
    AFTER_BREAKS = "after_breaks"
    HALF_DAYS = "half_days"
    CLUSTER = "cluster"


@dataclass(frozen=True, slots=True)
class Day:
    """One day with a possible attendance. am, pm: its codes, empty where there is none."""

    on: date
    am: str = ""
    pm: str = ""

    @property
    def codes(self) -> tuple[str, ...]:
        """The day's codes that count as a possible attendance."""
        return tuple(code for code in (self.am, self.pm) if _possible(code))

    @property
    def away(self) -> bool:
        """Whether a session of it was missed, authorised or not; late (U too) is not away."""
        return any(map(_missed, self.codes))

    @property
    def late(self) -> bool:
        """Whether a session of it has a late mark."""
        return not LATE_CODES.isdisjoint(self.codes)

    @property
    def came(self) -> bool:
        """Whether the student came to a session of it, late or not."""
        return self.late or any(CODES[code].category in ATTENDED for code in self.codes)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern as a sentence that holds its numbers."""

    kind: Kind
    text: str


def days_of(marks: Iterable[tuple[date, str, str]]) -> list[Day]:
    """Days in order from (date, "AM" or "PM", code); those without a possible session left out."""
    by_date: dict[date, dict[str, str]] = {}
    for on, session, code in marks:
        by_date.setdefault(on, {})[session] = code
    days = (Day(on, both.get("AM", ""), both.get("PM", "")) for on, both in by_date.items())
    return sorted((day for day in days if day.codes), key=lambda day: day.on)


def weekday_away(days: Sequence[Day]) -> list[Pattern]:
    """Weekdays missed more often than the others: "Away on 5 of 9 Mondays; 4 of 36 other days"."""
    return _by_weekday(days, lambda day: day.away, Kind.WEEKDAY_AWAY, "Away")


def weekday_late(days: Sequence[Day]) -> list[Pattern]:
    """Weekdays with more late marks than the others, among days the student came."""
    came = [day for day in days if day.came]
    return _by_weekday(came, lambda day: day.late, Kind.WEEKDAY_LATE, "Late")


def after_breaks(days: Sequence[Day], school_days: Sequence[date]) -> list[Pattern]:
    """First days back missed more often: "Away on 3 of 4 first days after a break; …".

    school_days: of the school, in order. A break: seven days or more from one to the next.
    """
    back = {
        after
        for before, after in pairwise(school_days)
        if (after - before).days >= LONG_BREAK_DAYS
    }
    first, others = _split(days, lambda day: day.on in back)
    here, there = _count(first, _is_away), _count(others, _is_away)
    if len(first) < FEWEST_BREAKS or not _stands_out(here, len(first), there, len(others)):
        return []
    text = f"Away on {here} of {len(first)} first days after a break; {there} of {len(others)}"
    return [Pattern(Kind.AFTER_BREAKS, f"{text} other days.")]


def half_days(days: Sequence[Day]) -> list[Pattern]:
    """One half of the day missed more often, among days missed in part."""
    parts = [day for day in days if len(day.codes) == 2 and day.away and not _whole_day_away(day)]
    found = []
    for name, missed in (("mornings", _code_away("am")), ("afternoons", _code_away("pm"))):
        times = _count(parts, missed)
        if len(parts) >= FEWEST_PART_DAYS and _binomial_tail(times, len(parts)) < CHANCE:
            text = f"Of {len(parts)} days missed in part, the {name} on {times}."
            found.append(Pattern(Kind.HALF_DAYS, text))
    return found


def cluster(days: Sequence[Day]) -> list[Pattern]:
    """The last two school weeks with three separate absences or more, twice the usual rate.

    A threshold, not a test: days in a row depend on each other. Separate: with a day between on
    which the student came.
    """
    if len(days) < FEWEST_DAYS:
        return []
    recent, before = days[-CLUSTER_DAYS:], days[:-CLUSTER_DAYS]
    here, there = _count(recent, _is_away), _count(before, _is_away)
    often = here * len(before) >= TIMES_AS_OFTEN * there * len(recent)
    if _separate(recent) < FEWEST_CLUSTER_ABSENCES or not often:
        return []
    text = (
        f"{_separate(recent)} separate absences in the last {len(recent)} school days, on {here} "
        f"of them; on {there} of the {len(before)} days before."
    )
    return [Pattern(Kind.CLUSTER, text)]


def patterns(
    days: Sequence[Day], *, longer: Sequence[Day], school_days: Sequence[date]
) -> list[Pattern]:
    """Every pattern that the numbers support.

    days: of this academic year; longer: of more years, since breaks are few.
    """
    return [
        *weekday_away(days),
        *weekday_late(days),
        *after_breaks(longer, school_days),
        *half_days(days),
        *cluster(days),
    ]


def chance_of(here: int, days: int, there: int, others: int) -> float:
    """How likely at least `here` of `days` is, if the `here + there` fell on any day alike."""
    total, times = days + others, here + there
    ways = sum(
        comb(days, hit) * comb(others, times - hit)
        for hit in range(here, min(days, times) + 1)
        if times - hit <= others
    )
    return ways / comb(total, times)


def _by_weekday(
    days: Sequence[Day], holds: Callable[[Day], bool], kind: Kind, word: str
) -> list[Pattern]:
    found = []
    for number, name in enumerate(WEEKDAYS):
        these, others = _split(days, _is_weekday(number))
        here, there = _count(these, holds), _count(others, holds)
        enough = min(len(these), len(others)) >= FEWEST_WEEKDAYS and here >= FEWEST_TIMES
        if enough and _stands_out(here, len(these), there, len(others)):
            text = (
                f"{word} on {here} of {len(these)} {name}s; {there} of {len(others)} other days."
            )
            found.append(Pattern(kind, text))
    return found


def _stands_out(here: int, days: int, there: int, others: int) -> bool:
    if others == 0 or here == 0:
        return False
    often = here * others >= TIMES_AS_OFTEN * there * days
    return often and chance_of(here, days, there, others) < CHANCE


def _binomial_tail(times: int, of: int) -> float:
    """How likely at least `times` of `of` is where either half is as likely."""
    return sum(comb(of, hit) for hit in range(times, of + 1)) / 2**of


def _separate(days: Iterable[Day]) -> int:
    """Runs of days away."""
    runs, away = 0, False
    for day in days:
        runs += day.away and not away
        away = day.away
    return runs


def _split(days: Iterable[Day], holds: Callable[[Day], bool]) -> tuple[list[Day], list[Day]]:
    these: list[Day] = []
    others: list[Day] = []
    for day in days:
        (these if holds(day) else others).append(day)
    return these, others


def _count(days: Collection[Day], holds: Callable[[Day], bool]) -> int:
    return sum(1 for day in days if holds(day))


def _is_weekday(number: int) -> Callable[[Day], bool]:
    return lambda day: day.on.weekday() == number


def _is_away(day: Day) -> bool:
    return day.away


def _whole_day_away(day: Day) -> bool:
    return all(map(_missed, day.codes))


def _code_away(half: str) -> Callable[[Day], bool]:
    return lambda day: _missed(getattr(day, half))


def _missed(code: str) -> bool:
    return CODES[code].category in ABSENT and code not in LATE_CODES


def _possible(code: str) -> bool:
    return code in CODES and CODES[code].category in ABSENT | ATTENDED
