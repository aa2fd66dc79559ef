"""attendance.csv: streamed, for a school's marks are many; its rows never stand in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Any

from keywork.home.imports.formats import ATTENDANCE, Kind
from keywork.home.imports.importer import BadRowError, Draft, Importer
from keywork.home.imports.report import FileReport, Rejected
from keywork.home.imports.tables import Row, StreamedRows, Table, read_row
from students.models import Session
from students.rules.attendance import CODES
from students.services.mark_stage import TURNED_DOWN, StagedMark
from students.services.marks import load_marks

SESSIONS = frozenset(Session.values)
KEY = ("upn", "date", "session", "code")
NOT_SAID: dict[str, int | None] = {"": None}
CLASH = "An earlier row has this session's mark, and differs. Keep one of them."


class AttendanceImporter(Importer):
    """Marks of the register, by student, date and session."""

    format = ATTENDANCE
    # What cells were found to mean, as they stand in the file.
    students: dict[str, int]
    dates: dict[str, date]
    minutes: dict[str, int | None]

    def run(self, table: Table) -> FileReport:
        """Import the marks: all but the rows it rejects, or nothing where this raises."""
        if self.context.school is None:
            return super().run(table)  # rejects every row
        known = self.context.records_of(Kind.STUDENT)
        self.students = {key: pk for key, pk in known.ids.items() if key not in known.rejected}
        self.dates, self.minutes = {}, dict(NOT_SAID)
        counts = load_marks(
            school=self.context.the_school,
            rows=self._marks(table),
            file=self.file,
            now=self.context.now,
            by=self.context.by,
            keep_minutes="minutes_late" not in table.columns,
        )
        for name in ("created", "updated", "unchanged"):
            setattr(self.report, name, getattr(counts, name))
        if counts.clashing:
            self._reject_clashes(table, set(counts.clashing))
        self.report.rejected.sort(key=lambda each: each.row)
        return self.report

    def _marks(self, table: Table) -> Iterator[StagedMark]:
        quickly = self._quickly(table.columns)
        for number, record in _records(table):
            mark = quickly(number, record)
            if mark is None:
                row = read_row(number, record, table.columns)
                if row is None:
                    continue
                mark = self._carefully(row)
            self.report.rows += 1
            if mark is not None:
                yield mark

    def _quickly(self, columns: tuple[str, ...]) -> Callable[[int, list[str]], StagedMark | None]:
        """Give the reader of records as nearly all of them are, by look-ups; None for any other.

        Of a million records, every step that is not taken is half a second.
        """
        students, dates, minutes = self.students, self.dates, self.minutes
        width, places = len(columns), [columns.index(name) for name in KEY if name in columns]
        late = columns.index("minutes_late") if "minutes_late" in columns else None
        if len(places) < len(KEY):
            return lambda number, record: None
        upn, day, session, code = places

        def read(number: int, record: list[str]) -> StagedMark | None:
            try:
                mark = (
                    number,
                    students[record[upn]],
                    dates[record[day]],
                    record[session],
                    record[code],
                    None if late is None else minutes[record[late]],
                )
            except (KeyError, IndexError):
                return None
            known = mark[3] in SESSIONS and mark[4] in CODES and len(record) == width
            return mark if known else None

        return read

    def _carefully(self, row: Row) -> StagedMark | None:
        """Read a row cell by cell. A bad one is rejected, and stands for its session if it can."""
        draft = Draft(row)
        try:
            self._read(draft)
            self._check(draft)
        except BadRowError as bad:
            draft.reject(bad.column, bad.error)
            if draft.rejection:
                self.report.rejected.append(draft.rejection)
        cells = draft.cells
        if not all(cells.get(name) for name in ("upn", "date", "session")):
            return None
        self._learn(row, cells)
        code = TURNED_DOWN if draft.rejection else cells["code"]
        return (
            row.number,
            cells["upn"],
            cells["date"],
            cells["session"],
            code,
            cells.get("minutes_late"),
        )

    def _learn(self, row: Row, cells: dict[str, Any]) -> None:
        self.dates[row.cells["date"]] = cells["date"]
        if "minutes_late" in cells:
            self.minutes[row.cells["minutes_late"]] = cells["minutes_late"]

    def _reject_clashes(self, table: Table, numbers: set[int]) -> None:
        for row in table.rows:
            if row.number in numbers:
                rejected = Rejected(row.number, "code", row.cells.get("code", ""), CLASH)
                self.report.rejected.append(rejected)


def _records(table: Table) -> Iterable[tuple[int, list[str]]]:
    if isinstance(table.rows, StreamedRows):
        return table.rows.records()
    return (
        (row.number, [*row.cells.values(), *([row.extra] if row.extra else [])])
        for row in table.rows
    )
