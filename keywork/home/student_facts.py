"""Where a student stands today, as the student page says it: from the one engine of duties."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import OuterRef, QuerySet, Subquery, Sum
from django.utils.timezone import localtime

from keywork.dates import day_in_words
from keywork.duties import Duty, DutyKind, DutyStatus, act_by_of, status_of
from keywork.prepared import prepared
from keywork.term_dates import SchoolCalendar
from sessions.duties import QuotaStanding, SeenFacts, quota_standing, read_sessions, session_duties
from sessions.models import Target, TargetEvidence
from students.attendance_few import attendance_of_few
from students.attendance_page import stale_words, verdict
from students.duties import roll_of
from students.header import Chip, Fact
from students.models import Student


@dataclass(frozen=True, slots=True)
class TargetNow:
    """An active target, as the student page lists it; goal 0: not counted."""

    target: Target
    done: int
    goal: int
    chip: Chip | None


def session_facts(student: Student, on: date, calendar: SchoolCalendar) -> list[Fact]:
    """Give the strip's figures of sessions, in two queries; none for somebody off roll."""
    roll = roll_of(student, on, calendar=calendar)
    known = roll.by_id.get(student.pk)
    if known is None:
        return []
    seen = read_sessions(roll)
    facts = seen.get(student.pk, SeenFacts())
    duties = {duty.kind: duty for duty in session_duties(roll, seen)}
    last_seen = day_in_words(facts.last_held, on) if facts.last_held else "Not yet"
    chip = _due_chip(duties.get(DutyKind.SESSION), on, calendar)
    strip = [Fact("Last seen", last_seen, chip=chip)]
    quota = quota_standing(roll, known, facts)
    return [*strip, _quota_fact(quota)] if quota else strip


def targets_now(student: Student, on: date, calendar: SchoolCalendar) -> list[TargetNow]:
    """Give a student's targets active on a day with their progress, in one query."""
    return [
        TargetNow(
            each, getattr(each, "done", None) or 0, each.goal_count or 0,
            _review_chip(each, on, calendar),
        )
        for each in _active(student=student.pk, on=on)
    ]  # fmt: skip


@prepared
def _active(*, student: int, on: date) -> QuerySet[Target]:
    counted = (
        TargetEvidence.objects.filter(target=OuterRef("pk"), withdrawn_at=None)
        .order_by()
        .values("target")
        .annotate(total=Sum("count"))
        .values("total")
    )
    active = Target.objects.filter(student=student).active(on)
    return active.annotate(done=Subquery(counted)).order_by("review_on", "pk")


def targets_fact(targets: list[TargetNow], maximum: int | None) -> Fact:
    """Give the strip's figure of open targets."""
    note = f"{maximum} at most" if maximum else ""
    return Fact("Open targets", str(len(targets)), note)


def attendance_fact(student: Student, on: date, calendar: SchoolCalendar) -> list[Fact]:
    """Give the strip's figure of attendance, in one query; none for somebody off roll.

    With the sessions behind it, and to which day they go where that is not the last school day.
    """
    if student.on_roll_from > on or (student.left_on and student.left_on < on):
        return []
    table = attendance_of_few((student.pk,), on)
    found = table.figures.get(student.pk)
    if found is None or not found.possible:
        return [Fact("Attendance", "No marks yet")]
    parts = [f"{found.attended} of {found.possible} sessions", verdict(found).partition(":")[0]]
    parts.append(stale_words(table.marked_to, on, calendar))
    return [Fact("Attendance", f"{found.percent}%", "; ".join(filter(None, parts)))]


def spoke_fact(student: Student, on: date) -> Fact:
    """Give the strip's figure of when somebody last spoke to home, and how much was good news.

    student: one that `read_beside` has read.
    """
    spoke_at: datetime | None = getattr(student, "spoke_at", None)
    last, good = getattr(student, "talks_last", None), getattr(student, "talks_good", None) or 0
    note = f"good news in {good} of the last {last}" if last else ""
    said = day_in_words(localtime(spoke_at).date(), on) if spoke_at else "Not yet"
    return Fact("Spoke to home", said, note)


def _quota_fact(quota: QuotaStanding) -> Fact:
    state = quota.state
    note = "sessions held"
    if state.needed and state.at_risk:
        note = f"sessions held; {quota.days_left} school days left"
    text = "" if state.wanted else f"{state.held} of 0"
    return Fact(f"This {quota.period}", text, note, held=state.held, total=state.wanted)


def _due_chip(duty: Duty | None, on: date, calendar: SchoolCalendar) -> Chip | None:
    return (
        Chip(duty.status, f"Session {_when(duty.status, duty.act_by, on, calendar)}")
        if duty
        else None
    )


def _review_chip(target: Target, on: date, calendar: SchoolCalendar) -> Chip | None:
    if target.review_on is None:
        return None
    act_by = act_by_of(DutyKind.TARGET_REVIEW, target.review_on, calendar)
    status = status_of(act_by, on)
    return Chip(status, f"Review {_when(status, act_by, on, calendar)}")


def _when(status: DutyStatus, act_by: date, on: date, calendar: SchoolCalendar) -> str:
    if status == DutyStatus.DUE:
        return "due today"
    if status != DutyStatus.OVERDUE:
        return f"by {act_by:%a} {day_in_words(act_by, on)}"
    late = calendar.school_days_late(act_by, on)
    return f"{late} day{'' if late == 1 else 's'} late" if late else "due last school day"
