"""What a duty is, its status and whether a list holds it.

A duty is something somebody owes a student by a date. The apps work out which
duties there are; the status, the date to act by, the horizon and the order are
the same for all of them and live here (rules, "Status, act_by and the
horizon"). No clock: the date asked about is passed in as `on`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from operator import attrgetter

from keywork.term_dates import SchoolCalendar

HORIZON_DAYS = 14


class DutyKind(StrEnum):
    """The kinds of duty; the values are the outside world's names for them."""

    SESSION = "session"
    SESSION_QUOTA = "session_quota"
    UNASSIGNED = "unassigned"
    TARGET_REVIEW = "target_review"
    WEEKLY_TARGETS = "weekly_targets"
    WEEKLY_CALL = "weekly_call"
    SAME_DAY_CALL = "same_day_call"
    TEACHER_CHECKUP = "teacher_checkup"


# Kinds that nobody could have acted on before their date arose.
NOT_MOVED_BACK = frozenset({DutyKind.UNASSIGNED, DutyKind.SAME_DAY_CALL})


class DutyStatus(StrEnum):
    """How urgent a duty is on the date asked about."""

    OVERDUE = "overdue"
    DUE = "due"
    AT_RISK = "at_risk"
    UPCOMING = "upcoming"


def _nothing_to_say() -> str:
    return ""


@dataclass(slots=True, kw_only=True)
class Duty:
    """Something owed by a date, as it stands on the date asked about; nobody changes one.

    `student` is the UPN (empty where the duty is about no student), `owner` a
    username, `senco`, `la` or empty. `due_on` is the date that the rule gives,
    `act_by` the last school day by which to act. The ids and `about` (the
    `ref` of the record concerned, such as a target) are for the screens, as
    is `folded_into`: the kind of the same student's duty whose row shows this
    one too; it still counts on its own. `why` gives the reason once it is
    asked for: a school has thousands of duties and a page shows fifty. That is
    why it is not frozen, either: it would take three times as long to make.
    """

    kind: DutyKind
    student: str
    owner: str
    due_on: date
    act_by: date
    status: DutyStatus
    why: Callable[[], str] = field(default=_nothing_to_say, repr=False, compare=False)
    school_id: int | None = None
    student_id: int | None = None
    owner_id: int | None = None
    about: str = ""
    folded_into: DutyKind | None = None

    @property
    def reason(self) -> str:
        """Say in words where the duty comes from."""
        return self.why()


def act_by_of(kind: DutyKind, due_on: date, calendar: SchoolCalendar) -> date:
    """The last school day on or before `due_on`; `due_on` for kinds not moved back."""
    return due_on if kind in NOT_MOVED_BACK else calendar.previous_school_day(due_on)


def status_of(act_by: date, on: date, at_risk: bool = False) -> DutyStatus:
    """Status on the date asked about; `at_risk` counts only before `act_by`."""
    if act_by < on:
        return DutyStatus.OVERDUE
    if act_by == on:
        return DutyStatus.DUE
    return DutyStatus.AT_RISK if at_risk else DutyStatus.UPCOMING


def in_list(
    status: DutyStatus, act_by: date, on: date, horizon: int | None = HORIZON_DAYS
) -> bool:
    """Whether a list asked for on `on` holds a duty of this status; `horizon` in calendar days.

    Overdue, due and at-risk duties always, upcoming ones with `act_by` up to
    and including `on` + `horizon`, or however late where that is None.
    """
    if status != DutyStatus.UPCOMING or horizon is None:
        return True
    return act_by <= on + timedelta(days=horizon)


# The order of every list. In C, as a school's thousands of duties are sorted for each page.
sort_key = attrgetter("act_by", "kind", "student", "due_on", "owner")
