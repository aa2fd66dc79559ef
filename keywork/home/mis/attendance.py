"""Marks of an export, one a row or one a column; streamed, however many they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

from keywork.home.imports.cells import BadCellError
from keywork.home.imports.importer import BadRowError
from keywork.home.mis.columns import WHO
from keywork.home.mis.reader import MOST_COLUMNS, Cell, as_text
from keywork.home.mis.report import Ask
from keywork.home.mis.source import AskError, Source
from keywork.home.mis.values import read_code, read_day, squeeze
from students.models import Student
from students.services.mark_stage import StagedMark
from students.services.marks import MarkCounts, load_marks

CLASH = "An earlier mark for this session differs. Keep one of them."
SESSIONS = {"am": "AM", "1": "AM", "morning": "AM", "pm": "PM", "2": "PM", "afternoon": "PM"}
MOST_MINUTES = 600


class MarkReader:
    """Turns rows into marks. The number of a mark tells its row and column."""

    def __init__(self, source: Source) -> None:
        self.source = source
        # What cells mean, by the cell: of a million marks few differ in anything.
        self.codes: dict[str, str] = {}
        self.days: dict[Cell, date] = {}
        self.sessions: dict[Cell, str] = {}
        self.students: dict[tuple[Cell, ...], Student] = {}
        self.who = [source.columns.of[name] for name in WHO if name in source.columns.of]
        self.width = max([*source.columns.of.values(), *source.columns.sessions]) + 1

    def marks(self) -> Iterator[StagedMark]:
        """Give the marks, without the database; rows that cannot be taken go to the report."""
        report = self.source.report
        for number, cells in self.source.each_row():
            if len(cells) < self.width:
                cells.extend([""] * (self.width - len(cells)))
            try:
                student = self._student(cells)
                if self.source.columns.sessions:
                    yield from self._wide(number, cells, student)
                else:
                    yield from self._long(number, cells, student)
            except BadRowError as bad:
                report.outcome.rejected.append(self.source.rejected(number, cells, bad))
            except AskError as ask:
                report.ask.append(Ask(number, ask.question, ask.candidate, ask.key))

    def _long(self, number: int, cells: list[Cell], student: Student) -> Iterator[StagedMark]:
        source, of = self.source, self.source.columns.of
        code = self._code(source.cell(cells, "code"))
        if not code:
            source.report.no_mark += 1
            return
        day = self.days.get(cells[of["date"]]) or self._day(cells)
        session = self.sessions.get(cells[of["session"]]) or self._session(cells)
        late = _minutes(source.text(cells, "minutes_late")) if "minutes_late" in of else None
        yield (_number(number, of["code"]), student.pk, day, session, code, late)

    def _student(self, cells: list[Cell]) -> Student:
        """Give the student. Raises BadRowError, AskError."""
        key = tuple([cells[position] for position in self.who])
        found = self.students.get(key)
        if found is None:
            found = self.source.the_student(cells)
            self.students[key] = found
        return found

    def _day(self, cells: list[Cell]) -> date:
        day = self.source.read(cells, "date", read_day)
        if day is None:
            raise BadRowError("date", "Needed: this cell is empty.")
        self.days[cells[self.source.columns.of["date"]]] = day
        return day

    def _session(self, cells: list[Cell]) -> str:
        text = self.source.text(cells, "session")
        session = SESSIONS.get(squeeze(text))
        if session is None:
            self.source.report.unknown_word("session", text)
            raise BadRowError("session", "Use AM or PM.")
        self.sessions[cells[self.source.columns.of["session"]]] = session
        return session

    def _wide(self, number: int, cells: list[Cell], student: Student) -> Iterator[StagedMark]:
        source = self.source
        words = source.words.get("code", {})
        for position, (day, session) in source.columns.sessions.items():
            cell = cells[position]
            cell = words.get(as_text(cell).strip(), cell) if words else cell
            try:
                code = self._code(cell)
            except BadRowError as bad:
                heading = source.columns.headings[position]
                rejected = source.rejection(number, heading, as_text(cell), bad.error)
                source.report.outcome.rejected.append(rejected)
                continue
            if code:
                yield (_number(number, position), student.pk, day, session, code, None)
            else:
                source.report.no_mark += 1

    def _code(self, cell: Cell) -> str:
        text = as_text(cell)
        if text not in self.codes:
            try:
                self.codes[text] = read_code(cell)
            except BadCellError as bad:
                self.source.report.unknown_word("code", text.strip())
                raise BadRowError("code", str(bad)) from None
        return self.codes[text]


def _number(row: int, position: int) -> int:
    return row * MOST_COLUMNS + position


def _minutes(text: str) -> int | None:
    if not text or text == "0":
        return None
    if not text.isdecimal() or int(text) > MOST_MINUTES:
        raise BadRowError("minutes_late", f"Use whole minutes, at most {MOST_MINUTES}.")
    return int(text)


def import_marks(
    source: Source, file: str, *, dry_run: bool, conclude: Callable[[], None]
) -> None:
    """Import the marks of a file into the report. What a file does not say of minutes stands.

    conclude: called once the report is whole, last in the transaction.
    """

    def settle(counts: MarkCounts) -> None:
        _tell(source, counts)
        conclude()

    context = source.context
    load_marks(
        school=context.the_school,
        rows=MarkReader(source).marks(),
        file=file,
        now=context.now,
        by=context.by,
        keep_minutes=True,
        dry_run=dry_run,
        conclude=settle,
    )


def _tell(source: Source, counts: MarkCounts) -> None:
    outcome = source.report.outcome
    outcome.created, outcome.updated = counts.created, counts.updated
    outcome.unchanged = counts.unchanged
    _reject_clashes(source, set(counts.clashing))
    outcome.rejected.sort(key=lambda each: each.row)


def _reject_clashes(source: Source, numbers: set[int]) -> None:
    rows = {number // MOST_COLUMNS for number in numbers}
    for number, cells in source.sheet.rows() if numbers else ():
        if number in rows:
            for position in range(len(cells)):
                if _number(number, position) in numbers:
                    heading, text = source.columns.headings[position], as_text(cells[position])
                    rejected = source.rejection(number, heading, text, CLASH)
                    source.report.outcome.rejected.append(rejected)
