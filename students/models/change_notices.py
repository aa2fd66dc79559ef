"""What colleagues are told about a student, by name; each says when they have read it."""

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

LONGEST = 600


class ChangeNoticeQuerySet(TrackedQuerySet):
    """Change notices."""

    def visible_to(self, viewer: "Viewer") -> Self:
        """Give those of students seen in full, the viewer's own, and those told to the viewer.

        The withdrawn ones too: whoever acted on one must learn that it no longer holds.
        """
        told = ChangeNoticeReader.objects.filter(person=viewer.user).order_by()
        here = Q(student__school__in=viewer.roles_at)
        return self.filter(
            Q(student__in=Student.objects.in_full_for(viewer))
            | here & (Q(written_by=viewer.user) | Q(pk__in=told.values("notice")))
        )

    def standing(self) -> Self:
        """Leave out those withdrawn."""
        return self.filter(withdrawn_at=None)

    def current(self, on: date) -> Self:
        """Give those that are still shown on a day, the last one inclusive."""
        return self.standing().filter(until__gte=on)


class ChangeNotice(models.Model):
    """A change around a student that staff should know of (S3-20, S4-36).

    until: the last day on which it is shown as current. changed_at: when its text or day was
    last corrected; its readers then read it again.
    """

    ref = ref_field()
    student = models.ForeignKey(Student, models.PROTECT, related_name="change_notices")
    text = models.TextField("what has changed", max_length=LONGEST)
    until = models.DateField("shown until")
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    changed_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    withdrawn_reason = models.CharField(max_length=200, blank=True)
    history = track()
    objects = ChangeNoticeQuerySet.as_manager()

    class Meta:
        ordering = ["-written_at", "-pk"]
        indexes = [models.Index(fields=["student", "written_at"], name="change_notice_when")]
        constraints = [
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="change_notice_withdrawn_by_somebody",
            ),
        ]

    def get_absolute_url(self) -> str:
        """Give its page."""
        return reverse("students:change_notice", args=[self.ref])

    def __str__(self) -> str:
        return f"Change to know about, {self.written_at:%d/%m/%Y}"


class ChangeNoticeReaderQuerySet(TrackedQuerySet):
    """Who is told of changes."""

    def visible_to(self, viewer: "Viewer") -> Self:
        """Give those of notices visible to the viewer."""
        return self.filter(notice__in=ChangeNotice.objects.visible_to(viewer))

    def unread(self, on: date) -> Self:
        """Give those that wait for somebody to read what still counts on a day."""
        return self.filter(read_at=None, notice__withdrawn_at=None, notice__until__gte=on)


class ChangeNoticeReader(models.Model):
    """Somebody who is told of a change. read_at: when they ticked that they read it as it is."""

    notice = models.ForeignKey(ChangeNotice, models.PROTECT, related_name="readers")
    person = models.ForeignKey(User, models.PROTECT, related_name="+")
    told_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    history = track()
    objects = ChangeNoticeReaderQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["notice", "person"], name="change_notice_told_once_a_person"
            ),
        ]

    def __str__(self) -> str:
        return f"Told {self.person}"
