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
BACKSLASH = "\\"
# A number that rises from row to row, student id, date, session, code, minutes late.
StagedMark = tuple[int, int, date, str, str, int | None]
# The code of a row that was turned down already: the first of its session all the same.
TURNED_DOWN = ""
FIRST_MONTH = 9  # an academic year begins on 1 September

MARKS = AttendanceMark._meta.db_table
TALLIES = AttendanceTally._meta.db_table
CORRECTIONS = AttendanceCorrection._meta.db_table
STAGE = "keywork_staged_marks"
STUDENTS = "keywork_staged_students"

BESIDE = "m.student_id = s.student_id AND m.date = s.date AND m.session = s.session"
DIFFERS = "(m.code <> s.code OR COALESCE(m.minutes_late, -1) <> COALESCE(s.minutes_late, -1))"
# A row's student and session as one number, which sorts several times faster than the three.
DAY_NUMBER = {
    "postgresql": "(date - DATE '1900-01-01')",
    "sqlite": "CAST(julianday(date) AS integer)",
}
ROOM_FOR_DAYS = 1_000_000
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
        self.rows = self.turned_down = 0
        self.all_new = False

    def create(self) -> None:
        """Make the table."""
        self.cursor.execute(
            f"CREATE TEMPORARY TABLE {STAGE} (n bigint, student_id bigint, date date, "
            "session varchar(2), code varchar(2), minutes_late smallint)"
        )

    def remove(self) -> None:
        """Drop the table, and what was made of it."""
        self.cursor.execute(f"DROP TABLE {STAGE}")
        self.cursor.execute(f"DROP TABLE IF EXISTS {STUDENTS}")

    def fill(self, rows: Iterable[StagedMark]) -> None:
        """Put the rows into the table as they come."""
        if connection.vendor == "postgresql":
            self._copy(self._batches(rows))
            self.cursor.execute(f"ANALYZE {STAGE}")
            return
        statement = f"INSERT INTO {STAGE} VALUES (%s, %s, %s, %s, %s, %s)"
        for batch in self._batches(rows):
            self.cursor.executemany(statement, batch)

    def _batches(self, rows: Iterable[StagedMark]) -> Iterator[list[StagedMark]]:
        remaining = iter(rows)
        while batch := list(islice(remaining, BATCH)):
            self.rows += len(batch)
            self.turned_down += [row[4] for row in batch].count(TURNED_DOWN)
            yield batch

    def _copy(self, batches: Iterable[list[StagedMark]]) -> None:
        """Stream the rows as COPY's text: nothing in them but a code can need escaping."""
        with self.cursor.copy(f"COPY {STAGE} FROM STDIN") as copy:
            for batch in batches:
                copy.write("".join(map(_line, batch)))

    def count(self) -> int:
        """Count the rows given that were not turned down."""
        return self.rows - self.turned_down

    def sift(self) -> list[int]:
        """Leave one row a session, and none that was turned down.

        Gives the numbers of the others that differ from the first of their session.
        """
        if not self.turned_down and not self._has_repeated():
            return []
        self.cursor.execute(
            f"SELECT n, code <> '{TURNED_DOWN}' AND (code <> first_code OR "
            "COALESCE(minutes_late, -1) <> COALESCE(first_minutes, -1)) "
            f"FROM ({RANKED}) r WHERE nth > 1 OR code = '{TURNED_DOWN}' ORDER BY n"
        )
        rows = self.cursor.fetchall()
        if rows:
            self._keep_first_rows()
        return [n for n, differs in rows if differs]

    def _has_repeated(self) -> bool:
        session = f"{DAY_NUMBER[connection.vendor]} * 2 + CASE session WHEN 'AM' THEN 0 ELSE 1 END"
        self.cursor.execute(
            f"SELECT count(DISTINCT student_id * {2 * ROOM_FOR_DAYS} + {session}) FROM {STAGE}"
        )
        return bool(self.cursor.fetchone()[0] < self.rows)

    def _keep_first_rows(self) -> None:
        self.cursor.execute(
            f"DELETE FROM {STAGE} WHERE n IN "
            f"(SELECT n FROM ({RANKED}) r WHERE nth > 1 OR code = '{TURNED_DOWN}')"
        )
        self.rows -= self.cursor.rowcount

    def keep_minutes(self) -> None:
        """Take over the minutes that are known of an unchanged code."""
        self.cursor.execute(
            f"UPDATE {STAGE} AS s SET minutes_late = m.minutes_late FROM {MARKS} AS m "
            f"WHERE {BESIDE} AND m.code = s.code AND s.minutes_late IS NULL"
        )

    def compare(self) -> tuple[int, int]:
        """Count the marks that are not there yet, and those that are there and differ."""
        self._find_students()
        self.all_new = not self._meets_marks()
        if self.all_new:
            return self.rows, 0
        self.cursor.execute(
            "SELECT COALESCE(SUM(CASE WHEN m.student_id IS NULL THEN 1 ELSE 0 END), 0), "
            "COALESCE(SUM(CASE WHEN m.student_id IS NULL THEN 0 "
            f"WHEN {DIFFERS} THEN 1 ELSE 0 END), 0) "
            f"FROM {STAGE} s LEFT JOIN {MARKS} m ON {BESIDE}"
        )
        return self.cursor.fetchone()

    def _find_students(self) -> None:
        self.cursor.execute(
            f"CREATE TEMPORARY TABLE {STUDENTS} AS SELECT student_id, min(date) AS first_day, "
            f"max(date) AS last_day FROM {STAGE} GROUP BY student_id"
        )
        self.cursor.execute(f"ANALYZE {STUDENTS}")

    def _meets_marks(self) -> bool:
        """Say whether any of the students has a mark between the first and last day given."""
        self.cursor.execute(
            f"SELECT EXISTS (SELECT 1 FROM {STUDENTS} s JOIN {MARKS} m "
            "ON m.student_id = s.student_id AND m.date BETWEEN s.first_day AND s.last_day)"
        )
        return bool(self.cursor.fetchone()[0])

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
        """Write the marks that are new or differ, in the order of their key.

        Where all are new there is nothing to compare, which halves the time.
        """
        if self.all_new:
            self.cursor.execute(
                f"INSERT INTO {MARKS} (student_id, date, session, code, minutes_late) "
                f"SELECT student_id, date, session, code, minutes_late FROM {STAGE} "
                "ORDER BY student_id, date, session"
            )
            return
        self.cursor.execute(
            f"INSERT INTO {MARKS} (student_id, date, session, code, minutes_late) "
            f"SELECT s.student_id, s.date, s.session, s.code, s.minutes_late FROM {STAGE} s "
            f"LEFT JOIN {MARKS} m ON {BESIDE} WHERE m.student_id IS NULL OR {DIFFERS} "
            "ORDER BY s.student_id, s.date, s.session "
            "ON CONFLICT (student_id, date, session) DO UPDATE "
            "SET code = excluded.code, minutes_late = excluded.minutes_late"
        )

    def tally(self) -> None:
        """Count anew the academic years of the students in the table; `compare` comes first."""
        for year in self._years():
            days = [date(year, FIRST_MONTH, 1), date(year + 1, FIRST_MONTH, 1)]
            students = f"SELECT student_id FROM {STUDENTS}"
            self.cursor.execute(
                f"DELETE FROM {TALLIES} WHERE year = %s AND student_id IN ({students})", [year]
            )
            self.cursor.execute(
                f"INSERT INTO {TALLIES} (student_id, year, code, marks, latest) "
                f"SELECT student_id, %s, code, count(*), max(date) FROM {MARKS} "
                f"WHERE date >= %s AND date < %s AND student_id IN ({students}) "
                "GROUP BY student_id, code",
                [year, *days],
            )

    def _years(self) -> Iterable[int]:
        self.cursor.execute(f"SELECT min(first_day), max(last_day) FROM {STUDENTS}")
        first, last = (academic_year_of(_as_date(day)) for day in self.cursor.fetchone())
        return range(first, last + 1)


def _line(row: StagedMark) -> str:
    n, student, day, session, code, minutes = row
    late = "\\N" if minutes is None else minutes
    return f"{n}\t{student}\t{day}\t{session}\t{code.replace(BACKSLASH, BACKSLASH * 2)}\t{late}\n"


def _as_date(day: date | str) -> date:
    """Give a date: SQLite answers with text."""
    return date.fromisoformat(day) if isinstance(day, str) else day
