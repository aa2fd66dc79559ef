"""SMART targets: set in a session, reviewed with evidence, extended or closed."""

from datetime import date
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, OuterRef, Prefetch, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.urls import reverse

from keywork.history import TrackedQuerySet, track
from keywork.models import School, User
from keywork.refs import ref_field
from sessions.models.session import KeyworkSession
from students.models import Student

if TYPE_CHECKING:
    from keywork.access import Viewer


class TargetQuerySet(TrackedQuerySet):
    """Targets."""

    def visible_to(self, viewer: "Viewer") -> Self:
        """Give those of students whose records the viewer may read."""
        return self.filter(student__in=Student.objects.in_full_for(viewer))

    def active(self, on: date) -> Self:
        """Give those active on a day (rules.md, Dates asked about)."""
        return self.filter(
            Q(status=Target.Status.ACTIVE) | Q(closed_on__gt=on),
            set_on__lte=on,
        )

    def with_progress(self) -> Self:
        """Add `progress`: the evidence counted so far."""
        counted = TargetEvidence.objects.standing().filter(target=OuterRef("pk"))
        totals = counted.order_by().values("target").annotate(n=Sum("count")).values("n")
        return self.annotate(progress=Coalesce(Subquery(totals), 0))

    def for_list(self) -> Self:
        """Load what a list of targets shows: `progress`, and reviews without those undone."""
        reviews = TargetReview.objects.standing().select_related("reviewed_by")
        related = self.select_related("student", "keywork_session").with_progress()
        return related.prefetch_related(Prefetch("reviews", reviews))


class Target(models.Model):
    """What a student will do, how it is measured, from where, and when it is looked at again.

    goal_count of goal_unit: "4" of "5 lessons"; progress is the evidence counted so far.
    """

    class Area(models.TextChoices):
        BEHAVIOUR = "behaviour", "Behaviour"
        LEARNING = "learning", "Learning"
        ATTENDANCE = "attendance", "Attendance"
        SEMH = "semh", "Social, emotional and mental health"
        COMMUNICATION = "communication", "Communication and interaction"
        SOCIAL_SKILLS = "social_skills", "Social skills"
        LIFE_SKILLS = "life_skills", "Life skills"

    class Status(models.TextChoices):
        ACTIVE = "active", "Active"
        ACHIEVED = "achieved", "Achieved"
        PARTLY = "partly", "Partly achieved"
        NOT_ACHIEVED = "not_achieved", "Not achieved"
        WITHDRAWN = "withdrawn", "Withdrawn"

    ref = ref_field()
    import_ref = models.CharField("ref in imported files", max_length=40, blank=True)
    school = models.ForeignKey(School, models.PROTECT, related_name="+")
    student = models.ForeignKey(Student, models.PROTECT, related_name="targets")
    keywork_session = models.ForeignKey(
        KeyworkSession, models.PROTECT, null=True, blank=True, related_name="targets"
    )
    set_on = models.DateField()
    set_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    area = models.CharField(max_length=15, choices=Area, blank=True)
    text = models.CharField("what the student will do", max_length=300, blank=True)
    measure = models.CharField("how we will know", max_length=200, blank=True)
    goal_count = models.PositiveSmallIntegerField("how many", null=True, blank=True)
    goal_unit = models.CharField("out of", max_length=60, blank=True)
    baseline = models.CharField("where it is now", max_length=200, blank=True)
    help = models.CharField("what will help", max_length=300, blank=True)
    linked_outcome = models.CharField("linked outcome of the plan", max_length=200, blank=True)
    review_on = models.DateField(null=True, blank=True)
    student_agreed = models.BooleanField(null=True, blank=True)
    status = models.CharField(max_length=15, choices=Status, default=Status.ACTIVE)
    closed_on = models.DateField(null=True, blank=True)
    progress: int  # on those loaded `with_progress`
    history = track()
    objects = TargetQuerySet.as_manager()

    class Meta:
        ordering = ["-set_on", "-pk"]
        indexes = [
            models.Index(fields=["student", "status", "review_on"], name="target_student_status"),
            models.Index(fields=["school", "status", "set_on"], name="target_school_status"),
            models.Index(fields=["school", "set_on"], name="target_school_set_on"),
            models.Index(fields=["school", "closed_on"], name="target_school_closed_on"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["school", "import_ref"],
                condition=~Q(import_ref=""),
                name="target_import_ref_once",
            ),
        ]

    @property
    def is_active(self) -> bool:
        """Say whether the target is still being worked on."""
        return self.status == self.Status.ACTIVE

    def get_absolute_url(self) -> str:
        """Give the target's page."""
        return reverse("sessions:target", args=[self.ref])

    def __str__(self) -> str:
        return self.text


class StandingQuerySet(TrackedQuerySet):
    """Reviews or evidence, of which some may have been undone."""

    def visible_to(self, viewer: "Viewer") -> Self:
        """Give those of targets the viewer may read, undone ones included."""
        return self.filter(target__in=Target.objects.visible_to(viewer))

    def standing(self) -> Self:
        """Leave out those undone."""
        return self.filter(withdrawn_at=None)


class TargetReview(models.Model):
    """A look at a target: the outcome and the evidence; perhaps a later review date and why."""

    class Outcome(models.TextChoices):
        ACHIEVED = "achieved", "Achieved"
        PARTLY = "partly", "Partly"
        NOT_YET = "not_yet", "Not yet"
        WITHDRAWN = "withdrawn", "Withdrawn"

    ref = ref_field()
    target = models.ForeignKey(Target, models.PROTECT, related_name="reviews")
    keywork_session = models.ForeignKey(
        KeyworkSession, models.PROTECT, null=True, blank=True, related_name="target_reviews"
    )
    reviewed_on = models.DateField()
    reviewed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=10, choices=Outcome)
    evidence = models.TextField(blank=True)
    extended_to = models.DateField("carried on to", null=True, blank=True)
    reason = models.TextField("why it was carried on", blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    history = track()
    objects = StandingQuerySet.as_manager()

    class Meta:
        ordering = ["reviewed_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="target_review_withdrawn_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(extended_to=None) | Q(extended_to__gt=F("reviewed_on")),
                name="target_review_carries_on_later",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()} on {self.reviewed_on}"


class TargetEvidence(models.Model):
    """A time the target was met, or several: `count` towards the goal."""

    ref = ref_field()
    target = models.ForeignKey(Target, models.PROTECT, related_name="evidence")
    noted_on = models.DateField()
    noted_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    count = models.PositiveSmallIntegerField(default=1)
    text = models.CharField("what was seen", max_length=300, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    history = track()
    objects = StandingQuerySet.as_manager()

    class Meta:
        ordering = ["noted_on", "pk"]
        verbose_name_plural = "target evidence"
        constraints = [
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="evidence_withdrawn_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.count} on {self.noted_on}"
