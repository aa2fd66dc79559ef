"""The student, and the one place that says who sees whom."""

from datetime import date
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Exists, ExpressionWrapper, F, OuterRef, Prefetch, Q
from django.urls import reverse

from keywork.history import TrackedQuerySet, track
from keywork.models import KeyWorkModel, School, User
from keywork.refs import ref_field
from keywork.roles import Capability

if TYPE_CHECKING:
    from keywork.access import Viewer


def shown_name(first_name: str, last_name: str) -> str:
    """Give the name shown everywhere, from the first name one goes by and the last name."""
    return f"{first_name} {last_name}".strip() or "No name yet"


class StudentQuerySet(TrackedQuerySet):
    """Students. Two depths of sight: by name (`visible_to`) and in full (`in_full_for`)."""

    def visible_to(self, viewer: "Viewer") -> Self:
        """Give the students whom the viewer may know of, at least by name.

        Everyone of the school for those who see the school; for teachers those on their
        timetable; for everyone those assigned to them.
        """
        names = viewer.schools_where(Capability.SEE_SCHOOL_NAMES)
        teaching = viewer.schools_where(Capability.TEACH)
        keeping = viewer.schools_where(Capability.KEEP_CASELOAD)
        return self.filter(
            _any_of(
                names and Q(school__in=names),
                teaching and Q(school__in=teaching) & _taught_by(viewer),
                not set(keeping).issubset(names) and _kept_by(viewer, keeping),
            )
        )

    def in_full_for(self, viewer: "Viewer") -> Self:
        """Give the students of whom the viewer may read what was said.

        Their own caseload (primary or secondary, today), the whole school for those who oversee
        it, residents for the head of care.
        """
        return self.filter(_in_full(viewer))

    def identity_for(self, viewer: "Viewer") -> Self:
        """Give the students whose identity (names, roll, SEN status) the viewer may read."""
        return self.filter(_identity(viewer))

    def with_sight(self, viewer: "Viewer") -> Self:
        """Add `seen_in_full` and `identity_seen`, so a list asks nothing per row."""
        return self.annotate(
            seen_in_full=ExpressionWrapper(_in_full(viewer), models.BooleanField()),
            identity_seen=ExpressionWrapper(_identity(viewer), models.BooleanField()),
        )

    def on_roll(self, on: date) -> Self:
        """Give those on roll on a day, both ends inclusive."""
        return self.filter(
            Q(left_on=None) | Q(left_on__gte=on),
            on_roll_from__lte=on,
        )

    def caseload_of(self, user: User, on: date) -> Self:
        """Give the students whose current primary key worker is this user, on roll that day."""
        from students.models.assignments import Assignment  # noqa: PLC0415 (refers to Student)

        current = (
            Assignment.objects.current(on)
            .primary()
            .filter(key_worker=user, student=OuterRef("pk"))
        )
        return self.on_roll(on).filter(Exists(current))

    def for_list(self, on: date) -> Self:
        """Load what a list shows: school, model, current key workers in `current_assignments`."""
        from students.models.assignments import Assignment  # noqa: PLC0415 (refers to Student)

        current = Assignment.objects.current(on).select_related("key_worker")
        return self.select_related("school", "key_work_model").prefetch_related(
            Prefetch("assignments", current, to_attr="current_assignments")
        )

    def by_name(self) -> Self:
        """Order as a list of names."""
        return self.order_by("legal_last_name", "legal_first_name", "pk")


# Conditions of sight on a student. What a viewer's roles rule out is left out of the query.


def _any_of(*conditions: Any) -> Q:
    """Join conditions by "or", leaving out those that are false; none is nobody."""
    return reduce(or_, filter(None, conditions), Q(pk__in=[]))


def _in_full(viewer: "Viewer") -> Q:
    records = viewer.schools_where(Capability.SEE_SCHOOL_RECORDS)
    residents = viewer.schools_where(Capability.SEE_RESIDENT_RECORDS)
    keeping = viewer.schools_where(Capability.KEEP_CASELOAD)
    return _any_of(
        records and Q(school__in=records),
        residents and Q(school__in=residents) & ~Q(residence=""),
        not set(keeping).issubset(records) and _kept_by(viewer, keeping),
    )


def _identity(viewer: "Viewer") -> Q:
    schools = viewer.schools_where(Capability.SEE_SCHOOL_IDENTITY)
    return _any_of(schools and Q(school__in=schools), _in_full(viewer))


def _kept_by(viewer: "Viewer", schools: list[int]) -> Q:
    from students.models.assignments import Assignment  # noqa: PLC0415 (refers to Student)

    mine = Assignment.objects.current(viewer.on).filter(key_worker=viewer.user)
    return Q(school__in=schools, pk__in=mine.order_by().values("student"))


def _taught_by(viewer: "Viewer") -> Q:
    from students.models.profile import TimetableEntry  # noqa: PLC0415 (refers to Student)

    return Q(pk__in=TimetableEntry.objects.filter(teacher=viewer.user).values("student"))


class Student(models.Model):
    """A student of one school. Names by law apart from the name they go by."""

    class Sex(models.TextChoices):
        MALE = "M", "Male"
        FEMALE = "F", "Female"

    class SenStatus(models.TextChoices):
        NONE = "N", "No SEN"
        SUPPORT = "K", "SEN support"
        PLAN = "E", "EHC plan"

    class Arrangement(models.TextChoices):
        SMALL_GROUP = "small_group", "Small group"
        PERSONALISED = "personalised", "Personalised programme"
        MIXED = "mixed", "Small group and personalised programme"

    ref = ref_field()
    school = models.ForeignKey(School, models.PROTECT, related_name="students")
    upn = models.CharField("UPN", max_length=13, unique=True, null=True, blank=True)
    admission_no = models.CharField("admission number", max_length=20, blank=True)
    legal_first_name = models.CharField(max_length=80, blank=True)
    legal_last_name = models.CharField(max_length=80, blank=True)
    preferred_first_name = models.CharField(max_length=80, blank=True)
    pronouns = models.CharField(max_length=30, blank=True)
    dob = models.DateField("date of birth", null=True, blank=True)
    sex = models.CharField(max_length=1, choices=Sex, blank=True)
    nc_year = models.CharField("year", max_length=2, blank=True)
    reg_form = models.CharField("form", max_length=20, blank=True)
    sen_status = models.CharField("SEN status", max_length=1, choices=SenStatus, blank=True)
    primary_need = models.CharField(max_length=4, blank=True)
    secondary_need = models.CharField(max_length=4, blank=True)
    ehcp_made_on = models.DateField("EHC plan made on", null=True, blank=True)
    ehcp_la = models.CharField("EHC plan's local authority", max_length=100, blank=True)
    phase_transfer = models.PositiveSmallIntegerField("phase transfer year", null=True, blank=True)
    post16_transfer = models.BooleanField("moves to post-16", null=True, blank=True)
    on_roll_from = models.DateField()
    left_on = models.DateField(null=True, blank=True)
    key_work_model = models.ForeignKey(
        KeyWorkModel, models.PROTECT, null=True, blank=True, related_name="students"
    )
    home_language = models.CharField(max_length=60, blank=True)
    residence = models.CharField(max_length=100, blank=True)
    teaching_arrangement = models.CharField(max_length=20, choices=Arrangement, blank=True)
    trusted_adult = models.CharField(max_length=100, blank=True)
    medical_alert = models.CharField(max_length=120, blank=True)
    in_class_support = models.CharField("in-class support", max_length=200, blank=True)
    learning_style = models.TextField(blank=True)
    interests = models.TextField(blank=True)
    engaging_work = models.TextField("what makes work engaging", blank=True)
    referring_school = models.CharField(max_length=200, blank=True)
    eligibility_reason = models.TextField("why key-worked", blank=True)
    eligibility_decided_by = models.CharField("decided by", max_length=100, blank=True)
    considering_ehc_assessment_on = models.DateField(
        "considering an EHC needs assessment since", null=True, blank=True
    )
    history = track()
    objects = StudentQuerySet.as_manager()

    class Meta:
        ordering = ["legal_last_name", "legal_first_name", "pk"]
        indexes = [
            models.Index(fields=["school", "legal_last_name", "legal_first_name"]),
            models.Index(fields=["school", "left_on"]),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(left_on=None) | Q(left_on__gte=F("on_roll_from")),
                name="student_leaves_after_joining",
            ),
            models.CheckConstraint(condition=~Q(upn=""), name="student_upn_null_not_empty"),
        ]

    @property
    def first_name(self) -> str:
        """Give the name the student goes by."""
        return self.preferred_first_name or self.legal_first_name

    @property
    def name(self) -> str:
        """Give the name shown everywhere: preferred first name and last name."""
        return shown_name(self.first_name, self.legal_last_name)

    @property
    def initials(self) -> str:
        """Give the initials, for avatars and messages that hold no name."""
        return f"{self.first_name[:1]}{self.legal_last_name[:1]}".upper()

    def get_absolute_url(self) -> str:
        """Give the student page."""
        return reverse("student", args=[self.ref])

    def model_in_force(self) -> KeyWorkModel | None:
        """Give the student's own key-work model, else the school's."""
        return self.key_work_model or self.school.key_work_model

    def __str__(self) -> str:
        return self.name
