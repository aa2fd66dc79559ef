"""What somebody raised, tracked to its answer: "you said, we did"."""

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from keywork.history import TrackedQuerySet, track
from keywork.models import User
from keywork.refs import ref_field
from students.models import Student

if TYPE_CHECKING:
    from keywork.access import Viewer


class FollowUpQuerySet(TrackedQuerySet):
    """Follow-ups."""

    def visible_to(self, viewer: "Viewer") -> Self:
        """Give those of students seen in full, and those the viewer owes or wrote down.

        A student's name goes with each: who left a school sees nothing of it any more.
        """
        own = Q(owner=viewer.user) | Q(noted_by=viewer.user)
        return self.standing().filter(
            Q(student__in=Student.objects.in_full_for(viewer))
            | own & Q(student__school__in=viewer.roles_at)
        )

    def owned_by(self, viewer: "Viewer") -> Self:
        """Give the viewer's own to do, at schools where they are in post."""
        return self.standing().filter(owner=viewer.user, student__school__in=viewer.roles_at)

    def standing(self) -> Self:
        """Leave out those withdrawn."""
        return self.filter(withdrawn_at=None)

    def open(self) -> Self:
        """Give those not answered, or answered while whoever raised it does not know yet."""
        return self.exclude(_DONE)

    def done(self) -> Self:
        """Give those answered, whose raiser knows or needs no reply."""
        return self.filter(_DONE)


_DONE = Q(answered_at__isnull=False) & (Q(told_on__isnull=False) | Q(reply_wanted=False))


class FollowUp(models.Model):
    """A concern, view or request of a parent, student, colleague or agency (S2-14 to S2-17).

    It has an owner and a day, gets an answer ("we did"), and is done when whoever raised it has
    been told. The owner is staff, or named in words. source_kind and source_ref say where it was
    written down, by the ref of that record: apps beside this one may be meant.
    """

    class RaisedBy(models.TextChoices):
        PARENT = "parent", "Parent or carer"
        STUDENT = "student", "Student"
        STAFF = "staff", "Colleague"
        AGENCY = "agency", "Agency"

    class Source(models.TextChoices):
        SESSION = "session", "Session"
        CONTACT = "contact", "Contact with home"
        CHECKUP = "checkup", "Weekly check-up"
        MEETING = "meeting", "Agency meeting"

    ref = ref_field()
    student = models.ForeignKey(Student, models.PROTECT, related_name="follow_ups")
    raised_by = models.CharField("who raised it", max_length=10, choices=RaisedBy)
    raiser_name = models.CharField("name", max_length=120, blank=True)
    raised_on = models.DateField("raised on")
    text = models.CharField("what they said", max_length=500)
    noted_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    owner = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="follow_ups"
    )
    owner_name = models.CharField("somebody else", max_length=80, blank=True)
    due_on = models.DateField("answer by")
    reply_wanted = models.BooleanField("tell whoever raised it", default=True)
    source_kind = models.CharField(max_length=10, choices=Source, blank=True)
    source_ref = models.CharField(max_length=10, blank=True)
    answer = models.TextField("what was done", blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    told_on = models.DateField("told on", null=True, blank=True)
    told_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    told_how = models.CharField("how they were told", max_length=200, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    history = track()
    objects = FollowUpQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "pk"]
        indexes = [
            models.Index(fields=["owner", "due_on"], name="follow_up_owner_due"),
            models.Index(fields=["student", "raised_on"], name="follow_up_student_day"),
            models.Index(fields=["source_kind", "source_ref"], name="follow_up_source"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(answered_at=None, answered_by=None)
                | Q(answered_at__isnull=False, answered_by__isnull=False) & ~Q(answer=""),
                name="follow_up_answered_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(told_on=None, told_by=None)
                | Q(told_on__isnull=False, told_by__isnull=False, answered_at__isnull=False),
                name="follow_up_told_after_its_answer",
            ),
            models.CheckConstraint(
                condition=Q(owner__isnull=False) | ~Q(owner_name=""),
                name="follow_up_has_an_owner",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="follow_up_withdrawn_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(due_on__gte=F("raised_on")), name="follow_up_due_after_raised"
            ),
        ]

    @property
    def who(self) -> str:
        """Give the owner's name."""
        return self.owner.full_name if self.owner else self.owner_name

    @property
    def raiser(self) -> str:
        """Give who raised it, as sentences call them: "Mum", "the student"."""
        kind = self.RaisedBy(self.raised_by)
        if kind == self.RaisedBy.STUDENT:
            return self.student.first_name
        return self.raiser_name or kind.label

    @property
    def is_done(self) -> bool:
        """Say whether it is answered, and whoever raised it knows."""
        told = self.told_on is not None or not self.reply_wanted
        return self.answered_at is not None and told

    @property
    def waits_for_telling(self) -> bool:
        """Say whether there is an answer that whoever raised it has not heard."""
        return self.answered_at is not None and not self.is_done

    def get_absolute_url(self) -> str:
        """Give its page."""
        return reverse("contacts:followup", args=[self.ref])

    def __str__(self) -> str:
        return self.text
