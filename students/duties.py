"""Who is on roll, who looks after them under which model, and who has nobody.

Reads a school, or some of its students, in three queries whatever their number. What the other
apps' duties need to know of a student is here, so that they ask only for their own records.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any, NamedTuple

from django.db.models import QuerySet

from keywork.dates import day_in_words
from keywork.duties import Duty, DutyKind, DutyStatus, act_by_of, in_list, status_of
from keywork.key_work_presets import KeyWorkParameters
from keywork.models import KeyWorkModel, School
from keywork.prepared import prepared
from keywork.term_dates import SchoolCalendar
from students import rules
from students.models import Assignment, Student
from students.models.assignments import AssignmentQuerySet
from students.models.student import StudentQuerySet, shown_name

COLUMNS = (
    *("pk", "upn", "ref", "preferred_first_name", "legal_first_name", "legal_last_name"),
    *("reg_form", "on_roll_from", "key_work_model_id"),
)
# A caseload, not a school: so many students are named one by one in the queries that follow.
NAMED_AT_MOST = 200


class StudentOnRoll(NamedTuple):
    """A student as the rules see them on the date asked about, and how screens name them.

    owner, owner_id: username and id of the current primary key worker, empty and None without
    one. first_assigned: start of the first primary assignment. unassigned_since: since when there
    has been no primary key worker; None where there is one. parameters: None only while the
    school is being set up.
    """

    pk: int
    upn: str
    ref: str
    name: str
    reg_form: str
    on_roll_from: date
    parameters: KeyWorkParameters | None
    owner: str
    owner_id: int | None
    first_assigned: date | None
    unassigned_since: date | None


@dataclass(frozen=True, slots=True)
class Roll:
    """The students of one school on roll on a date; `students` is the queryset behind them.

    named: their ids, where they are so few that a query names them one by one; else None.
    horizon: how many calendar days ahead the duties asked for reach; None for all there are.
    act_by, statuses: worked out so far, as a school's duties fall on a few hundred days.
    """

    school: School
    on: date
    calendar: SchoolCalendar
    students: StudentQuerySet
    by_id: dict[int, StudentOnRoll]
    horizon: int | None = None
    named: tuple[int, ...] | None = None
    act_by: dict[tuple[DutyKind, date], date] = field(
        default_factory=dict, repr=False, compare=False
    )
    statuses: dict[tuple[date, bool], DutyStatus | None] = field(
        default_factory=dict, repr=False, compare=False
    )

    def act_by_of(self, kind: DutyKind, due_on: date) -> date:
        """Give the last school day by which to act; see `keywork.duties.act_by_of`."""
        known = self.act_by.get((kind, due_on))
        if known is None:
            known = self.act_by[kind, due_on] = act_by_of(kind, due_on, self.calendar)
        return known

    def status_of(self, act_by: date, *, at_risk: bool) -> DutyStatus | None:
        """Give a duty's status; None where the list asked for does not hold it."""
        key = (act_by, at_risk)
        if key not in self.statuses:
            status = status_of(act_by, self.on, at_risk)
            listed = in_list(status, act_by, self.on, self.horizon)
            self.statuses[key] = status if listed else None
        return self.statuses[key]


def read_roll(
    school: School,
    on: date,
    *,
    calendar: SchoolCalendar,
    students: StudentQuerySet | None = None,
    horizon: int | None = None,
    models: Iterable[KeyWorkModel] | None = None,
) -> Roll:
    """Read a school's students on roll on a date, in three queries.

    students: only these, an unsliced queryset; None reads the whole school. horizon: see Roll.
    models: all that these students follow, where they are known (a query less).
    """
    chosen = Student.objects.all() if students is None else students
    chosen = chosen.filter(school=school).on_roll(on)
    followed = KeyWorkModel.objects.filter(school=school) if models is None else models
    parameters = {row.pk: row.parameters() for row in followed}
    rows = list(chosen.order_by().values_list(*COLUMNS))
    named = None
    if students is not None and len(rows) <= NAMED_AT_MOST:
        # Who may be seen has been settled; the queries to come need not ask it again.
        named = tuple(row[0] for row in rows)
        chosen = Student.objects.filter(pk__in=named)
        spans, people = _spans_of(_primary_by_name(students=named, on=on))
    else:
        spans, people = _spans_of(_primary_of_school(school=school.pk, on=on))
    by_id = {}
    for *identity, own_model in rows:
        pk = identity[0]
        model = parameters.get(own_model or school.key_work_model_id or 0)
        by_id[pk] = _on_roll(identity, model, spans[pk], people, on)
    return Roll(school, on, calendar, chosen, by_id, horizon, named)


def roll_of(
    student: Student, on: date, *, calendar: SchoolCalendar, horizon: int | None = None
) -> Roll:
    """Give the roll of one student, whose school and models are loaded; in one query.

    Nobody is on it where the student is not on roll that day.
    """
    by_id = {}
    if student.on_roll_from <= on and (student.left_on is None or student.left_on >= on):
        spans, people = _spans_of(_primary_by_name(students=(student.pk,), on=on))
        model = student.model_in_force()
        identity = (student.pk, student.upn, student.ref, *_names(student), student.reg_form)
        by_id[student.pk] = _on_roll(
            (*identity, student.on_roll_from),
            model.parameters() if model else None,
            spans[student.pk],
            people,
            on,
        )
    chosen = Student.objects.filter(pk=student.pk)
    return Roll(student.school, on, calendar, chosen, by_id, horizon, (student.pk,))


def _names(student: Student) -> tuple[str, str, str]:
    return (student.preferred_first_name, student.legal_first_name, student.legal_last_name)


def _on_roll(
    identity: Sequence[Any],
    parameters: KeyWorkParameters | None,
    spans: Sequence[rules.AssignmentSpan],
    people: Mapping[str | int, tuple[int, str]],
    on: date,
) -> StudentOnRoll:
    """Give a student as the rules see them; identity: COLUMNS without the model."""
    pk, upn, ref, preferred, legal, last, form, joined = identity
    current = rules.current_primary(spans, on)
    owner_id, owner = people[current.staff] if current else (None, "")
    return StudentOnRoll(
        pk=pk,
        upn=upn or "",
        ref=ref,
        name=shown_name(preferred or legal, last),
        reg_form=form,
        on_roll_from=joined,
        parameters=parameters,
        owner=owner,
        owner_id=owner_id,
        first_assigned=rules.first_primary_start(spans, on),
        unassigned_since=None if current else rules.unassigned_due_on(joined, spans, on),
    )


@prepared
def _primary_by_name(*, students: tuple[int, ...], on: date) -> QuerySet:
    return _primary(Assignment.objects.filter(student__in=students), on)


@prepared
def _primary_of_school(*, school: int, on: date) -> QuerySet:
    return _primary(Assignment.objects.filter(student__school=school), on)


def _primary(assignments: AssignmentQuerySet, on: date) -> QuerySet:
    """Give the primary ones begun by a day."""
    begun = assignments.primary().filter(start__lte=on).order_by()
    return begun.values_list(
        "student_id", "role", "start", "end", "key_worker_id", "key_worker__username"
    )


def _spans_of(
    rows: Iterable[tuple[Any, ...]],
) -> tuple[dict[int, list[rules.AssignmentSpan]], dict[str | int, tuple[int, str]]]:
    """Give student id → primary assignments; key worker → id and username."""
    spans: dict[int, list[rules.AssignmentSpan]] = defaultdict(list)
    people: dict[str | int, tuple[int, str]] = {}
    for student, role, start, end, key_worker, username in rows:
        spans[student].append(rules.AssignmentSpan(role, start, end, key_worker))
        people[key_worker] = (key_worker, username)
    return spans, people


def owed(
    roll: Roll,
    student: StudentOnRoll,
    kind: DutyKind,
    due_on: date,
    reason: Callable[[], str],
    *,
    about: str = "",
    at_risk: bool = False,
    folded_into: DutyKind | None = None,
) -> tuple[Duty, ...]:
    """Give the duty owed to a student, where the list asked for holds it, else nothing.

    Owned by the current primary key worker. reason: called once somebody reads it. at_risk: the
    rule defines it and it holds. folded_into: whose row shows it, see Duty.
    """
    act_by = roll.act_by_of(kind, due_on)
    status = roll.status_of(act_by, at_risk=at_risk)
    if status is None:
        return ()
    duty = Duty(
        kind=kind,
        student=student.upn,
        owner=student.owner,
        due_on=due_on,
        act_by=act_by,
        status=status,
        why=reason,
        school_id=roll.school.pk,
        student_id=student.pk,
        owner_id=student.owner_id,
        about=about,
        folded_into=folded_into,
    )
    return (duty,)


def unassigned_duties(roll: Roll) -> Iterator[Duty]:
    """Give the students who are on roll and have no primary key worker (rules, "unassigned")."""
    for student in roll.by_id.values():
        since = student.unassigned_since
        if since is not None:
            reason = partial(_why_unassigned, since, roll.on)
            yield from owed(roll, student, DutyKind.UNASSIGNED, since, reason)


def _why_unassigned(since: date, on: date) -> str:
    return f"No key worker since {day_in_words(since, on)}."
