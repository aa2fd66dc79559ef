"""The key-work session: planned, held or missed; then signed, and amended only with a reason."""

from datetime import date
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from keywork.history import TrackedQuerySet, track
from keywork.models import School, User
from keywork.refs import ref_field
from students.models import Student

if TYPE_CHECKING:
    from keywork.access import Viewer


class SessionGroup(models.Model):
    """A small-group session: one record per student, and the part they share."""

    ref = ref_field()
    school = models.ForeignKey(School, models.PROTECT, related_name="+")
    shared_details = models.TextField(blank=True)
    history = track()
    objects = TrackedQuerySet.as_manager()

    def __str__(self) -> str:
        return f"Group {self.ref}"


class SessionQuerySet(TrackedQuerySet):
    """Sessions."""

    def visible_to(self, viewer: "Viewer") -> Self:
        """Give those of students whose records the viewer may read."""
        return self.filter(student__in=Student.objects.in_full_for(viewer), withdrawn_at=None)

    def standing(self) -> Self:
        """Leave out those withdrawn (a planned session that was cancelled)."""
        return self.filter(withdrawn_at=None)

    def held(self, on: date) -> Self:
        """Give those held on or before a day."""
        return self.standing().filter(status=KeyworkSession.Status.HELD, held_on__lte=on)

    def drop_ins(self, first: date, last: date) -> Self:
        """Give drop-in times, used or not, logged from a day to another, both inclusive."""
        drop_in = KeyworkSession.Method.DROP_IN
        logged = self.standing().exclude(status=KeyworkSession.Status.PLANNED)
        return logged.filter(method=drop_in, held_on__range=(first, last))

    def planned(self) -> Self:
        """Give those planned and neither held, missed nor cancelled yet."""
        return self.standing().filter(status=KeyworkSession.Status.PLANNED)

    def for_list(self) -> Self:
        """Load what a list of sessions shows."""
        return self.select_related("student", "key_worker", "group").prefetch_related("targets")

    def newest_first(self) -> Self:
        """Order as a record is read."""
        return self.order_by("-held_on", "-starts_at", "-pk")


class KeyworkSession(models.Model):
    """One student's session. `held_on` is its date whatever its status.

    A small-group session has one such record per student, joined by `group`; `details` here is
    this student's own part, `group.shared_details` the part all have in common.
    """

    class Status(models.TextChoices):
        HELD = "held", "Held"
        MISSED = "missed", "Missed"
        PLANNED = "planned", "Planned"

    class MissedReason(models.TextChoices):
        PUPIL_ABSENT = "pupil_absent", "Student absent"
        DECLINED = "declined", "Student declined"
        SUSPENDED = "suspended", "Student suspended"
        CLOSURE = "closure", "School closed"
        STAFF_ABSENT = "staff_absent", "Staff absent"
        NO_TIME = "no_time", "No time"
        OTHER = "other", "Another reason"

    class Method(models.TextChoices):
        ONE_TO_ONE = "one_to_one", "One to one"
        DROP_IN = "drop_in", "Drop-in"
        SMALL_GROUP = "small_group", "Small group"
        OFF_SITE = "off_site", "Off site"

    class Focus(models.TextChoices):
        EHCP = "ehcp", "EHC plan"
        IEP = "iep", "IEP"
        STUDENT_VOICE = "student_voice", "Student voice"
        BEHAVIOUR = "behaviour", "Behaviour"
        ATTENDANCE = "attendance", "Attendance"
        PROGRESS = "progress", "Progress"
        WELLBEING = "wellbeing", "Wellbeing"

    class Feeling(models.IntegerChoices):
        VERY_HARD = 1, "Very hard"
        HARD = 2, "Hard"
        MIXED = 3, "Mixed"
        GOOD = 4, "Good"
        GREAT = 5, "Great"

    class Engagement(models.IntegerChoices):
        DECLINED = 1, "Did not want to"
        RELUCTANT = 2, "Reluctant"
        WILLING = 3, "Willing"
        KEEN = 4, "Keen"

    class Theme(models.TextChoices):
        COPING = "coping", "Coping strategies"
        MOTIVATION = "motivation", "Motivation"
        ASPIRATIONS = "aspirations", "Aspirations"
        RE_ENGAGEMENT = "re_engagement", "Re-engagement"
        ORGANISATION = "organisation", "Organisational skills"
        HOMEWORK = "homework", "Homework and coursework"
        LITERACY = "literacy", "Literacy"
        REVISION = "revision", "Revision"
        SOCIAL_SKILLS = "social_skills", "Social skills"
        PERSONAL = "personal", "Personal or wellbeing"
        ADVOCACY = "advocacy", "Speaking up for the student"

    ref = ref_field()
    import_ref = models.CharField("ref in imported files", max_length=40, blank=True)
    school = models.ForeignKey(School, models.PROTECT, related_name="+")
    student = models.ForeignKey(Student, models.PROTECT, related_name="keywork_sessions")
    key_worker = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="keywork_sessions"
    )
    group = models.ForeignKey(
        SessionGroup, models.PROTECT, null=True, blank=True, related_name="sessions"
    )
    held_on = models.DateField("date")
    starts_at = models.TimeField("start", null=True, blank=True)
    status = models.CharField(max_length=10, choices=Status)
    missed_reason = models.CharField(max_length=15, choices=MissedReason, blank=True)
    missed_note = models.TextField("what happened", blank=True)
    minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    method = models.CharField(max_length=15, choices=Method, blank=True)
    venue = models.CharField("place", max_length=80, blank=True)
    focus = models.CharField(max_length=15, choices=Focus, blank=True)
    themes = models.JSONField(default=list, blank=True)
    pupil_voice = models.TextField("the student's own words", blank=True)
    feeling = models.PositiveSmallIntegerField(
        "how school feels", choices=Feeling, null=True, blank=True
    )
    engagement = models.PositiveSmallIntegerField(choices=Engagement, null=True, blank=True)
    details = models.TextField("what you talked about", blank=True)
    strategies_agreed = models.TextField(blank=True)
    no_target_reason = models.CharField("no target because", max_length=200, blank=True)
    briefed_at = models.DateTimeField("briefing read", null=True, blank=True)
    signed_at = models.DateTimeField(null=True, blank=True)
    signed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    history = track()
    objects = SessionQuerySet.as_manager()

    class Meta:
        ordering = ["-held_on", "-pk"]
        indexes = [
            # last held session and counts per period, per student and school-wide
            models.Index(fields=["student", "status", "held_on"], name="session_student_status"),
            models.Index(fields=["school", "status", "held_on"], name="session_school_status"),
            models.Index(fields=["key_worker", "status", "held_on"], name="session_worker_status"),
            # by itself all that a school's due list asks of the last months
            models.Index(
                fields=["school", "held_on", "student", "status", "missed_reason", "id"],
                condition=Q(withdrawn_at=None),
                name="session_seen_lately",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["school", "import_ref"],
                condition=~Q(import_ref=""),
                name="session_import_ref_once",
            ),
            models.CheckConstraint(
                condition=Q(status="missed") | Q(missed_reason=""),
                name="session_reason_only_when_missed",
            ),
            models.CheckConstraint(
                condition=Q(signed_at=None, signed_by=None)
                | Q(signed_at__isnull=False, signed_by__isnull=False),
                name="session_signed_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(signed_at=None) | ~Q(status="planned"),
                name="session_signed_is_not_planned",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="session_withdrawn_by_somebody",
            ),
        ]

    @property
    def is_unused_drop_in(self) -> bool:
        """Say whether it is an agreed drop-in time at which the student did not come (S1-26).

        It is a missed one without a reason: nobody owed it, so it excuses and moves nothing.
        """
        missed = self.status == self.Status.MISSED and not self.missed_reason
        return missed and self.method == self.Method.DROP_IN

    @property
    def is_planned(self) -> bool:
        """Say whether the session lies ahead, to be held, missed or cancelled."""
        return self.status == self.Status.PLANNED

    def get_absolute_url(self) -> str:
        """Give the session's page."""
        return reverse("sessions:session", args=[self.ref])

    def __str__(self) -> str:
        return f"Session with {self.student} on {self.held_on}"


class Amendment(models.Model):
    """A change to a signed session: the reason, and every changed field before and after."""

    keywork_session = models.ForeignKey(KeyworkSession, models.PROTECT, related_name="amendments")
    reason = models.TextField()
    changes = models.JSONField(help_text="List of {field, before, after}.")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["made_at", "pk"]

    def __str__(self) -> str:
        return f"Amendment of {self.made_at:%d/%m/%Y}"


class ActionQuerySet(TrackedQuerySet):
    """Actions agreed in sessions."""

    def visible_to(self, viewer: "Viewer") -> Self:
        """Give those of sessions the viewer may read, and the viewer's own to do."""
        sessions = KeyworkSession.objects.visible_to(viewer)
        return self.filter(Q(keywork_session__in=sessions) | self.owned_by(viewer))

    @staticmethod
    def owned_by(viewer: "Viewer") -> Q:
        """Give the condition of being the viewer's own to do, at schools where they are in post.

        A student's name goes with each: who left a school sees nothing of it any more.
        """
        return Q(owner=viewer.user, keywork_session__school__in=viewer.roles_at)

    def with_session_seen(self, viewer: "Viewer") -> Self:
        """Add `session_seen`: whether the viewer may open the session it comes from."""
        readable = KeyworkSession.objects.visible_to(viewer).filter(pk=OuterRef("keywork_session"))
        return self.annotate(session_seen=Exists(readable))

    def open(self) -> Self:
        """Give those not done yet."""
        return self.filter(done_at=None)


class SessionAction(models.Model):
    """Something agreed in a session: what, who, by when. The owner is staff, or named in words."""

    ref = ref_field()
    keywork_session = models.ForeignKey(KeyworkSession, models.PROTECT, related_name="actions")
    text = models.CharField("what", max_length=300)
    owner = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="session_actions"
    )
    owner_name = models.CharField("somebody else", max_length=80, blank=True)
    due_on = models.DateField("by", null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    history = track()
    objects = ActionQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(done_at=None, done_by=None)
                | Q(done_at__isnull=False, done_by__isnull=False),
                name="action_done_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(owner__isnull=False) | ~Q(owner_name=""), name="action_has_an_owner"
            ),
        ]

    @property
    def who(self) -> str:
        """Give the owner's name."""
        return self.owner.full_name if self.owner else self.owner_name

    def __str__(self) -> str:
        return self.text
