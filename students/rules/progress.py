"""Scores and grades as numbers, where they are any."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

AGES = frozenset({"reading_age", "spelling_age"})
MONTHS = 12
_AGE = re.compile(
    r"(\d{1,2})\s*(?::|\.|y|years?)\s*(\d{1,2})\s*(?:m|months?)?", re.ASCII | re.IGNORECASE
)
_WHOLE_YEARS = re.compile(r"(\d{1,2})(?:\s*y(?:ears?)?)?", re.ASCII | re.IGNORECASE)
LARGEST = Decimal("999999.99")


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

    Only whole numbers compare: letters mean too many things.
    """
    if not (_is_number(grade) and _is_number(expected)):
        return None
    return int(grade) < int(expected)


def _months(score: str) -> int:
    match = _AGE.fullmatch(score)
    if match and int(match[2]) < MONTHS:
        return int(match[1]) * MONTHS + int(match[2])
    whole = _WHOLE_YEARS.fullmatch(score)
    if whole:
        return int(whole[1]) * MONTHS
    raise ValueError("Enter an age in years and months, like 9:04")


def _is_number(grade: str) -> bool:
    return grade.isascii() and grade.isdigit()
