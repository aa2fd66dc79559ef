"""The nightly tidy-up: what nobody needs any more, and nothing else."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.contrib.sessions.models import Session
from django.db import transaction

from keywork.models import Draft, OutboxMessage, ParkedForm

# A draft is listed on its author's Today all this time; after two months untouched, and with the
# record of that day long written or missed, it is only personal data lying about.
DRAFT_KEPT_DAYS = 60
# Who was told what, and that the same was told already, is of use while a duty may still be late.
MESSAGE_KEPT_DAYS = 100


@dataclass(frozen=True, slots=True)
class Tidied:
    """How many rows of each kind went."""

    drafts: int
    parked_forms: int
    sign_ins: int
    messages: int


@transaction.atomic
def tidy_up(*, now: datetime) -> Tidied:
    """Remove stale drafts, parked forms past their hour, expired sign-ins, and old messages.

    now: aware. Running it twice, or on two machines at once, removes nothing more.
    """
    stale = now - timedelta(days=DRAFT_KEPT_DAYS)
    told = OutboxMessage.objects.exclude(
        state__in=[*OutboxMessage.WAITING, OutboxMessage.State.CLAIMED]
    ).filter(queued_at__lt=now - timedelta(days=MESSAGE_KEPT_DAYS))
    return Tidied(
        drafts=Draft.objects.filter(updated_at__lt=stale).delete()[0],
        parked_forms=ParkedForm.objects.filter(expires_at__lte=now).delete()[0],
        sign_ins=Session.objects.filter(expire_date__lte=now).delete()[0],
        messages=told.delete()[0],
    )


def as_text(tidied: Tidied) -> str:
    """Give the counts for a log line, without anything personal."""
    return ", ".join(f"{name} {count}" for name, count in asdict(tidied).items())
