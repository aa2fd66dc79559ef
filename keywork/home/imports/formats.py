"""The files of a school's folder: their columns, keys and what each column holds.

Source: "The folder of CSV files" of the commands. What a cell may hold comes from the model's
field (its type, length and choices), so a column and its field cannot disagree.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum, auto
from typing import Any

from django.db import models

from contacts.models import Checkup
from keywork.models import HalfTerm, School, StaffMember, User
from keywork.roles import Role
from sessions.models import KeyworkSession, Target
from students.models import (
    Assignment,
    AttendanceMark,
    BehaviourRecord,
    Student,
    TimetableEntry,
)
from students.rules.attendance import CODES


class Kind(StrEnum):
    """What a cell holds."""

    TEXT = auto()
    DATE = auto()
    MOMENT = auto()  # local date and time
    NUMBER = auto()
    SIGNED = auto()  # a whole number that may be negative
    YES_NO = auto()
    CODE = auto()
    CODES = auto()  # joined by |
    EMAIL = auto()
    UPN = auto()  # a student's own, with its check letter
    # References: the key of a record of another file.
    MODEL = auto()
    STUDENT = auto()
    STAFF = auto()
    SESSION = auto()


REFERENCES = frozenset({Kind.MODEL, Kind.STUDENT, Kind.STAFF, Kind.SESSION})


@dataclass(frozen=True)
class Column:
    """A column: its name in files, what it holds, and the model's attribute it goes to."""

    name: str
    kind: Kind = Kind.TEXT
    required: bool = False
    attname: str = ""
    limit: int | None = None
    codes: tuple[str, ...] = ()
    empty: object = ""


@dataclass(frozen=True)
class FileFormat:
    """A file: its name without ending, its columns in the order of templates, its key."""

    name: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    by_name: dict[str, Column] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {column.name: column for column in self.columns})

    def column_of(self, attname: str) -> str:
        """Give the name of the column that holds an attribute."""
        return next((c.name for c in self.columns if c.attname == attname), self.key[0])


KINDS: dict[type[models.Field], Kind] = {
    models.DateField: Kind.DATE,
    models.BooleanField: Kind.YES_NO,
    models.DateTimeField: Kind.MOMENT,
    models.PositiveSmallIntegerField: Kind.NUMBER,
    models.SmallIntegerField: Kind.SIGNED,
    models.EmailField: Kind.EMAIL,
}


def _column(
    model: type[models.Model],
    name: str,
    attname: str = "",
    *,
    kind: Kind | None = None,
    required: bool = False,
) -> Column:
    """Derive a column from the model's field of that name, or of the attribute named."""
    source: Any = model._meta.get_field((attname or name).removesuffix("_id"))
    codes = tuple(str(code) for code, _ in source.flatchoices)
    found = kind or (Kind.CODE if codes else KINDS.get(type(source), Kind.TEXT))
    limit = source.max_length if found in {Kind.TEXT, Kind.EMAIL} else None
    empty = None if source.null else False if found == Kind.YES_NO else ""
    return Column(name, found, required, source.attname, limit, codes, empty)


def _columns(model: type[models.Model], *names: str) -> tuple[Column, ...]:
    return tuple(_column(model, name) for name in names)


SCHOOL = FileFormat(
    "school",
    ("urn",),
    (
        _column(School, "urn", required=True),
        *_columns(School, "laestab", "name"),
        Column("trust", limit=200),
        Column("model", Kind.TEXT, required=True, attname="key_work_model_id"),
    ),
)
CALENDAR = FileFormat(
    "calendar",
    ("kind", "start"),
    (
        Column("kind", Kind.CODE, required=True, codes=("half_term", "inset", "closure")),
        *_columns(HalfTerm, "term", "name"),
        _column(HalfTerm, "start", required=True),
        _column(HalfTerm, "end"),
    ),
)
STAFF = FileFormat(
    "staff",
    ("username",),
    (
        _column(User, "username", required=True),
        *_columns(User, "email", "first_name", "last_name"),
        Column("roles", Kind.CODES, codes=tuple(Role.values)),
        *_columns(StaffMember, "job_title", "induction_completed_on", "qualification"),
        *_columns(StaffMember, "dbs_checked_on", "starts_on", "ends_on", "capacity"),
    ),
)
STUDENTS = FileFormat(
    "students",
    ("upn",),
    (
        _column(Student, "upn", kind=Kind.UPN, required=True),
        *_columns(Student, "admission_no", "legal_first_name", "legal_last_name"),
        *_columns(Student, "preferred_first_name", "dob", "sex", "nc_year", "reg_form"),
        *_columns(Student, "sen_status", "primary_need", "secondary_need", "ehcp_made_on"),
        *_columns(Student, "ehcp_la", "phase_transfer", "post16_transfer"),
        _column(Student, "on_roll_from", required=True),
        _column(Student, "left_on"),
        _column(Student, "model", "key_work_model_id", kind=Kind.MODEL),
        *_columns(Student, "home_language", "residence"),
    ),
)
ASSIGNMENTS = FileFormat(
    "assignments",
    ("upn", "username", "role", "start"),
    (
        _column(Assignment, "upn", "student_id", kind=Kind.STUDENT, required=True),
        _column(Assignment, "username", "key_worker_id", kind=Kind.STAFF, required=True),
        _column(Assignment, "role", required=True),
        _column(Assignment, "start", required=True),
        *_columns(Assignment, "end", "reason", "note"),
    ),
)
TIMETABLE = FileFormat(
    "timetable",
    ("upn", "username", "subject"),
    (
        _column(TimetableEntry, "upn", "student_id", kind=Kind.STUDENT, required=True),
        _column(TimetableEntry, "username", "teacher_id", kind=Kind.STAFF, required=True),
        _column(TimetableEntry, "subject"),
    ),
)
SESSIONS = FileFormat(
    "sessions",
    ("ref",),
    (
        _column(KeyworkSession, "ref", "import_ref", required=True),
        _column(KeyworkSession, "upn", "student_id", kind=Kind.STUDENT, required=True),
        _column(KeyworkSession, "username", "key_worker_id", kind=Kind.STAFF),
        _column(KeyworkSession, "held_on", required=True),
        _column(KeyworkSession, "status", required=True),
        *_columns(KeyworkSession, "missed_reason", "minutes", "method", "focus"),
        *_columns(KeyworkSession, "details", "pupil_voice"),
    ),
)
TARGETS = FileFormat(
    "targets",
    ("ref",),
    (
        _column(Target, "ref", "import_ref", required=True),
        _column(Target, "upn", "student_id", kind=Kind.STUDENT, required=True),
        _column(Target, "session_ref", "keywork_session_id", kind=Kind.SESSION),
        _column(Target, "set_on", required=True),
        *_columns(Target, "area", "text", "measure", "review_on"),
        _column(Target, "status", required=True),
        _column(Target, "closed_on"),
    ),
)
ATTENDANCE = FileFormat(
    "attendance",
    ("upn", "date", "session"),
    (
        _column(AttendanceMark, "upn", "student_id", kind=Kind.STUDENT, required=True),
        _column(AttendanceMark, "date", required=True),
        _column(AttendanceMark, "session", required=True),
        Column("code", Kind.CODE, required=True, attname="code", codes=tuple(CODES)),
        _column(AttendanceMark, "minutes_late"),
    ),
)
BEHAVIOUR = FileFormat(
    "behaviour",
    ("ref",),
    (
        _column(BehaviourRecord, "ref", "import_ref", required=True),
        _column(BehaviourRecord, "upn", "student_id", kind=Kind.STUDENT, required=True),
        _column(BehaviourRecord, "occurred_at", required=True),
        _column(BehaviourRecord, "level", required=True),
        *_columns(BehaviourRecord, "category", "points", "call_home", "location"),
        _column(BehaviourRecord, "staff", "staff_id", kind=Kind.STAFF),
        *_columns(BehaviourRecord, "description", "response", "consequence"),
    ),
)

CHECKUPS = FileFormat(
    "checkups",
    ("upn", "week_starting"),
    (
        _column(Checkup, "upn", "student_id", kind=Kind.STUDENT, required=True),
        _column(Checkup, "week_starting", required=True),
        _column(Checkup, "sent_on"),
    ),
)

# In the order of import: what is referred to comes first.
FORMATS: dict[str, FileFormat] = {
    each.name: each
    for each in (
        *(SCHOOL, CALENDAR, STAFF, STUDENTS),
        *(ASSIGNMENTS, TIMETABLE, ATTENDANCE, BEHAVIOUR, SESSIONS, TARGETS),
        CHECKUPS,
    )
}
NOT_SUPPORTED = (*("contacts", "contact_log", "reviews", "documents", "supervision"),)
