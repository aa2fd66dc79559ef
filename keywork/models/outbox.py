"""The outbox: what is to be told to whom, and what became of it. Mirrored as notices."""

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

from keywork.models.people import User
from keywork.models.school import School
from keywork.refs import ref_field
from keywork.roles import Capability

if TYPE_CHECKING:
    from keywork.access import Viewer


class OutboxQuerySet(models.QuerySet):
    """Messages; not tracked: the row itself says what became of it, and when."""

    def visible_to(self, viewer: "Viewer") -> Self:
        """Give those of the schools where the viewer looks after messages."""
        return self.filter(school__in=viewer.schools_where(Capability.MANAGE_MESSAGES))

    def ready(self, now: datetime) -> Self:
        """Give those whose turn has come, with those whose sender stopped in the middle."""
        return self.filter(
            Q(state__in=OutboxMessage.WAITING, next_try_at__lte=now)
            | Q(state=OutboxMessage.State.CLAIMED, lease_until__lte=now)
        )

    def lapsed(self, now: datetime) -> Self:
        """Give those never sent whose time is over."""
        waiting = Q(state__in=OutboxMessage.WAITING)
        stopped = Q(state=OutboxMessage.State.CLAIMED, lease_until__lte=now)
        return self.filter(waiting | stopped, lapses_at__lte=now)


class OutboxMessage(models.Model):
    """One message of a kind, about something, to one recipient, of one day: never two of them.

    recipient: what makes the person unique here: `user:<ref>`, or the address written to.
    user: who it is for, where that is somebody who signs in; `address`, where set, is written to
    instead of their own (a parent's; somebody's old one). about: what it is about, such as a
    student's ref; empty where the day says it all. title: its line among the notices; holds no
    name. path: the page it leads to. data: what its kind needs to render it; no name either.
    lapses_at: when it is given up. read_at: when its notice was read.
    """

    class State(models.TextChoices):
        QUEUED = "queued", "Waiting"
        CLAIMED = "claimed", "Being sent"
        SENT = "sent", "Sent"
        FAILED = "failed", "Failed, will be tried again"
        GIVEN_UP = "given_up", "Given up"
        NOT_NEEDED = "not_needed", "No longer needed"
        NOTICE = "notice", "Notice only"

    WAITING: Collection[str] = (State.QUEUED, State.FAILED)

    ref = ref_field()
    school = models.ForeignKey(School, models.PROTECT, null=True, related_name="+")
    kind = models.CharField(max_length=40)
    about = models.CharField(max_length=120, blank=True)
    recipient = models.CharField(max_length=254)
    due_on = models.DateField()
    user = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    address = models.EmailField(blank=True)
    title = models.CharField(max_length=150)
    path = models.CharField(max_length=300, default="/")
    data = models.JSONField(default=dict)
    state = models.CharField(max_length=12, choices=State, default=State.QUEUED)
    queued_at = models.DateTimeField()
    next_try_at = models.DateTimeField()
    lapses_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=150, blank=True)
    sent_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)
    objects = OutboxQuerySet.as_manager()

    class Meta:
        ordering = ["-queued_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "about", "recipient", "due_on"], name="outbox_message_once"
            ),
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False)
                | (~Q(state="sent") & Q(sent_at=None)),
                name="outbox_sent_with_time",
            ),
            models.CheckConstraint(
                condition=Q(state="claimed", lease_until__isnull=False)
                | (~Q(state="claimed") & Q(lease_until=None)),
                name="outbox_claimed_with_lease",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "next_try_at"], name="outbox_by_turn"),
            models.Index(fields=["school", "state", "queued_at"], name="outbox_of_school"),
            models.Index(fields=["user", "read_at", "queued_at"], name="outbox_notices"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.ref}"


class Heartbeat(models.Model):
    """When a part of the machinery was last seen at work: beat, a worker, the mail server.

    failing_since: since when it fails, where it does; `note` says how, without anything personal.
    """

    name = models.CharField(max_length=100, unique=True)
    at = models.DateTimeField()
    failing_since = models.DateTimeField(null=True)
    note = models.CharField(max_length=150, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
