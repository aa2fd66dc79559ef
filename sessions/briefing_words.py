"""Short texts about a student for the briefing: what helps, what is in the way, what home said."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import CharField, F, Max, QuerySet, Value
from django.db.models.functions import Cast

from keywork.prepared import prepared
from sessions.models import KeyworkSession
from sessions.noticed import NoticedLine, noticed_among, noticed_rows
from sessions.words import RECENT_VENUES, Offered, offered_among, word_rows
from students.briefing_hooks import HOME, LINES, window
from students.models import Barrier, Strategy, Student


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

    home, noticed: conversations with home and what was noticed since the last session, newest
    first. offered: the school's own places and themes.
    """

    strategies: list[StrategyLine]
    barriers: list[BarrierLine]
    venues: list[str]
    home: list[HomeLine]
    offered: Offered
    noticed: list[NoticedLine]


def read_words(student: Student, reader: int, on: date, since: date | None) -> Words:
    """Read strategies, open barriers, usual places and what home said, in one query."""
    begins, before = window(on)
    rows = _word_rows(
        student=student.pk,
        school=student.school_id,
        reader=reader,
        begins=begins,
        before=before,
        first=begins.date(),
        on=on,
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
        offered_among(rows),
        noticed_among(rows, since),
    )


@prepared
def _word_rows(
    *,
    student: int,
    school: int,
    reader: int,
    begins: datetime,
    before: datetime,
    first: date,
    on: date,
) -> QuerySet:
    strategies = Strategy.objects.filter(student=student, withdrawn_at=None)
    barriers = Barrier.objects.filter(student=student, status=Barrier.Status.OPEN)
    places = KeyworkSession.objects.standing().filter(school=school, key_worker=reader)
    held_at = places.exclude(venue="").order_by().values("venue").annotate(latest=Max("held_on"))
    return _lines(strategies, F("kind"), "text", Value(""), "added_on").union(
        _lines(barriers, Value("barrier"), "text", F("follow_up"), "follow_up_on"),
        _lines(held_at, Value("place"), "venue", Value(""), "latest"),
        word_rows(school),
        noticed_rows(student, first, on),
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
