"""People who work with students: users, and their place and roles at each school."""

from collections.abc import Iterable
from datetime import date, time
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from keywork.history import TrackedQuerySet, track
from keywork.models.school import School
from keywork.refs import ref_field
from keywork.roles import Capability, Role

if TYPE_CHECKING:
    from keywork.access import Viewer


UNTRACKED = frozenset({"last_login", "password"})


class Theme(models.TextChoices):
    """Colour scheme of the screens."""

    AUTOMATIC = "", "As my device"
    LIGHT = "light", "Light"
    DARK = "dark", "Dark"


def full_name_of(known_as: str, first_name: str, last_name: str, username: str) -> str:
    """Give the first name somebody goes by and the last name; else the username."""
    return f"{known_as or first_name} {last_name}".strip() or username


class UserQuerySet(TrackedQuerySet):
    """People."""

    def colleagues_of(self, viewer: "Viewer") -> Self:
        """Give the people with a staff record at a school where the viewer has a role."""
        return self.filter(staff_records__school__in=viewer.roles_at).distinct()

    def with_role_at(self, school: School, on: date, *roles: Role) -> Self:
        """Give the people who hold one of these roles at a school on a day."""
        records = StaffMember.objects.filter(school=school, roles__role__in=roles).in_post(on)
        return self.filter(staff_records__in=records).distinct()


class KeyworkUserManager(UserManager.from_queryset(UserQuerySet)):  # type: ignore[misc] # made at run time
    """Django's user manager on tracked querysets; libraries' migrations use a plain one."""

    use_in_migrations = False


class User(AbstractUser):
    """A person who signs in with their own account; no shared accounts.

    `is_demo`: an account of the demo school, whose password works only in the demo.
    """

    ref = ref_field()
    is_demo = models.BooleanField(default=False, editable=False)
    known_as = models.CharField(
        "first name shown", max_length=80, blank=True, help_text="Empty: the first name on record."
    )
    theme = models.CharField(max_length=5, choices=Theme, blank=True, default="")
    keyboard_shortcuts = models.BooleanField(default=True)
    digest = models.BooleanField("one e-mail for all that is due", default=True)
    digest_at = models.TimeField("told from", default=time(8, 5))
    declined_messages = models.JSONField("messages not wanted by e-mail", default=list, blank=True)
    history = track(excluded_fields=sorted(UNTRACKED))
    objects: ClassVar[KeyworkUserManager] = KeyworkUserManager()

    class Meta:
        ordering = ["last_name", "first_name", "username"]
        constraints = [
            # One signs in with it, and gets the link for a new password there.
            models.UniqueConstraint(
                Lower("email"), condition=~Q(email=""), name="user_email_unique"
            ),
        ]

    @property
    def full_name(self) -> str:
        """Give the first name they go by and the last name; else the username."""
        return full_name_of(self.known_as, self.first_name, self.last_name, self.username)

    @property
    def initials(self) -> str:
        """Give the initials, for the mark beside the name."""
        words = self.full_name.split()
        return "".join(word[0].upper() for word in words[:1] + words[1:][-1:])

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        """Save; what the history leaves out, such as the last sign-in, adds no entry to it."""
        silent = update_fields is not None and UNTRACKED.issuperset(update_fields)
        if silent:
            self.skip_history_when_saving = True
        try:
            super().save(*args, update_fields=update_fields, **kwargs)
        finally:
            if silent:
                del self.skip_history_when_saving

    def __str__(self) -> str:
        return self.full_name


class StaffMemberQuerySet(TrackedQuerySet):
    """Staff records."""

    def visible_to(self, viewer: "Viewer") -> Self:
        """Give the staff of the schools where the viewer has a role."""
        return self.filter(school__in=viewer.roles_at)

    def manageable_by(self, viewer: "Viewer") -> Self:
        """Give the staff records that the viewer may change."""
        return self.filter(school__in=viewer.schools_where(Capability.MANAGE_STAFF))

    def in_post(self, on: date) -> Self:
        """Give those in post on a day (`starts_on` and `ends_on` inclusive)."""
        return self.filter(
            Q(starts_on=None) | Q(starts_on__lte=on), Q(ends_on=None) | Q(ends_on__gte=on)
        )

    def for_list(self) -> Self:
        """Load what a list of staff shows."""
        return self.select_related("user", "school").prefetch_related("roles")


class StaffMember(models.Model):
    """A person's post at one school."""

    ref = ref_field()
    user = models.ForeignKey(User, models.PROTECT, related_name="staff_records")
    school = models.ForeignKey(School, models.PROTECT, related_name="staff")
    job_title = models.CharField(max_length=120, blank=True)
    induction_completed_on = models.DateField(null=True, blank=True)
    qualification = models.CharField(max_length=250, blank=True)
    dbs_checked_on = models.DateField("DBS checked on", null=True, blank=True)
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    capacity = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Students at most; empty: the key-work model's limit."
    )
    history = track()
    objects = StaffMemberQuerySet.as_manager()

    class Meta:
        ordering = ["user__last_name", "user__first_name"]
        constraints = [
            models.UniqueConstraint(fields=["school", "user"], name="one_staff_record_a_school"),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(starts_on=None) | Q(ends_on__gte=F("starts_on")),
                name="staff_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} at {self.school}"


class StaffRole(models.Model):
    """One role of a staff record. The history tells who gave and took roles."""

    staff_member = models.ForeignKey(StaffMember, models.CASCADE, related_name="roles")
    role = models.CharField(max_length=20, choices=Role)
    history = track()
    objects = TrackedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["staff_member", "role"], name="role_once_a_record"),
        ]

    def __str__(self) -> str:
        return self.get_role_display()
