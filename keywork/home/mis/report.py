"""What an import from an MIS did: as any import, and what was left out or needs a person."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from keywork.home.imports.report import FileReport

MOST_WORDS, LONGEST_WORD = 30, 60


@dataclass(frozen=True, slots=True)
class Ask:
    """A row not applied, for a person has to decide. candidate: a student's ref, or "".

    key: the same for each row about the same person, to answer the question by; "" where only a
    change elsewhere answers it.
    """

    row: int
    question: str
    candidate: str = ""
    key: str = ""

    def as_json(self) -> dict[str, Any]:
        """Give what `import_mis --format json` prints."""
        return {"row": self.row, "question": self.question, "candidate": self.candidate}


@dataclass(frozen=True, slots=True)
class Skipped:
    """A row that was left out on purpose, and why."""

    row: int
    reason: str


@dataclass
class MisReport:
    """What one file gave. unknown: headings that nothing is taken from.

    doubtful_dates: headings of columns where some dates have the month first.
    words: our name → {a word of the file that is not known: how often it stands there}.
    no_mark: cells of a register that are blank or "-". Of a register with a column a session,
    `rows` counts rows and the rest counts marks.
    """

    file: str
    outcome: FileReport = field(default_factory=FileReport)
    ask: list[Ask] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    no_mark: int = 0
    doubtful_dates: list[str] = field(default_factory=list)
    words: dict[str, dict[str, int]] = field(default_factory=dict)

    @property
    def rejected(self) -> int:
        """Count the rejected rows."""
        return len(self.outcome.rejected)

    def unknown_word(self, name: str, word: str) -> None:
        """Count a word whose meaning a person may know; the first few different ones."""
        words = self.words.setdefault(name, {})
        if word in words or (len(words) < MOST_WORDS and len(word) <= LONGEST_WORD):
            words[word] = words.get(word, 0) + 1

    def as_json(self) -> dict[str, Any]:
        """Give what `import_mis --format json` prints: as `import_school`, and more."""
        found = asdict(self.outcome)
        found.pop("examples")
        found["skipped"] = [asdict(each) for each in self.skipped]
        found["ask"] = [each.as_json() for each in self.ask]
        found["unknown_columns"] = self.unknown
        found["no_mark"] = self.no_mark
        return {"files": {self.file: found}}

    def as_text(self) -> str:
        """Give counts for people, each row that was not taken below them."""
        done = self.outcome
        counts = (
            f"{done.rows} rows; {done.created} new, {done.updated} changed, "
            f"{done.unchanged} the same, {len(done.rejected)} rejected, "
            f"{len(self.skipped)} left out, {len(self.ask)} for you to decide"
        )
        lines = [f"{self.file}: {counts}"]
        if self.unknown:
            lines.append(f"Columns not taken: {', '.join(self.unknown)}")
        lines += [
            f"row {each.row}, {each.column} “{each.value}”: {each.error}" for each in done.rejected
        ]
        lines += [f"row {each.row}: {each.question}" for each in self.ask]
        lines += [f"row {each.row}: left out. {each.reason}" for each in self.skipped]
        return "\n".join(lines)
