"""How a table becomes records: read, match, check, settle, write. One transaction a table.

Each file's own module says only what is particular to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import DataError, IntegrityError, models, transaction

from keywork.home.imports.cells import BadCellError, read_cell
from keywork.home.imports.context import Context
from keywork.home.imports.formats import REFERENCES, FileFormat, Kind
from keywork.home.imports.report import Example, FieldChange, FileReport, Outcome, Rejected
from keywork.home.imports.tables import Row, Table

TOGETHER = 500
DATABASE_REFUSED = "The database refuses this row beside what is there. Check its dates."


class BadRowError(ValueError):
    """A row that cannot be taken, because of one of its columns."""

    def __init__(self, column: str, error: str) -> None:
        self.column, self.error = column, error
        super().__init__(error)


@dataclass
class Draft:
    """A row on its way to a record.

    cells: column → value; values: attribute of the record → value (columns that the file has,
    and no others); record: the one in the database that has this key, if any.
    """

    row: Row
    key: tuple[Any, ...] = ()
    cells: dict[str, Any] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    record: Any = None
    rejection: Rejected | None = None
    outcome: Outcome | None = None
    same_as: Draft | None = None

    def reject(self, column: str, error: str) -> None:
        """Mark the row as not taken."""
        self.rejection = Rejected(self.row.number, column, self.row.cells.get(column, ""), error)

    def final(self, column: str, attname: str = "") -> Any:
        """Give what the record will hold: the file's value, else what is there already."""
        if column in self.cells:
            return self.cells[column]
        return getattr(self.record, attname or column, None)


class Importer:
    """What all files have in common. Subclasses name the format, match and check."""

    format: FileFormat
    # The kind of reference by which other files name these records.
    referred_to_as: Kind | None = None
    # Told how many rows were written; what it raises takes them back.
    tick: Callable[[int], None] = staticmethod(lambda done: None)
    # What was said is not shown to the office, whose import may change it.
    hides_text = False
    # Nor are these attributes.
    hidden: frozenset[str] = frozenset()
    # New records are written some hundred at a time: a file of thousands takes a quarter as long.
    creates_together = False

    def __init__(self, context: Context, file: str) -> None:
        self.context, self.file = context, file
        self.rows_written = 0
        self.report = FileReport()

    # What a file's own module says

    def match(self, drafts: list[Draft]) -> None:
        """Set `record` of the drafts whose key the database has, in few queries."""
        raise NotImplementedError

    def new(self, draft: Draft) -> models.Model:
        """Give an empty record for a key the database does not have."""
        raise NotImplementedError

    def check(self, draft: Draft) -> None:
        """Raise BadRowError for what a single row, beside its record, gets wrong."""

    def settle(self, drafts: list[Draft]) -> None:
        """Reject rows that do not go together."""

    def in_order(self, drafts: list[Draft]) -> list[Draft]:
        """Give the order in which to write."""
        return drafts

    def write(self, draft: Draft) -> Outcome:
        """Write one row."""
        return self.put(draft, draft.record or self.new(draft), draft.values)

    def follow(self, drafts: list[Draft]) -> None:
        """Do what follows from the rows that were written, in the same transaction."""

    def create(self, drafts: list[Draft]) -> list[Any]:
        """Write the new records of some rows together, and give them in that order."""
        records = [self.new(draft) for draft in drafts]
        for draft, record in zip(drafts, records, strict=True):
            for name, value in draft.values.items():
                setattr(record, name, value)
        self.context.create(records, self.file)
        return records

    # What all have in common

    def run(self, table: Table) -> FileReport:
        """Import a table: all of it, but the rows it rejects, or nothing where this raises."""
        with transaction.atomic():
            drafts = [Draft(row) for row in table.rows]
            self._each(drafts, self._read)
            self._find_repeated(drafts)
            if _alive(drafts):
                self._take(drafts)
        self._conclude(drafts)
        return self.report

    def _take(self, drafts: list[Draft]) -> None:
        self.match(_alive(drafts))
        self._each(drafts, self._check)
        self.settle(_alive(drafts))
        ordered = self.in_order(_alive(drafts))
        new = [draft for draft in ordered if draft.record is None and self.creates_together]
        for first in range(0, len(new), TOGETHER):
            self._create_safely(new[first : first + TOGETHER])
        self._each([draft for draft in ordered if draft.outcome is None], self._write_safely)
        self.follow([draft for draft in ordered if draft.outcome not in (None, Outcome.UNCHANGED)])

    def put(self, draft: Draft, record: Any, values: dict[str, Any]) -> Outcome:
        """Bring a record to these values; save, with history, only where it differs."""
        changed = self.differences(record, values)
        if record.pk and not changed:
            return Outcome.UNCHANGED
        before = [_shown(record, name) for name in changed] if record.pk else []
        outcome = Outcome.UPDATED if record.pk else Outcome.CREATED
        for name, value in values.items():
            setattr(record, name, value)
        self.context.stamp(record, self.file)
        record.save()
        if outcome == Outcome.UPDATED:
            self._keep_example(draft, record, changed, before)
        return outcome

    def differences(self, record: Any, values: dict[str, Any]) -> list[str]:
        """Name the attributes of a record that the values would change."""
        return [name for name, value in values.items() if getattr(record, name) != value]

    def show(self, draft: Draft) -> str:
        """Name a row to people, in a preview."""
        return " ".join(draft.row.cells.get(column, "") for column in self.format.key)

    def _each(self, drafts: Iterable[Draft], act: Any) -> None:
        for draft in _alive(drafts):
            try:
                act(draft)
            except BadRowError as bad:
                draft.reject(bad.column, bad.error)

    def _read(self, draft: Draft) -> None:
        if draft.row.extra:
            raise BadRowError(
                self.format.key[0],
                f"There are more cells than columns: “{draft.row.extra}”. Check the commas.",
            )
        if self.context.school is None and self.format.name != "school":
            raise BadRowError(self.format.key[0], "The school's row in school.csv was rejected.")
        for column in self.format.columns:
            if column.name in draft.row.cells:
                draft.cells[column.name] = self._cell(draft, column.name)
        self._require_key(draft)
        draft.key = tuple(draft.cells.get(name, "") for name in self.format.key)

    def _cell(self, draft: Draft, name: str) -> Any:
        column, text = self.format.by_name[name], draft.row.cells[name]
        try:
            value = read_cell(column, text)
            if text and column.kind in REFERENCES:
                value = self.context.look_up(column.kind, text)
        except BadCellError as bad:
            raise BadRowError(name, str(bad)) from None
        if column.attname:
            draft.values[column.attname] = value
        return value

    def _require_key(self, draft: Draft) -> None:
        for name in self.format.key:
            if self.format.by_name[name].required and name not in draft.cells:
                raise BadRowError(name, "Needed: the file has no such column.")

    def _find_repeated(self, drafts: list[Draft]) -> None:
        """Reject a key seen before, unless the whole row is the same: that counts as unchanged.

        Rejected rows count as seen, by the text of their key.
        """
        seen: dict[tuple[str, ...], Draft] = {}
        for draft in drafts:
            key = tuple(draft.row.cells.get(name, "") for name in self.format.key)
            first = seen.setdefault(key, draft)
            if first is draft or not any(key) or draft.rejection is not None:
                continue
            if first.row.cells == draft.row.cells and not draft.row.extra:
                draft.same_as = first
            else:
                draft.reject(
                    self.format.key[0],
                    f"Row {first.row.number} has the same {_and(self.format.key)} and differs. "
                    "Keep one of them.",
                )

    def _check(self, draft: Draft) -> None:
        """Check a row; a new record needs every required column, a known one may keep its own."""
        for column in self.format.columns:
            if column.required and column.name not in draft.cells and draft.record is None:
                raise BadRowError(column.name, "Needed: the file has no such column.")
        self.check(draft)

    def _write_safely(self, draft: Draft) -> None:
        self.tick(self.rows_written)
        self.rows_written += 1
        try:
            with transaction.atomic():  # a savepoint: one refused row leaves the others
                draft.outcome = self.write(draft)
        except (IntegrityError, DataError):
            raise BadRowError(self.format.key[0], DATABASE_REFUSED) from None

    def _create_safely(self, drafts: list[Draft]) -> None:
        """Write new records together; where one is refused, leave all to be written one by one."""
        self.tick(self.rows_written)
        try:
            with transaction.atomic():
                self.create(drafts)
        except (IntegrityError, DataError):
            return
        for draft in drafts:
            draft.outcome = Outcome.CREATED
        self.rows_written += len(drafts)

    def _keep_example(
        self, draft: Draft, record: Any, changed: list[str], before: list[str]
    ) -> None:
        after = [_shown(record, name) for name in changed]
        changes = tuple(
            FieldChange(_label(record, name), "not shown", "as in the file")
            if self.hides_text or name in self.hidden
            else FieldChange(_label(record, name), was, now)
            for name, was, now in zip(changed, before, after, strict=True)
        )
        self.report.add_example(Example(draft.row.number, self.show(draft), changes))

    def _conclude(self, drafts: list[Draft]) -> None:
        self.report.rows = len(drafts)
        for draft in drafts:
            self._count(draft)
        self._tell_others(drafts)

    def _count(self, draft: Draft) -> None:
        first = draft.same_as
        if first is not None and first.rejection is not None:
            draft.reject(first.rejection.column, first.rejection.error)
        if draft.rejection is not None:
            self.report.rejected.append(draft.rejection)
        else:
            self.report.count(draft.outcome or Outcome.UNCHANGED)

    def _tell_others(self, drafts: list[Draft]) -> None:
        """Let later files refer to what was taken, and be told what was rejected."""
        if self.referred_to_as is None or self.context.school is None:
            return
        known = self.context.records_of(self.referred_to_as)
        key = self.format.key[0]
        taken = {draft.row.cells.get(key, "") for draft in drafts if draft.rejection is None}
        rejected = {draft.row.cells.get(key, "") for draft in drafts} - taken
        known.rejected |= rejected - {""}


def _alive(drafts: Iterable[Draft]) -> list[Draft]:
    return [draft for draft in drafts if draft.rejection is None and draft.same_as is None]


def _and(names: tuple[str, ...]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _field(record: models.Model, attname: str) -> Any:
    return record._meta.get_field(attname)


def _label(record: models.Model, attname: str) -> str:
    name = str(_field(record, attname).verbose_name)
    return name[:1].upper() + name[1:]


def _shown(record: models.Model, attname: str) -> str:
    """Give a value as people read it; a linked record by its name."""
    found = _field(record, attname)
    value = getattr(record, found.name)
    if value is None or value == "":
        return "empty"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    return str(dict(found.flatchoices).get(value, value))
