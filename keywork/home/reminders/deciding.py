"""Who is told what of one school's day: plain functions from what was read to new messages."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import date, time

from django.urls import reverse

from keywork.duties import Duty, DutyStatus
from keywork.home.reminders import words
from keywork.home.reminders.reading import ESCALATED_TO, Reading
from keywork.models import User
from keywork.outbox import NewMessage
from keywork.term_dates import SchoolCalendar
from sessions.duties import counted
from students.duties import StudentOnRoll

DIGEST, DUTY, MILESTONES = "digest", "duty", "milestones"
ESCALATION, NUDGE = "escalation", "nudge"

PRESSING = (DutyStatus.OVERDUE, DutyStatus.DUE, DutyStatus.AT_RISK)
SESSIONS = {"session", "session_quota"}
SAME_DAY_CALL = "same_day_call"
# Calls and sessions that stay late are told to somebody above (S1-28 and the issue).
ESCALATED = frozenset({*SESSIONS, SAME_DAY_CALL, "weekly_call"})
# School days before a duty's act_by on which its owner is told that it comes nearer. A kind that
# does not exist yet joins by its line here; one that the digest alone tells of has none.
SCHOOL_DAYS_AHEAD: dict[str, Collection[int]] = {
    "target_review": (3,),
    "iep_review": (10, 5),
    "pupil_on_a_page": (10, 5),
    "termly_report": (10, 5),
    "supervision": (10,),
    "ehcp_schedule": (10,),
    "ehcp_request_advice": (10, 5),
    "ehcp_contribution": (10, 5),
    "ehcp_invite": (10, 5),
    "ehcp_circulate": (10, 5),
    "ehcp_meeting": (5,),
    "ehcp_report": (10, 5),
    "ehcp_phase_transfer": (20, 10),
}


def due_messages(reading: Reading, hour: time | None) -> Iterator[NewMessage]:
    """Tell each owner who wants it at this hour (None: everybody) what is due, as they chose."""
    for user in _owners(reading, hour):
        if user.digest:
            yield from _digest(reading, user)
        else:
            yield from _singles(reading, user)
        yield from _milestones(reading, user)


def nudges(reading: Reading) -> Iterator[NewMessage]:
    """Tell each owner how many of today's same-day calls are not made yet."""
    for user_id, duties in reading.owed_by.items():
        waiting = sum(duty.kind == SAME_DAY_CALL and duty.act_by == reading.on for duty in duties)
        if waiting and user_id in reading.staff:
            title = f"{counted(waiting, 'call')} home still to make today"
            yield _message(reading, NUDGE, reading.staff[user_id], title, lines=[])


def escalations(reading: Reading) -> Iterator[NewMessage]:
    """Tell the SENCo, once, of each call and session late by the school's number of days."""
    late = {key: duty for duty in reading.standing.duties if (key := _late_key(reading, duty))}
    if not late:
        return
    told = reading.escalated_before(ESCALATION)
    new = {key: duty for key, duty in late.items() if key not in told}
    if not new:
        return
    counts = Counter(str(duty.kind) for duty in new.values())
    days = counted(reading.school.escalate_after, "school day")
    lines = [f"{words.kind_words(kind)}: {count}" for kind, count in counts.items()]
    title = f"{_duties(len(new))} {days} late or more"
    for user in reading.holding(*ESCALATED_TO):
        path = reverse("duties") + "?status=overdue"
        yield _message(
            reading, ESCALATION, user, title, lines=lines, path=path, duties=sorted(new)
        )


def _owners(reading: Reading, hour: time | None) -> list[User]:
    """Give the staff in post who owe or are told something or have a session planned, then."""
    people = [
        user for user in reading.staff.values() if hour is None or reading.hour_of(user) == hour
    ]
    # Where nobody is told at this hour, the duties are not even read.
    return [
        user
        for user in people
        if any(user.pk in of for of in (reading.owed_by, reading.planned, reading.told))
    ]


# --- one message for the day -------------------------------------------------


def _digest(reading: Reading, user: User) -> Iterator[NewMessage]:
    pressing = _pressing(reading.owed_by.get(user.pk, ()))
    planned = reading.planned.get(user.pk, [])
    told = reading.told.get(user.pk, [])
    if not (pressing or planned):
        yield from _told(reading, DIGEST, user, told)
        return
    lines = words.lines_of(_counts(pressing))
    for day, count in sorted(Counter(day for _, day in planned).items()):
        lines.append(words.preparing(count, day, reading.on))
    if told:
        lines.append(words.told(told))
    ahead = sum(duty.status == DutyStatus.AT_RISK for duty in pressing)
    tomorrow = sum(day != reading.on for _, day in planned)
    title = words.title_of(_things(reading, pressing, planned), ahead + tomorrow)
    yield _message(reading, DIGEST, user, title, lines=lines)


def _told(reading: Reading, kind: str, user: User, told: list[str]) -> Iterator[NewMessage]:
    """Tell somebody who owes nothing, a teacher perhaps, of the changes they have not read."""
    if told:
        about = f"told:{reading.school.ref}" if kind == DUTY else ""  # beside what to prepare
        title, lines = words.told_title(len(told)), [words.told(told)]
        path = reverse("notices")
        yield _message(reading, kind, user, title, lines=lines, path=path, about=about)


def _pressing(duties: Iterable[Duty]) -> list[Duty]:
    return [duty for duty in duties if duty.status in PRESSING]


def _counts(duties: Iterable[Duty]) -> dict[str, dict[str, int]]:
    """Give kind → status → how many, kinds in the order of their first duty."""
    counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for duty in duties:
        counts[duty.kind.value][duty.status.value] += 1
    return counts


def _things(reading: Reading, pressing: list[Duty], planned: list[tuple[int, date]]) -> int:
    """Count what is to be done today; a planned session that settles a duty is the same thing."""
    today = [duty for duty in pressing if duty.status != DutyStatus.AT_RISK]
    seen = {duty.student_id for duty in today if duty.kind in SESSIONS}
    others = sum(day == reading.on and student not in seen for student, day in planned)
    return len(today) + others


# --- one message for each thing ----------------------------------------------


def _singles(reading: Reading, user: User) -> Iterator[NewMessage]:
    """Tell of each duty once when it is tight and once when it is due, or late and never told."""
    for duty in _pressing(reading.owed_by.get(user.pk, ())):
        student = reading.standing.roll.by_id.get(duty.student_id or 0)
        word = "tight" if duty.status == DutyStatus.AT_RISK else "due"
        yield NewMessage(
            kind=DUTY,
            school=reading.school,
            user=user,
            about=f"{word}:{_key(duty)}",
            due_on=duty.act_by,
            title=f"{words.kind_words(duty.kind)}: {words.COUNTED[duty.status]}",
            path=_page_of(student),
            data={"on": reading.on.isoformat(), "lines": [_whom(student)] if student else []},
            lapses_at=reading.lapses_at(),
        )
    today = sum(day == reading.on for _, day in reading.planned.get(user.pk, ()))
    if today:
        title = words.preparing(today, reading.on, reading.on)
        yield _message(reading, DUTY, user, title, lines=[])
    yield from _told(reading, DUTY, user, reading.told.get(user.pk, []))


def _whom(student: StudentOnRoll) -> str:
    form = f", {student.reg_form}" if student.reg_form else ""
    return f"For {words.initials_of(student.name)}{form}"


def _page_of(student: StudentOnRoll | None) -> str:
    return reverse("student", args=[student.ref]) if student else reverse("today")


# --- what comes nearer -------------------------------------------------------


def _milestones(reading: Reading, user: User) -> Iterator[NewMessage]:
    counts: Counter[tuple[int, str]] = Counter()
    for duty in reading.owed_by.get(user.pk, ()):
        days = _school_days_until(duty.act_by, reading.on, reading.calendar)
        if days in SCHOOL_DAYS_AHEAD.get(duty.kind, ()):
            counts[days, duty.kind.value] += 1
    if not counts:
        return
    lines = [
        f"{words.kind_words(kind)}: {count} in {counted(days, 'school day')}"
        for (days, kind), count in sorted(counts.items())
    ]
    title = f"{counted(counts.total(), 'date')} coming nearer"
    yield _message(reading, MILESTONES, user, title, lines=lines)


def _school_days_until(day: date, on: date, calendar: SchoolCalendar) -> int:
    """Count the school days after `on` up to and including `day`; 0 where it is not ahead."""
    return calendar.school_days_late(on, day) if day > on else 0


# --- what is late ------------------------------------------------------------


def _late_key(reading: Reading, duty: Duty) -> str:
    """Give what a late call or session is known by once it is escalated; "" where it is not."""
    if duty.kind not in ESCALATED or duty.status != DutyStatus.OVERDUE:
        return ""
    late = reading.calendar.school_days_late(duty.act_by, reading.on)
    if late < reading.school.escalate_after:
        return ""
    return f"{_key(duty)}:{duty.due_on.isoformat()}"


def _key(duty: Duty) -> str:
    return f"{duty.kind.value}:{duty.student_id or 0}:{duty.about}"


def _message(
    reading: Reading,
    kind: str,
    user: User,
    title: str,
    *,
    lines: list[str],
    path: str = "",
    about: str = "",
    duties: Iterable[str] = (),
) -> NewMessage:
    """Give a message of the day: one a school, so that somebody at two schools gets both."""
    return NewMessage(
        kind=kind,
        school=reading.school,
        user=user,
        about=about or reading.school.ref,
        due_on=reading.on,
        title=title,
        path=path or reverse("today"),
        data={"on": reading.on.isoformat(), "lines": lines, "duties": list(duties)},
        lapses_at=reading.lapses_at(),
    )


def _duties(number: int) -> str:
    return "1 duty" if number == 1 else f"{number} duties"
