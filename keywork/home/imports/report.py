"""What an import did, or would do: counts, rejected rows, examples of changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

EXAMPLES = 20


class UnreadableFilesError(Exception):
    """A file cannot be read, so nothing is imported. `problems`: (file, what to do)."""

    def __init__(self, problems: Sequence[tuple[str, str]]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(f"{file}: {reason}" for file, reason in self.problems))


class BadFileError(ValueError):
    """One file that cannot be read; the sentence says what to do."""


class Outcome(StrEnum):
    """What became of a row that was not rejected."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that was not taken. row: 1 is the header's; value: the cell as given."""

    row: int
    column: str
    value: str
    error: str


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One change to a record, as people read it: label, value before and after."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Example:
    """A row that changes a record, shown in the preview."""

    row: int
    key: str
    changes: tuple[FieldChange, ...]


@dataclass
class FileReport:
    """What one file gave."""

    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: list[Rejected] = field(default_factory=list)
    examples: list[Example] = field(default_factory=list)

    @property
    def good(self) -> int:
        """Count the rows that were taken, or would be."""
        return self.created + self.updated + self.unchanged

    def count(self, outcome: Outcome) -> None:
        """Count a row that was taken."""
        setattr(self, outcome, getattr(self, outcome) + 1)

    def add_example(self, example: Example) -> None:
        """Keep the first few changes to show."""
        if len(self.examples) < EXAMPLES:
            self.examples.append(example)


@dataclass
class ImportReport:
    """What an import gave: file name → report; files of the folder not supported yet."""

    files: dict[str, FileReport] = field(default_factory=dict)
    not_supported: list[str] = field(default_factory=list)

    @property
    def rejected(self) -> int:
        """Count the rejected rows of all files."""
        return sum(len(file.rejected) for file in self.files.values())

    @property
    def good(self) -> int:
        """Count the rows of all files that were taken, or would be."""
        return sum(file.good for file in self.files.values())

    def as_json(self) -> dict[str, Any]:
        """Give the document that `import_school --format json` prints."""
        files = {name: _without_examples(file) for name, file in self.files.items()}
        return {"files": files} | (
            {"not_supported": self.not_supported} if self.not_supported else {}
        )

    def as_record(self) -> dict[str, Any]:
        """Give all of it as plain values, to keep."""
        return {
            "files": {name: asdict(file) for name, file in self.files.items()},
            "not_supported": self.not_supported,
        }

    def as_text(self) -> str:
        """Give a table for people, each rejected row below it."""
        lines = [f"{'':<18}{'rows':>7}{'new':>7}{'changed':>9}{'same':>7}{'rejected':>10}"]
        for name, file in self.files.items():
            counts = f"{file.rows:>7}{file.created:>7}{file.updated:>9}{file.unchanged:>7}"
            lines.append(f"{name:<18}{counts}{len(file.rejected):>10}")
        lines += [f"{name}: not yet supported, left alone" for name in self.not_supported]
        for name, file in self.files.items():
            lines += [
                f"{name} row {each.row}, {each.column} “{each.value}”: {each.error}"
                for each in file.rejected
            ]
        return "\n".join(lines)


def _without_examples(file: FileReport) -> dict[str, Any]:
    return {name: value for name, value in asdict(file).items() if name != "examples"}
