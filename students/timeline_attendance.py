"""What attendance and progress add to a student's timeline: talks, queries, barriers.

Callers hand in a student whom the viewer sees in full.
"""

from calendar import month_name as MONTHS  # noqa: N812

from django.db.models import Q

from keywork.timeline import Event, Row, Strand, full_name_of
from students.models import Barrier, RegisterQuery, Session, Student
from students.rules.attendance import CODES

ATTENDANCE = "attendance"
PROGRESS = "progress"
SESSIONS = dict(Session.choices)
ANSWERS = dict(RegisterQuery.Status.choices)
STATUSES = dict(Barrier.Status.choices)


def attendance_strands(student: Student) -> list[Strand]:
    """Give the events of talks about absence and of questions to the office."""
    queries = student.register_queries.all()
    about = {"code": "code", "detail": "session", "title": "date"}
    return [
        Strand(
            rank=31,
            group=ATTENDANCE,
            rows=student.absence_talks.filter(withdrawn_at=None),
            day="talked_on",
            columns={**about, "voice": "said", "who": full_name_of("talked_by")},
            searched=("said",),
            present=_talked,
        ),
        Strand(
            rank=32,
            group=ATTENDANCE,
            rows=queries,
            moment="asked_at",
            columns={**about, "text": "text", "who": full_name_of("asked_by")},
            searched=("text",),
            present=_asked,
        ),
        Strand(
            rank=33,
            group=ATTENDANCE,
            rows=queries.filter(answered_at__isnull=False),
            moment="answered_at",
            columns={
                **about,
                "code": "status",
                "text": "answer",
                "who": full_name_of("answered_by"),
            },
            searched=("answer",),
            present=_answered,
        ),
    ]


def progress_strands(student: Student) -> list[Strand]:
    """Give the events of barriers: noted, and no longer open."""
    barriers = student.barriers.all()
    return [
        Strand(
            rank=35,
            group=PROGRESS,
            rows=barriers,
            day="noted_on",
            columns={"voice": "text", "note": "follow_up", "who": full_name_of("noted_by")},
            searched=("text", "follow_up"),
            present=_noted,
        ),
        Strand(
            rank=36,
            group=PROGRESS,
            rows=barriers.filter(~Q(closed_on=None)),
            day="closed_on",
            columns={"code": "status", "voice": "text", "text": "follow_up"},
            searched=("text", "follow_up"),
            present=_closed,
        ),
    ]


def _when(row: Row) -> str:
    """Say which session: "the morning of 9 November"; the date comes as ISO text."""
    _, month, day = row.title.split("-")
    return f"{SESSIONS[row.detail].lower()} of {int(day)} {MONTHS[int(month)]}"


def _talked(row: Row) -> Event:
    meaning = CODES[row.code].meaning if row.code in CODES else row.code
    return Event(
        day=row.day,
        icon="chat",
        title=f"Talked about the {_when(row)}: {meaning[:1].lower()}{meaning[1:]}",
        voice=row.voice,
        note=row.who,
    )


def _asked(row: Row) -> Event:
    return Event(
        day=row.day,
        at=row.at,
        icon="help",
        title=f"Register queried: {_when(row)}",
        text=row.text,
        note=row.who,
    )


def _answered(row: Row) -> Event:
    return Event(
        day=row.day,
        at=row.at,
        icon="mail",
        title=f"Register query answered: {_when(row)}",
        text=row.text,
        note=row.who,
        chip=("done", ANSWERS[row.code]),
    )


def _noted(row: Row) -> Event:
    return Event(
        day=row.day,
        icon="info",
        title="A barrier, as the student sees it",
        voice=row.voice,
        text=row.note,
        note=row.who,
    )


def _closed(row: Row) -> Event:
    return Event(
        day=row.day,
        icon="done",
        title="Barrier no longer open",
        voice=row.voice,
        text=row.text,
        chip=("done", STATUSES[row.code]),
    )
