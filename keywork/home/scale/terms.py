"""School years for synthetic data: the same shape every year, today inside a half term."""

from dataclasses import dataclass
from datetime import date, timedelta

WEEKS_A_YEAR = 52
# Where in the school year today's week lies: the fourth week of the second half term, so that
# there is something to do on whatever day the data is made.
THIS_WEEK = 12
# (season, first week, weeks): 39 weeks, of which five days are INSET.
SHAPE = (
    ("Autumn", 0, 8),
    ("Autumn", 9, 7),
    ("Spring", 18, 6),
    ("Spring", 25, 6),
    ("Summer", 33, 5),
    ("Summer", 39, 7),
)
HALF_TERMS_A_YEAR = len(SHAPE)
THIS_HALF_TERM = 1
# INSET: half term of the year, days from its first Monday.
INSET = ((0, 0), (0, 1), (2, 0), (4, 0), (5, 46))
FRIDAY = 4


@dataclass(frozen=True, slots=True)
class MadeHalfTerm:
    """A half term, first to last day inclusive; its school days, as ISO dates."""

    term: str
    name: str
    start: date
    end: date
    inset: tuple[date, ...]
    days: tuple[str, ...]


def half_terms(on: date, years: int) -> list[MadeHalfTerm]:
    """Give the half terms of `years` whole school years before the one `on` lies in, and of it."""
    monday = on - timedelta(days=on.weekday(), weeks=THIS_WEEK)
    return [
        _half_term(number, monday - timedelta(weeks=WEEKS_A_YEAR * back), on.year - back)
        for back in range(years, -1, -1)
        for number in range(HALF_TERMS_A_YEAR)
    ]


def history_of(made: list[MadeHalfTerm], years: int) -> list[MadeHalfTerm]:
    """Give the half terms that hold `years` years of records: this one and those before it."""
    now = len(made) - HALF_TERMS_A_YEAR + THIS_HALF_TERM
    return made[now + 1 - years * HALF_TERMS_A_YEAR : now + 1]


def _half_term(number: int, anchor: date, year: int) -> MadeHalfTerm:
    season, first_week, weeks = SHAPE[number]
    start = anchor + timedelta(weeks=first_week)
    end = start + timedelta(weeks=weeks - 1, days=FRIDAY)
    inset = tuple(start + timedelta(days=day) for half, day in INSET if half == number)
    every = (start + timedelta(days=day) for day in range((end - start).days + 1))
    days = tuple(d.isoformat() for d in every if d.weekday() <= FRIDAY and d not in inset)
    label = year if season == "Autumn" else year + 1
    return MadeHalfTerm(f"{season} {label}", f"{season} {number % 2 + 1}", start, end, inset, days)
