"""What people say about marks: talks with the student, questions to the office, agreed hours."""

from datetime import date
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q

from keywork.history import TrackedQuerySet, track
from keywork.models import User
from keywork.refs import ref_field
from keywork.roles import Capability
from students.models.attendance import Session
from students.models.student import Student

if TYPE_CHECKING:
    from keywork.access import Viewer


class AboutStudentQuerySet(TrackedQuerySet):
    """Records that belong to what was said with or about a student."""

    def visible_to(self, viewer: "Viewer") -> Self:
        """Give those of students seen in full."""
        return self.filter(student__in=Student.objects.in_full_for(viewer))


class AbsenceTalk(models.Model):
    """A talk with the student about one absence or lateness (S0-8, S0-9).

    It names the session by its key, not the mark: the office may yet correct or take back the
    mark, and what was said stands.
    """

    ref = ref_field()
    student = models.ForeignKey(Student, models.PROTECT, related_name="absence_talks")
    date = models.DateField()
    session = models.CharField(max_length=2, choices=Session)
    code = models.CharField("code at the time", max_length=2)
    said = models.TextField("what was said")
    talked_on = models.DateField()
    talked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    history = track()
    objects = AboutStudentQuerySet.as_manager()

    class Meta:
        ordering = ["-date", "-session", "-pk"]
        indexes = [models.Index(fields=["student", "date"], name="absence_talk_day")]
        constraints = [
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="absence_talk_withdrawn_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"Talk about {self.date} {self.session}"


class Question(models.Model):
    """Something asked of the office, tracked to its answer."""

    class Status(models.TextChoices):
        OPEN = "open", "With the office"
        CHANGED = "changed", "Changed"
        STANDS = "stands", "Checked, and stands"

    ref = ref_field()
    text = models.TextField("what is asked")
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        abstract = True
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status="open", answered_at=None, answered_by=None)
                | Q(answered_at__isnull=False, answered_by__isnull=False) & ~Q(status="open"),
                name="%(class)s_answered_by_somebody",
            ),
        ]

    @property
    def is_open(self) -> bool:
        """Say whether nobody has answered yet."""
        return self.status == self.Status.OPEN


class RegisterQueryQuerySet(TrackedQuerySet):
    """Questions about the register."""

    def visible_to(self, viewer: "Viewer") -> Self:
        """Give those of students seen in full, the viewer's own, and all to the school's office.

        A question tells the office a date and a code of its own register, no more of the student.
        """
        office = viewer.schools_where(Capability.IMPORT_DATA)
        return self.filter(
            Q(student__in=Student.objects.in_full_for(viewer))
            | Q(student__school__in=office)
            | Q(asked_by=viewer.user, student__school__in=viewer.roles_at)
        )

    def open(self) -> Self:
        """Give those not answered yet."""
        return self.filter(status=Question.Status.OPEN)


class RegisterQuery(Question):
    """A register query: "this M is a routine appointment" (S2-59, S2-60)."""

    student = models.ForeignKey(Student, models.PROTECT, related_name="register_queries")
    date = models.DateField()
    session = models.CharField(max_length=2, choices=Session)
    code = models.CharField("code at the time", max_length=2, blank=True)
    suggested_code = models.CharField(max_length=2, blank=True)
    history = track()
    objects = RegisterQueryQuerySet.as_manager()

    class Meta(Question.Meta):
        verbose_name_plural = "register queries"
        indexes = [
            models.Index(fields=["student", "date"], name="register_query_day"),
            models.Index(fields=["status", "asked_at"], name="register_query_open"),
        ]

    def __str__(self) -> str:
        return f"Register query about {self.date} {self.session}"


class PartTimeQuerySet(AboutStudentQuerySet):
    """Part-time timetables."""

    def in_force(self, on: date) -> Self:
        """Give those in force on a day, both ends inclusive."""
        return self.filter(Q(end=None) | Q(end__gte=on), start__lte=on)


class PartTimeTimetable(models.Model):
    """Hours agreed for a time: shown beside the figure, which it explains and never changes."""

    ref = ref_field()
    student = models.ForeignKey(Student, models.PROTECT, related_name="part_time_timetables")
    start = models.DateField("first day")
    end = models.DateField("last day", null=True, blank=True)
    review_on = models.DateField(null=True, blank=True)
    sessions_a_week = models.PositiveSmallIntegerField("sessions a week")
    agreed = models.TextField("what was agreed, and with whom", blank=True)
    history = track()
    objects = PartTimeQuerySet.as_manager()

    class Meta:
        ordering = ["-start", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(end=None) | Q(end__gte=F("start")), name="part_time_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(sessions_a_week__lte=10), name="part_time_ten_sessions_at_most"
            ),
        ]

    def __str__(self) -> str:
        return f"Part-time timetable from {self.start}"
