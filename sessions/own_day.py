"""What a person's own day holds of sessions: planned ones to log, and what was done already."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Q

from keywork.access import Viewer
from sessions.models import KeyworkSession, Target, TargetReview
from students.models.student import StudentQuerySet, shown_name

FOCUS_WORDS = dict(KeyworkSession.Focus.choices)


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

    @property
    def ends_at(self) -> time | None:
        """Give when it ends, where start and length are known."""
        if self.starts_at is None or not self.minutes:
            return None
        return (datetime.combine(self.on, self.starts_at) + timedelta(minutes=self.minutes)).time()


def planned_sessions(viewer: Viewer, caseload: StudentQuerySet) -> list[PlannedSession]:
    """Give what the viewer has planned at the chosen school, in order of time (one query).

    Planned by nobody in particular counts for the students of `caseload`.
    """
    rows = (
        KeyworkSession.objects.visible_to(viewer)
        .planned()
        .filter(
            Q(key_worker=viewer.user)
            | Q(key_worker=None, student__in=caseload.order_by().values("pk")),
            school=viewer.school,
        )
        .order_by("held_on", "starts_at", "pk")
        .values_list(
            *("ref", "student_id", "student__ref", "student__preferred_first_name"),
            *("student__legal_first_name", "student__legal_last_name", "student__reg_form"),
            *("held_on", "starts_at", "minutes", "venue", "focus"),
        )
    )
    return [_planned(row) for row in rows]


def _planned(row: tuple[Any, ...]) -> PlannedSession:
    ref, student, student_ref, preferred, legal, last, form, on, starts_at, minutes, *place = row
    name, (venue, focus) = shown_name(preferred or legal, last), place
    return PlannedSession(
        ref, student, student_ref, name, form, on, starts_at, minutes, venue, focus
    )


def signed_today(viewer: Viewer) -> list[KeyworkSession]:
    """Give the sessions the viewer signed today at the chosen school, first one first."""
    midnight = viewer.now.replace(hour=0, minute=0, second=0, microsecond=0)
    sessions = KeyworkSession.objects.visible_to(viewer).filter(
        school=viewer.school, signed_by=viewer.user, signed_at__range=(midnight, viewer.now)
    )
    return list(sessions.select_related("student").order_by("signed_at", "pk"))


def reviewed_today(viewer: Viewer) -> list[TargetReview]:
    """Give the viewer's reviews of today, of targets at the chosen school, first one first."""
    reviews = TargetReview.objects.standing().filter(
        target__in=Target.objects.visible_to(viewer).filter(school=viewer.school),
        reviewed_by=viewer.user,
        reviewed_on=viewer.on,
    )
    return list(reviews.select_related("target__student").order_by("pk"))
