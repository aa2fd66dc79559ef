"""The row "New slips" of Today: to be looked through daily (S2-36), owed by nobody."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Self

from django.db.models import Case, Count, F, Q, QuerySet, Value, When
from django.db.models.functions import Concat
from django.urls import reverse
from django.utils import timezone

from keywork.access import Viewer
from keywork.home.duty_words import short_day
from keywork.term_dates import SchoolCalendar
from students.models import BehaviourRecord, Level
from students.signals import Counts, arm
from students.slip_log.words import GROWTH_MINDSET

END_OF_DAY = time(15, 10)  # what came after school was not there to be read that day


@dataclass(frozen=True, slots=True)
class NewSlips:
    """The row: what came in since when, and where it is read."""

    words: str
    url: str


NEW = "new:"


@dataclass(frozen=True, slots=True)
class NewSince:
    """From when a slip is new: the end of the last school day; and the moment asked about."""

    since: datetime
    now: datetime

    @classmethod
    def of(cls, viewer: Viewer, calendar: SchoolCalendar) -> Self:
        """Give those of a viewer's day."""
        end = datetime.combine(_last_day(viewer, calendar), END_OF_DAY)
        return cls(timezone.make_aware(end), viewer.now)


def new_slips_arm(students: tuple[int, ...], since: datetime, now: datetime) -> QuerySet:
    """Count what came in about these students since the end of the last school day.

    An arm (`students.signals.arm`). What was typed later counts by when it was typed.
    """
    fresh = Q(recorded_at__gte=since) | Q(recorded_at=None, occurred_at__gte=since)
    growth = Q(level=Level.REWARD, category__iexact=GROWTH_MINDSET)
    kind = Case(
        When(growth, then=Value("growth")),
        When(level=Level.REWARD, then=Value("green")),
        default=F("level"),
    )
    found = BehaviourRecord.objects.standing().filter(
        fresh, student__in=students, occurred_at__lte=now
    )
    return arm(found, Concat(Value(NEW), kind), Count("pk"))


def new_slips(viewer: Viewer, calendar: SchoolCalendar, counts: Counts) -> NewSlips | None:
    """Say what `new_slips_arm` counted; None where nothing came in."""
    kinds = ("high", "green", "growth", "low")
    found = {k: sum(each[f"{NEW}{k}", True] for each in counts.values()) for k in kinds}
    if not any(found.values()):
        return None
    day = _last_day(viewer, calendar)
    words = f"Slips since {_day_words(day, viewer.on)} {END_OF_DAY:%H:%M}: {_counts(found)}."
    url = f"{reverse('slips')}?mine=on&first={day:%d/%m/%Y}"
    return NewSlips(words, url)


def _last_day(viewer: Viewer, calendar: SchoolCalendar) -> date:
    return calendar.previous_school_day(viewer.on - timedelta(days=1))


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
