"""The school's directory of agencies, and the professionals who work there."""

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse

from keywork.history import TrackedQuerySet, track
from keywork.models import School, User
from keywork.refs import ref_field
from keywork.roles import Capability

if TYPE_CHECKING:
    from keywork.access import Viewer


class AgencyQuerySet(TrackedQuerySet):
    """Agencies."""

    def visible_to(self, viewer: "Viewer") -> Self:
        """Give those of the schools whose students the viewer knows by name."""
        return self.filter(school__in=viewer.schools_where(Capability.SEE_SCHOOL_NAMES))

    def manageable_by(self, viewer: "Viewer") -> Self:
        """Give those that the viewer may change."""
        return self.filter(school__in=viewer.schools_where(Capability.MANAGE_AGENCIES))

    def in_use(self) -> Self:
        """Leave out those retired."""
        return self.filter(retired_at=None)


class Agency(models.Model):
    """An agency outside the school: a team with a telephone. Retired, never deleted."""

    class Kind(models.TextChoices):
        """Domain 5.5."""

        SOCIAL_CARE = "social_care", "Children’s social care"
        YOUTH_JUSTICE = "youth_justice", "Youth justice"
        CAMHS = "camhs", "CAMHS"
        PSYCHOLOGY = "psychology", "Educational psychology"
        SPEECH = "speech", "Speech and language therapy"
        OCCUPATIONAL = "occupational", "Occupational therapy"
        PHYSIO = "physio", "Physiotherapy"
        PAEDIATRICS = "paediatrics", "Paediatrics"
        NURSE = "nurse", "School nurse"
        GP = "gp", "GP"
        POLICE = "police", "Police"
        VIRTUAL_SCHOOL = "virtual_school", "Virtual School"
        ATTENDANCE = "attendance", "Local authority attendance"
        FAMILY_SUPPORT = "family_support", "Family support"
        SENDIASS = "sendiass", "SENDIASS"
        HOUSING = "housing", "Housing"
        CHARITY = "charity", "Charity or mentor"
        RESPITE = "respite", "Residential or respite"
        HEALTH_COMMISSIONER = "health_commissioner", "Health commissioner"
        PREVENT = "prevent", "Prevent or Channel"
        LADO = "lado", "LADO"
        COMMUNITY = "community", "Community partner"
        OTHER = "other", "Other"

    ref = ref_field()
    school = models.ForeignKey(School, models.PROTECT, related_name="agencies")
    kind = models.CharField(max_length=20, choices=Kind)
    name = models.CharField(max_length=120)
    team = models.CharField(max_length=120, blank=True)
    phone = models.CharField("telephone", max_length=40, blank=True)
    email = models.EmailField("e-mail", blank=True)
    notes = models.TextField("how to reach them", blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)
    retired_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    history = track()
    objects = AgencyQuerySet.as_manager()

    class Meta:
        ordering = ["name", "team", "pk"]
        verbose_name_plural = "agencies"
        indexes = [models.Index(fields=["school", "name"], name="agency_school_name")]
        constraints = [
            models.UniqueConstraint(
                "school",
                Lower("name"),
                Lower("team"),
                condition=Q(retired_at=None),
                name="agency_once",
            ),
            models.CheckConstraint(
                condition=Q(retired_at=None, retired_by=None)
                | Q(retired_at__isnull=False, retired_by__isnull=False),
                name="agency_retired_by_somebody",
            ),
        ]

    def get_absolute_url(self) -> str:
        """Give its page."""
        return reverse("contacts:agency", args=[self.ref])

    def __str__(self) -> str:
        return f"{self.name}, {self.team}" if self.team else self.name


class ProfessionalQuerySet(TrackedQuerySet):
    """Professionals."""

    def visible_to(self, viewer: "Viewer") -> Self:
        """Give those of agencies in sight."""
        return self.filter(agency__in=Agency.objects.visible_to(viewer))

    def manageable_by(self, viewer: "Viewer") -> Self:
        """Give those that the viewer may change."""
        return self.filter(agency__in=Agency.objects.manageable_by(viewer))

    def in_use(self) -> Self:
        """Leave out those retired, and those of agencies retired."""
        return self.filter(retired_at=None, agency__retired_at=None)


class Professional(models.Model):
    """Somebody who works at an agency."""

    ref = ref_field()
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="people")
    name = models.CharField(max_length=120)
    job_title = models.CharField("job", max_length=120, blank=True)
    phone = models.CharField("telephone", max_length=40, blank=True)
    email = models.EmailField("e-mail", blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)
    retired_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    history = track()
    objects = ProfessionalQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(retired_at=None, retired_by=None)
                | Q(retired_at__isnull=False, retired_by__isnull=False),
                name="professional_retired_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.job_title}" if self.job_title else self.name
