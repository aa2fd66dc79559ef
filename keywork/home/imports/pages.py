"""What the import pages show of a report."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.forms import BoundField
from django.urls import reverse

from keywork.home.forms.exports import DecisionsForm
from keywork.home.imports.formats import FORMATS, NOT_SUPPORTED
from keywork.home.mis.labels import label_of
from keywork.home.models import ImportRun

ROWS_SHOWN = 100

LABELS = {
    "school": "School",
    "calendar": "Calendar",
    "staff": "Staff",
    "students": "Students",
    "assignments": "Key workers",
    "timetable": "Timetable",
    "attendance": "Attendance",
    "behaviour": "Slips and rewards",
    "sessions": "Sessions",
    "targets": "Targets",
    "contacts": "Adults at home",
    "contact_log": "Contact with home",
    "checkups": "Check-ups",
}
LISTS = {
    "school": ("settings", "Settings"),
    "calendar": ("settings", "Settings"),
    "staff": ("staff", "Staff"),
    "students": ("students:students", "Students"),
    "assignments": ("assignments", "Key workers"),
    "contacts": ("students:students", "Students"),
    "attendance": ("students:attendance_table", "Attendance"),
    "behaviour": ("slips", "Slips and rewards"),
}


@dataclass(frozen=True)
class FilePart:
    """One file of a report, as shown. examples, rejected: plain values of the report."""

    name: str
    file: str
    label: str
    created: int
    updated: int
    unchanged: int
    problems: int
    examples: list[dict[str, Any]]
    rejected: list[dict[str, Any]]
    list_url: str
    list_label: str

    @property
    def more_problems(self) -> int:
        """Count the problem rows that are in the download and not on the page."""
        return self.problems - len(self.rejected)

    @property
    def more_examples(self) -> int:
        """Count the changed rows that are not shown."""
        return max(self.updated - len(self.examples), 0)


@dataclass(frozen=True)
class Totals:
    """A report's counts over all files."""

    created: int
    updated: int
    unchanged: int
    problems: int

    @property
    def good(self) -> int:
        """Count the rows to import, those that change nothing included."""
        return self.created + self.updated + self.unchanged

    @property
    def anything_to_do(self) -> bool:
        """Say whether importing would change anything."""
        return bool(self.created or self.updated)


def parts_of(run: ImportRun) -> list[FilePart]:
    """Give a report's files, in the order of import."""
    return [_part(run, file, found) for file, found in run.report.get("files", {}).items()]


def totals_of(parts: list[FilePart]) -> Totals:
    """Add up the files' counts."""
    return Totals(
        created=sum(part.created for part in parts),
        updated=sum(part.updated for part in parts),
        unchanged=sum(part.unchanged for part in parts),
        problems=sum(part.problems for part in parts),
    )


def _part(run: ImportRun, file: str, found: dict[str, Any]) -> FilePart:
    name = run.kind if run.is_export else Path(file).stem
    url_name, list_label = LISTS.get(name, ("", ""))
    return FilePart(
        name=name,
        file=file,
        label=LABELS[name],
        created=found["created"],
        updated=found["updated"],
        unchanged=found["unchanged"],
        problems=found.get("problems", len(found["rejected"])),
        examples=found["examples"],
        rejected=found["rejected"][:ROWS_SHOWN],
        list_url=reverse(url_name) if url_name else "",
        list_label=list_label,
    )


@dataclass(frozen=True)
class Question:
    """A question of a preview. rows: "Row 13" or "Rows 13, 14 and 3 more"; field: its answer."""

    rows: str
    question: str
    student_ref: str
    field: BoundField | None


@dataclass(frozen=True)
class Decisions:
    """What a preview asks: of students, and of words by column label."""

    questions: list[Question]
    words: list[tuple[str, list[tuple[BoundField, int]]]]

    @property
    def to_answer(self) -> bool:
        """Say whether there is anything to choose here."""
        return bool(self.words) or any(question.field for question in self.questions)


def decisions_of(run: ImportRun, form: DecisionsForm) -> Decisions:
    """Give what a person can decide on before an export is imported."""
    mis = run.report.get("mis", {})
    questions = [
        Question(
            rows=_rows(ask["rows"], ask["count"]),
            question=ask["question"],
            student_ref=ask["candidate"],
            field=form[f"ask_{ask['key']}"] if ask["key"] else None,
        )
        for ask in mis.get("asks", [])
    ]
    words: dict[str, list[tuple[BoundField, int]]] = {}
    for name, (column, word) in form.words.items():
        label = label_of(run.kind, column)
        words.setdefault(label, []).append((form[name], mis["words"][column][word]))
    return Decisions(questions, list(words.items()))


def _rows(rows: list[int], count: int) -> str:
    if count == 1:
        return f"Row {rows[0]}"
    more = f" and {count - len(rows)} more" if count > len(rows) else ""
    return f"Rows {', '.join(map(str, rows))}{more}"


def left_out(run: ImportRun) -> str:
    """Say which files of the upload this version cannot import; empty where there are none."""
    names = run.report.get("not_supported", [])
    return f"Not imported: {', '.join(names)}. A later version of Keywork will." if names else ""


def templates() -> list[tuple[str, str]]:
    """Give (name, label) of each file that can be imported, in order."""
    return [(name, LABELS[name]) for name in FORMATS]


def not_yet() -> str:
    """Name the files that a later version will import."""
    return ", ".join(f"{name}.csv" for name in NOT_SUPPORTED)


def template_csv(name: str) -> str:
    """Give a file with the header of a known name and nothing else."""
    out = io.StringIO(newline="")
    csv.writer(out).writerow([column.name for column in FORMATS[name].columns])
    return out.getvalue()
