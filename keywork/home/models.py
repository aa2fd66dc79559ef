"""The home app's own tables: imports made in the browser, steps of the reminders done."""

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

from keywork.models import ImportMapping, Job, School, User
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
        return self.select_related("created_by", "job").order_by("-created_at", "-pk")


class ImportRun(models.Model):
    """Files that somebody uploaded, what they would change, and whether that was done.

    A log of what was done, not a record anybody edits, so it has no history of its own; each
    record that it changed has. report: `ImportReport.as_record()`, of the preview until the
    import is applied, then of the import; emptied when the import is cancelled or grows old,
    because it holds what the rows said. The files themselves lie under `ref` in the uploads.

    kind: a folder of files in our own words, or one export of an MIS. Of an export: columns is
    heading → our name, words is our name → {the file's word: ours} and how dates are written (as
    in ImportMapping); mapping_name is what they are remembered by; answers is key of a question →
    whether it is the same student. job: the long job that checks or imports it, or the last one.
    """

    FOLDER = "folder"

    class Status(models.TextChoices):
        MATCHING = "matching", "Columns to match"
        PREVIEWED = "previewed", "Waiting for a decision"
        APPLIED = "applied", "Imported"
        CANCELLED = "cancelled", "Cancelled"

    ref = ref_field()
    school = models.ForeignKey(School, models.PROTECT, related_name="+")
    kind = models.CharField(
        max_length=15,
        choices=[(FOLDER, "School folder"), *ImportMapping.Kind.choices],
        default=FOLDER,
    )
    files = models.JSONField(default=list, help_text="Names of the files, in order.")
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    status = models.CharField(max_length=10, choices=Status, default=Status.PREVIEWED)
    columns = models.JSONField(default=dict, blank=True)
    words = models.JSONField(default=dict, blank=True)
    mapping_name = models.CharField(max_length=60, blank=True)
    answers = models.JSONField(default=dict, blank=True)
    job = models.ForeignKey(Job, models.SET_NULL, null=True, blank=True, related_name="+")
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

    @property
    def is_busy(self) -> bool:
        """Say whether a worker has it, or will."""
        return self.job is not None and not self.job.is_over

    @property
    def is_export(self) -> bool:
        """Say whether it is one export of an MIS."""
        return self.kind != self.FOLDER

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
