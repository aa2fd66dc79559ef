"""What an import knows: its school, who is asking, and the records that rows may refer to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Model, QuerySet

from keywork.history import create_all
from keywork.home.imports.cells import BadCellError
from keywork.home.imports.formats import Kind
from keywork.models import KeyWorkModel, School, StaffMember, User
from keywork.roles import Role
from sessions.models import KeyworkSession
from students.models import BehaviourRecord, Student

# Below the number of parameters that SQLite takes in one statement.
CHUNK = 500
# How the history of what a file brought begins to say why.
IMPORTED_FROM = "Imported from "
# How that of a planned session does which a file's assignments gave to another key worker.
HANDED_OVER_FROM = "Key worker imported from "


@dataclass
class Known:
    """The records of one kind that rows may refer to: key → id; keys whose row was rejected.

    noun, file: for sentences.
    """

    noun: str
    file: str
    ids: dict[str, int]
    rejected: set[str] = field(default_factory=set)

    def look_up(self, key: str) -> int:
        """Give the record's id. Raises BadCellError."""
        if key in self.rejected:
            raise BadCellError(f"The row of this {self.noun} in {self.file} was rejected.")
        if key not in self.ids:
            raise BadCellError(
                f"No such {self.noun}, neither in {self.file} nor at the school. Check it."
            )
        return self.ids[key]


@dataclass
class Context:
    """One import. school: None until school.csv was taken (or where it was rejected).

    on: today. by: the person who imports, or None for the command. own_school_only: the import
    comes from a school's own admin, who must not reach people and students of other schools.
    grantable: the roles that whoever imports may give and take.
    """

    on: date
    now: datetime
    by: User | None = None
    school: School | None = None
    own_school_only: bool = False
    grantable: frozenset[Role] = frozenset(Role)
    known: dict[Kind, Known] = field(default_factory=dict)

    @property
    def the_school(self) -> School:
        """Give the school, which every file below school.csv has."""
        if self.school is None:
            raise ValueError("The school's row was rejected")
        return self.school

    def look_up(self, kind: Kind, key: str) -> Any:
        """Give the id of the record that a cell refers to, or ids. Raises BadCellError."""
        known = self.records_of(kind)
        if kind != Kind.SLIPS:
            return known.look_up(key)
        refs = dict.fromkeys(part for each in key.split("|") if (part := each.strip()))
        return tuple(known.look_up(ref) for ref in refs)

    def records_of(self, kind: Kind) -> Known:
        """Give what is known of one kind; read from the database once."""
        if kind not in self.known:
            self.known[kind] = LOADERS[kind](self.the_school)
        return self.known[kind]

    def stamp(self, record: Model, file: str) -> None:
        """Say in the record's history who imported it from which file."""
        marks: Any = record
        marks._history_user = self.by
        marks._change_reason = _reason(file)  # noqa: SLF001 (simple-history's name)

    def create(self, records: list[Any], file: str) -> None:
        """Write new records of one model together; their history says the same."""
        create_all(records, by=self.by, reason=_reason(file))


def _reason(file: str) -> str:
    return f"{IMPORTED_FROM}{file}"


def _models(school: School) -> Known:
    rows = KeyWorkModel.objects.filter(school=school).values_list("code", "pk")
    return Known("key-work model", "the settings", dict(rows))


def _students(school: School) -> Known:
    rows = Student.objects.filter(school=school).exclude(upn=None).values_list("upn", "pk")
    return Known("student", "students.csv", {str(upn): pk for upn, pk in rows})


def _staff(school: School) -> Known:
    rows = StaffMember.objects.filter(school=school).values_list("user__username", "user_id")
    return Known("member of staff", "staff.csv", dict(rows))


def _sessions(school: School) -> Known:
    rows = KeyworkSession.objects.filter(school=school).exclude(import_ref="")
    return Known("session", "sessions.csv", dict(rows.values_list("import_ref", "pk")))


def _slips(school: School) -> Known:
    rows = BehaviourRecord.objects.filter(school=school).exclude(import_ref="")
    return Known("slip or reward", "behaviour.csv", dict(rows.values_list("import_ref", "pk")))


LOADERS = {
    Kind.MODEL: _models,
    Kind.STUDENT: _students,
    Kind.STAFF: _staff,
    Kind.SESSION: _sessions,
    Kind.SLIPS: _slips,
}


def in_chunks(queryset: QuerySet, lookup: str, values: Iterable[Any]) -> Iterator[Any]:
    """Give the rows whose `lookup` is among `values`, so many values to a query."""
    wanted = list(dict.fromkeys(values))
    for start in range(0, len(wanted), CHUNK):
        yield from queryset.filter(**{f"{lookup}__in": wanted[start : start + CHUNK]})
