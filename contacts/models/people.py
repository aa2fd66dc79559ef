"""Parents, carers and others around a student, and what each may be told."""

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

from keywork.history import TrackedQuerySet, track
from keywork.models import School
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
    history = track()
    objects = ContactQuerySet.as_manager()

    class Meta:
        ordering = ["last_name", "first_name", "pk"]
        indexes = [models.Index(fields=["school", "last_name", "first_name"])]
        constraints = [
            models.UniqueConstraint(
                fields=["school", "mis_id"], condition=~Q(mis_id=""), name="contact_mis_id_once"
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

    def may_be_called(self) -> Self:
        """Leave out those who must not be contacted."""
        return self.filter(do_not_contact=False)


class StudentContact(models.Model):
    """A contact of a student. Where it is not known what somebody may have, they may not."""

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
    history = track()
    objects = StudentContactQuerySet.as_manager()

    class Meta:
        ordering = ["priority", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["student", "contact"], name="contact_once_a_student"),
        ]

    def __str__(self) -> str:
        return f"{self.contact} ({self.relationship or 'contact'})"
