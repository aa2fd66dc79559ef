"""Staff and students of a synthetic school."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from random import Random

from stdnum.gb import upn as upns

from keywork.home.scale import words
from keywork.home.scale.tables import Table
from keywork.models import School, StaffMember, StaffRole, User
from keywork.roles import Role
from students.models import Assignment, Strategy, Student, TimetableEntry

STUDENTS_A_KEY_WORKER = 5
STUDENTS_A_TEACHER = 12
SUBJECTS = ("English", "Maths", "Science", "Art", "PE")
# One person each; the key workers and teachers are as many as the students need.
ONE_OF_EACH = tuple(role for role in Role if role not in {Role.KEY_WORKER, Role.TEACHER})
YEARS_OF_SCHOOL = 5  # years 7 to 11
LA = "999"
NEEDS = ("SEMH", "ASD", "MLD", "SLCN", "SPLD")


@dataclass(frozen=True, slots=True)
class Staff:
    """Ids of the key workers, in order, and of the teachers."""

    key_workers: list[int]
    teachers: list[int]


@dataclass(frozen=True, slots=True)
class Place:
    """A student's place: id, key worker's id, and whether they joined only lately."""

    student: int
    key_worker: int
    is_new: bool


def people_tables(rng: Random) -> dict[str, Table]:
    """Give the tables of this module, by name."""
    return {
        "users": Table(
            *(User, rng, "username", "first_name", "last_name", "email", "password"),
            *("is_demo", "date_joined"),
        ),
        "staff": Table(StaffMember, rng, "user_id", "school_id", "job_title", "starts_on"),
        "roles": Table(StaffRole, rng, "staff_member_id", "role"),
        "students": Table(
            *(Student, rng, "school_id", "upn", "legal_first_name", "legal_last_name"),
            *("preferred_first_name", "dob", "nc_year", "reg_form", "sen_status"),
            *("primary_need", "on_roll_from", "interests", "trusted_adult"),
        ),
        "assignments": Table(
            *(Assignment, rng, "student_id", "key_worker_id", "role", "start", "end", "reason"),
        ),
        "timetable": Table(TimetableEntry, rng, "student_id", "teacher_id", "subject"),
        "strategies": Table(Strategy, rng, "student_id", "kind", "text", "added_on"),
    }


def username(role: Role | str, urn: str, number: int = 0) -> str:
    """Give the sign-in of a role at a synthetic school: `key_worker1.999501`, `senco.999501`."""
    return f"{role}{number or ''}.{urn}"


def add_staff(
    tables: dict[str, Table], school: School, students: int, *, password: str, since: str
) -> Staff:
    """Add the school's staff, in post since an ISO date, all with one (hashed) password."""
    rng = tables["users"].rng
    made: dict[Role, list[int]] = {}
    numbers: dict[Role, int] = {
        Role.KEY_WORKER: -(-students // STUDENTS_A_KEY_WORKER),
        Role.TEACHER: -(-students // STUDENTS_A_TEACHER),
        **{role: 1 for role in ONE_OF_EACH},  # noqa: C420 (types: fromkeys gives objects)
    }
    for role, number in numbers.items():
        for index in range(1, number + 1):
            name = username(role.value, school.urn, 0 if role in ONE_OF_EACH else index)
            first, last = rng.choice(words.FIRST_NAMES), rng.choice(words.LAST_NAMES)
            email = f"{name}@scale.example.org"
            user = tables["users"].add(
                name, first, last, email, password, True, f"{since} 08:00:00"
            )
            record = tables["staff"].add(user, school.pk, role.label, since)
            tables["roles"].add(record, role.value)
            made.setdefault(role, []).append(user)
    return Staff(made[Role.KEY_WORKER], made[Role.TEACHER])


def add_student(
    tables: dict[str, Table],
    school: School,
    staff: Staff,
    index: int,
    *,
    on: date,
    since: str,
    joined_lately: str,
) -> Place:
    """Add a school's `index`th student with key worker, timetable and strategies.

    since: when the school's records begin. One in fifty joined only lately; another one in fifty
    has no key worker at the moment. Both stay away from each key worker's first student.
    """
    rng = tables["students"].rng
    is_new = index % 50 == 26
    start = joined_lately if is_new else since
    student = tables["students"].add(school.pk, *_identity(rng, school, index, on, start))
    key_worker, *others = _turned(staff.key_workers, index // STUDENTS_A_KEY_WORKER)[:3]
    for assignment in _assignments(index, key_worker, others, start, joined_lately):
        tables["assignments"].add(student, *assignment)
    for subject, teacher in zip(SUBJECTS, _turned(staff.teachers, index * 7), strict=False):
        tables["timetable"].add(student, teacher, subject)
    for text in rng.sample(words.STRATEGIES, 2):
        tables["strategies"].add(student, "helps", text, start)
    return Place(student, key_worker, is_new)


def _turned(ids: list[int], by: int) -> list[int]:
    """Give at most the first few ids from a place on, going round at the end."""
    few = min(len(ids), len(SUBJECTS))
    return [ids[(by + step) % len(ids)] for step in range(few)]


def _identity(rng: Random, school: School, index: int, on: date, start: str) -> tuple[object, ...]:
    year = index % YEARS_OF_SCHOOL
    first, last = rng.choice(words.FIRST_NAMES), rng.choice(words.LAST_NAMES)
    preferred = first[:3] if index % 10 == 0 else ""
    # Aged 11 to 16: born in the school year that fits, on any day of it.
    born = date(on.year - 12 - year, 9, 1).toordinal() + rng.randrange(365)
    return (
        upn(school.urn, (on.year - 7 - year) % 100, index // YEARS_OF_SCHOOL),
        first,
        last,
        preferred,
        date.fromordinal(born).isoformat(),
        str(7 + year),
        f"{7 + year}{'ABCDEFGH'[index // YEARS_OF_SCHOOL % 8]}",
        "E" if index % 4 == 0 else "K",
        rng.choice(NEEDS),
        start,
        "Drawing, bicycles and the allotment.",
        "The form tutor",
    )


def upn(urn: str, year: int, serial: int) -> str:
    """Give a valid UPN: check letter, authority 999, the school's number, year, serial."""
    digits = f"{LA}9{urn[-3:]}{year:02}{serial:03}"
    return f"{upns.calc_check_digit(digits)}{digits}"


def _assignments(
    index: int, key_worker: int, others: list[int], start: str, changed: str
) -> Iterator[tuple[object, ...]]:
    """Give the columns of a student's assignments after the student; every third changed once."""
    day_before = date.fromordinal(date.fromisoformat(changed).toordinal() - 1).isoformat()
    if index % 50 == 49:
        yield key_worker, "primary", start, day_before, "first"
    elif others and index % 3 == 1 and start != changed:
        yield others[0], "primary", start, day_before, "first"
        yield key_worker, "primary", changed, None, "best_interests"
    else:
        yield key_worker, "primary", start, None, "first"
    if others and index % 10 == 5:
        yield others[-1], "secondary", start, None, ""
