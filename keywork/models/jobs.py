"""Long jobs: what somebody asked for, and how far the worker has come with it."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

from keywork.models.people import User
from keywork.models.school import School
from keywork.refs import ref_field
from keywork.roles import Capability

if TYPE_CHECKING:
    from keywork.access import Viewer

# A worker says once a second that it lives. Longer than this without a word, and it is taken for
# dead; a long transaction on SQLite keeps it quiet, too, so the time is generous.
SILENT_AFTER = timedelta(minutes=2)
# Waiting so long, the job may have been lost with a worker, or there is none.
LOST_AFTER = timedelta(minutes=1)


class JobQuerySet(models.QuerySet):
    """Long jobs."""

    def visible_to(self, viewer: "Viewer") -> Self:
        """Give those of the schools where the viewer may ask for such a job."""
        asked_for = Q(pk=None)
        for kind, capability in CAPABILITY_FOR.items():
            asked_for |= Q(kind=kind, school__in=viewer.schools_where(capability))
        return self.filter(asked_for)


class Job(models.Model):
    """One long job. Whoever may ask for its kind at its school sees it.

    about: the ref of what it works on. noun: what is counted, "rows read". messages: sentences for
    the page, such as the first rows that are not right. attempt: goes up each time a worker takes
    the job, so that an earlier worker, thought dead, knows that it is no longer its own.
    """

    class Kind(models.TextChoices):
        EXPORT_CHECK = "export_check", "Checking a file"
        EXPORT_IMPORT = "export_import", "Importing a file"
        FOLDER_IMPORT = "folder_import", "Importing a school’s files"

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting for its turn"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Did not finish"
        CANCELLED = "cancelled", "Cancelled"

    ref = ref_field()
    school = models.ForeignKey(School, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=15, choices=Kind)
    about = models.CharField(max_length=40)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    attempt = models.PositiveSmallIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    noun = models.CharField(max_length=60, blank=True)
    problems = models.PositiveIntegerField(default=0)
    messages = models.JSONField(default=list, blank=True)
    cancel_asked = models.BooleanField(default=False)
    sent_at = models.DateTimeField(help_text="When it was last given to the queue.")
    started_at = models.DateTimeField(null=True, blank=True)
    heard_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["kind", "about"], name="job_about")]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "about"],
                condition=Q(state__in=["waiting", "running"]),
                name="one_job_of_a_kind_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()

    @property
    def is_over(self) -> bool:
        """Say whether nothing more will come of it by itself."""
        return self.state in {self.State.DONE, self.State.FAILED, self.State.CANCELLED}

    def is_stuck(self, now: datetime) -> bool:
        """Say whether its worker fell silent, or none took it."""
        if self.state == self.State.RUNNING:
            return self.heard_at is None or self.heard_at < now - SILENT_AFTER
        return self.state == self.State.WAITING and self.sent_at < now - LOST_AFTER


CAPABILITY_FOR = dict.fromkeys(Job.Kind, Capability.IMPORT_DATA)
