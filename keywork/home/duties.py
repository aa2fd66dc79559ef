"""The one list of what is due, joined from the apps, for every screen, figure and command."""

from dataclasses import dataclass
from datetime import date

from contacts.checkup_duties import checkup_duties, read_checkups
from contacts.duties import CallFacts, call_duties, read_calls
from keywork.duties import HORIZON_DAYS, Duty, sort_key
from keywork.models import School
from keywork.term_dates import SchoolCalendar
from sessions.duties import (
    SeenFacts,
    TargetFacts,
    read_sessions,
    read_targets,
    session_duties,
    target_duties,
)
from students.duties import Roll, read_roll, unassigned_duties
from students.models.student import StudentQuerySet


@dataclass(frozen=True, slots=True)
class Standing:
    """The duties of a school's students on a date, and the facts that they come from."""

    duties: list[Duty]
    roll: Roll
    seen: dict[int, SeenFacts]
    targets: dict[int, TargetFacts]
    calls: dict[int, CallFacts]


def standing_of(
    school: School,
    on: date,
    *,
    calendar: SchoolCalendar,
    students: StudentQuerySet | None = None,
    owner: str | None = None,
    horizon: int = HORIZON_DAYS,
    near: bool = False,
) -> Standing:
    """Read where a school stands on a date, in six queries whatever the number of students.

    students: only these (an unsliced queryset); None: all on roll. owner: only the duties of this
    username ("" those nobody owns). horizon: calendar days ahead for what is not yet at risk.
    near: leave out of `targets` and `calls` what no duty of the list comes from; the duties are
    the same.
    The duties are sorted by act_by, kind, student, due_on, owner.
    """
    roll = read_roll(school, on, calendar=calendar, students=students, horizon=horizon)
    seen, targets = read_sessions(roll), read_targets(roll, near=near)
    calls = read_calls(roll, shown=not near)
    found = [
        duty
        for part in (
            unassigned_duties(roll),
            session_duties(roll, seen),
            target_duties(roll, targets),
            call_duties(roll, calls),
            checkup_duties(roll, read_checkups(roll)),
        )
        for duty in part
        if owner in (None, duty.owner)
    ]
    return Standing(sorted(found, key=sort_key), roll, seen, targets, calls)


def duties_of(
    school: School,
    on: date,
    *,
    calendar: SchoolCalendar,
    students: StudentQuerySet | None = None,
    owner: str | None = None,
    horizon: int = HORIZON_DAYS,
) -> list[Duty]:
    """Give the duties alone; see `standing_of`."""
    standing = standing_of(
        school, on, calendar=calendar, students=students, owner=owner, horizon=horizon, near=True
    )
    return standing.duties
