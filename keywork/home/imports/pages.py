"""What the import pages show of a report."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.urls import reverse

from keywork.home.imports.formats import FORMATS, NOT_SUPPORTED
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
}
LISTS = {
    "school": ("settings", "Settings"),
    "calendar": ("settings", "Settings"),
    "staff": ("staff", "Staff"),
    "students": ("students:students", "Students"),
    "assignments": ("assignments", "Key workers"),
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
    return [_part(file, found) for file, found in run.report.get("files", {}).items()]


def totals_of(parts: list[FilePart]) -> Totals:
    """Add up the files' counts."""
    return Totals(
        created=sum(part.created for part in parts),
        updated=sum(part.updated for part in parts),
        unchanged=sum(part.unchanged for part in parts),
        problems=sum(part.problems for part in parts),
    )


def _part(file: str, found: dict[str, Any]) -> FilePart:
    name = Path(file).stem
    url_name, list_label = LISTS.get(name, ("", ""))
    return FilePart(
        name=name,
        file=file,
        label=LABELS[name],
        created=found["created"],
        updated=found["updated"],
        unchanged=found["unchanged"],
        problems=len(found["rejected"]),
        examples=found["examples"],
        rejected=found["rejected"][:ROWS_SHOWN],
        list_url=reverse(url_name) if url_name else "",
        list_label=list_label,
    )


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
