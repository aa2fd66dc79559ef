"""A person's own calendar address: made, shown once, revoked, read."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import transaction

from keywork.models import User
from sessions.models import CalendarFeed

READ_STAMP_EVERY = timedelta(hours=1)


def hash_of(token: str) -> str:
    """Give what is kept of a secret address; it has 256 random bits, so a plain hash will do."""
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def make_feed(*, owner: User, now: datetime) -> str:
    """Give a new secret for the person's calendar address, and revoke the one before."""
    revoke_feed(owner=owner, now=now)
    token = secrets.token_urlsafe(32)
    CalendarFeed(owner=owner, token_hash=hash_of(token), created_at=now).save()
    return token


@transaction.atomic
def revoke_feed(*, owner: User, now: datetime) -> bool:
    """Switch the person's address off; say whether there was one."""
    list(User.objects.select_for_update().filter(pk=owner.pk).values("pk"))
    live = CalendarFeed.objects.filter(owner=owner, revoked_at=None).first()
    if live is None:
        return False
    live.revoked_at = now
    live.save()
    return True


def stamp_read(*, feed: CalendarFeed, now: datetime) -> None:
    """Note that a calendar read the address, at most once an hour: programs ask often."""
    if feed.last_read_at is None or now - feed.last_read_at >= READ_STAMP_EVERY:
        feed.last_read_at = now
        feed.save(update_fields=["last_read_at"])
