"""What a reviewer says to the author of a session's record (S2-68)."""

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q
from django.urls import reverse

from keywork.history import TrackedQuerySet, track
from keywork.models import User
from keywork.refs import ref_field
from sessions.models.session import KeyworkSession

if TYPE_CHECKING:
    from keywork.access import Viewer

LONGEST_COMMENT = 600


class SessionCommentQuerySet(TrackedQuerySet):
    """Comments of reviewers."""

    def visible_to(self, viewer: "Viewer") -> Self:
        """Give those of sessions the viewer may read."""
        return self.filter(keywork_session__in=KeyworkSession.objects.visible_to(viewer))

    def standing(self) -> Self:
        """Leave out those taken back."""
        return self.filter(withdrawn_at=None)


class SessionComment(models.Model):
    """A reviewer's comment on how a session is recorded, to its author (`comment_reader`).

    It is no part of the record: it stands on the session's own page alone, never in what is told
    of the student. done_at: when whoever reads it ticked it.
    """

    ref = ref_field()
    keywork_session = models.ForeignKey(KeyworkSession, models.PROTECT, related_name="comments")
    text = models.TextField("comment", max_length=LONGEST_COMMENT)
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    history = track()
    objects = SessionCommentQuerySet.as_manager()

    class Meta:
        ordering = ["written_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(done_at=None, done_by=None)
                | Q(done_at__isnull=False, done_by__isnull=False),
                name="session_comment_done_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="session_comment_withdrawn_by_somebody",
            ),
        ]

    def get_absolute_url(self) -> str:
        """Give its place on the session's page."""
        session = reverse("sessions:session", args=[self.keywork_session.ref])
        return f"{session}#comments"

    def __str__(self) -> str:
        return f"Comment of {self.written_at:%d/%m/%Y}"
