"""Drop-in: agreed days and times when a key worker is there for a student."""

from datetime import date, datetime, time
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.utils.timezone import localdate

from keywork.history import TrackedQuerySet, track
from keywork.models import User
from keywork.refs import ref_field
from sessions.models.session import KeyworkSession
from students.models import Student

if TYPE_CHECKING:
    from keywork.access import Viewer


class DropInQuerySet(TrackedQuerySet):
    """Drop-in slots."""

    def visible_to(self, viewer: "Viewer") -> Self:
        """Give those of students visible to the viewer, as a timetable is."""
        students = Student.objects.visible_to(viewer)
        return self.filter(student__in=students, withdrawn_at=None)

    def with_agreed_at(self) -> Self:
        """Add `agreed_at`, when the time was agreed: the first row of its history."""
        rows = DropInSlot.history.model.objects.filter(id=OuterRef("pk"))
        first = rows.order_by("history_date", "history_id").values("history_date")[:1]
        return self.annotate(agreed_at=Subquery(first))


class DropInSlot(models.Model):
    """One agreed slot a week."""

    class Weekday(models.IntegerChoices):
        MONDAY = 0, "Monday"
        TUESDAY = 1, "Tuesday"
        WEDNESDAY = 2, "Wednesday"
        THURSDAY = 3, "Thursday"
        FRIDAY = 4, "Friday"

    agreed_at: datetime | None  # of `with_agreed_at`
    ref = ref_field()
    student = models.ForeignKey(Student, models.PROTECT, related_name="drop_in_slots")
    key_worker = models.ForeignKey(User, models.PROTECT, related_name="drop_in_slots")
    weekday = models.PositiveSmallIntegerField(choices=Weekday)
    starts_at = models.TimeField("from")
    ends_at = models.TimeField("to")
    venue = models.CharField("place", max_length=80, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    history = track()
    objects = DropInQuerySet.as_manager()

    class Meta:
        ordering = ["weekday", "starts_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="drop_in_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="drop_in_withdrawn_by_somebody",
            ),
        ]

    @property
    def first_day(self) -> date:
        """Give the first day it counts, agreed and the student on roll; needs `with_agreed_at`."""
        on_roll_from: date = self.student.on_roll_from
        return max(localdate(self.agreed_at), on_roll_from) if self.agreed_at else on_roll_from

    def is_time_of(self, keywork_session: KeyworkSession) -> bool:
        """Say whether a drop-in session of the student fell into this time, or says no time.

        One that began a little earlier and went on into it does, too.
        """
        starts_at = keywork_session.starts_at
        if starts_at is None:
            return True
        begun = _minute(starts_at)
        went_on = begun + (keywork_session.minutes or 0) > _minute(self.starts_at)
        return begun < _minute(self.ends_at) and (starts_at >= self.starts_at or went_on)

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.starts_at:%H:%M}"


def _minute(of_day: time) -> int:
    return of_day.hour * 60 + of_day.minute
