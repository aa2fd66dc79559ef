"""What was noticed of a student's wellbeing, as the briefing before a session tells it (S1-14)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import CharField, F, QuerySet, Value
from django.db.models.functions import Cast

from students.models import Observation
from students.timeline import NOTICED, NOTICED_ABOUT


@dataclass(frozen=True, slots=True)
class NoticedLine:
    """Something noticed of the student's wellbeing: what it is about, the text, when."""

    about: str
    text: str
    on: date


def noticed_rows(student: int, first: date, last: date) -> QuerySet:
    """Give what was noticed on some days, to be read among other short texts."""
    return (
        Observation.objects.standing()
        .filter(student=student)
        .between(first, last)
        .order_by()
        .annotate(line_kind=Value(NOTICED, CharField()), line=Cast(F("text"), CharField()))
        .annotate(line_more=Cast(F("kind"), CharField()))
        .values_list("line_kind", "line", "line_more", "noticed_on")
    )


def noticed_among(rows: Iterable[tuple[Any, ...]], since: date | None) -> list[NoticedLine]:
    """Give what was noticed since a day, newest first, from rows among which are those above."""
    found = [
        NoticedLine(NOTICED_ABOUT[about], text, day)
        for kind, text, about, day in rows
        if kind == NOTICED and (since is None or day >= since)
    ]
    return sorted(found, key=lambda line: line.on, reverse=True)
