"""Parents, carers and others around a student, and what each may be told."""

from datetime import date
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q

from keywork.history import TrackedQuerySet, track
from keywork.models import School, User
from keywork.refs import ref_field
from students.models import Student

if TYPE_CHECKING:
    from keywork.access import Viewer


class ContactQuerySet(TrackedQuerySet):
    """People."""

    def visible_to(self, viewer: "Viewer") -> Self:
        """Give those linked to a student whose identity the viewer may read."""
        links = StudentContact.objects.visible_to(viewer)
        return self.filter(pk__in=links.values("contact"))


class Contact(models.Model):
    """A parent, carer, relative or professional: one person, however many students."""

    ref = ref_field()
    school = models.ForeignKey(School, models.PROTECT, related_name="contacts")
    mis_id = models.CharField("number in the school's system", max_length=40, blank=True)
    title = models.CharField(max_length=30, blank=True)
    first_name = models.CharField(max_length=80, blank=True)
    last_name = models.CharField(max_length=80, blank=True)
    phone = models.CharField("telephone", max_length=40, blank=True)
    email = models.EmailField("e-mail", blank=True)
    language = models.CharField(max_length=60, blank=True)
    interpreter = models.BooleanField("needs an interpreter", null=True, blank=True)
    address = models.TextField(blank=True)
    address_confidential = models.BooleanField("address is confidential", default=False)
    checked_on = models.DateField("details last checked", null=True, blank=True)
    checked_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    history = track()
    objects = ContactQuerySet.as_manager()

    class Meta:
        ordering = ["last_name", "first_name", "pk"]
        indexes = [models.Index(fields=["school", "last_name", "first_name"])]
        constraints = [
            models.UniqueConstraint(
                fields=["school", "mis_id"], condition=~Q(mis_id=""), name="contact_mis_id_once"
            ),
            models.CheckConstraint(
                condition=Q(checked_on__isnull=False) | Q(checked_by=None),
                name="contact_checked_on_a_day",
            ),
        ]

    @property
    def name(self) -> str:
        """Give title, first and last name."""
        return " ".join(filter(None, (self.title, self.first_name, self.last_name))) or "No name"

    def __str__(self) -> str:
        return self.name


class StudentContactQuerySet(TrackedQuerySet):
    """Who is whose contact."""

    def visible_to(self, viewer: "Viewer") -> Self:
        """Give those of students whose identity the viewer may read."""
        return self.filter(student__in=Student.objects.identity_for(viewer))

    def current(self, on: date) -> Self:
        """Leave out those who are no longer around the student."""
        return self.filter(Q(ended_on=None) | Q(ended_on__gt=on))

    def may_be_contacted(self, on: date) -> Self:
        """Give those of a day to whom one may speak, write or send a report.

        The one place that says who must not be contacted: somebody marked so, and somebody whom a
        court order forbids it, from the day that the order was made until it ends.
        """
        forbidden = Q(court_order_forbids=True) & self._in_force(on)
        return self.current(on).filter(do_not_contact=False).exclude(forbidden)

    @staticmethod
    def _in_force(on: date) -> Q:
        return (Q(court_order_from=None) | Q(court_order_from__lte=on)) & (
            Q(court_order_until=None) | Q(court_order_until__gte=on)
        )

    def for_list(self) -> Self:
        """Load what a list shows."""
        return self.select_related("contact__checked_by", "court_order_seen_by")


class StudentContact(models.Model):
    """A contact of a student. Where it is not known what somebody may have, they may not.

    do_not_contact_by: who said so here; empty where a file did. The court order is the one in
    force; `court_order_forbids`: it forbids contact between adult and student, or that the adult
    be told.
    """

    class CourtOrder(models.TextChoices):
        CHILD_ARRANGEMENTS = "child_arrangements", "Child arrangements"
        PROHIBITED_STEPS = "prohibited_steps", "Prohibited steps"
        SPECIFIC_ISSUE = "specific_issue", "Specific issue"
        NON_MOLESTATION = "non_molestation", "Non-molestation"
        OCCUPATION = "occupation", "Occupation"
        CARE = "care", "Care"
        INTERIM_CARE = "interim_care", "Interim care"
        SUPERVISION = "supervision", "Supervision"
        SPECIAL_GUARDIANSHIP = "special_guardianship", "Special guardianship"
        PLACEMENT = "placement", "Placement"
        ADOPTION = "adoption", "Adoption"
        INJUNCTION = "injunction", "Injunction"
        OTHER = "other", "Another order"

    ref = ref_field()
    student = models.ForeignKey(Student, models.PROTECT, related_name="contacts")
    contact = models.ForeignKey(Contact, models.PROTECT, related_name="students")
    priority = models.PositiveSmallIntegerField()
    relationship = models.CharField(max_length=60, blank=True)
    parental_responsibility = models.BooleanField(null=True, blank=True)
    lives_with = models.BooleanField("lives with the student", null=True, blank=True)
    receives_reports = models.BooleanField(null=True, blank=True)
    do_not_contact = models.BooleanField(default=False)
    do_not_contact_reason = models.TextField("why not", blank=True)
    do_not_contact_on = models.DateField("must not be contacted since", null=True, blank=True)
    do_not_contact_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="said by"
    )
    court_order = models.CharField(max_length=25, choices=CourtOrder, blank=True)
    court_order_from = models.DateField("order made on", null=True, blank=True)
    court_order_until = models.DateField("order ends on", null=True, blank=True)
    court_order_says = models.TextField("what the order says", blank=True)
    court_order_forbids = models.BooleanField("the order forbids contact", default=False)
    court_order_seen_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="order seen by"
    )
    court_order_seen_on = models.DateField("order seen on", null=True, blank=True)
    ended_on = models.DateField("no longer a contact since", null=True, blank=True)
    ended_reason = models.CharField("why no longer", max_length=200, blank=True)
    history = track()
    objects = StudentContactQuerySet.as_manager()

    class Meta:
        ordering = ["priority", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["student", "contact"], name="contact_once_a_student"),
            models.CheckConstraint(
                condition=Q(do_not_contact=True)
                | Q(do_not_contact_on=None, do_not_contact_by=None),
                name="contact_forbidden_or_not",
            ),
            models.CheckConstraint(
                condition=~Q(court_order="")
                | Q(
                    court_order_from=None,
                    court_order_until=None,
                    court_order_forbids=False,
                    court_order_seen_by=None,
                    court_order_seen_on=None,
                ),
                name="contact_order_or_none",
            ),
            models.CheckConstraint(
                condition=Q(court_order_from=None)
                | Q(court_order_until=None)
                | Q(court_order_until__gte=F("court_order_from")),
                name="contact_order_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=False) | Q(ended_reason=""),
                name="contact_ended_on_a_day",
            ),
        ]

    def why_not(self, on: date) -> str:
        """Say why this adult must not be contacted on a day; empty where they may be."""
        if self.ended_on and self.ended_on <= on:
            return f"No longer a contact since {self.ended_on:%-d %B %Y}."
        if self.do_not_contact:
            return self.do_not_contact_reason or "Marked “must not be contacted”."
        begun = self.court_order_from is None or self.court_order_from <= on
        runs = self.court_order_until is None or self.court_order_until >= on
        if self.court_order_forbids and begun and runs:
            return f"A court order forbids it: {self.get_court_order_display().lower()}."
        return ""

    def __str__(self) -> str:
        return f"{self.contact} ({self.relationship or 'contact'})"
