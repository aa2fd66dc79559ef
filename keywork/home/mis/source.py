"""One export as its kind's importer sees it: cells by our names, in the file's own words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from keywork.home.imports.cells import BadCellError
from keywork.home.imports.context import Context
from keywork.home.imports.importer import BadRowError
from keywork.home.imports.report import Rejected
from keywork.home.imports.tables import Row
from keywork.home.mis.columns import Columns
from keywork.home.mis.labels import WORDS
from keywork.home.mis.people import Match, StudentFinder, plain
from keywork.home.mis.reader import Cell, Sheet, as_text
from keywork.home.mis.report import Ask, MisReport, Skipped
from keywork.home.mis.values import Order, has_month_first, read_day
from students.models import Student

DATES = ("dob", "date", "occurred_at", "on_roll_from", "left_on")
# What a person may answer where a row and a student share name and date of birth.
SAME, OTHER = "same", "other"
# A person is told how far a file is no more often than this.
ROWS_A_TICK = 500
Tick = Callable[[int], None]
NO_TICK: Tick = lambda done: None  # noqa: E731
NO_PROBLEM: Callable[[str], None] = lambda sentence: None  # noqa: E731


class LeftOutError(Exception):
    """A row that is left out on purpose; the sentence says why."""


class AskError(Exception):
    """A row that a person has to decide on."""

    def __init__(self, question: str, student: Student | None = None, key: str = "") -> None:
        self.question, self.candidate = question, student.ref if student else ""
        self.key = key
        super().__init__(question)


@dataclass
class Source:
    """A file: its sheet, its columns, the words mapped by hand, and where its report goes.

    prefix: before the names of the student, where a row names somebody else too. answers: key of
    a question → SAME or OTHER. order: of day and month, DOUBTFUL found out by column. total: rows
    of the file. tick: told how many were read; what it raises ends the import. problem:
    told each row that is rejected.
    """

    sheet: Sheet
    columns: Columns
    words: Mapping[str, Mapping[str, str]]
    context: Context
    report: MisReport
    finder: StudentFinder
    prefix: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    order: Order = Order.DAY
    tick: Tick = NO_TICK
    problem: Callable[[str], None] = NO_PROBLEM
    total: int = 0
    month_first: set[str] = field(default_factory=set)
    given: dict[int, list[Cell]] = field(default_factory=dict)

    def look_over(self) -> None:
        """Go through the file once: count its rows, find dates with the month first.

        One of those throws doubt on its column.
        """
        dates = [(name, self.columns.of[name]) for name in DATES if name in self.columns.of]
        for _, cells in self.sheet.rows():
            self.total += 1
            for name, position in dates:
                if position < len(cells) and has_month_first(cells[position]):
                    self.month_first.add(name)
        if self.order == Order.DAY:
            self.report.doubtful_dates = [self.columns.heading(name) for name in self.month_first]

    def each_row(self) -> Iterator[tuple[int, list[Cell]]]:
        """Give the rows, counting them, and telling how far it is."""
        outcome = self.report.outcome
        for number, cells in self.sheet.rows():
            if not outcome.rows % ROWS_A_TICK:
                self.tick(outcome.rows)
            outcome.rows += 1
            yield number, cells
        self.tick(outcome.rows)

    def cell(self, cells: list[Cell], name: str) -> Cell:
        """Give a cell by our name, trimmed, "" where there is none; mapped words come as ours."""
        position = self.columns.of.get(name, len(cells))
        value = cells[position] if position < len(cells) else ""
        value = value.strip() if isinstance(value, str) else value
        return self.words.get(name, {}).get(as_text(value), value)

    def text(self, cells: list[Cell], name: str) -> str:
        """Give a cell as text."""
        return as_text(self.cell(cells, name)).strip()

    def read(self, cells: list[Cell], name: str, reader: Callable[..., Any], **more: Any) -> Any:
        """Read a cell that is not blank; None for a blank one. Raises BadRowError."""
        value = self.cell(cells, name)
        if value == "":
            return None
        if name in DATES:
            more["order"] = self._order_of(name)
        try:
            return reader(value, **more)
        except BadCellError as bad:
            if name in WORDS:
                self.report.unknown_word(name, as_text(value).strip())
            raise BadRowError(name, str(bad)) from None

    def _order_of(self, name: str) -> Order:
        doubtful = self.order == Order.DAY and name in self.month_first
        return Order.DOUBTFUL if doubtful else self.order

    def student(self, cells: list[Cell]) -> Match:
        """Find the student that a row is about. Raises BadRowError for a birthday that is none.

        Somebody may have said that a student of the same name and birth is this one, or is not.
        """
        match = self.finder.find(
            upn=self.text(cells, "upn").upper(),
            number=self.text(cells, "admission_no"),
            first=self.text(cells, f"{self.prefix}first_name"),
            last=self.text(cells, f"{self.prefix}last_name"),
            dob=self.read(cells, "dob", read_day),
        )
        if match.student and not match.sure and self.answers:
            answer = self.answers.get(self.question_key(cells, match.student))
            if answer == SAME:
                return Match(match.student, sure=True)
            if answer == OTHER:
                return Match()
        return match

    def question_key(self, cells: list[Cell], student: Student) -> str:
        """Name the question whether a row is about a student, without saying who it is."""
        said = [self.text(cells, name) for name in ("upn", "admission_no", "dob")]
        names = (f"{self.prefix}first_name", f"{self.prefix}last_name")
        said += [plain(self.text(cells, name)) for name in names]
        return sha256("|".join([student.ref, *said]).encode()).hexdigest()[:20]

    def the_student(self, cells: list[Cell]) -> Student:
        """Give the student of a row that adds to a known one. Raises AskError, BadRowError."""
        match = self.student(cells)
        if match.sure and match.student:
            return match.student
        if match.student:
            raise AskError(
                f"Known by name and birth alone. Is this {match.student}?",
                match.student,
                self.question_key(cells, match.student),
            )
        name = "upn" if self.text(cells, "upn") else "admission_no"
        several = "Several students answer to this." if match.several else "No such student here."
        raise BadRowError(name, several)

    def rows(self, translate: Callable[[list[Cell]], dict[str, str]]) -> Iterator[Row]:
        """Give the rows in our words; those that cannot be taken go to the report instead."""
        for number, cells in self.each_row():
            self.given[number] = cells
            try:
                yield Row(number, translate(cells))
            except BadRowError as bad:
                self.report.outcome.rejected.append(self.rejected(number, cells, bad))
            except AskError as ask:
                self.report.ask.append(Ask(number, ask.question, ask.candidate, ask.key))
            except LeftOutError as left_out:
                self.report.skipped.append(Skipped(number, str(left_out)))

    def rejected(self, number: int, cells: list[Cell], bad: BadRowError) -> Rejected:
        """Say what is wrong under the file's own heading, with the cell as it was given."""
        position = self.columns.of.get(bad.column, len(cells))
        value = as_text(cells[position]) if position < len(cells) else ""
        return self.rejection(number, self.columns.heading(bad.column), value, bad.error)

    def rejection(self, number: int, heading: str, value: str, error: str) -> Rejected:
        """Say what is wrong, also to whoever looks on."""
        self.problem(f"Row {number}, {heading} “{value}”: {error}")
        return Rejected(number, heading, value, error)


def without_blanks(cells: Mapping[str, str | None]) -> dict[str, str]:
    """Leave out what an export does not say: a blank cell there changes nothing here."""
    return {name: value for name, value in cells.items() if value}
