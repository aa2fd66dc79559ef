"""Agencies around one student: since when, what they may be told, what they were told."""

from datetime import date
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import F, Max, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, Greatest
from django.urls import reverse

from contacts.agency_rules import Consent, ConsentFacts, not_informed_since
from contacts.models.agencies import Agency, Professional
from keywork.history import TrackedQuerySet, track
from keywork.models import User
from keywork.refs import ref_field
from students.models import Student

if TYPE_CHECKING:
    from keywork.access import Viewer


class AroundStudentQuerySet(TrackedQuerySet):
    """Records of agencies around a student."""

    def visible_to(self, viewer: "Viewer") -> Self:
        """Give those of students seen in full."""
        return self.filter(student__in=Student.objects.in_full_for(viewer))

    def standing(self) -> Self:
        """Leave out those withdrawn."""
        return self.filter(withdrawn_at=None)


class InvolvementQuerySet(TrackedQuerySet):
    """Involvements."""

    def visible_to(self, viewer: "Viewer") -> Self:
        """Give those of students seen in full."""
        return self.filter(student__in=Student.objects.in_full_for(viewer))

    def in_force(self, on: date) -> Self:
        """Give those in force on a day, both ends inclusive."""
        return self.filter(Q(ended_on=None) | Q(ended_on__gte=on), started_on__lte=on)

    def with_last_contact(self) -> Self:
        """Add `told_on` and `heard_on` of the log, `met_on` of meetings, and `informed_on`.

        informed_on: when they were last told or met, else when they became involved.
        """
        log = AgencyContact.objects.filter(involvement=OuterRef("pk"), withdrawn_at=None)
        met = AgencyMeeting.objects.filter(
            student=OuterRef("student"),
            agency=OuterRef("agency"),
            held_on__gte=OuterRef("started_on"),
            withdrawn_at=None,
        )
        told = log.filter(direction=AgencyContact.Direction.TOLD)
        heard = log.filter(direction=AgencyContact.Direction.HEARD)
        return self.annotate(
            told_on=_latest(told, "involvement", "happened_on"),
            heard_on=_latest(heard, "involvement", "happened_on"),
            met_on=_latest(met, "student", "held_on"),
        ).annotate(
            informed_on=Greatest(
                Coalesce("told_on", "started_on"), Coalesce("met_on", "started_on")
            )
        )

    def to_be_informed(self) -> Self:
        """Leave out those who need no word, and those to whom nothing may be told."""
        return self.filter(keep_informed=True).exclude(consent=Consent.REFUSED)

    def to_update(self, on: date, weeks: int) -> Self:
        """Give those in force that have not been kept informed, the longest wait first."""
        wanted = self.in_force(on).to_be_informed().with_last_contact()
        since = not_informed_since(on, weeks)
        return wanted.filter(informed_on__lt=since).order_by("informed_on", "pk")


def _latest(rows: models.QuerySet, by: str, day: str) -> Subquery:
    return Subquery(rows.order_by().values(by).annotate(latest=Max(day)).values("latest"))


class Shared(models.TextChoices):
    """Sorts of things that can be shared."""

    IDENTITY = "identity", "Who they are and how to reach home"
    ATTENDANCE = "attendance", "Attendance"
    BEHAVIOUR = "behaviour", "Behaviour"
    PROGRESS = "progress", "Progress and targets"
    VIEWS = "views", "The student’s views"
    NEEDS = "needs", "Needs, plans and support"
    HEALTH = "health", "Health"
    FAMILY = "family", "Family and home"


SHARED_WORDS: dict[str, str] = {str(each.value): str(each.label) for each in Shared}


def shared_in_words(sorts: Any) -> str:
    """Give sorts of things as a list in words: "attendance, health"."""
    return ", ".join(SHARED_WORDS.get(each, each).lower() for each in sorts)


class Involvement(models.Model):
    """An agency, or somebody of it, around a student; with the consent to share (S0-21)."""

    class Consented(models.TextChoices):
        NOT_ASKED = Consent.NOT_ASKED.value, "Not asked yet"
        GIVEN = Consent.GIVEN.value, "Given"
        REFUSED = Consent.REFUSED.value, "Refused or taken back"
        NOT_NEEDED = Consent.NOT_NEEDED.value, "Not needed: the law lets or makes us share"

    ref = ref_field()
    student = models.ForeignKey(Student, models.PROTECT, related_name="involvements")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="involvements")
    person = models.ForeignKey(
        Professional, models.PROTECT, null=True, blank=True, related_name="involvements"
    )
    role = models.CharField("what they do", max_length=120, blank=True)
    started_on = models.DateField("first day")
    ended_on = models.DateField("last day", null=True, blank=True)
    keep_informed = models.BooleanField("to be kept informed", default=True)
    consent = models.CharField(
        "consent to share", max_length=12, choices=Consented, default=Consented.NOT_ASKED
    )
    consent_by = models.CharField("who said so", max_length=160, blank=True)
    consent_on = models.DateField("said on", null=True, blank=True)
    consent_ends_on = models.DateField("consent ends", null=True, blank=True)
    may_share = models.JSONField("what may be shared", default=list, blank=True)
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    history = track()
    objects = InvolvementQuerySet.as_manager()

    class Meta:
        ordering = ["-started_on", "-pk"]
        indexes = [models.Index(fields=["student", "started_on"], name="involvement_student")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=F("started_on")),
                name="involvement_ends_after_start",
            ),
            models.CheckConstraint(
                condition=Q(consent_ends_on=None)
                | Q(consent_on=None)
                | Q(consent_ends_on__gte=F("consent_on")),
                name="consent_ends_after_start",
            ),
            models.CheckConstraint(
                condition=~Q(consent="given") | Q(consent_on__isnull=False) & ~Q(consent_by=""),
                name="consent_given_by_somebody",
            ),
        ]

    @property
    def whom(self) -> str:
        """Give who it is: the person and their agency."""
        return f"{self.person.name}, {self.agency.name}" if self.person else str(self.agency)

    @property
    def facts(self) -> ConsentFacts:
        """Give the consent as the rule takes it."""
        return ConsentFacts(
            Consent(self.consent),
            self.consent_on,
            self.consent_ends_on,
            frozenset(self.may_share),
        )

    @property
    def shares_in_words(self) -> str:
        """Give what consent covers."""
        return shared_in_words(self.may_share)

    def is_in_force(self, on: date) -> bool:
        """Say whether it is in force on a day."""
        return self.started_on <= on and (self.ended_on is None or on <= self.ended_on)

    def get_absolute_url(self) -> str:
        """Give the student's page of agencies."""
        return reverse("contacts:student_agencies", args=[self.student.ref])

    def __str__(self) -> str:
        return self.whom


class AgencyContactQuerySet(TrackedQuerySet):
    """The log of what was told."""

    def visible_to(self, viewer: "Viewer") -> Self:
        """Give those of students seen in full."""
        seen = Involvement.objects.visible_to(viewer)
        return self.filter(involvement__in=seen, withdrawn_at=None)

    def standing(self) -> Self:
        """Leave out those withdrawn."""
        return self.filter(withdrawn_at=None)


class AgencyContact(models.Model):
    """Who was told what and when; or what they told the school (S0-22)."""

    class Direction(models.TextChoices):
        TOLD = "told", "We told them"
        HEARD = "heard", "They told us"

    class How(models.TextChoices):
        PHONE = "phone", "Telephone"
        IN_PERSON = "in_person", "In person"
        VIDEO = "video", "Video call"
        EMAIL = "email", "School e-mail"
        LETTER = "letter", "Letter"

    ref = ref_field()
    involvement = models.ForeignKey(Involvement, models.PROTECT, related_name="log")
    direction = models.CharField("which way", max_length=6, choices=Direction)
    happened_on = models.DateField("when")
    how = models.CharField(max_length=10, choices=How)
    whom = models.CharField("with whom", max_length=120, blank=True)
    about = models.JSONField("about", default=list, blank=True)
    text = models.TextField("what was said")
    without_consent_because = models.TextField("why without consent", blank=True)
    noted_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    history = track()
    objects = AgencyContactQuerySet.as_manager()

    class Meta:
        ordering = ["-happened_on", "-pk"]
        indexes = [
            models.Index(fields=["involvement", "happened_on"], name="agency_contact_day"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="agency_contact_withdrawn_by_somebody",
            ),
        ]

    @property
    def student(self) -> Student:
        """Give whom it is about."""
        return self.involvement.student

    @property
    def about_in_words(self) -> str:
        """Give the sorts of things told."""
        return shared_in_words(self.about)

    def __str__(self) -> str:
        return f"{self.get_direction_display()}, {self.happened_on:%d/%m/%Y}"


class AgencyMeeting(models.Model):
    """A meeting of an agency that somebody of the school went to (S0-23).

    What was agreed there is followed up (FollowUp, of which it is the source).
    """

    ref = ref_field()
    student = models.ForeignKey(Student, models.PROTECT, related_name="agency_meetings")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="meetings")
    held_on = models.DateField("when")
    title = models.CharField("which meeting", max_length=120)
    attended_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    attended_as = models.CharField("as", max_length=80)
    others = models.CharField("who else was there", max_length=300, blank=True)
    notes = models.TextField("what was said and agreed")
    noted_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    history = track()
    objects = AroundStudentQuerySet.as_manager()

    class Meta:
        ordering = ["-held_on", "-pk"]
        indexes = [models.Index(fields=["student", "held_on"], name="agency_meeting_day")]
        constraints = [
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="agency_meeting_withdrawn_by_somebody",
            ),
        ]

    def get_absolute_url(self) -> str:
        """Give its page."""
        return reverse("contacts:meeting", args=[self.ref])

    def __str__(self) -> str:
        return f"{self.title}, {self.held_on:%d/%m/%Y}"


class AgencyAdvice(models.Model):
    """Advice sought on whether to involve an agency: who advised, the decision, why (S0-36)."""

    class Decision(models.TextChoices):
        OPEN = "open", "Not decided yet"
        INVOLVE = "involve", "Involve them"
        NOT_NOW = "not_now", "Not now, look again"
        NO = "no", "Do not involve them"

    ref = ref_field()
    student = models.ForeignKey(Student, models.PROTECT, related_name="agency_advice")
    about = models.CharField("which agency", max_length=160)
    question = models.TextField("what was asked")
    asked_on = models.DateField("asked on")
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    adviser = models.CharField("who advised", max_length=160)
    advice = models.TextField("what they advised", blank=True)
    decision = models.CharField(max_length=10, choices=Decision, default=Decision.OPEN)
    reason = models.TextField("why", blank=True)
    decided_on = models.DateField(null=True, blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    history = track()
    objects = AroundStudentQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_on", "-pk"]
        indexes = [models.Index(fields=["student", "asked_on"], name="agency_advice_day")]
        constraints = [
            models.CheckConstraint(
                condition=Q(decision="open", decided_on=None, decided_by=None)
                | Q(decided_on__isnull=False, decided_by__isnull=False) & ~Q(reason=""),
                name="agency_advice_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="agency_advice_withdrawn_by_somebody",
            ),
        ]

    def get_absolute_url(self) -> str:
        """Give the student's page of agencies."""
        return reverse("contacts:student_agencies", args=[self.student.ref])

    def __str__(self) -> str:
        return f"Advice on {self.about}, {self.asked_on:%d/%m/%Y}"
