"""What pages read of students and the people around them."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, QuerySet

from keywork.models import School, StaffMember
from keywork.prepared import prepared
from students.header import current_assignments
from students.models import Assignment, Strategy, Student, TimetableEntry
from students.models.student import StudentQuerySet
from students.services.assignments import KEY_WORKING_ROLES


@dataclass(frozen=True, slots=True)
class Adult:
    """Somebody around a student: as what, who, and what is worth knowing."""

    role: str
    name: str
    note: str = ""


def adults_around(student: Student, on: date, *, in_full: bool = True) -> list[Adult]:
    """Give key workers, trusted adult (seen in full) and teachers, in two queries at most."""
    adults = [
        Adult(each.get_role_display(), each.key_worker.full_name, f"since {each.start:%-d %B %Y}")
        for each in current_assignments(student, on)
    ]
    if student.trusted_adult and in_full:
        adults.append(Adult("Trusts", student.trusted_adult))
    taught = [Adult(row.subject, row.teacher.full_name) for row in timetable_of(student)]
    return adults + taught


def timetable_of(student: Student) -> list[TimetableEntry]:
    """Give who teaches the student what, by subject, in one query."""
    return _timetable(student=student.pk)


@prepared
def _timetable(*, student: int) -> QuerySet[TimetableEntry]:
    taught = TimetableEntry.objects.filter(student=student)
    return taught.select_related("teacher").order_by("subject", "pk")


def strategies_of(student: Student) -> tuple[list[Strategy], list[Strategy]]:
    """Give the strategies in use and those withdrawn, in one query."""
    rows = student.strategies.select_related("withdrawn_by")
    used = [each for each in rows if each.withdrawn_at is None]
    return used, [each for each in rows if each.withdrawn_at is not None]


def assignment_history(student: Student) -> list[Assignment]:
    """Give every key worker the student has had or will have, newest first, in one query."""
    return list(student.assignments.select_related("key_worker").order_by("-start", "-pk"))


def without_primary(students: StudentQuerySet, on: date) -> StudentQuerySet:
    """Keep the students who have no primary key worker on a day."""
    current = Assignment.objects.current(on).primary().filter(student=OuterRef("pk"))
    return students.filter(~Exists(current))


@dataclass(frozen=True, slots=True)
class KeyWorkerLoad:
    """Somebody who may key-work at a school on a day, and how many students they have then."""

    staff: StaffMember
    load: int
    limit: int
    inducted: bool

    @property
    def name(self) -> str:
        """Give the person's name."""
        return self.staff.user.full_name

    @property
    def has_room(self) -> bool:
        """Say whether one student more stays within the limit."""
        return self.load < self.limit

    def warnings(self, load: int) -> list[str]:
        """Say what speaks against `load` students, in sentences; nothing forbids them."""
        found = []
        if load > self.limit:
            words = "1 student" if load == 1 else f"{load} students"
            found.append(f"{self.name} would have {words}; the limit is {self.limit}.")
        if not self.inducted:
            found.append(f"{self.name} has not finished the induction.")
        return found


def key_worker_loads(school: School, on: date) -> list[KeyWorkerLoad]:
    """Give everybody who may key-work on a day with their load, by name, in two queries.

    The load counts the students on roll whose primary key worker they are that day.
    """
    staff = (
        StaffMember.objects.filter(school=school, roles__role__in=KEY_WORKING_ROLES)
        .in_post(on)
        .select_related("user")
        .order_by("user__last_name", "user__first_name", "pk")
        .distinct()
    )
    students = Student.objects.filter(school=school).on_roll(on)
    current = Assignment.objects.current(on).primary().filter(student__in=students)
    loads = Counter(current.values_list("key_worker", flat=True))
    model = school.key_work_model
    usual = model.caseload_max if model else 0
    return [
        KeyWorkerLoad(
            each,
            loads[each.user_id],
            each.capacity if each.capacity is not None else usual,
            each.induction_completed_on is not None and each.induction_completed_on <= on,
        )
        for each in staff
    ]


def loads_after(
    loads: Iterable[KeyWorkerLoad], changes: Iterable[tuple[Student, KeyWorkerLoad]], start: date
) -> dict[int, int]:
    """Give user id → students on `start`, once these students have new key workers; one query."""
    after = {each.staff.user_id: each.load for each in loads}
    moves = list(changes)
    standing = Assignment.objects.current(start).primary()
    for key_worker in standing.filter(student__in=[each.pk for each, _ in moves]).values_list(
        "key_worker", flat=True
    ):
        if key_worker in after:
            after[key_worker] -= 1
    for _, new in moves:
        after[new.staff.user_id] += 1
    return after


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Who might become a student's key worker, and why."""

    load: KeyWorkerLoad
    why: str


def suggest_key_workers(
    students: Iterable[Student], loads: Iterable[KeyWorkerLoad], on: date
) -> dict[int, Suggestion]:
    """Give student id → suggestion, in one query; none for whom nobody has room.

    A key worker the student had before, else the one with the fewest students. Only people with
    room who finished their induction; each suggestion counts towards the next one's loads.
    """
    chosen = list(students)
    ready = {each.staff.user_id: each for each in loads if each.inducted}
    taken: Counter[int] = Counter({pk: each.load for pk, each in ready.items()})
    before = _earlier_key_workers(chosen, on)
    found: dict[int, Suggestion] = {}
    for student in chosen:
        current = {each.key_worker_id for each in current_assignments(student, on)}
        free = [pk for pk in ready if taken[pk] < ready[pk].limit and pk not in current]
        if not free:
            continue
        known = next((pk for pk in before.get(student.pk, []) if pk in free), None)
        pick = known or min(free, key=lambda pk: taken[pk])
        taken[pick] += 1
        why = "was the key worker before" if known else "has the fewest students"
        found[student.pk] = Suggestion(ready[pick], why)
    return found


def _earlier_key_workers(students: list[Student], on: date) -> dict[int, list[int]]:
    rows = (
        Assignment.objects.primary()
        .filter(student__in=students, end__lt=on)
        .order_by("-end")
        .values_list("student", "key_worker")
    )
    found: dict[int, list[int]] = {}
    for student, key_worker in rows:
        found.setdefault(student, []).append(key_worker)
    return found
