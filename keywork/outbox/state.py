"""How the outbox and what drives it are doing, for admins and for machines."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q

from keywork.models import Heartbeat, OutboxMessage, School
from keywork.outbox.hours import may_go_out

BEAT, MAIL, WORKER = "beat", "mail", "worker "
# Beat asks every minute.
SILENT_AFTER = timedelta(minutes=5)
# What is due to go out goes out within a minute or two, while there is a mail server.
WAITS_TOO_LONG = timedelta(minutes=30)
# A worker that has not been seen for so long was taken away on purpose.
FORGOTTEN_AFTER = timedelta(days=2)

State = OutboxMessage.State


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the machinery: its name, whether it is well, when it was last seen at work."""

    name: str
    well: bool
    at: datetime | None
    note: str = ""


def seen(name: str, *, at: datetime) -> None:
    """Note that a part was at work."""
    Heartbeat.objects.update_or_create(name=name, defaults={"at": at, "failing_since": None})


def note_tick(*, worker: str, asked_at: datetime | None, now: datetime) -> None:
    """Note that a worker did what beat asked for. asked_at: when beat did so, if known."""
    seen(f"{WORKER}{worker}"[:100], at=now)
    if asked_at is not None:
        seen(BEAT, at=asked_at)


def machinery(now: datetime) -> list[Part]:
    """Give beat, every worker seen lately and the mail server, in one query."""
    beats = {beat.name: beat for beat in Heartbeat.objects.all()}
    workers = [
        beat
        for name, beat in sorted(beats.items())
        if name.startswith(WORKER) and now - beat.at < FORGOTTEN_AFTER
    ]
    return [
        _part("The clock (beat)", beats.get(BEAT), now),
        *(_part(f"Worker {beat.name.removeprefix(WORKER)}", beat, now) for beat in workers),
        *([] if workers else [_part("Worker", None, now)]),
        _mail(beats.get(MAIL)),
    ]


def _part(name: str, beat: Heartbeat | None, now: datetime) -> Part:
    if beat is None:
        return Part(name, False, None, "Never seen at work.")
    well = now - beat.at < SILENT_AFTER
    return Part(name, well, beat.at, "" if well else "Not seen for more than five minutes.")


def _mail(beat: Heartbeat | None) -> Part:
    if beat is None:
        return Part("Mail server", True, None, "Nothing was sent yet.")
    failing = beat.failing_since is not None
    return Part("Mail server", not failing, beat.at, beat.note if failing else "")


def delayed_since(now: datetime) -> datetime | None:
    """Give since when e-mails are delayed, as far as that is known; None while they go out."""
    beats = {beat.name: beat for beat in Heartbeat.objects.filter(name__in=[BEAT, MAIL])}
    mail, beat = beats.get(MAIL), beats.get(BEAT)
    if beat is not None and now - beat.at >= SILENT_AFTER:
        return beat.at
    return mail.failing_since if mail else None


@dataclass(frozen=True, slots=True)
class Counts:
    """How many of a school's messages wait, are to be tried again and were given up or sent.

    oldest: when the turn of the one came that has waited longest.
    """

    waiting: int
    failed: int
    given_up: int
    sent_today: int
    oldest: datetime | None


def counts_of(school: School, now: datetime) -> Counts:
    """Give a school's counts, in one query."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    waiting = Q(state__in=[State.QUEUED, State.CLAIMED])
    found = OutboxMessage.objects.filter(school=school).aggregate(
        waiting=Count("pk", filter=waiting),
        failed=Count("pk", filter=Q(state=State.FAILED)),
        given_up=Count("pk", filter=Q(state=State.GIVEN_UP)),
        sent_today=Count("pk", filter=Q(state=State.SENT, sent_at__gte=midnight)),
        oldest=Min("next_try_at", filter=waiting),
    )
    return Counts(**found)


def beat_is_silent(now: datetime) -> bool:
    """Say whether beat, once seen, has not been for five minutes; never seen is no fault yet."""
    beat = Heartbeat.objects.filter(name=BEAT).first()
    return beat is not None and now - beat.at >= SILENT_AFTER


def waits_too_long(now: datetime) -> bool:
    """Say whether a message's turn came half an hour ago and it is still waiting.

    One that waits for its school to open again is no fault: its turn is not over the night's.
    """
    late = OutboxMessage.objects.ready(now).filter(
        next_try_at__lte=now - WAITS_TOO_LONG, queued_at__lte=now - WAITS_TOO_LONG
    )
    return late.filter(may_go_out(now)).exists()
