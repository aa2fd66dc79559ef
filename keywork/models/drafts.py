"""What a person has typed and not yet submitted. Seen by its author alone."""

from typing import TYPE_CHECKING, Self

from django.db import models

from keywork.models.people import User
from keywork.models.school import School
from keywork.refs import ref_field

if TYPE_CHECKING:
    from keywork.access import Viewer


class DraftQuerySet(models.QuerySet):
    """Drafts; not tracked, because a keystroke is not a record."""

    def visible_to(self, viewer: "Viewer") -> Self:
        """Give the viewer's own, of schools where they have a role today.

        One kept before drafts knew their school is seen while there is any role.
        """
        own = self.filter(owner=viewer.user) if viewer.roles_at else self.none()
        return own.filter(models.Q(school=None) | models.Q(school__in=viewer.roles_at))


class Draft(models.Model):
    """The fields of one form, as last typed.

    key: what the draft is about, such as `session:<ref>`; one per person and key.
    data: field name → list of values, as posted. version: goes up with each save, so that a
    second tab or device that saves on an older version is told. device: who saved it last.
    school: whose student it is about.
    """

    ref = ref_field()
    owner = models.ForeignKey(User, models.CASCADE, related_name="drafts")
    school = models.ForeignKey(School, models.CASCADE, null=True, related_name="+")
    key = models.CharField(max_length=80)
    title = models.CharField(max_length=200)
    url = models.CharField(max_length=300, help_text="The path of the form.")
    data = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=1)
    device = models.CharField(max_length=80, blank=True)
    updated_at = models.DateTimeField(db_index=True)
    objects = DraftQuerySet.as_manager()

    class Meta:
        ordering = ["-updated_at"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "key"], name="one_draft_a_person_and_form"),
        ]

    def __str__(self) -> str:
        return self.title


class ParkedForm(models.Model):
    """A form posted after its sign-in expired, kept encrypted until its author signs in again."""

    token = models.CharField(max_length=64, unique=True)
    owner = models.ForeignKey(User, models.CASCADE, related_name="+")
    path = models.CharField(max_length=300)
    body = models.BinaryField(help_text="Encrypted with a key derived from SECRET_KEY.")
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.path
