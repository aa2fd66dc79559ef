"""A person's iCalendar feed, at an address that cannot be guessed and can be revoked."""

from django.db import models
from django.db.models import Q

from keywork.models import User


class CalendarFeed(models.Model):
    """One address of one person's feed. Only a hash of the secret is kept."""

    owner = models.ForeignKey(User, models.CASCADE, related_name="calendar_feeds")
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner"], condition=Q(revoked_at=None), name="one_live_feed_a_person"
            ),
        ]

    def __str__(self) -> str:
        return f"Calendar feed of {self.owner}"
