"""One export as its kind's importer sees it: cells by our names, in the file's own words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from keywork.home.imports.cells import BadCellError
from keywork.home.imports.context import Context
from keywork.home.imports.importer import BadRowError
from keywork.home.imports.report import Rejected
from keywork.home.imports.tables import Row
from keywork.home.mis.columns import Columns
from keywork.home.mis.people import Match, StudentFinder
from keywork.home.mis.reader import Cell, Sheet, as_text
from keywork.home.mis.report import Ask, MisReport, Skipped
from keywork.home.mis.values import has_month_first, read_day
from students.models import Student

DATES = ("dob", "date", "occurred_at", "on_roll_from", "left_on")


class LeftOutError(Exception):
    """A row that is left out on purpose; the sentence says why."""


class AskError(Exception):
    """A row that a person has to decide on."""

    def __init__(self, question: str, student: Student | None = None) -> None:
        self.question, self.candidate = question, student.ref if student else ""
        super().__init__(question)


@dataclass
class Source:
    """A file: its sheet, its columns, the words mapped by hand, and where its report goes.

    prefix: before the names of the student, where a row names somebody else too.
    """

    sheet: Sheet
    columns: Columns
    words: Mapping[str, Mapping[str, str]]
    context: Context
    report: MisReport
    finder: StudentFinder
    prefix: str = ""
    month_first: set[str] = field(default_factory=set)
    given: dict[int, list[Cell]] = field(default_factory=dict)

    def look_for_month_first(self) -> None:
        """Go through the dates once: one with the month first throws doubt on its column."""
        dates = [(name, self.columns.of[name]) for name in DATES if name in self.columns.of]
        for _, cells in self.sheet.rows() if dates else ():
            for name, position in dates:
                if position < len(cells) and has_month_first(cells[position]):
                    self.month_first.add(name)

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
            more["month_first"] = name in self.month_first
        try:
            return reader(value, **more)
        except BadCellError as bad:
            raise BadRowError(name, str(bad)) from None

    def student(self, cells: list[Cell]) -> Match:
        """Find the student that a row is about. Raises BadRowError for a birthday that is none."""
        return self.finder.find(
            upn=self.text(cells, "upn").upper(),
            number=self.text(cells, "admission_no"),
            first=self.text(cells, f"{self.prefix}first_name"),
            last=self.text(cells, f"{self.prefix}last_name"),
            dob=self.read(cells, "dob", read_day),
        )

    def the_student(self, cells: list[Cell]) -> Student:
        """Give the student of a row that adds to a known one. Raises AskError, BadRowError."""
        match = self.student(cells)
        if match.sure and match.student:
            return match.student
        if match.student:
            raise AskError(
                f"Known by name and birth alone. Is this {match.student}?", match.student
            )
        name = "upn" if self.text(cells, "upn") else "admission_no"
        several = "Several students answer to this." if match.several else "No such student here."
        raise BadRowError(name, several)

    def rows(self, translate: Callable[[list[Cell]], dict[str, str]]) -> Iterator[Row]:
        """Give the rows in our words; those that cannot be taken go to the report instead."""
        for number, cells in self.sheet.rows():
            self.report.outcome.rows += 1
            self.given[number] = cells
            try:
                yield Row(number, translate(cells))
            except BadRowError as bad:
                self.report.outcome.rejected.append(self.rejected(number, cells, bad))
            except AskError as ask:
                self.report.ask.append(Ask(number, ask.question, ask.candidate))
            except LeftOutError as left_out:
                self.report.skipped.append(Skipped(number, str(left_out)))

    def rejected(self, number: int, cells: list[Cell], bad: BadRowError) -> Rejected:
        """Say what is wrong under the file's own heading, with the cell as it was given."""
        position = self.columns.of.get(bad.column, len(cells))
        value = as_text(cells[position]) if position < len(cells) else ""
        return Rejected(number, self.columns.heading(bad.column), value, bad.error)


def without_blanks(cells: Mapping[str, str | None]) -> dict[str, str]:
    """Leave out what an export does not say: a blank cell there changes nothing here."""
    return {name: value for name, value in cells.items() if value}
