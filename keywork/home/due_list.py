"""The school-wide due list: who owes what to whom, with honest counts."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.http import QueryDict
from django.urls import reverse

from keywork.access import Viewer
from keywork.duties import HORIZON_DAYS, Duty, DutyKind, DutyStatus
from keywork.home.due_filter import DueFilter, Names, key_workers_of
from keywork.home.duties import Standing, standing_of
from keywork.home.duty_words import (
    CALL_KINDS,
    KIND_WORDS,
    SESSION_KINDS,
    STATUS_WORDS,
    Act,
    act_for,
    chip_words,
    short_day,
)
from keywork.roles import Capability
from keywork.school_calendar import calendar_of
from keywork.term_dates import SchoolCalendar
from students.duties import StudentOnRoll

MEANINGS = {
    DutyStatus.OVERDUE: "the day to act by has passed. Lateness counts school days.",
    DutyStatus.DUE: "today is the last day to act in time.",
    DutyStatus.AT_RISK: "not due yet, but fewer than five school days are left for each session "
    "still needed.",
    DutyStatus.UPCOMING: f"to be done within the next {HORIZON_DAYS} days.",
}


@dataclass(frozen=True, slots=True)
class DueList:
    """The page before paging. counts: status → duties, whatever status is chosen."""

    on: date
    calendar: SchoolCalendar
    filter: DueFilter
    standing: Standing
    duties: list[Duty]
    names: Names
    counts: Counter[DutyStatus]
    students_late: int

    @property
    def total(self) -> int:
        """Give how many duties there are before a status is chosen."""
        return self.counts.total()

    @property
    def late(self) -> int:
        """Give how many of them are late."""
        return self.counts[DutyStatus.OVERDUE]

    @property
    def on_roll(self) -> int:
        """Give how many students were looked at."""
        return len(self.standing.roll.by_id)


@dataclass(frozen=True, slots=True)
class DueRow:
    """A row of the page."""

    duty: Duty
    student: StudentOnRoll
    key_worker: str
    kind: str
    status_words: str
    act: Act

    @property
    def by_day(self) -> str:
        """Give the day to act by: "Fri 20 Nov". A template's filter takes ten times as long."""
        return short_day(self.duty.act_by)

    @property
    def says_day(self) -> bool:
        """Say whether the day to act by stands beside the chip, which does not tell it."""
        return self.duty.status in (DutyStatus.OVERDUE, DutyStatus.AT_RISK)


def due_list_for(viewer: Viewer, parameters: QueryDict) -> DueList:
    """Read the chosen school's duties, narrowed and sorted, in a fixed number of queries."""
    on, school = viewer.on, viewer.chosen_school
    calendar = calendar_of(school)
    key_workers = key_workers_of(viewer=viewer)
    chosen = DueFilter(parameters or None, viewer=viewer, key_workers=key_workers)
    standing = standing_of(school, on, calendar=calendar, students=chosen.qs, near=True)
    duties = chosen.by_kind(standing.duties)
    names = Names(standing.roll.by_id, {user.pk: user.full_name for user in key_workers})
    late = {duty.student_id for duty in duties if duty.status == DutyStatus.OVERDUE}
    return DueList(
        on=on,
        calendar=calendar,
        filter=chosen,
        standing=standing,
        duties=chosen.sorted(chosen.by_status(duties), names),
        names=names,
        counts=Counter(duty.status for duty in duties),
        students_late=len(late),
    )


def rows_of(viewer: Viewer, due: DueList, duties: Iterable[Duty]) -> list[DueRow]:
    """Give the rows of one page, each with the act that settles it and the viewer may do."""
    return [
        DueRow(
            duty,
            due.names.students[duty.student_id or 0],
            due.names.key_worker(duty),
            KIND_WORDS[duty.kind],
            chip_words(duty, due.on, due.calendar),
            _act(viewer, due, duty),
        )
        for duty in duties
    ]


def _act(viewer: Viewer, due: DueList, duty: Duty) -> Act:
    """Give the act that settles a duty, or the student's page for who cannot do it themselves."""
    records = viewer.can(Capability.RECORD_SESSION) and viewer.can(Capability.SEE_SCHOOL_RECORDS)
    assigns = viewer.can(Capability.MANAGE_ASSIGNMENTS)
    liaises = viewer.can(Capability.LIAISE) and viewer.can(Capability.SEE_SCHOOL_RECORDS)
    student, kind = due.names.students[duty.student_id or 0], duty.kind
    may = {DutyKind.UNASSIGNED: assigns}
    may |= dict.fromkeys(SESSION_KINDS, records) | dict.fromkeys(CALL_KINDS, liaises)
    if may.get(kind):
        return act_for(duty, student)
    return Act("Open", reverse("student", args=[student.ref]), student.name)


def chips_of(due: DueList, parameters: QueryDict) -> list[dict[str, object]]:
    """Give the statuses as links with their counts; the rest of the query string is kept."""
    current = due.filter.chosen("status")
    everything = [("", "All", due.total)]
    statuses = [(each.value, words, due.counts[each]) for each, words in STATUS_WORDS.items()]
    return [
        {
            "label": f"{words} {count}",
            "url": _with_status(parameters, value),
            "current": value == current,
        }
        for value, words, count in everything + statuses
    ]


def _with_status(parameters: QueryDict, status: str) -> str:
    changed = parameters.copy()
    changed.pop("page", None)
    changed["status"] = status
    return f"?{changed.urlencode()}"
