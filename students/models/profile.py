"""How best to work with a student: timetable and strategies."""

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

from keywork.history import TrackedQuerySet, track
from keywork.models import User
from keywork.refs import ref_field
from students.models.student import Student

if TYPE_CHECKING:
    from keywork.access import Viewer


class TimetableQuerySet(TrackedQuerySet):
    """Timetable entries."""

    def visible_to(self, viewer: "Viewer") -> Self:
        """Give those of students visible to the viewer."""
        return self.filter(student__in=Student.objects.visible_to(viewer))


class TimetableEntry(models.Model):
    """A teacher who teaches a student a subject."""

    student = models.ForeignKey(Student, models.PROTECT, related_name="timetable")
    teacher = models.ForeignKey(User, models.PROTECT, related_name="timetable")
    subject = models.CharField(max_length=80)
    history = track()
    objects = TimetableQuerySet.as_manager()

    class Meta:
        ordering = ["subject"]
        constraints = [
            models.UniqueConstraint(
                fields=["student", "teacher", "subject"], name="timetable_entry_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject}: {self.teacher}"


class StrategyQuerySet(TrackedQuerySet):
    """Strategies."""

    def visible_to(self, viewer: "Viewer") -> Self:
        """Give those of students visible to the viewer: teachers use them in class (S0-17)."""
        return self.filter(student__in=Student.objects.visible_to(viewer), withdrawn_at=None)


class Strategy(models.Model):
    """Something that helps, or does not. Withdrawn when it no longer holds; history keeps it."""

    class Kind(models.TextChoices):
        HELPS = "helps", "Helps"
        DOES_NOT_HELP = "does_not_help", "Does not help"

    ref = ref_field()
    student = models.ForeignKey(Student, models.PROTECT, related_name="strategies")
    kind = models.CharField(max_length=15, choices=Kind, default=Kind.HELPS)
    text = models.CharField(max_length=300)
    added_on = models.DateField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    history = track()
    objects = StrategyQuerySet.as_manager()

    class Meta:
        ordering = ["kind", "added_on", "pk"]
        verbose_name_plural = "strategies"
        constraints = [
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="strategy_withdrawn_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.text
