"""Marks of the register for synthetic students: by far the most rows of all.

They are put together as the text that COPY reads, some ten thousand rows at a time and in the
order of the table's key. The tallies that figures are read from come with them.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from random import Random
from typing import Any

from django.db import connection, models

from students.models import AttendanceMark, AttendanceTally, Session
from students.services.mark_stage import academic_year_of

FLUSH_AT = 50_000
PRESENT = {Session.AM: "/", Session.PM: "\\"}
LATE, LATE_MINUTES = "L", 8
AWAY = (*["I"] * 11, *["M"] * 3, *["O"] * 3, "N", "G", "C", "E", "U")
OFF_SITE = ("V", "B")
# How many of the students are away how often: (up to this share, least, most of their days).
ABSENCE = ((0.7, 0.01, 0.07), (0.95, 0.07, 0.2), (0.99, 0.2, 0.45), (1.0, 0.5, 0.8))
LATE_AT_MOST = 0.08
OFF_SITE_SHARE = 0.01
NULL = "\\N"  # as COPY reads it

MarkRow = tuple[int, str, str, str, int | None]
TallyRow = tuple[int, int, str, int, str]


class Marks:
    """Writes one student's marks after another: two a school day, up to yesterday.

    days: the school days in order, as ISO dates; today: likewise.
    """

    def __init__(self, rng: Random, days: Sequence[str], today: str) -> None:
        self.rng = rng
        self.days = days[: bisect_left(days, today)]
        self.slots = [(day, session) for day in self.days for session in Session]
        self.years = [academic_year_of(date.fromisoformat(day)) for day, _ in self.slots]
        self.usual = [PRESENT[session] for _, session in self.slots]
        self.waiting: list[tuple[int, list[str]]] = []
        self.unwritten = 0
        self.added = {"marks": 0, "tallies": 0}

    def add(self, student: int, since: str) -> None:
        """Add a student's marks from the day they joined, an ISO date."""
        codes = self._codes(bisect_left(self.days, since))
        self.waiting.append((student, codes))
        self.unwritten += len(codes)
        if self.unwritten >= FLUSH_AT:
            self.flush()

    def flush(self) -> None:
        """Write what was collected."""
        tallies = [row for each in self.waiting for row in self._tallies(*each)]
        self.added["marks"] += self.unwritten
        self.added["tallies"] += len(tallies)
        if connection.vendor == "postgresql":
            _copy(AttendanceMark, (self._text(*each) for each in self.waiting))
            _copy(AttendanceTally, map(_tally_text, tallies))
        else:
            _insert(AttendanceMark, [row for each in self.waiting for row in self._rows(*each)])
            _insert(AttendanceTally, tallies)
        self.waiting, self.unwritten = [], 0

    def _codes(self, first: int) -> list[str]:
        """Give the codes from the `first` day on, morning and afternoon in turns."""
        rng, codes = self.rng, self.usual[2 * first :]
        days = range(len(codes) // 2)
        for day in rng.sample(days, int(len(days) * LATE_AT_MOST * rng.random())):
            codes[2 * day] = LATE
        for day in rng.sample(days, int(len(days) * OFF_SITE_SHARE)):
            codes[2 * day] = codes[2 * day + 1] = rng.choice(OFF_SITE)
        for day in rng.sample(days, int(len(days) * self._absence())):
            codes[2 * day] = codes[2 * day + 1] = rng.choice(AWAY)
        return codes

    def _absence(self) -> float:
        place = self.rng.random()
        least, most = next((least, most) for upto, least, most in ABSENCE if place <= upto)
        return self.rng.uniform(least, most)

    def _slots(self, codes: Sequence[str]) -> Iterator[tuple[tuple[str, str], str]]:
        return zip(self.slots[len(self.slots) - len(codes) :], codes, strict=True)

    def _rows(self, student: int, codes: Sequence[str]) -> list[MarkRow]:
        return [
            (student, day, session, code, LATE_MINUTES if code == LATE else None)
            for (day, session), code in self._slots(codes)
        ]

    def _text(self, student: int, codes: Sequence[str]) -> str:
        """Give the rows as COPY reads them; of 20 million, none is made into a tuple first."""
        late = {LATE: LATE_MINUTES}
        ends = {code: f"{_escaped(code)}\t{late.get(code, NULL)}\n" for code in set(codes)}
        slots = self._slots(codes)
        return "".join(
            [f"{student}\t{day}\t{session}\t{ends[code]}" for (day, session), code in slots]
        )

    def _tallies(self, student: int, codes: Sequence[str]) -> list[TallyRow]:
        years = self.years[len(self.years) - len(codes) :]
        latest = {
            (year, code): slot[0]
            for year, (slot, code) in zip(years, self._slots(codes), strict=True)
        }
        counted = Counter(zip(years, codes, strict=True))
        return [(student, *key, number, latest[key]) for key, number in counted.items()]


def _tally_text(row: TallyRow) -> str:
    student, year, code, number, latest = row
    return f"{student}\t{year}\t{_escaped(code)}\t{number}\t{latest}\n"


def _escaped(code: str) -> str:
    return code.replace("\\", "\\\\")


def _target(model: type[models.Model]) -> str:
    columns = ", ".join(str(field.column) for field in model._meta.concrete_fields)
    return f"{model._meta.db_table} ({columns})"


def _copy(model: type[models.Model], texts: Iterable[str]) -> None:
    statement = f"COPY {_target(model)} FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for text in texts:
            copy.write(text)


def _insert(model: type[models.Model], rows: Sequence[tuple[Any, ...]]) -> None:
    places = ", ".join(["%s"] * len(model._meta.concrete_fields))
    statement = f"INSERT INTO {_target(model)} VALUES ({places})"  # noqa: S608 (own names)
    with connection.cursor() as cursor:
        cursor.executemany(statement, rows)
