"""What staff notice of a student's wellbeing (S1-14)."""

from datetime import date
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q
from django.urls import reverse

from keywork.history import TrackedQuerySet, track
from keywork.models import User
from keywork.refs import ref_field
from students.models.student import Student

if TYPE_CHECKING:
    from keywork.access import Viewer

LONGEST_OBSERVATION = 1000


class ObservationQuerySet(TrackedQuerySet):
    """Observations."""

    def visible_to(self, viewer: "Viewer") -> Self:
        """Give those of students seen in full."""
        return self.filter(student__in=Student.objects.in_full_for(viewer), withdrawn_at=None)

    def standing(self) -> Self:
        """Leave out those taken back."""
        return self.filter(withdrawn_at=None)

    def between(self, first: date, last: date) -> Self:
        """Give those of some days, both ends inclusive."""
        return self.filter(noticed_on__range=(first, last))


class Observation(models.Model):
    """Something noticed of how a student is: what was seen, by whom, on which day."""

    class Kind(models.TextChoices):
        ISOLATION = "isolation", "Social isolation"
        SECURITY = "security", "Emotional security"
        MASKING = "masking", "Behaviour that may mask insecurity"
        OTHER = "other", "Something else"

    ref = ref_field()
    student = models.ForeignKey(Student, models.PROTECT, related_name="observations")
    kind = models.CharField("about", max_length=10, choices=Kind)
    text = models.TextField("what was noticed", max_length=LONGEST_OBSERVATION)
    noticed_on = models.DateField("on")
    noticed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    withdrawn_reason = models.CharField(max_length=200, blank=True)
    history = track()
    objects = ObservationQuerySet.as_manager()

    class Meta:
        ordering = ["-noticed_on", "-pk"]
        indexes = [models.Index(fields=["student", "noticed_on"], name="observation_when")]
        constraints = [
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="observation_withdrawn_by_somebody",
            ),
        ]

    def get_absolute_url(self) -> str:
        """Give its page."""
        return reverse("students:observation", args=[self.ref])

    def __str__(self) -> str:
        return f"Something noticed, {self.noticed_on:%d/%m/%Y}"
