"""Short texts about a student for the briefing: what helps, what is in the way, what home said."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import CharField, F, Max, QuerySet, Value
from django.db.models.functions import Cast

from keywork.prepared import prepared
from sessions.models import KeyworkSession
from students.briefing_hooks import HOME, LINES, window
from students.models import Barrier, Strategy, Student

RECENT_VENUES = 8


@dataclass(frozen=True, slots=True)
class StrategyLine:
    """What helps the student, or does not."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class BarrierLine:
    """An open barrier as the student sees it, what is done about it, and when to look again."""

    text: str
    follow_up: str
    follow_up_on: date | None


@dataclass(frozen=True, slots=True)
class HomeLine:
    """A conversation with home: what was said, how and by whom, when."""

    text: str
    who: str
    on: date


@dataclass(frozen=True, slots=True)
class Words:
    """Short texts about the student, and the places where the key worker last held sessions.

    home: conversations with home since the last session, newest first.
    """

    strategies: list[StrategyLine]
    barriers: list[BarrierLine]
    venues: list[str]
    home: list[HomeLine]


def read_words(student: Student, reader: int, on: date, since: date | None) -> Words:
    """Read strategies, open barriers, usual places and what home said, in one query."""
    begins, before = window(on)
    rows = _word_rows(
        student=student.pk,
        school=student.school_id,
        reader=reader,
        begins=begins,
        before=before,
    )
    found = sorted(rows, key=lambda row: (row[0], row[3] or date.max))
    venues = [text for kind, text, _, _ in found if kind == "place"]
    return Words(
        [StrategyLine(kind, text) for kind, text, _, _ in found if kind in Strategy.Kind.values],
        [BarrierLine(*row) for kind, *row in found if kind == "barrier"],
        venues[: -RECENT_VENUES - 1 : -1],
        [
            HomeLine(text, who, day)
            for kind, text, who, day in reversed(found)
            if kind == HOME and (since is None or day >= since)
        ],
    )


@prepared
def _word_rows(
    *, student: int, school: int, reader: int, begins: datetime, before: datetime
) -> QuerySet:
    strategies = Strategy.objects.filter(student=student, withdrawn_at=None)
    barriers = Barrier.objects.filter(student=student, status=Barrier.Status.OPEN)
    places = KeyworkSession.objects.standing().filter(school=school, key_worker=reader)
    held_at = places.exclude(venue="").order_by().values("venue").annotate(latest=Max("held_on"))
    return _lines(strategies, F("kind"), "text", Value(""), "added_on").union(
        _lines(barriers, Value("barrier"), "text", F("follow_up"), "follow_up_on"),
        _lines(held_at, Value("place"), "venue", Value(""), "latest"),
        *(lines(student, begins, before) for lines in LINES),
        all=True,
    )


def _lines(rows: QuerySet, kind: Any, text: str, more: Any, day: str) -> QuerySet:
    return (
        rows.order_by()
        .annotate(line_kind=Cast(kind, CharField()), line=Cast(F(text), CharField()))
        .annotate(line_more=Cast(more, CharField()))
        .values_list("line_kind", "line", "line_more", day)
    )


def recent_venues(student: Student, user_id: int) -> list[str]:
    """Give the places where this person last held sessions at the school, newest first."""
    rows = (
        KeyworkSession.objects.standing()
        .filter(school=student.school_id, key_worker=user_id)
        .exclude(venue="")
        .order_by("-held_on", "-pk")
        .values_list("venue", flat=True)[: RECENT_VENUES * RECENT_VENUES]
    )
    return list(dict.fromkeys(rows))[:RECENT_VENUES]
