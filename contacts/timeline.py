"""What the contacts app adds to a student's timeline.

Callers hand in a student whom the viewer sees in full.
"""

from typing import Any

from django.db.models import F, TextField, Value
from django.db.models.functions import Coalesce, Concat, TruncDate
from django.urls import reverse

from contacts.models import (
    AgencyAdvice,
    AgencyContact,
    AgencyMeeting,
    AttendanceStep,
    Channel,
    ContactLogEntry,
    Direction,
    FollowUp,
    Involvement,
    Outcome,
)
from keywork.timeline import Event, Row, Strand, full_name_of
from students.models import Student

FOLLOW_UPS = "followups"
HOME = "home"
AGENCIES = "agencies"
WAYS = dict(AgencyContact.How.choices)
STEPS = dict(AttendanceStep.Kind.choices)
DECISIONS = dict(AgencyAdvice.Decision.choices)
RAISED_BY = dict(FollowUp.RaisedBy.choices)


def follow_up_strands(student: Student) -> list[Strand]:
    """Give what was raised about a student, and what was done about it."""
    standing = FollowUp.objects.filter(student=student, withdrawn_at=None)
    columns = {"ref": "ref", "code": "raised_by", "title": "raiser_name", "text": "text"}
    return [
        Strand(
            rank=70,
            group=FOLLOW_UPS,
            rows=standing.exclude(answered_at=None),
            day=Coalesce("told_on", TruncDate("answered_at")),
            columns={**columns, "voice": "answer", "who": full_name_of("answered_by")},
            searched=("text", "answer"),
            present=_answered,
        ),
        Strand(
            rank=71,
            group=FOLLOW_UPS,
            rows=standing.exclude(source_kind=FollowUp.Source.MEETING),  # in the meeting's
            day="raised_on",
            columns={**columns, "who": full_name_of("noted_by")},
            searched=("text",),
            present=_raised,
        ),
    ]


def agency_strands(student: Student) -> list[Strand]:
    """Give agencies joining and leaving, what was told, meetings, advice, attendance steps."""
    return [
        _log_strand(student),
        _meeting_strand(student),
        _advice_strand(student),
        *_involvement_strands(student),
        _attendance_strand(student),
    ]


def _log_strand(student: Student) -> Strand:
    log = AgencyContact.objects.filter(involvement__student=student, withdrawn_at=None)
    return Strand(
        rank=72,
        group=AGENCIES,
        rows=log,
        day="happened_on",
        columns={
            "ref": F("involvement__student__ref"),
            "code": "direction",
            "detail": "how",
            "title": "involvement__agency__name",
            "text": "text",
            "note": "whom",
            "who": full_name_of("noted_by"),
        },
        searched=("text", "whom", "involvement__agency__name"),
        present=_told,
    )


def _meeting_strand(student: Student) -> Strand:
    return Strand(
        rank=73,
        group=AGENCIES,
        rows=AgencyMeeting.objects.filter(student=student, withdrawn_at=None),
        day="held_on",
        columns={
            "ref": "ref",
            "title": "title",
            "text": "notes",
            "note": "attended_as",
            "detail": "agency__name",
            "who": full_name_of("attended_by"),
        },
        searched=("title", "notes", "agency__name"),
        present=_met,
    )


def _advice_strand(student: Student) -> Strand:
    return Strand(
        rank=74,
        group=AGENCIES,
        rows=AgencyAdvice.objects.filter(student=student, withdrawn_at=None),
        day=Coalesce("decided_on", "asked_on"),
        columns={
            "ref": F("student__ref"),
            "code": "decision",
            "title": "about",
            "text": "question",
            "voice": "reason",
            "note": "adviser",
        },
        searched=("about", "question", "advice", "reason"),
        present=_advised,
    )


def _involvement_strands(student: Student) -> list[Strand]:
    involved = Involvement.objects.filter(student=student)
    whose = {
        "ref": F("student__ref"),
        "title": "agency__name",
        "note": "person__name",
        "text": "role",
    }
    return [
        Strand(
            rank=75,
            group=AGENCIES,
            rows=involved.exclude(ended_on=None),
            day="ended_on",
            columns={**whose, "code": Value("no longer involved", TextField())},
            searched=("agency__name", "role"),
            present=_involved,
        ),
        Strand(
            rank=76,
            group=AGENCIES,
            rows=involved,
            day="started_on",
            columns={**whose, "code": Value("involved", TextField())},
            searched=("agency__name", "role"),
            present=_involved,
        ),
    ]


def _attendance_strand(student: Student) -> Strand:
    return Strand(
        rank=77,
        group="attendance",
        rows=AttendanceStep.objects.filter(student=student, withdrawn_at=None),
        day="taken_on",
        columns={
            "ref": F("student__ref"),
            "code": "kind",
            "text": "note",
            "title": full_name_of("reported_to"),
            "who": full_name_of("noted_by"),
        },
        searched=("note",),
        present=_tried,
    )


def _raiser(row: Row) -> str:
    kind = RAISED_BY[row.code]
    return f"{row.title} ({kind.lower()})" if row.title else kind


def _answered(row: Row) -> Event:
    return Event(
        day=row.day, icon="tick", title="You said, we did", text=f"{row.text} We did: {row.voice}",
        note=row.who, url=reverse("contacts:followup", args=[row.ref]), link="Open",
        link_for="the follow-up",
    )  # fmt: skip


def _raised(row: Row) -> Event:
    return Event(
        day=row.day, icon="chat", title=f"{_raiser(row)} said", voice=row.text, note=row.who,
        url=reverse("contacts:followup", args=[row.ref]), link="Open", link_for="the follow-up",
    )  # fmt: skip


def _page(row: Row) -> dict[str, Any]:
    url = reverse("contacts:student_agencies", args=[row.ref])
    return {"url": url, "link": "Agencies", "link_for": f"around the student, {row.title}"}


def _told(row: Row) -> Event:
    told = row.code == AgencyContact.Direction.TOLD
    title = f"{row.title} was told" if told else f"{row.title} told us"
    note = ", ".join(part for part in (row.note, WAYS.get(row.detail, ""), row.who) if part)
    return Event(
        day=row.day, icon="chat", title=title, text=row.text, note=note, **_page(row)
    )  # fmt: skip


def _met(row: Row) -> Event:
    note = ", ".join(part for part in (row.detail, row.who, row.note) if part)
    return Event(
        day=row.day, icon="group", title=f"Meeting: {row.title}", text=row.text, note=note,
        url=reverse("contacts:meeting", args=[row.ref]), link="Read the notes",
        link_for=f"of {row.day:%-d %B}",
    )  # fmt: skip


def _advised(row: Row) -> Event:
    decided = row.code != AgencyAdvice.Decision.OPEN
    chip = ("done", DECISIONS[row.code]) if decided else ("due", "Not decided yet")
    return Event(
        day=row.day, icon="help", title=f"Advice sought: {row.title}", chip=chip,
        text=row.voice or row.text, note=row.note, **_page(row),
    )  # fmt: skip


def _involved(row: Row) -> Event:
    note = ", ".join(part for part in (row.note, row.text) if part)
    return Event(
        day=row.day, icon="people", title=f"{row.title} {row.code}", note=note, **_page(row)
    )  # fmt: skip


def home_strands(student: Student) -> list[Strand]:
    """Give a student's contacts with home."""
    standing = ContactLogEntry.objects.standing().filter(student=student)
    return [
        Strand(
            rank=60,
            group=HOME,
            rows=standing,
            moment="made_at",
            columns={
                "ref": "ref",
                "code": "outcome",
                "detail": Concat(F("channel"), Value(":"), F("direction")),
                "text": "summary",
                "voice": "home_view",
                "title": "good_news",
                "who": full_name_of("made_by"),
            },
            searched=("summary", "home_view", "good_news", "agreed"),
            present=_contact,
        )
    ]


def _contact(row: Row) -> Event:
    channel, _, direction = row.detail.partition(":")
    how = Channel(channel).label
    title = f"{'Home got in touch: ' if direction == Direction.IN else 'Home: '}{how.lower()}"
    outcome = Outcome(row.code)
    chip = ("praise", "Good news") if row.title else None
    if outcome not in (Outcome.SPOKE, Outcome.SENT):
        chip = ("excused", outcome.label)
    return Event(
        day=row.day, at=row.at, icon="mail" if outcome == Outcome.SENT else "phone", title=title,
        text=" ".join(filter(None, (row.title, row.text))), voice=row.voice, note=row.who,
        chip=chip, url=reverse("contacts:entry", args=[row.ref]), link="Open",
        link_for=f"contact of {row.day:%-d %B %Y}",
    )  # fmt: skip


def _tried(row: Row) -> Event:
    return Event(
        day=row.day, icon="review", title=f"Attendance: {STEPS[row.code].lower()}", text=row.text,
        note=", ".join(part for part in (row.title, row.who) if part),
        url=reverse("contacts:attendance_steps", args=[row.ref]), link="All that was tried",
    )  # fmt: skip
