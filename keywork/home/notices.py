"""What came back to somebody, or waits for them, besides duties: uncounted lines of Today."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import CharField, Count, F, Max, QuerySet, Value
from django.db.models.functions import Cast, TruncDate
from django.urls import reverse

from keywork.access import Viewer
from keywork.dates import day_in_words
from keywork.models import OutboxMessage
from keywork.outbox.notices import SHOWN_FOR, listed_kinds, listed_since
from keywork.prepared import prepared
from students.change_notices import Unread, unread_lines, unread_of
from students.models import Barrier, RegisterQuery, Student
from students.models.student import shown_name

ANSWERS_SHOWN_FOR = timedelta(days=7)
MOST_OF_A_KIND = 5
UNREAD = "unread"
OF_STUDENT = (
    *("student__ref", "student__preferred_first_name"),
    *("student__legal_first_name", "student__legal_last_name"),
)

OF_NOTICE = tuple(f"notice__{name}" for name in OF_STUDENT)
NOTHING = ("no_text", "no_ref", "no_preferred", "no_first", "no_last")


@dataclass(frozen=True, slots=True)
class Notice:
    """A line: what, about whom, what was said, and the page to open."""

    title: str
    name: str
    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits besides duties. told: changes that colleagues tell of, to be ticked as read.

    back: what came back. unread: how many of the viewer's notices are not read.
    """

    told: list[Notice]
    back: list[Notice]
    unread: int


def notices_for(viewer: Viewer) -> Waiting:
    """Give what is told and not read, the answers of the last week, the barriers; in one query."""
    rows = _rows(
        viewer=viewer,
        since=viewer.now - ANSWERS_SHOWN_FOR,
        listed=viewer.now - SHOWN_FOR,
        kinds=listed_kinds(),
    )
    told = [(row, said) for row in rows if (said := unread_of(row[0]))]
    told.sort(key=lambda pair: pair[0][1:3], reverse=True)
    barriers = sorted((row for row in rows if not row[0]), key=lambda row: row[1:3])
    answers = [row for row in rows if row[0] in RegisterQuery.Status.values]
    answers.sort(key=lambda row: row[1:3], reverse=True)
    return Waiting(
        told=[_told(row, said) for row, said in told],
        back=[
            *(_answer(row, viewer.on) for row in answers[:MOST_OF_A_KIND]),
            *(_barrier(row) for row in barriers[:MOST_OF_A_KIND]),
        ],
        unread=sum(row[2] for row in rows if row[0] == UNREAD),
    )


@prepared
def _rows(
    *, viewer: Viewer, since: datetime, listed: datetime, kinds: tuple[str, ...]
) -> QuerySet:
    unread = _unread(listed_since(viewer, listed, kinds))
    others = (_barriers(viewer), unread_lines(viewer, OF_NOTICE), unread)
    return _answers(viewer, since).union(*others, all=True)


def _answers(viewer: Viewer, since: datetime) -> QuerySet:
    mine = RegisterQuery.objects.visible_to(viewer).filter(
        asked_by=viewer.user,
        student__in=Student.objects.in_full_for(viewer),
        student__school=viewer.chosen_school,
        answered_at__gt=since,
    )
    return _lines(mine, F("status"), TruncDate("answered_at"), F("date"), "answer")


def _barriers(viewer: Viewer) -> QuerySet:
    due = Barrier.objects.visible_to(viewer).filter(
        owner=viewer.user,
        status=Barrier.Status.OPEN,
        student__school=viewer.chosen_school,
        follow_up_on__lte=viewer.on,
    )
    return _lines(due, Value(""), F("follow_up_on"), F("noted_on"), "text")


def _unread(notices: QuerySet[OutboxMessage]) -> QuerySet:
    """One line, whose key is the number of notices that are not read; none where all are."""
    nothing = Value("", CharField())
    newest = Max(TruncDate("queued_at"))
    return (
        notices.filter(read_at=None)
        .order_by()
        .values("user")
        .annotate(line_state=Value(UNREAD, CharField()), sorted_by=newest, line_day=newest)
        .annotate(count=Count("pk"), **dict.fromkeys(NOTHING, nothing))
        .values_list("line_state", "sorted_by", "count", "line_day", *NOTHING)
    )


def _lines(rows: QuerySet, state: Any, sorted_by: Any, day: Any, text: str) -> QuerySet:
    """(state, what sorts first, its key, the day it is about, text, a student's ref and names)."""
    return (
        rows.order_by()
        .annotate(line_state=Cast(state, CharField()), sorted_by=sorted_by, line_day=day)
        .values_list("line_state", "sorted_by", "pk", "line_day", text, *OF_STUDENT)
    )


def _told(row: tuple[Any, ...], said: Unread) -> Notice:
    name, _ = _student(row[5:])
    url = reverse("students:change_notice", args=[said.ref])
    return Notice(f"{said.by} tells you", name, row[4], url)


def _answer(row: tuple[Any, ...], on: date) -> Notice:
    status, _, _, day, text, *student = row
    name, ref = _student(student)
    words = RegisterQuery.Status(status).label.lower()
    url = reverse("students:attendance", args=[ref])
    return Notice(f"Register, {day_in_words(day, on)}: {words}", name, text, url)


def _barrier(row: tuple[Any, ...]) -> Notice:
    name, ref = _student(row[5:])
    url = reverse("students:progress", args=[ref])
    return Notice("Barrier to look at again", name, row[4], url)


def _student(columns: Sequence[str]) -> tuple[str, str]:
    ref, preferred, legal, last = columns
    return shown_name(preferred or legal, last), ref
