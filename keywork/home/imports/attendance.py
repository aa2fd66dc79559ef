"""attendance.csv: streamed, for a school's marks are many; its rows never stand in memory."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from keywork.home.imports.formats import ATTENDANCE, Kind
from keywork.home.imports.importer import BadRowError, Draft, Importer
from keywork.home.imports.report import FileReport, Rejected
from keywork.home.imports.tables import Row, Table
from students.models import Session
from students.rules.attendance import CODES
from students.services.mark_stage import TURNED_DOWN, StagedMark
from students.services.marks import load_marks

SESSIONS = frozenset(Session.values)
CLASH = "An earlier row has this session's mark, and differs. Keep one of them."


class AttendanceImporter(Importer):
    """Marks of the register, by student, date and session."""

    format = ATTENDANCE
    students: dict[str, int]
    dates: dict[str, date]

    def run(self, table: Table) -> FileReport:
        """Import the marks: all but the rows it rejects, or nothing where this raises."""
        if self.context.school is None:
            return super().run(table)  # rejects every row
        self.students = self.context.records_of(Kind.STUDENT).ids
        self.refused = self.context.records_of(Kind.STUDENT).rejected
        self.dates = {}
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
        for row in table.rows:
            self.report.rows += 1
            mark = self._quickly(row) or self._carefully(row)
            if mark is not None:
                yield mark

    def _quickly(self, row: Row) -> StagedMark | None:
        """Read a row as nearly all of them are, by look-ups; None for any other."""
        cells = row.cells
        student = self.students.get(cells.get("upn", ""))
        day = self.dates.get(cells.get("date", ""))
        session, code = cells.get("session", ""), cells.get("code", "")
        plain = (
            session in SESSIONS and code in CODES and not (cells.get("minutes_late") or row.extra)
        )
        if student is None or day is None or not plain or cells["upn"] in self.refused:
            return None
        return (row.number, student, day, session, code, None)

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
        self.dates[row.cells["date"]] = cells["date"]
        code = TURNED_DOWN if draft.rejection else cells["code"]
        return (
            row.number,
            cells["upn"],
            cells["date"],
            cells["session"],
            code,
            cells.get("minutes_late"),
        )

    def _reject_clashes(self, table: Table, numbers: set[int]) -> None:
        for row in table.rows:
            if row.number in numbers:
                rejected = Rejected(row.number, "code", row.cells.get("code", ""), CLASH)
                self.report.rejected.append(rejected)
