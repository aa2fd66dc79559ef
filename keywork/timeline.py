"""One student's timeline out of many tables, in one query.

Each app gives its strands: which of its rows are events, on which day, in which words. They are
joined by UNION ALL; each strand first finds its own newest rows, so a page costs the same after
one term and after ten years. Pages follow each other by the last row shown, not by a number:
what is added meanwhile moves nothing.

Newest first: by day, and in a day by the clock. What has no time stands below what has one: most
of it (a target set, a strategy added) came out of a session of that day, which it follows.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any, NamedTuple, Self

from django.db import connection
from django.db.models import CharField, DateField, F, IntegerField, Q, QuerySet, TextField, Value
from django.db.models.expressions import Combinable
from django.db.models.fields import TimeField
from django.db.models.functions import (
    Cast,
    Coalesce,
    Concat,
    NullIf,
    Trim,
    TruncDate,
    TruncTime,
)

ROWS_PER_PAGE = 30
NOTHING = Q(pk__in=[])


class Row(NamedTuple):
    """One event as the database gives it; what a strand does not fill is empty."""

    rank: int
    key: int
    day: date
    at: time | None
    number: int | None
    ref: str
    code: str
    detail: str
    title: str
    text: str
    voice: str
    note: str
    who: str


TEXTS = ("ref", "code", "detail", "title", "text", "voice", "note", "who")


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One entry of the timeline, as shown.

    at: the local time, where known. chip: (status, words), see components/status.html.
    link: words of the link to `url`; link_for: what only a screen reader hears after them.
    """

    day: date
    icon: str
    title: str
    at: time | None = None
    voice: str = ""
    text: str = ""
    note: str = ""
    chip: tuple[str, str] | None = None
    url: str = ""
    link: str = ""
    link_for: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Strand:
    """One kind of event.

    rank: its number, unique over all strands; at the same time of a day, lower ones come first.
    group: the filter that shows it. rows: of one student. When it was: either moment, the name of
    a field with date and time, or day, a date field's name or a date expression, with at, the
    name of a field with the local time, where there is one. columns: name of a column of Row →
    field name or expression. searched: text fields.
    """

    rank: int
    group: str
    rows: QuerySet
    moment: str = ""
    day: str | Combinable = ""
    at: str = ""
    columns: dict[str, Any] = field(default_factory=dict)
    searched: Sequence[str] = ()
    present: Callable[[Row], Event]


class Cursor(NamedTuple):
    """Where a page ended: the next one holds what comes after it."""

    day: date
    at: time | None
    rank: int
    key: int

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read what `str()` wrote; None for anything else."""
        try:
            day, at, rank, key = text.split("_")
            clock = time.fromisoformat(at).replace(tzinfo=None) if at else None
            return cls(date.fromisoformat(day), clock, int(rank), min(int(key), 2**62))
        except ValueError:
            return None

    def __str__(self) -> str:
        at = self.at.isoformat() if self.at else ""
        return f"{self.day.isoformat()}_{at}_{self.rank}_{self.key}"


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """Newest events first; `older`: the cursor of the next page, or None at the end.

    groups: those of the events' strands.
    """

    events: list[Event]
    older: Cursor | None
    groups: frozenset[str] = frozenset()


def full_name_of(person: str) -> Coalesce:
    """Give a person's name in SQL, as User.full_name does; person: the foreign key's name."""
    first = Coalesce(NullIf(F(f"{person}__known_as"), Value("")), F(f"{person}__first_name"))
    name = Trim(Concat(first, Value(" "), F(f"{person}__last_name")))
    return Coalesce(
        NullIf(name, Value("")), F(f"{person}__username"), Value(""), output_field=CharField()
    )


def read_page(
    strands: Sequence[Strand], *, q: str = "", after: Cursor | None = None
) -> TimelinePage:
    """Give a page of events, newest first, in one query; none without strands.

    q: words that the event's own text holds. after: the end of the page before.
    """
    if not strands:
        return TimelinePage([], None)
    return _page_of(strands, [Row(*values) for values in _joined(strands, q, after)])


@dataclass(frozen=True, slots=True)
class FirstPage:
    """The statement that reads the first page, made once; see `prepare_first_page`."""

    strands: Sequence[Strand]
    sql: str
    parameters: tuple[Any, ...]

    def read(self, values: Mapping[Any, Any]) -> TimelinePage:
        """Give the page, each value standing where its key stood; numbers and dates."""
        if not self.strands:
            return TimelinePage([], None)
        adapted = {_adapted(key): _adapted(value) for key, value in values.items()}
        with connection.cursor() as cursor:
            cursor.execute(self.sql, [adapted.get(each, each) for each in self.parameters])
            rows = [_row_of(values) for values in cursor.fetchall()]
        return _page_of(self.strands, rows)


def prepare_first_page(strands: Sequence[Strand]) -> FirstPage:
    """Make the statement of a first page without a search.

    The strands are of a student, and perhaps a day, that stand in for the real ones. Putting so
    wide a statement together costs more than all else that a student page does.
    """
    if not strands:
        return FirstPage(strands, "", ())
    sql, parameters = _joined(strands, "", None).query.sql_with_params()
    return FirstPage(strands, sql, tuple(parameters))


def _adapted(value: Any) -> Any:
    return connection.ops.adapt_datefield_value(value) if isinstance(value, date) else value


def _row_of(values: Sequence[Any]) -> Row:
    """Give the row; SQLite has dates and times as text."""
    rank, key, day, at, *others = values
    if isinstance(day, str):
        day = date.fromisoformat(day)
    if isinstance(at, str):
        at = time.fromisoformat(at)
    return Row(rank, key, day, at, *others)


def _joined(strands: Sequence[Strand], q: str, after: Cursor | None) -> QuerySet:
    first, *others = (_newest(strand, q, after) for strand in strands)
    joined = first.union(*others, all=True) if others else first
    timed = F("row_at").desc(nulls_last=True)
    return joined.order_by("-row_day", timed, "row_rank", "-row_key")[: ROWS_PER_PAGE + 1]


def _page_of(strands: Sequence[Strand], rows: list[Row]) -> TimelinePage:
    by_rank = {strand.rank: strand for strand in strands}
    shown = rows[:ROWS_PER_PAGE]
    last = shown[-1] if len(rows) > ROWS_PER_PAGE else None
    older = Cursor(last.day, last.at, last.rank, last.key) if last else None
    groups = frozenset(by_rank[row.rank].group for row in shown)
    return TimelinePage([by_rank[row.rank].present(row) for row in shown], older, groups)


def _newest(strand: Strand, q: str, after: Cursor | None) -> QuerySet:
    day, at = _day_and_time(strand)
    rows = strand.rows.order_by()
    if q:
        rows = rows.filter(_mentions(strand.searched, q))
    if after:
        rows = rows.annotate(day=day, at=at).filter(_comes_after(strand, after))
    # SQLite takes no LIMIT in an arm of a UNION, but does in a subquery inside it.
    newest = rows.order_by(*_newest_first(strand), "-pk").values("pk")[: ROWS_PER_PAGE + 1]
    columns = {
        "rank": Value(strand.rank, IntegerField()),
        "key": F("pk"),
        "at": at,
        "number": _typed(strand.columns.get("number"), IntegerField()),
        **{name: _typed(strand.columns.get(name, Value("")), TextField()) for name in TEXTS},
    }
    aliases = {f"row_{name}": value for name, value in columns.items()}
    found = strand.rows.model._base_manager.filter(pk__in=newest)
    found = found.annotate(row_day=day, **aliases)
    return found.order_by().values_list(*(f"row_{name}" for name in Row._fields))


def _day_and_time(strand: Strand) -> tuple[Cast, Cast]:
    if strand.moment:
        day, at = TruncDate(strand.moment), TruncTime(strand.moment)
        return _typed(day, DateField()), _typed(at, TimeField())
    return _typed(strand.day, DateField()), _typed(strand.at or None, TimeField())


def _newest_first(strand: Strand) -> list[Any]:
    """Order a strand by its plain columns: a moment's local time is Python's work on SQLite.

    A moment orders as its local day and time do, but for the hour that autumn has twice.
    """
    if strand.moment:
        return [F(strand.moment).desc()]
    day = F(strand.day) if isinstance(strand.day, str) else strand.day
    return [day.desc(), *([F(strand.at).desc(nulls_last=True)] if strand.at else [])]


def _typed(value: Any, kind: Any) -> Any:
    """An expression of a stated type: the arms of a UNION must agree, empty ones too."""
    if isinstance(value, str):
        value = F(value)
    return Cast(Value(None) if value is None else value, kind)


def _mentions(fields: Sequence[str], q: str) -> Q:
    found = NOTHING
    for name in fields:
        found |= Q(**{f"{name}__icontains": q})
    return found


def _comes_after(strand: Strand, cursor: Cursor) -> Q:
    """Rows below the cursor: by day and time, newest first, then rank, then key, highest first."""
    if strand.rank == cursor.rank:
        level = Q(pk__lt=cursor.key)
    else:
        level = Q() if strand.rank > cursor.rank else NOTHING
    if not cursor.at:
        later = Q(at=None) & level
    else:
        later = Q(at=None) | Q(at__lt=cursor.at) | (Q(at=cursor.at) & level)
    return Q(day__lt=cursor.day) | (Q(day=cursor.day) & later)
