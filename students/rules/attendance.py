"""Attendance figures from marks: plain counts in, figures out.

Sources: the School Attendance (Pupil Registration) (England) Regulations 2024, regulation 10
(codes); Working together to improve school attendance, 2024 (persistent: a tenth; severe: half;
the ten school weeks of the penalty-notice threshold).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from keywork.term_dates import SchoolCalendar


class Category(StrEnum):
    """What a code counts as."""

    PRESENT = "present"
    APPROVED = "approved"  # attending an approved educational activity: counts as attendance
    AUTHORISED = "authorised"
    UNAUTHORISED = "unauthorised"
    NOT_POSSIBLE = "not_possible"  # not a possible attendance: in no figure
    ADMINISTRATIVE = "administrative"  # not collected


@dataclass(frozen=True, slots=True)
class Code:
    """A code of the register: what it stands for and what it counts as."""

    code: str
    meaning: str
    category: Category


def _codes(category: Category, **meanings: str) -> list[Code]:
    return [Code(code, meaning, category) for code, meaning in meanings.items()]


CODES: Mapping[str, Code] = {
    each.code: each
    for each in [
        Code("/", "Present, morning", Category.PRESENT),
        Code("\\", "Present, afternoon", Category.PRESENT),
        Code("L", "Late, before the register closed", Category.PRESENT),
        *_codes(
            Category.APPROVED,
            K="Education arranged by the local authority",
            V="Educational visit or trip",
            P="Approved sporting activity",
            W="Approved work experience",
            B="Other approved activity off site",
        ),
        *_codes(
            Category.AUTHORISED,
            C1="Regulated performance or employment abroad",
            M="Medical or dental appointment",
            J1="Interview for a job or another institution",
            S="Study leave",
            C2="Part-time timetable",
            C="Other exceptional circumstances",
            T="Parent travelling for work",
            R="Religious observance",
            I="Illness",
            E="Suspended or excluded, no other provision",
        ),
        *_codes(
            Category.UNAUTHORISED,
            G="Holiday not granted",
            N="Reason not yet established",
            O="Absent, not authorised",
            U="Arrived after the register closed",
        ),
        *_codes(
            Category.NOT_POSSIBLE,
            D="At the other school (dual registered)",
            X="Not of compulsory school age",
            Q="No access arrangements by the local authority",
            Y1="Transport not available",
            Y2="Widespread travel disruption",
            Y3="Part of the premises closed",
            Y4="Whole site closed unexpectedly",
            Y5="In criminal justice detention",
            Y6="Public health guidance or law",
            Y7="Other unavoidable cause",
        ),
        *_codes(Category.ADMINISTRATIVE, Z="Not yet on the admission register"),
        Code("#", "Planned closure of the school", Category.ADMINISTRATIVE),
    ]
}
LATE_CODES = frozenset({"L", "U"})
ATTENDED = frozenset({Category.PRESENT, Category.APPROVED})
ABSENT = frozenset({Category.AUTHORISED, Category.UNAUTHORISED})
UNAUTHORISED_WEEKS = 10
# Below this many possible sessions a figure flips with every day away.
TOO_FEW_SESSIONS = 20


@dataclass(frozen=True, slots=True)
class Figures:
    """One student's attendance: sessions possible, attended, absent; late marks.

    `unauthorised_10_weeks`: G, N, O, U in the last ten school weeks.
    """

    possible: int
    attended: int
    authorised: int
    unauthorised: int
    late: int
    unauthorised_10_weeks: int = 0

    @property
    def absence(self) -> int:
        """Sessions away, authorised or not."""
        return self.authorised + self.unauthorised

    @property
    def percent(self) -> str:
        """Attendance as text with one decimal, half up; empty where nothing was possible."""
        return percent_of(self.attended, self.possible)

    @property
    def persistent(self) -> bool:
        """Whether a tenth or more of the possible sessions was missed (the raw fraction)."""
        return self.possible > 0 and self.absence * 10 >= self.possible

    @property
    def severe(self) -> bool:
        """Whether half or more of the possible sessions was missed."""
        return self.possible > 0 and self.absence * 2 >= self.possible


def percent_of(part: int, whole: int) -> str:
    """Part of whole in per cent, one decimal, half up; empty where the whole is 0."""
    if whole == 0:
        return ""
    exact = Decimal(part) * 100 / Decimal(whole)
    return str(exact.quantize(Decimal("0.1"), ROUND_HALF_UP))


def figures(counts: Mapping[str, int], unauthorised_10_weeks: int = 0) -> Figures:
    """Figures from code → number of marks. Raises KeyError for a code not in the table."""
    by_category = dict.fromkeys(Category, 0)
    for code, number in counts.items():
        by_category[CODES[code].category] += number
    attended = sum(by_category[category] for category in ATTENDED)
    absent = sum(by_category[category] for category in ABSENT)
    return Figures(
        possible=attended + absent,
        attended=attended,
        authorised=by_category[Category.AUTHORISED],
        unauthorised=by_category[Category.UNAUTHORISED],
        late=sum(counts.get(code, 0) for code in LATE_CODES),
        unauthorised_10_weeks=unauthorised_10_weeks,
    )


def codes_in(*categories: Category) -> tuple[str, ...]:
    """The codes of these categories, in the order of the table."""
    return tuple(code for code, each in CODES.items() if each.category in categories)


def ten_week_start(calendar: SchoolCalendar, on: date) -> date:
    """The Monday of the earliest of the last ten school weeks.

    The week of `on` is included (where it is a school week); a school week has at least one
    school day; the start of the academic year cuts nothing. `date.min` where the calendar holds
    fewer weeks.
    """
    mondays = _school_mondays(calendar.school_days, on)
    return mondays[UNAUTHORISED_WEEKS - 1] if len(mondays) >= UNAUTHORISED_WEEKS else date.min


def _school_mondays(school_days: Iterable[date], on: date) -> list[date]:
    """Mondays of the school weeks up to that of `on`, newest first."""
    end = on + timedelta(days=6 - on.weekday())
    mondays = {day - timedelta(days=day.weekday()) for day in school_days if day <= end}
    return sorted(mondays, reverse=True)
