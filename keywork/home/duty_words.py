"""How duties are said on the screens: their names, status chips and the act that settles each."""

from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from keywork.duties import Duty, DutyKind, DutyStatus
from keywork.term_dates import SchoolCalendar
from sessions.duties import counted
from students.duties import StudentOnRoll

KIND_WORDS = {
    DutyKind.SESSION: "Session",
    DutyKind.SESSION_QUOTA: "Sessions still needed",
    DutyKind.TARGET_REVIEW: "Target review",
    DutyKind.TEACHER_CHECKUP: "Check-up with teachers",
    DutyKind.UNASSIGNED: "Key worker to assign",
    DutyKind.WEEKLY_TARGETS: "This week's target",
}
STATUS_WORDS = {
    DutyStatus.OVERDUE: "Late",
    DutyStatus.DUE: "Due today",
    DutyStatus.AT_RISK: "Tight",
    DutyStatus.UPCOMING: "Coming",
}
# Holding a session settles these.
SESSION_KINDS = frozenset({DutyKind.SESSION, DutyKind.SESSION_QUOTA})


@dataclass(frozen=True, slots=True)
class Act:
    """The one button that settles a duty: its words, its address, what it is for."""

    label: str
    url: str
    about: str


def short_day(day: date) -> str:
    """Give "Tue 17 Nov"."""
    return f"{day:%a} {day.day} {day:%b}"


def long_day(day: date) -> str:
    """Give "Tuesday 17 November"."""
    return f"{day:%A} {day.day} {day:%B}"


def in_sentence(words: str) -> str:
    """Give the words of a choice as they stand inside a sentence: "student voice", "IEP"."""
    return words if words[:2].isupper() else words[:1].lower() + words[1:]


def chip_words(duty: Duty, on: date, calendar: SchoolCalendar) -> str:
    """Give the words of a duty's status chip: "2 days late" counts school days."""
    if duty.status == DutyStatus.OVERDUE:
        late = calendar.school_days_late(duty.act_by, on)
        return f"{counted(late, 'day')} late" if late else "Late"
    if duty.status == DutyStatus.DUE:
        return "Today"
    return "Tight" if duty.status == DutyStatus.AT_RISK else short_day(duty.act_by)


def act_for(duty: Duty, student: StudentOnRoll, planned_ref: str = "") -> Act:
    """Give the act that settles a duty; `planned_ref`: the planned session to log, if any."""
    if duty.kind in SESSION_KINDS:
        return Act(
            "Prepare", session_url(student.ref, planned_ref), f"session with {student.name}"
        )
    if duty.kind == DutyKind.TARGET_REVIEW:
        url = reverse("sessions:target_outcome", args=[duty.about])
        return Act("Review", url, f"target of {student.name}")
    if duty.kind == DutyKind.WEEKLY_TARGETS:
        url = reverse("sessions:new_target", args=[student.ref])
        return Act("Set target", url, f"for {student.name}")
    if duty.kind == DutyKind.TEACHER_CHECKUP:
        return Act("Open", reverse("contacts:checkups"), f"check-ups, {student.name} among them")
    return Act("Assign", reverse("assignments"), f"a key worker to {student.name}")


def session_url(student_ref: str, planned_ref: str = "") -> str:
    """Give where a session is prepared and logged: the planned one, else a new one."""
    if planned_ref:
        return reverse("sessions:edit", args=[planned_ref])
    return reverse("sessions:new", args=[student_ref])
