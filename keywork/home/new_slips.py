"""The row "New slips" of Today: to be looked through daily (S2-36), owed by nobody."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone

from keywork.access import Viewer
from keywork.home.duty_words import short_day
from keywork.term_dates import SchoolCalendar
from students.models import BehaviourRecord, Level
from students.models.student import StudentQuerySet
from students.slip_log.words import GROWTH_MINDSET

END_OF_DAY = time(15, 10)  # what came after school was not there to be read that day


@dataclass(frozen=True, slots=True)
class NewSlips:
    """The row: what came in since when, and where it is read."""

    words: str
    url: str


def new_slips(
    viewer: Viewer, caseload: StudentQuerySet, calendar: SchoolCalendar
) -> NewSlips | None:
    """Count what came in about one's students since the end of the last school day; one query.

    None where nothing did. What was typed later counts by when it was typed.
    """
    day = calendar.previous_school_day(viewer.on - timedelta(days=1))
    since = timezone.make_aware(datetime.combine(day, END_OF_DAY))
    growth = Q(category__iexact=GROWTH_MINDSET)
    reward = Q(level=Level.REWARD)
    fresh = Q(recorded_at__gte=since) | Q(recorded_at=None, occurred_at__gte=since)
    found = (
        BehaviourRecord.objects.standing()
        .filter(fresh, student__in=caseload.values("pk"), occurred_at__lte=viewer.now)
        .aggregate(
            high=Count("pk", filter=Q(level=Level.HIGH)),
            low=Count("pk", filter=Q(level=Level.LOW)),
            green=Count("pk", filter=reward & ~growth),
            growth=Count("pk", filter=reward & growth),
        )
    )
    if not any(found.values()):
        return None
    words = f"Slips since {_day_words(day, viewer.on)} {END_OF_DAY:%H:%M}: {_counts(found)}."
    url = f"{reverse('slips')}?mine=on&first={day:%d/%m/%Y}"
    return NewSlips(words, url)


def _day_words(day: date, on: date) -> str:
    return "yesterday" if on - day == timedelta(days=1) else short_day(day)


def _counts(found: dict[str, int]) -> str:
    green = found["green"]
    said = {
        "high": f"{found['high']} high level",
        "green": f"{green} green point{'' if green == 1 else 's'}",
        "growth": f"{found['growth']} growth mindset",
        "low": f"{found['low']} low level",
    }
    return ", ".join(words for kind, words in said.items() if found[kind])
