"""The home app's own tables: imports made in the browser, steps of the reminders done."""

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

from keywork.models import School, User
from keywork.refs import ref_field
from keywork.roles import Capability

if TYPE_CHECKING:
    from keywork.access import Viewer


class ImportRunQuerySet(models.QuerySet):
    """Imports made in the browser."""

    def visible_to(self, viewer: "Viewer") -> Self:
        """Give those of the schools where the viewer may import."""
        return self.filter(school__in=viewer.schools_where(Capability.IMPORT_DATA))

    def for_list(self) -> Self:
        """Load what the list shows, newest first."""
        return self.select_related("created_by").order_by("-created_at", "-pk")


class ImportRun(models.Model):
    """Files that somebody uploaded, what they would change, and whether that was done.

    A log of what was done, not a record anybody edits, so it has no history of its own; each
    record that it changed has. report: `ImportReport.as_record()`, of the preview until the
    import is applied, then of the import; emptied when the import is cancelled or grows old,
    because it holds what the rows said. The files themselves lie under `ref` in the uploads.
    """

    class Status(models.TextChoices):
        PREVIEWED = "previewed", "Waiting for a decision"
        APPLIED = "applied", "Imported"
        CANCELLED = "cancelled", "Cancelled"

    ref = ref_field()
    school = models.ForeignKey(School, models.PROTECT, related_name="+")
    files = models.JSONField(default=list, help_text="Names of the files, in order.")
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    status = models.CharField(max_length=10, choices=Status, default=Status.PREVIEWED)
    report = models.JSONField(default=dict, blank=True)
    good = models.PositiveIntegerField("rows taken", default=0)
    rejected = models.PositiveIntegerField("rows with a problem", default=0)
    applied_at = models.DateTimeField(null=True, blank=True)
    applied_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    objects = ImportRunQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["school", "-created_at"], name="import_run_school")]
        constraints = [
            models.CheckConstraint(
                condition=Q(status="applied", applied_at__isnull=False, applied_by__isnull=False)
                | ~Q(status="applied") & Q(applied_at=None, applied_by=None),
                name="import_applied_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"Import of {', '.join(self.files)}"


class ReminderStep(models.Model):
    """A step of a school's reminders that was done on a day, so that the next tick leaves it."""

    school = models.ForeignKey(School, models.CASCADE, related_name="+")
    on = models.DateField()
    step = models.CharField(max_length=40)
    done_at = models.DateTimeField()

    class Meta:
        ordering = ["-on", "step"]
        constraints = [
            models.UniqueConstraint(fields=["on", "school", "step"], name="reminder_step_once"),
        ]

    def __str__(self) -> str:
        return f"{self.step} on {self.on}"
