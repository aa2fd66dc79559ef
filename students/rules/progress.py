"""Scores and grades as numbers, where they are any."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

from keywork.dates import academic_year_of

AGES = frozenset({"reading_age", "spelling_age"})
MONTHS = 12
_AGE = re.compile(
    r"(\d{1,2})\s*(?::|\.|y|years?)\s*(\d{1,2})\s*(?:m|months?)?", re.ASCII | re.IGNORECASE
)
_WHOLE_YEARS = re.compile(r"(\d{1,2})(?:\s*y(?:ears?)?)?", re.ASCII | re.IGNORECASE)
LARGEST = Decimal("999999.99")
# The scale on which grades compare: GCSE's, 9 the best.
NINE_TO_ONE = ("1", "2", "3", "4", "5", "6", "7", "8", "9")
GRADE_COUNTS_FOR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Graded:
    """A subject's grade in a data drop, and the one expected; either may be empty."""

    on: date
    drop: str
    grade: str
    expected: str


@dataclass(frozen=True, slots=True)
class Gap:
    """In what a subject's latest grade lies behind. fell_from: the grade before, where better."""

    latest: Graded
    below: bool
    fell_from: Graded | None


def value_of(kind: str, score: str) -> Decimal | None:
    """The number to chart: months for an age ("9:04" and "9y 4m" are 112), else the score itself.

    None where the score is no number. Raises ValueError for an age that cannot be read.
    """
    if kind in AGES:
        return Decimal(_months(score.strip()))
    try:
        value = Decimal(score.strip().removesuffix("%"))
    except InvalidOperation:
        return None
    return value if value.is_finite() and abs(value) <= LARGEST else None


def age_in_words(months: int) -> str:
    """Months as an age: "9:04"."""
    return f"{months // MONTHS}:{months % MONTHS:02}"


def behind(grade: str, expected: str) -> bool | None:
    """Whether a grade of 9 to 1 lies below the expected one; None where they cannot be compared.

    Letters, "5+" and "62" mean different things in different places, so nothing is said of them.
    """
    if grade not in NINE_TO_ONE or expected not in NINE_TO_ONE:
        return None
    return int(grade) < int(expected)


def gap_in(grades: Iterable[Graded], on: date) -> Gap | None:
    """Say in what a subject is behind on a day (S1-40); None: in nothing that can be compared.

    grades: one subject's, in any order; those without a grade and of later days do not count.
    The latest one counts for a year (`GRADE_COUNTS_FOR`). It is behind where it is

    - below the grade expected in the same data drop, by one grade or more; or
    - below the grade of the drop before, by one or more, if that was in the same school year:
      across the summer the course and the scale may be others.

    Both grades must be of 9 to 1 (`behind`).
    """
    counted = sorted((each for each in grades if each.grade and each.on <= on), key=_day)
    if not counted or counted[-1].on <= on - GRADE_COUNTS_FOR:
        return None
    latest, before = counted[-1], counted[-2] if len(counted) > 1 else None
    if before and academic_year_of(before.on) != academic_year_of(latest.on):
        before = None
    below = behind(latest.grade, latest.expected) is True
    fell = before is not None and behind(latest.grade, before.grade) is True
    return Gap(latest, below, before if fell else None) if below or fell else None


def gap_words(gap: Gap) -> str:
    """Say a gap with its numbers: "3 in Autumn 2, expected 5; fell from 4 in Autumn 1"."""
    latest, before = gap.latest, gap.fell_from
    if not gap.below and before:
        return f"fell from {before.grade} in {before.drop} to {latest.grade} in {latest.drop}"
    fall = f"; fell from {before.grade} in {before.drop}" if before else ""
    return f"{latest.grade} in {latest.drop}, expected {latest.expected}{fall}"


def _day(graded: Graded) -> date:
    return graded.on


def _months(score: str) -> int:
    match = _AGE.fullmatch(score)
    if match and int(match[2]) < MONTHS:
        return int(match[1]) * MONTHS + int(match[2])
    whole = _WHOLE_YEARS.fullmatch(score)
    if whole:
        return int(whole[1]) * MONTHS
    raise ValueError("Enter an age in years and months, like 9:04")
