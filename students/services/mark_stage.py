"""A temporary table of marks, held against those that are there in a few statements.

PostgreSQL fills it with COPY, SQLite in batches; everything after is the same SQL on both. Python
holds no more than a batch.
"""

# ruff: noqa: S608 (statements are put together from names of tables, never from what a file says)

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import islice
from typing import Any

from django.db import connection

from students.models import AttendanceCorrection, AttendanceMark, AttendanceTally

BATCH = 5000
# A number that rises from row to row, student id, date, session, code, minutes late.
StagedMark = tuple[int, int, date, str, str, int | None]
# The code of a row that was turned down already: the first of its session all the same.
TURNED_DOWN = ""
FIRST_MONTH = 9  # an academic year begins on 1 September

MARKS = AttendanceMark._meta.db_table
TALLIES = AttendanceTally._meta.db_table
CORRECTIONS = AttendanceCorrection._meta.db_table
STAGE = "keywork_staged_marks"

BESIDE = "m.student_id = s.student_id AND m.date = s.date AND m.session = s.session"
DIFFERS = "(m.code <> s.code OR COALESCE(m.minutes_late, -1) <> COALESCE(s.minutes_late, -1))"
# Each row beside the first of its session.
RANKED = f"""
    SELECT n, code, minutes_late, row_number() OVER w AS nth,
        first_value(code) OVER w AS first_code,
        first_value(minutes_late) OVER w AS first_minutes
    FROM {STAGE} WINDOW w AS (PARTITION BY student_id, date, session ORDER BY n)
"""


def academic_year_of(day: date) -> int:
    """Give the year in which a day's academic year begins."""
    return day.year if day.month >= FIRST_MONTH else day.year - 1


class MarkStage:
    """The rows of one import. `create` first, `remove` last, all in one transaction."""

    def __init__(self, cursor: Any) -> None:
        self.cursor = cursor

    def create(self) -> None:
        """Make the table."""
        self.cursor.execute(
            f"CREATE TEMPORARY TABLE {STAGE} (n bigint, student_id bigint, date date, "
            "session varchar(2), code varchar(2), minutes_late smallint)"
        )

    def remove(self) -> None:
        """Drop the table."""
        self.cursor.execute(f"DROP TABLE {STAGE}")

    def fill(self, rows: Iterable[StagedMark]) -> None:
        """Put the rows into the table as they come."""
        if connection.vendor == "postgresql":
            with self.cursor.copy(f"COPY {STAGE} FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            self.cursor.execute(f"ANALYZE {STAGE}")
            return
        statement = f"INSERT INTO {STAGE} VALUES (%s, %s, %s, %s, %s, %s)"
        remaining = iter(rows)
        while batch := list(islice(remaining, BATCH)):
            self.cursor.executemany(statement, batch)

    def count(self) -> int:
        """Count the rows not turned down."""
        self.cursor.execute(f"SELECT count(*) FROM {STAGE} WHERE code <> '{TURNED_DOWN}'")
        return self.cursor.fetchone()[0]

    def clashes(self) -> list[int]:
        """Give the numbers of the rows that differ from an earlier one for their session."""
        self.cursor.execute(
            f"SELECT n FROM ({RANKED}) r WHERE nth > 1 AND code <> '{TURNED_DOWN}' AND "
            "(code <> first_code OR COALESCE(minutes_late, -1) <> COALESCE(first_minutes, -1)) "
            "ORDER BY n"
        )
        return [n for (n,) in self.cursor.fetchall()]

    def keep_first_rows(self) -> None:
        """Leave one row a session, and none that was turned down."""
        self.cursor.execute(
            f"DELETE FROM {STAGE} WHERE n IN "
            f"(SELECT n FROM ({RANKED}) r WHERE nth > 1 OR code = '{TURNED_DOWN}')"
        )

    def keep_minutes(self) -> None:
        """Take over the minutes that are known of an unchanged code."""
        self.cursor.execute(
            f"UPDATE {STAGE} AS s SET minutes_late = m.minutes_late FROM {MARKS} AS m "
            f"WHERE {BESIDE} AND m.code = s.code AND s.minutes_late IS NULL"
        )

    def compare(self) -> tuple[int, int]:
        """Count the marks that are not there yet, and those that are there and differ."""
        self.cursor.execute(
            "SELECT COALESCE(SUM(CASE WHEN m.student_id IS NULL THEN 1 ELSE 0 END), 0), "
            "COALESCE(SUM(CASE WHEN m.student_id IS NULL THEN 0 "
            f"WHEN {DIFFERS} THEN 1 ELSE 0 END), 0) "
            f"FROM {STAGE} s LEFT JOIN {MARKS} m ON {BESIDE}"
        )
        return self.cursor.fetchone()

    def log_corrections(self, import_id: int) -> None:
        """Keep every mark that is about to change, before and after."""
        self.cursor.execute(
            f"INSERT INTO {CORRECTIONS} (attendance_import_id, student_id, date, session, "
            "code_before, minutes_before, code_after, minutes_after) "
            "SELECT %s, m.student_id, m.date, m.session, m.code, m.minutes_late, s.code, "
            f"s.minutes_late FROM {STAGE} s JOIN {MARKS} m ON {BESIDE} WHERE {DIFFERS}",
            [import_id],
        )

    def merge(self) -> None:
        """Write the marks that are new or differ, in the order of their key."""
        self.cursor.execute(
            f"INSERT INTO {MARKS} (student_id, date, session, code, minutes_late) "
            f"SELECT s.student_id, s.date, s.session, s.code, s.minutes_late FROM {STAGE} s "
            f"LEFT JOIN {MARKS} m ON {BESIDE} WHERE m.student_id IS NULL OR {DIFFERS} "
            "ORDER BY s.student_id, s.date, s.session "
            "ON CONFLICT (student_id, date, session) DO UPDATE "
            "SET code = excluded.code, minutes_late = excluded.minutes_late"
        )

    def tally(self) -> None:
        """Count anew the academic years of the students in the table."""
        for year in self._years():
            days = [date(year, FIRST_MONTH, 1), date(year + 1, FIRST_MONTH, 1)]
            students = f"SELECT student_id FROM {STAGE} WHERE date >= %s AND date < %s"
            self.cursor.execute(
                f"DELETE FROM {TALLIES} WHERE year = %s AND student_id IN ({students})",
                [year, *days],
            )
            self.cursor.execute(
                f"INSERT INTO {TALLIES} (student_id, year, code, marks, latest) "
                f"SELECT student_id, %s, code, count(*), max(date) FROM {MARKS} "
                f"WHERE date >= %s AND date < %s AND student_id IN ({students}) "
                "GROUP BY student_id, code",
                [year, *days, *days],
            )

    def _years(self) -> Iterator[int]:
        self.cursor.execute(f"SELECT DISTINCT date FROM {STAGE}")
        days = [_as_date(day) for (day,) in self.cursor.fetchall()]
        yield from sorted({academic_year_of(day) for day in days})


def _as_date(day: date | str) -> date:
    """Give a date: SQLite answers with text."""
    return date.fromisoformat(day) if isinstance(day, str) else day
