"""What the sessions app adds to a student's timeline: sessions, targets, actions.

Callers hand in a student whom the viewer sees in full.
"""

from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse

from keywork.timeline import Event, Row, Strand, full_name_of
from sessions.models import Amendment, KeyworkSession, SessionAction, Target, TargetReview
from sessions.rules import moves_the_due_date
from students.models import Student

SESSIONS = "sessions"
TARGETS = "targets"
STATUS = KeyworkSession.Status
FOCI = dict(KeyworkSession.Focus.choices)
REASONS = dict(KeyworkSession.MissedReason.choices)
METHODS = dict(KeyworkSession.Method.choices)
OUTCOMES = dict(TargetReview.Outcome.choices)
STATUSES = dict(Target.Status.choices)
OUTCOME_CHIPS = {"achieved": "done", "partly": "at_risk", "not_yet": "due", "withdrawn": "excused"}


def session_strands(student: Student) -> list[Strand]:
    """Give the events of a student's sessions; planned ones however far ahead."""
    past = student.keywork_sessions.standing().exclude(status=STATUS.PLANNED)
    about = {"ref": "ref", "who": full_name_of("key_worker")}
    return [
        Strand(
            rank=10,
            group=SESSIONS,
            rows=student.keywork_sessions.planned(),
            day="held_on",
            at="starts_at",
            columns={**about, "note": "venue"},
            searched=("venue",),
            present=_session_planned,
        ),
        Strand(
            rank=11,
            group=SESSIONS,
            rows=past.filter(status=STATUS.HELD),
            day="held_on",
            at="starts_at",
            columns={
                **about,
                "number": _targets_set(),
                "code": "focus",
                "detail": "method",
                "voice": "pupil_voice",
                "text": "details",
                "title": Coalesce("group__shared_details", "strategies_agreed"),
            },
            searched=("pupil_voice", "details", "strategies_agreed", "group__shared_details"),
            present=_session_held,
        ),
        Strand(
            rank=12,
            group=SESSIONS,
            rows=past.filter(status=STATUS.MISSED),
            day="held_on",
            at="starts_at",
            columns={
                **about,
                "code": "missed_reason",
                "detail": "method",
                "text": "missed_note",
            },
            searched=("missed_note",),
            present=_session_missed,
        ),
        *_follow_up_strands(student),
    ]


def target_strands(student: Student) -> list[Strand]:
    """Give the events of a student's targets: set, reviewed, closed."""
    targets = student.targets.all()
    reviews = TargetReview.objects.standing().filter(target__student=student)
    reviewed_then = reviews.filter(target=OuterRef("pk"), reviewed_on=OuterRef("closed_on"))
    return [
        Strand(
            rank=20,
            group=TARGETS,
            rows=reviews,
            day="reviewed_on",
            columns={
                "ref": "target__ref",
                "code": "outcome",
                "title": "target__text",
                "text": "evidence",
                "note": "reason",
                "who": full_name_of("reviewed_by"),
            },
            searched=("target__text", "evidence", "reason"),
            present=_target_reviewed,
        ),
        Strand(
            rank=21,
            group=TARGETS,
            rows=targets.filter(~Q(closed_on=None), ~Exists(reviewed_then)),
            day="closed_on",
            columns={"ref": "ref", "code": "status", "title": "text"},
            searched=("text",),
            present=_target_closed,
        ),
        Strand(
            rank=22,
            group=TARGETS,
            rows=targets,
            day="set_on",
            columns={
                "ref": "ref",
                "title": "text",
                "note": "measure",
                "who": full_name_of("set_by"),
            },
            searched=("text", "measure"),
            present=_target_set,
        ),
    ]


def _follow_up_strands(student: Student) -> list[Strand]:
    standing = Q(keywork_session__student=student, keywork_session__withdrawn_at=None)
    return [
        Strand(
            rank=13,
            group=SESSIONS,
            rows=Amendment.objects.filter(standing),
            moment="made_at",
            columns={
                "ref": "keywork_session__ref",
                "text": "reason",
                "who": full_name_of("made_by"),
            },
            searched=("reason",),
            present=_session_amended,
        ),
        Strand(
            rank=14,
            group=SESSIONS,
            rows=SessionAction.objects.filter(standing).exclude(done_at=None),
            moment="done_at",
            columns={
                "ref": "keywork_session__ref",
                "text": "text",
                "who": full_name_of("done_by"),
            },
            searched=("text",),
            present=_action_done,
        ),
    ]


def _targets_set() -> Subquery:
    counted = (
        Target.objects.filter(keywork_session=OuterRef("pk"))
        .order_by()
        .values("keywork_session")
        .annotate(count=Count("pk"))
    )
    return Subquery(counted.values("count"))


def _session_url(row: Row) -> dict[str, Any]:
    return {
        "url": reverse("sessions:session", args=[row.ref]),
        "link": "Read the session",
        "link_for": f"of {row.day:%-d %B}",
    }


def _session_planned(row: Row) -> Event:
    note = ", ".join(part for part in (row.note, row.who) if part)
    url = reverse("sessions:session", args=[row.ref])
    return Event(
        day=row.day, at=row.at, icon="calendar", title="Session planned", note=note, url=url,
        link="Open", link_for=f"the session of {row.day:%-d %B}",
    )  # fmt: skip


def _session_held(row: Row) -> Event:
    focus = FOCI.get(row.code, "")
    kind = "Session" if row.detail in ("", "one_to_one") else METHODS[row.detail]
    targets = f"{row.number} target{'s' if row.number != 1 else ''} set" if row.number else ""
    return Event(
        day=row.day,
        at=row.at,
        icon="chat",
        title=f"{kind}, focus: {focus}" if focus else kind,
        voice=row.voice,
        text=row.text or row.title,
        note=", ".join(part for part in (row.who, targets) if part),
        **_session_url(row),
    )


def _session_missed(row: Row) -> Event:
    if row.detail == KeyworkSession.Method.DROP_IN and not row.code:
        return Event(
            day=row.day, at=row.at, icon="chat", title="Drop-in time not used", text=row.text,
            note=row.who, **_session_url(row),
        )  # fmt: skip
    excused = ("excused", "Excused") if moves_the_due_date(row.code) else None
    text = ". ".join(part for part in (REASONS.get(row.code, ""), row.text) if part)
    return Event(
        day=row.day, at=row.at, icon="chat", title="Session missed", chip=excused, text=text,
        note=row.who, **_session_url(row),
    )  # fmt: skip


def _session_amended(row: Row) -> Event:
    return Event(
        day=row.day, at=row.at, icon="pencil", title="Session corrected", text=row.text,
        note=row.who, url=reverse("sessions:session", args=[row.ref]), link="Read the session",
    )  # fmt: skip


def _action_done(row: Row) -> Event:
    return Event(
        day=row.day, at=row.at, icon="tick", title="Action done", text=row.text, note=row.who,
        url=reverse("sessions:session", args=[row.ref]), link="Read the session",
    )  # fmt: skip


def _target_link(row: Row) -> dict[str, Any]:
    return {
        "url": reverse("sessions:target", args=[row.ref]),
        "link": "Open the target",
        "link_for": row.title,
    }


def _target_reviewed(row: Row) -> Event:
    chip = (OUTCOME_CHIPS[row.code], OUTCOMES[row.code])
    note = ". ".join(part for part in (row.note, row.who) if part)
    return Event(
        day=row.day, icon="target", title=f"Target reviewed: {row.title}", chip=chip,
        text=row.text, note=note, **_target_link(row),
    )  # fmt: skip


def _target_closed(row: Row) -> Event:
    return Event(
        day=row.day, icon="target", title=f"Target closed: {row.title}",
        note=STATUSES[row.code], **_target_link(row),
    )  # fmt: skip


def _target_set(row: Row) -> Event:
    note = ", ".join(part for part in (row.note, row.who) if part)
    return Event(
        day=row.day, icon="target", title=f"Target set: {row.title}", note=note,
        **_target_link(row),
    )  # fmt: skip
