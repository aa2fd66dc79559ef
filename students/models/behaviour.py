"""Slips and rewards: the event, one record a student, and the words that a school uses."""

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from keywork.history import TrackedQuerySet, track
from keywork.models import School, User
from keywork.refs import ref_field
from keywork.roles import Capability
from students.models.register import Question
from students.models.student import Student

if TYPE_CHECKING:
    from keywork.access import Viewer


class Level(models.TextChoices):
    """How a school ranks what happened."""

    LOW = "low", "Low level"
    HIGH = "high", "High level"
    REWARD = "reward", "Reward"


class SchoolsOwnQuerySet(TrackedQuerySet):
    """A school's own list."""

    def visible_to(self, viewer: "Viewer") -> Self:
        """Give those of the schools where the viewer has a role: all staff choose from them."""
        return self.filter(school__in=viewer.roles_at)

    def manageable_by(self, viewer: "Viewer") -> Self:
        """Give those that the viewer may change."""
        return self.filter(school__in=viewer.schools_where(Capability.MANAGE_MODELS))

    def active(self) -> Self:
        """Give those on offer."""
        return self.filter(active=True)


class BehaviourChoice(models.Model):
    """A word that a school offers: on slips a category, a place, a consequence, what staff do;
    for key-work sessions a place, a theme.

    Records keep the words they were written with: renaming or retiring one rewrites nothing.
    """

    class Kind(models.TextChoices):
        CATEGORY = "category", "Category"
        LOCATION = "location", "Place"
        CONSEQUENCE = "consequence", "Consequence"
        RESPONSE = "response", "What staff do"
        SESSION_PLACE = "session_place", "Place of sessions"
        SESSION_THEME = "session_theme", "Theme of sessions"

    ref = ref_field()
    school = models.ForeignKey(School, models.PROTECT, related_name="behaviour_choices")
    kind = models.CharField(max_length=15, choices=Kind)
    level = models.CharField(max_length=10, choices=Level, blank=True)
    name = models.CharField(max_length=100)
    points = models.SmallIntegerField("points unless told", null=True, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    active = models.BooleanField("on offer", default=True)
    history = track()
    objects = SchoolsOwnQuerySet.as_manager()

    class Meta:
        ordering = ["kind", "level", "position", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["school", "kind", "level", "name"], name="behaviour_choice_once"
            ),
            models.CheckConstraint(
                condition=(Q(kind="category") & ~Q(level=""))
                | (~Q(kind="category") & Q(level="")),
                name="behaviour_choice_level_of_categories",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class IncidentQuerySet(TrackedQuerySet):
    """Events."""

    def visible_to(self, viewer: "Viewer") -> Self:
        """Give those with a record visible to the viewer."""
        records = BehaviourRecord.objects.visible_to(viewer)
        return self.filter(pk__in=records.values("incident"))


class Incident(models.Model):
    """An event that several students had part in: it joins their records, one each.

    What is said of one student stands in that student's record alone, so a page, export or
    letter about one never carries another's name.
    """

    ref = ref_field()
    school = models.ForeignKey(School, models.PROTECT, related_name="incidents")
    occurred_at = models.DateTimeField()
    made_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    history = track()
    objects = IncidentQuerySet.as_manager()

    class Meta:
        ordering = ["-occurred_at", "-pk"]

    def __str__(self) -> str:
        return f"Incident of {self.occurred_at:%d/%m/%Y}"


def moments_of(first: date, last: date) -> tuple[datetime, datetime]:
    """Give when the first of some days begins and the last has ended, in the site's time zone."""
    after = last + timedelta(days=1)
    return (
        timezone.make_aware(datetime.combine(first, time.min)),
        timezone.make_aware(datetime.combine(after, time.min)),
    )


class BehaviourQuerySet(TrackedQuerySet):
    """Slips and rewards."""

    def visible_to(self, viewer: "Viewer") -> Self:
        """Give those of students seen in full, and those that the viewer wrote or is named on."""
        whole = viewer.schools_where(Capability.SEE_SCHOOL_RECORDS)
        if set(whole).issuperset(viewer.roles_at):
            # Nothing beyond these: a slip's school is the student's.
            return self.filter(school__in=whole, withdrawn_at=None)
        mine = Q(staff=viewer.user) | Q(recorded_by=viewer.user)
        return self.filter(
            Q(student__in=Student.objects.in_full_for(viewer))
            | mine & Q(school__in=viewer.roles_at),
            withdrawn_at=None,
        )

    def standing(self) -> Self:
        """Leave out those withdrawn."""
        return self.filter(withdrawn_at=None)

    def between(self, first: date, last: date) -> Self:
        """Give those of some days, both ends inclusive, in the site's time zone."""
        return self.within(*moments_of(first, last))

    def within(self, begins: datetime, ends: datetime) -> Self:
        """Give those from one moment until before another."""
        return self.filter(occurred_at__gte=begins, occurred_at__lt=ends)

    def for_list(self) -> Self:
        """Load what a list of slips shows."""
        return self.select_related("student", "staff", "school")

    def newest_first(self) -> Self:
        """Order as a log is read."""
        return self.order_by("-occurred_at", "-pk")


class BehaviourRecord(models.Model):
    """One student's slip or reward. `staff`: who saw it; `recorded_by`: who typed it, if typed.

    `staff_name` names a member of staff whom an import could not match to an account.
    """

    class Part(models.TextChoices):
        INVOLVED = "involved", "Involved"
        AGGRESSOR = "aggressor", "Did it"
        TARGET = "target", "It was done to them"
        WITNESS = "witness", "Saw it"

    ref = ref_field()
    import_ref = models.CharField("ref in imported files", max_length=40, blank=True)
    # Indexed with the time below; alone, it tempts PostgreSQL to read all of a school's slips.
    school = models.ForeignKey(School, models.PROTECT, related_name="+", db_index=False)
    student = models.ForeignKey(Student, models.PROTECT, related_name="behaviour")
    incident = models.ForeignKey(
        Incident, models.PROTECT, null=True, blank=True, related_name="records"
    )
    occurred_at = models.DateTimeField("when")
    level = models.CharField(max_length=10, choices=Level)
    category = models.CharField(max_length=100, blank=True)
    points = models.SmallIntegerField(null=True, blank=True)
    call_home = models.BooleanField("worth a call home", default=False)
    location = models.CharField("place", max_length=100, blank=True)
    lesson = models.CharField("lesson or time of day", max_length=60, blank=True)
    staff = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="behaviour_records"
    )
    staff_name = models.CharField("member of staff without an account", max_length=100, blank=True)
    description = models.TextField("what happened", blank=True)
    antecedent = models.TextField("what came before", blank=True)
    response = models.TextField("what staff did", blank=True)
    consequence = models.TextField(blank=True)
    injury = models.TextField("injuries", blank=True)
    property_damage = models.TextField("damage to property", blank=True)
    part = models.CharField("part in it", max_length=10, choices=Part, default=Part.INVOLVED)
    contentious = models.BooleanField(default=False)
    contentious_note = models.CharField("why contentious", max_length=200, blank=True)
    recorded_at = models.DateTimeField(null=True, blank=True)
    recorded_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="slips_written"
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    withdrawn_reason = models.CharField(max_length=200, blank=True)
    history = track()
    objects = BehaviourQuerySet.as_manager()

    class Meta:
        ordering = ["-occurred_at", "-pk"]
        indexes = [
            models.Index(fields=["student", "occurred_at"], name="behaviour_student_when"),
            models.Index(fields=["school", "level", "occurred_at"], name="behaviour_school_level"),
            models.Index(fields=["school", "occurred_at"], name="behaviour_school_when"),
            models.Index(fields=["staff", "occurred_at"], name="behaviour_staff_when"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["school", "import_ref"],
                condition=~Q(import_ref=""),
                name="behaviour_import_ref_once",
            ),
            models.UniqueConstraint(
                fields=["incident", "student"], name="behaviour_once_a_student_and_incident"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="behaviour_withdrawn_by_somebody",
            ),
        ]

    @property
    def is_reward(self) -> bool:
        """Say whether this is good news."""
        return self.level == Level.REWARD

    @property
    def occurred_on(self) -> date:
        """Give the local day."""
        return timezone.localtime(self.occurred_at).date()

    @property
    def who(self) -> str:
        """Name the member of staff."""
        return self.staff.full_name if self.staff else self.staff_name

    def get_absolute_url(self) -> str:
        """Give the slip's page."""
        return reverse("students:slip", args=[self.ref])

    def __str__(self) -> str:
        return f"{self.category or self.get_level_display()} on {self.occurred_on:%d/%m/%Y}"


class SlipCorrectionQuerySet(TrackedQuerySet):
    """Corrections asked for."""

    def visible_to(self, viewer: "Viewer") -> Self:
        """Give those of slips visible to the viewer, and the viewer's own."""
        # Asked of each slip: beside an OR, SQLite would list all slips of the school.
        seen = BehaviourRecord.objects.visible_to(viewer).filter(pk=OuterRef("record"))
        return self.filter(Q(Exists(seen)) | Q(asked_by=viewer.user))

    def open(self) -> Self:
        """Give those not answered yet."""
        return self.filter(status=Question.Status.OPEN)


class SlipCorrection(Question):
    """A correction of a slip, asked for by those who may not make it (S2-52)."""

    record = models.ForeignKey(BehaviourRecord, models.PROTECT, related_name="corrections")
    history = track()
    objects = SlipCorrectionQuerySet.as_manager()

    class Meta(Question.Meta):
        pass

    def __str__(self) -> str:
        return f"Correction of: {self.record}"
