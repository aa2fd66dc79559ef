"""Makes the synthetic schools, one after the other, so that memory stays flat."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from random import Random

from django.contrib.auth.hashers import make_password
from django.db import connection, transaction

from keywork.home.demo.people import PASSWORD
from keywork.home.scale.marks import Marks
from keywork.home.scale.people import Staff, add_staff, add_student, people_tables
from keywork.home.scale.records import Records
from keywork.home.scale.slips import Slips
from keywork.home.scale.tables import Table, finish
from keywork.home.scale.terms import MadeHalfTerm, half_terms, history_of
from keywork.home.scale.unindexed import indexed_afterwards
from keywork.home.scale.words import SCHOOL_NAMES
from keywork.models import ClosedDay, HalfTerm, School
from keywork.school_setup import create_school
from students.models import AttendanceTally

FIRST_URN = 999501
MAX_SCHOOLS = 99
MAX_STUDENTS = 5000  # more would run out of the three digits of a UPN's serial number
MAX_YEARS = 10
MODEL = "special_day"


@dataclass(frozen=True, slots=True)
class Made:
    """What was made: rows of each kind, and the schools' URNs."""

    rows: dict[str, int]
    urns: list[str]


@dataclass(frozen=True, slots=True)
class Writers:
    """What writes each student's records. history: the half terms that hold them."""

    records: Records
    slips: Slips
    marks: Marks
    history: list[MadeHalfTerm]

    @classmethod
    def of(cls, rng: Random, on: date, history: list[MadeHalfTerm], years: int) -> "Writers":
        """Give the writers of `years` years of records up to the day before `on`."""
        marks = Marks(rng, [day for half in history for day in half.days], on.isoformat())
        return cls(Records(rng, on, history), Slips(rng, marks.days, years), marks, history)


@transaction.atomic
def make_schools(
    *, schools: int, students: int, years: int, on: date, tell: Callable[[str], None]
) -> Made:
    """Make `schools` schools of `students` students with `years` years of records up to `on`.

    The numbers are at most MAX_SCHOOLS, MAX_STUDENTS, MAX_YEARS. The same numbers on the same day
    give the same data. tell: is given a line for each school done. All or nothing is written.
    """
    rng = Random(f"{schools} {students} {years}")  # noqa: S311 (the same data every time)
    made = half_terms(on, years)
    history = history_of(made, years)
    writers = Writers.of(rng, on, history, years)
    tables = {**people_tables(rng), **writers.records.tables, **writers.slips.tables}
    password = make_password(PASSWORD)
    urns = [str(FIRST_URN + index) for index in range(schools)]
    with indexed_afterwards([AttendanceTally, *(table.model for table in tables.values())]):
        for index, urn in enumerate(urns):
            school = _school(urn, f"{SCHOOL_NAMES[index % len(SCHOOL_NAMES)]} School", made)
            staff = add_staff(
                tables, school, students, password=password, since=history[0].start.isoformat()
            )
            _fill(school, staff, students, on=on, tables=tables, writers=writers)
            tell(f"{school.name} ({urn})")
        for table in tables.values():
            table.flush()
        writers.marks.flush()
    finish(tables.values())
    rows = {name: table.added for name, table in tables.items()}
    return Made(rows | writers.marks.added, urns)


def analyse() -> None:
    """Tell the database's planner what there is now; it would find out only later by itself."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _school(urn: str, name: str, made: list[MadeHalfTerm]) -> School:
    school = create_school(urn=urn, name=name, model=MODEL)
    for half_term in made:
        HalfTerm(
            school=school,
            term=half_term.term,
            name=half_term.name,
            start=half_term.start,
            end=half_term.end,
        ).save()
        for day in half_term.inset:
            ClosedDay(school=school, kind=ClosedDay.Kind.INSET, start=day, end=day).save()
    return school


def _fill(
    school: School,
    staff: Staff,
    students: int,
    *,
    on: date,
    tables: dict[str, Table],
    writers: Writers,
) -> None:
    since, lately = (half.start.isoformat() for half in (writers.history[0], writers.history[-1]))
    for index in range(students):
        place = add_student(tables, school, staff, index, on=on, since=since, joined_lately=lately)
        writers.records.add(school.pk, place)
        writers.slips.add(school.pk, place, index, staff.teachers)
        writers.marks.add(place.student, lately if place.is_new else since)
        for table in tables.values():
            table.flush_if_full()
