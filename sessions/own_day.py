"""What a person's own day holds of sessions: planned ones to log, and what was done already."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import (
    Case,
    CharField,
    DateTimeField,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Cast
from django.urls import reverse

from keywork.access import Viewer
from keywork.prepared import prepared
from sessions.models import KeyworkSession, Target, TargetReview
from students.models.student import shown_name

FOCUS_WORDS = dict(KeyworkSession.Focus.choices)
Status = KeyworkSession.Status
NOT_USED = "not_used"
OUTCOMES = {**dict(Status.choices), NOT_USED: "Drop-in time not used"}
NAMES = ("preferred_first_name", "legal_first_name", "legal_last_name")
# What cannot be undone has no ref to undo and no moment to count ten minutes from.
NO_UNDO = {
    "undo_ref": Value("", CharField()),
    "acted_at": Cast(Value(None), DateTimeField()),
}


@dataclass(frozen=True, slots=True)
class PlannedSession:
    """A session planned and not logged yet."""

    ref: str
    student_id: int
    student_ref: str
    student_name: str
    reg_form: str
    on: date
    starts_at: time | None
    minutes: int | None
    venue: str
    focus: str
    briefed: bool = False

    @property
    def ends_at(self) -> time | None:
        """Give when it ends, where start and length are known."""
        if self.starts_at is None or not self.minutes:
            return None
        return (datetime.combine(self.on, self.starts_at) + timedelta(minutes=self.minutes)).time()


def planned_sessions(viewer: Viewer, students: Iterable[int]) -> list[PlannedSession]:
    """Give what the viewer has planned at the chosen school, in order of time (one query).

    Planned by nobody in particular counts for these students, given by id.
    """
    return [_planned(row) for row in _planned_by(viewer=viewer, students=tuple(students))]


@prepared
def _planned_by(*, viewer: Viewer, students: tuple[int, ...]) -> QuerySet:
    return (
        KeyworkSession.objects.visible_to(viewer)
        .planned()
        .filter(
            Q(key_worker=viewer.user) | Q(key_worker=None, student__in=students),
            school=viewer.school,
        )
        .order_by("held_on", "starts_at", "pk")
        .values_list(
            *("ref", "student_id", "student__ref", "student__preferred_first_name"),
            *("student__legal_first_name", "student__legal_last_name", "student__reg_form"),
            *("held_on", "starts_at", "minutes", "venue", "focus", "briefed_at"),
        )
    )


def _planned(row: tuple[Any, ...]) -> PlannedSession:
    ref, student, student_ref, preferred, legal, last, form, on, starts_at, minutes, *place = row
    name, (venue, focus, briefed_at) = shown_name(preferred or legal, last), place
    where = (ref, student, student_ref, name, form, on, starts_at, minutes, venue, focus)
    return PlannedSession(*where, briefed=briefed_at is not None)


@dataclass(frozen=True, slots=True)
class Done:
    """An act of today: at what time where that is known, what, about whom, how it ended.

    undo_url: where it can be undone, while it can.
    """

    at: datetime | None
    what: str
    name: str
    outcome: str
    url: str
    undo_url: str = ""


def done_arms(viewer: Viewer, midnight: datetime) -> list[QuerySet]:
    """Give the sessions signed today at the chosen school, and the reviews, to be joined.

    Rows: (at, key, state, ref, preferred, legal and last name, undo ref, acted at); at is None
    for a review. A review by itself can be undone; one of a session is the session's.
    """
    return [_signed(viewer, midnight), _reviewed(viewer)]


def _signed(viewer: Viewer, midnight: datetime) -> QuerySet:
    sessions = KeyworkSession.objects.visible_to(viewer).filter(
        school=viewer.school, signed_by=viewer.user, signed_at__range=(midnight, viewer.now)
    )
    unused = Q(status=Status.MISSED, method=KeyworkSession.Method.DROP_IN, missed_reason="")
    state = Case(When(unused, then=Value(NOT_USED)), default="status")
    return (
        sessions.order_by()
        .annotate(state=state, **NO_UNDO)
        .values_list(
            *("signed_at", "pk", "state", "ref"),
            *(f"student__{name}" for name in NAMES),
            *NO_UNDO,
        )
    )


def _reviewed(viewer: Viewer) -> QuerySet:
    reviews = TargetReview.objects.standing().filter(
        target__in=Target.objects.visible_to(viewer).filter(school=viewer.school),
        reviewed_by=viewer.user,
        reviewed_on=viewer.on,
    )
    never = Value(None, DateTimeField())
    alone = When(keywork_session=None, then=F("ref"))
    written = TargetReview.history.filter(id=OuterRef("pk"), history_type="+")
    return (
        reviews.order_by()
        .annotate(
            at=never,
            undo_ref=Case(alone, default=Value(""), output_field=CharField()),
            acted_at=Subquery(written.order_by().values("history_date")[:1]),
        )
        .values_list(
            *("at", "pk", "outcome", "target__ref"),
            *(f"target__student__{name}" for name in NAMES),
            *NO_UNDO,
        )
    )


def done_of(row: tuple[Any, ...]) -> Done:
    """Give what a row of `done_arms` says."""
    at, _, state, ref, preferred, legal, last, *_ = row
    name = shown_name(preferred or legal, last)
    if at is None:
        outcome = TargetReview.Outcome(state).label
        return Done(None, "Target review", name, outcome, reverse("sessions:target", args=[ref]))
    outcome = OUTCOMES[state]
    return Done(at, "Session", name, outcome, reverse("sessions:session", args=[ref]))
