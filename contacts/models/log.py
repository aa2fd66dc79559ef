"""The contact log: each call, meeting or letter between school and home, and what it answers."""

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from contacts.models.people import StudentContact
from keywork.history import TrackedQuerySet, track
from keywork.models import School, User
from keywork.refs import ref_field
from students.models import BehaviourRecord, Level, Student

if TYPE_CHECKING:
    from keywork.access import Viewer


class Channel(models.TextChoices):
    """How home and school were in touch."""

    PHONE = "phone", "Phone"
    IN_PERSON = "in_person", "In person"
    VIDEO = "video", "Video"
    EMAIL = "email", "E-mail"
    TEXT = "text", "Text"
    LETTER = "letter", "Letter"


class Direction(models.TextChoices):
    """Who got in touch."""

    OUT = "out", "School got in touch"
    IN = "in", "Home got in touch"


class Outcome(models.TextChoices):
    """What came of it: only `spoke` is a conversation."""

    SPOKE = "spoke", "Spoke"
    NO_ANSWER = "no_answer", "No answer"
    VOICEMAIL = "voicemail", "Voicemail"
    MESSAGE_LEFT = "message_left", "Message left"
    SENT = "sent", "Sent"


ATTEMPTS = (Outcome.NO_ANSWER, Outcome.VOICEMAIL, Outcome.MESSAGE_LEFT)


def end_of(day: date) -> datetime:
    """Give the first moment after a day, in the site's time zone."""
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))


class ContactLogQuerySet(TrackedQuerySet):
    """Entries of the contact log."""

    def visible_to(self, viewer: "Viewer") -> Self:
        """Give those about students seen in full, and those that the viewer made."""
        mine = Q(made_by=viewer.user, school__in=viewer.roles_at)
        return self.filter(
            Q(student__in=Student.objects.in_full_for(viewer)) | mine, withdrawn_at=None
        )

    def standing(self) -> Self:
        """Leave out those withdrawn."""
        return self.filter(withdrawn_at=None)

    def spoke(self) -> Self:
        """Give the conversations; an attempt satisfies nothing (rules, "Words")."""
        return self.standing().filter(outcome=Outcome.SPOKE)

    def between(self, first: date, last: date) -> Self:
        """Give those of some days, both ends inclusive, in the site's time zone."""
        begins = timezone.make_aware(datetime.combine(first, time.min))
        return self.until(last).filter(made_at__gte=begins)

    def until(self, last: date) -> Self:
        """Give those made up to and including a day."""
        return self.before(end_of(last))

    def before(self, moment: datetime) -> Self:
        """Give those made before a moment."""
        return self.filter(made_at__lt=moment)

    def with_good_news(self) -> Self:
        """Add `was_good_news`: good news was passed on, or a reward told of."""
        rewards = AnsweredRecord.objects.filter(entry=OuterRef("pk"), record__level=Level.REWARD)
        return self.annotate(was_good_news=Q(~Q(good_news="") | Exists(rewards)))

    def for_list(self) -> Self:
        """Load what a list shows."""
        return self.select_related("student", "made_by", "adult__contact").prefetch_related(
            "answers__record"
        )


class ContactLogEntry(models.Model):
    """One contact with home about one student.

    made_by: who rang, met or wrote; recorded_at: when it was typed, None for what a file brought.
    summary: what was said; agreed: what was agreed; home_view: what the family said to it.
    round_up: told of the week as a whole. try_again_at: when an attempt is to be made again.
    """

    ref = ref_field()
    import_ref = models.CharField("ref in imported files", max_length=40, blank=True)
    school = models.ForeignKey(School, models.PROTECT, related_name="+")
    student = models.ForeignKey(Student, models.PROTECT, related_name="contact_log")
    adult = models.ForeignKey(
        StudentContact, models.PROTECT, null=True, blank=True, related_name="log_entries"
    )
    made_at = models.DateTimeField("when")
    made_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="contacts_made"
    )
    channel = models.CharField("how", max_length=10, choices=Channel)
    direction = models.CharField("who got in touch", max_length=3, choices=Direction, blank=True)
    outcome = models.CharField("result", max_length=15, choices=Outcome)
    round_up = models.BooleanField("weekly round-up", default=False)
    good_news = models.TextField(blank=True)
    summary = models.TextField("what was said", blank=True)
    agreed = models.TextField("what was agreed", blank=True)
    home_view = models.TextField("home’s view", blank=True)
    try_again_at = models.DateTimeField("try again at", null=True, blank=True)
    recorded_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    withdrawn_reason = models.CharField(max_length=200, blank=True)
    history = track()
    objects = ContactLogQuerySet.as_manager()

    class Meta:
        verbose_name = "contact with home"
        verbose_name_plural = "contact log"
        ordering = ["-made_at", "-pk"]
        indexes = [
            models.Index(fields=["student", "made_at"], name="contact_log_student_when"),
            models.Index(
                fields=["school", "made_at"],
                condition=Q(outcome="spoke", withdrawn_at=None),
                name="contact_log_school_spoke",
            ),
            models.Index(fields=["made_by", "made_at"], name="contact_log_maker_when"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["school", "import_ref"],
                condition=~Q(import_ref=""),
                name="contact_log_import_ref_once",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="contact_log_withdrawn_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(try_again_at=None) | ~Q(outcome="spoke"),
                name="contact_log_try_again_after_attempts",
            ),
        ]

    @property
    def made_on(self) -> date:
        """Give the local day."""
        return timezone.localtime(self.made_at).date()

    @property
    def is_attempt(self) -> bool:
        """Say whether nobody was reached."""
        return self.outcome in ATTEMPTS

    @property
    def spoke(self) -> bool:
        """Say whether it was a conversation."""
        return self.outcome == Outcome.SPOKE

    def get_absolute_url(self) -> str:
        """Give its place in the log of the student."""
        return reverse("contacts:entry", args=[self.ref])

    def __str__(self) -> str:
        return f"{self.get_channel_display()} on {self.made_on:%d/%m/%Y}"


class AnsweredRecordQuerySet(TrackedQuerySet):
    """What entries tell of."""

    def visible_to(self, viewer: "Viewer") -> Self:
        """Give those of entries visible to the viewer."""
        return self.filter(entry__in=ContactLogEntry.objects.visible_to(viewer))


class AnsweredRecord(models.Model):
    """A slip or reward that an entry names: home was told of it, or somebody tried."""

    entry = models.ForeignKey(ContactLogEntry, models.PROTECT, related_name="answers")
    record = models.ForeignKey(BehaviourRecord, models.PROTECT, related_name="told_home")
    history = track()
    objects = AnsweredRecordQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["entry", "record"], name="contact_log_record_once"),
        ]

    def __str__(self) -> str:
        return str(self.record)
