"""Schools, trusts and each school's own calendar."""

from datetime import time
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q

from keywork.history import TrackedQuerySet, track
from keywork.refs import ref_field
from keywork.roles import Capability

if TYPE_CHECKING:
    from keywork.access import Viewer


def parts_of_a_high_slip() -> list[str]:
    """Give what a high-level slip must say, unless the school sets it otherwise (S2-46)."""
    return ["description", "response", "consequence"]


class Trust(models.Model):
    """A multi-academy trust."""

    name = models.CharField(max_length=200, unique=True)

    def __str__(self) -> str:
        return self.name


class SchoolQuerySet(TrackedQuerySet):
    """Schools."""

    def visible_to(self, viewer: "Viewer") -> Self:
        """Give the schools where the viewer has a role today."""
        return self.filter(pk__in=viewer.roles_at)


class School(models.Model):
    """A school or provision: the tenant, whose data no other school sees."""

    ref = ref_field()
    urn = models.CharField("URN", max_length=6, unique=True)
    laestab = models.CharField("LAESTAB", max_length=8, blank=True)
    name = models.CharField(max_length=200)
    trust = models.ForeignKey(Trust, models.PROTECT, null=True, blank=True, related_name="schools")
    key_work_model = models.ForeignKey(
        "KeyWorkModel",
        models.PROTECT,
        null=True,
        related_name="+",
        help_text="Null only while the school is being created.",
    )
    points_target = models.PositiveSmallIntegerField("points a week to aim for", default=100)
    high_slip_parts = models.JSONField(
        "parts a high-level slip must have", default=parts_of_a_high_slip, blank=True
    )
    signal_thresholds = models.JSONField(
        "early signs of disengagement: thresholds of its own", default=dict, blank=True
    )
    messages_from = models.TimeField("messages from", default=time(8))
    messages_until = models.TimeField("messages until", default=time(16))
    escalate_after = models.PositiveSmallIntegerField(
        "school days late after which the SENCo is told", default=3
    )
    calls_from = models.TimeField("calls home from", null=True, blank=True)
    calls_until = models.TimeField("calls home until", null=True, blank=True)
    agency_update_weeks = models.PositiveSmallIntegerField(
        "weeks after which an agency should hear again", default=6
    )
    attendance_lead = models.ForeignKey(
        "User",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="senior lead for attendance",
    )
    low_slip_parts = models.JSONField("parts a low-level slip must have", default=list, blank=True)
    history = track()
    objects = SchoolQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            # S4-2: a school may narrow the hours, never widen them.
            models.CheckConstraint(
                condition=Q(messages_from__gte=time(8))
                & Q(messages_until__lte=time(16))
                & Q(messages_from__lt=F("messages_until")),
                name="school_messages_within_the_working_day",
            ),
            models.CheckConstraint(
                condition=Q(calls_from=None, calls_until=None)
                | Q(calls_from__isnull=False, calls_until__gt=F("calls_from")),
                name="school_calls_from_before_until",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def call_window(self) -> tuple[time, time] | None:
        """Give between which times calls home are made, or None where the school does not say."""
        if self.calls_from is None or self.calls_until is None:
            return None
        return self.calls_from, self.calls_until


class CalendarQuerySet(TrackedQuerySet):
    """Half terms or closed days."""

    def visible_to(self, viewer: "Viewer") -> Self:
        """Give those of the schools where the viewer has a role today."""
        return self.filter(school__in=viewer.roles_at)

    def manageable_by(self, viewer: "Viewer") -> Self:
        """Give those that the viewer may change."""
        return self.filter(school__in=viewer.schools_where(Capability.MANAGE_CALENDAR))


class HalfTerm(models.Model):
    """A half term: first to last day inclusive. Half terms sharing `term` make the term."""

    ref = ref_field()
    school = models.ForeignKey(School, models.PROTECT, related_name="half_terms")
    term = models.CharField(max_length=60, help_text="Unique in a school, such as Autumn 2026.")
    name = models.CharField(max_length=100, blank=True)
    start = models.DateField("first day")
    end = models.DateField("last day")
    history = track()
    objects = CalendarQuerySet.as_manager()

    class Meta:
        ordering = ["start"]
        constraints = [
            models.UniqueConstraint(fields=["school", "start"], name="half_term_start_once"),
            models.CheckConstraint(
                condition=Q(end__gte=F("start")), name="half_term_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        return self.name or f"{self.term} from {self.start}"


class ClosedDay(models.Model):
    """INSET or an unplanned closure: first to last day inclusive, no school for students."""

    class Kind(models.TextChoices):
        INSET = "inset", "INSET day"
        CLOSURE = "closure", "Closure"

    ref = ref_field()
    school = models.ForeignKey(School, models.PROTECT, related_name="closed_days")
    kind = models.CharField(max_length=10, choices=Kind)
    name = models.CharField(max_length=100, blank=True)
    start = models.DateField("first day")
    end = models.DateField("last day")
    history = track()
    objects = CalendarQuerySet.as_manager()

    class Meta:
        ordering = ["start"]
        constraints = [
            models.UniqueConstraint(fields=["school", "kind", "start"], name="closed_day_once"),
            models.CheckConstraint(
                condition=Q(end__gte=F("start")), name="closed_day_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.get_kind_display()
