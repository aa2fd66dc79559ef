"""What the contacts app adds to a student's timeline.

Callers hand in a student whom the viewer sees in full.
"""

from django.db.models.functions import Coalesce, TruncDate
from django.urls import reverse

from contacts.models import FollowUp
from keywork.timeline import Event, Row, Strand, full_name_of
from students.models import Student

FOLLOW_UPS = "followups"
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
            rows=standing,
            day="raised_on",
            columns={**columns, "who": full_name_of("noted_by")},
            searched=("text",),
            present=_raised,
        ),
    ]


def _raiser(row: Row) -> str:
    kind = RAISED_BY[row.code]
    return f"{row.title} ({kind.lower()})" if row.title else kind


def _answered(row: Row) -> Event:
    return Event(
        day=row.day, icon="tick", title="You said, we did", text=f"{row.text} We did: {row.voice}",
        note=row.who, url=reverse("contacts:followup", args=[row.ref]), link="Open",
        link_for="the follow-up", guarded=True,
    )  # fmt: skip


def _raised(row: Row) -> Event:
    return Event(
        day=row.day, icon="chat", title=f"{_raiser(row)} said", voice=row.text, note=row.who,
        url=reverse("contacts:followup", args=[row.ref]), link="Open", link_for="the follow-up",
        guarded=True,
    )  # fmt: skip
