"""The weekly check-up: every teacher of a student is asked whether something needs action."""

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q, Value
from django.db.models.functions import Coalesce, NullIf
from django.urls import reverse

from contacts.checkup_rules import answers_until
from keywork.dates import LONDON, week_of
from keywork.history import TrackedQuerySet, track
from keywork.models import School, User
from keywork.refs import ref_field
from keywork.roles import Capability
from students.models import Student, TimetableEntry

if TYPE_CHECKING:
    from keywork.access import Viewer

MONDAY = 2  # as databases count: Sunday is 1


class CheckupQuerySet(TrackedQuerySet):
    """Check-ups."""

    def visible_to(self, viewer: "Viewer") -> Self:
        """Give those of students seen in full, and those that the viewer is asked about."""
        asked = CheckupAnswer.objects.asked_of(viewer).values("checkup")
        in_full = Student.objects.in_full_for(viewer)
        return self.filter(Q(student__in=in_full) | Q(pk__in=asked))

    def sent_by(self, on: date) -> Self:
        """Give those whose e-mail was sent on or before a day."""
        return self.filter(sent_on__lte=on)


class Checkup(models.Model):
    """The check-up of one student for one school week; sent_on: when its e-mail went out."""

    ref = ref_field()
    student = models.ForeignKey(Student, models.PROTECT, related_name="checkups")
    week_starting = models.DateField("week starting", help_text="The Monday of the week.")
    sent_on = models.DateField(null=True, blank=True)
    history = track()
    objects = CheckupQuerySet.as_manager()

    class Meta:
        ordering = ["-week_starting", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["student", "week_starting"], name="checkup_once_a_week"
            ),
            models.CheckConstraint(
                condition=Q(week_starting__week_day=MONDAY), name="checkup_week_starts_on_monday"
            ),
        ]

    def get_absolute_url(self) -> str:
        """Give its page."""
        return reverse("contacts:checkup", args=[self.ref])

    def __str__(self) -> str:
        return f"Check-up, week of {self.week_starting:%-d %B %Y}"


class CheckupLinkQuerySet(models.QuerySet):
    """Personal links."""

    def visible_to(self, viewer: "Viewer") -> Self:
        """Give a viewer's own: a link answers for its teacher."""
        return self.filter(teacher=viewer.user)


class CheckupLink(models.Model):
    """A teacher's personal link of a week: it opens their check-ups without a password.

    Only a hash of its token is kept; see `contacts.checkup_links`.
    """

    ref = ref_field()
    school = models.ForeignKey(School, models.PROTECT, related_name="checkup_links")
    teacher = models.ForeignKey(User, models.PROTECT, related_name="checkup_links")
    week_starting = models.DateField()
    token_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    objects = CheckupLinkQuerySet.as_manager()

    class Meta:
        ordering = ["-week_starting", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["school", "teacher", "week_starting"], name="checkup_link_once_a_week"
            ),
        ]

    @property
    def expires_at(self) -> datetime:
        """Give the moment from which it no longer opens: midnight after the week's Sunday."""
        following = answers_until(self.week_starting) + timedelta(days=1)
        return datetime.combine(following, time.min, LONDON)

    def __str__(self) -> str:
        return f"{self.teacher}, week of {self.week_starting:%-d %B %Y}"


class CheckupAnswerQuerySet(TrackedQuerySet):
    """What teachers were asked and answered."""

    def visible_to(self, viewer: "Viewer") -> Self:
        """Give those about students seen in full, and those that the viewer is asked."""
        asked = CheckupAnswer.objects.asked_of(viewer).values("pk")
        in_full = Student.objects.in_full_for(viewer)
        return self.filter(Q(checkup__student__in=in_full) | Q(pk__in=asked))

    def asked_of(self, viewer: "Viewer") -> Self:
        """Give those that the viewer is asked as a teacher, about students they still teach."""
        schools = viewer.schools_where(Capability.TEACH)
        own = self.filter(teacher=viewer.user, checkup__student__school__in=schools)
        return own.still_taught(viewer.on)

    def still_taught(self, on: date) -> Self:
        """Leave out students who have left, or whom the teacher does not teach any more."""
        lessons = TimetableEntry.objects.filter(
            student=OuterRef("checkup__student"), teacher=OuterRef("teacher")
        )
        return self.filter(Exists(lessons), checkup__student__in=Student.objects.on_roll(on))

    def of_week(self, day: date) -> Self:
        """Give those of the school week of a day."""
        return self.filter(checkup__week_starting=week_of(day).start)

    def by_name(self) -> Self:
        """Load the students, and order by the name each goes by."""
        shown = Coalesce(
            NullIf("checkup__student__preferred_first_name", Value("")),
            "checkup__student__legal_first_name",
        )
        found = self.select_related("checkup__student")
        return found.order_by(shown, "checkup__student__legal_last_name", "pk")

    def waiting(self) -> Self:
        """Give those not answered yet."""
        return self.filter(answer="")


class CheckupAnswer(models.Model):
    """One teacher asked about one student in one week, and what they said."""

    class Answer(models.TextChoices):
        FINE = "fine", "Nothing to flag"
        FLAG = "flag", "Flagged"

    ref = ref_field()
    checkup = models.ForeignKey(Checkup, models.PROTECT, related_name="answers")
    teacher = models.ForeignKey(User, models.PROTECT, related_name="checkup_answers")
    asked_on = models.DateField()
    chased_on = models.DateField(null=True, blank=True)
    answer = models.CharField(max_length=4, choices=Answer, blank=True)
    note = models.CharField("what needs action", max_length=500, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    history = track()
    objects = CheckupAnswerQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["teacher", "asked_on"], name="checkup_answer_of_teacher")]
        constraints = [
            models.UniqueConstraint(fields=["checkup", "teacher"], name="checkup_asked_once"),
            models.CheckConstraint(
                condition=Q(answer="", answered_at=None)
                | (~Q(answer="") & Q(answered_at__isnull=False)),
                name="checkup_answer_has_its_time",
            ),
            models.CheckConstraint(
                condition=(Q(answer="flag") & ~Q(note="")) | (~Q(answer="flag") & Q(note="")),
                name="checkup_flag_has_its_sentence",
            ),
        ]

    @property
    def student(self) -> Student:
        """Give the student it is about."""
        return self.checkup.student

    def __str__(self) -> str:
        return f"{self.teacher}: {self.get_answer_display() or 'not answered yet'}"
