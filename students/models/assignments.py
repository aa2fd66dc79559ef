"""Who is whose key worker, from when to when, and why."""

from datetime import date
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q

from keywork.history import TrackedQuerySet, track
from keywork.models import User
from keywork.refs import ref_field
from students.models.student import Student

if TYPE_CHECKING:
    from keywork.access import Viewer


class AssignmentQuerySet(TrackedQuerySet):
    """Assignments."""

    def visible_to(self, viewer: "Viewer") -> Self:
        """Give those of students visible to the viewer: who is whose key worker is no secret."""
        return self.filter(student__in=Student.objects.visible_to(viewer))

    def current(self, on: date) -> Self:
        """Give those in force on a day, both ends inclusive."""
        return self.filter(Q(end=None) | Q(end__gte=on), start__lte=on)

    def primary(self) -> Self:
        """Give the primary ones."""
        return self.filter(role=Assignment.Role.PRIMARY)


class Assignment(models.Model):
    """A key worker of a student. At most one primary at a time: the database refuses overlaps."""

    class Role(models.TextChoices):
        PRIMARY = "primary", "Key worker"
        SECONDARY = "secondary", "Second key worker"

    class Reason(models.TextChoices):
        FIRST = "first", "First key worker"
        CHILD_REQUEST = "child_request", "The child asked"
        STAFF_REQUEST = "staff_request", "The member of staff asked"
        LEFT_EMPLOYMENT = "left_employment", "Left employment"
        BEST_INTERESTS = "best_interests", "In the best interests of child or staff"
        OTHER = "other", "Another reason"

    ref = ref_field()
    student = models.ForeignKey(Student, models.PROTECT, related_name="assignments")
    key_worker = models.ForeignKey(User, models.PROTECT, related_name="assignments")
    role = models.CharField(max_length=10, choices=Role)
    start = models.DateField("first day")
    end = models.DateField("last day", null=True, blank=True)
    reason = models.CharField(max_length=20, choices=Reason, blank=True)
    note = models.TextField(blank=True)
    history = track()
    objects = AssignmentQuerySet.as_manager()

    class Meta:
        ordering = ["-start", "pk"]
        indexes = [models.Index(fields=["key_worker", "start"])]
        constraints = [
            models.UniqueConstraint(
                fields=["student", "key_worker", "role", "start"], name="assignment_once"
            ),
            models.CheckConstraint(
                condition=Q(end=None) | Q(end__gte=F("start")), name="assignment_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()}: {self.key_worker}"
