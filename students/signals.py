"""Early signs of many students at once: everything they rest on is one query."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    CharField,
    Count,
    F,
    IntegerField,
    Q,
    QuerySet,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, Concat

from keywork.models import School
from keywork.term_dates import SchoolCalendar
from students.models import AttendanceMark, BehaviourRecord, Level, SignalDismissal
from students.models.behaviour import moments_of
from students.rules.attendance import CODES
from students.rules.signals import (
    Period,
    Signal,
    SignalKind,
    Spans,
    Thresholds,
    signals,
    spans,
)

SLIPS, POINTS, MISSED, ASIDE = "slips", "points", "missed", "aside:"

# student id → (what, whether in the later window) → number
Counts = Mapping[int, Counter[tuple[str, bool]]]


@dataclass(frozen=True, slots=True)
class Watch:
    """What a school watches on a day: thresholds, and the windows where the calendar has them."""

    thresholds: Thresholds
    spans: Spans | None
    on: date


@dataclass(frozen=True, slots=True)
class Seen:
    """A student's signals: those to show, and those put aside."""

    shown: list[Signal]
    aside: list[Signal]


def thresholds_of(school: School) -> Thresholds:
    """Give a school's thresholds: its own, else the usual ones; no query."""
    known = {each.name for each in fields(Thresholds)}
    chosen = {name: n for name, n in school.signal_thresholds.items() if name in known}
    return Thresholds(**chosen)


def watch_of(school: School, calendar: SchoolCalendar, on: date) -> Watch:
    """Give what a school watches on a day; no query."""
    thresholds = thresholds_of(school)
    return Watch(thresholds, spans(calendar, on, thresholds.window_days), on)


@dataclass(frozen=True, slots=True)
class Moments:
    """The windows' days, and the moments they begin and end at; all None without windows."""

    before: date | None = None
    first: date | None = None
    last: date | None = None
    begins: datetime | None = None
    later: datetime | None = None
    ends: datetime | None = None

    @classmethod
    def of(cls, windows: Spans | None) -> Moments:
        """Give those of a school's windows."""
        if windows is None:
            return cls()
        return cls(
            windows.before,
            windows.first,
            windows.last,
            moments_of(windows.before, windows.last)[0],
            *moments_of(windows.first, windows.last),
        )


def counted(rows: Iterable[tuple[int, str, bool, int]]) -> Counts:
    """Add up the rows of arms (see `arm`)."""
    found: dict[int, Counter[tuple[str, bool]]] = defaultdict(Counter)
    for student, what, recent, number in rows:
        found[student][what, bool(recent)] += number
    return found


def seen_of(counts: Counter[tuple[str, bool]], watch: Watch, *, on_roll_from: date) -> Seen:
    """Give one student's signals from what `counted` found."""
    windows = watch.spans
    if windows is None:
        return Seen([], [])
    compared = on_roll_from <= windows.before
    before = _period(counts, recent=False) if compared else None
    missed = counts[MISSED, True]
    found = signals(before, _period(counts, recent=True), missed, watch.thresholds)
    aside = {kind for kind in SignalKind if counts[f"{ASIDE}{kind}", True]}
    return Seen(
        [signal for signal in found if signal.kind not in aside],
        [signal for signal in found if signal.kind in aside],
    )


def arm(rows: QuerySet, what: Any, number: Any, recent: Any = None) -> QuerySet:
    """Give one arm of the count: rows with `student`, grouped by it, by what and by window."""
    in_window = Value(True) if recent is None else recent
    return (
        rows.order_by()
        .annotate(
            sign=Cast(what, CharField()),
            recent=Cast(in_window, BooleanField()),
        )
        .values("student_id", "sign", "recent")
        .annotate(number=Coalesce(number, 0, output_field=IntegerField()))
        .values_list("student_id", "sign", "recent", "number")
    )


def record_arms(
    students: tuple[int, ...],
    *,
    before: date,
    first: date,
    last: date,
    begins: datetime,
    later: datetime,
    ends: datetime,
) -> list[QuerySet]:
    """Count the marks and slips of these students; see `Moments`."""
    marks = AttendanceMark.objects.between(before, last)
    slips = BehaviourRecord.objects.standing().filter(student__in=students).within(begins, ends)
    in_later = _whether(occurred_at__gte=later)
    return [
        arm(
            marks.filter(student__in=students, date__gte=F("student__on_roll_from")),
            F("code"),
            Count("*"),
            _whether(date__gte=first),
        ),
        arm(slips.filter(~Q(level=Level.REWARD)), Value(SLIPS), Count("pk"), in_later),
        arm(slips.filter(level=Level.REWARD), Value(POINTS), Sum("points"), in_later),
    ]


def _whether(**condition: Any) -> Case:
    return Case(When(**condition, then=Value(True)), default=Value(False))


def aside_arm(students: tuple[int, ...], on: date) -> QuerySet:
    """Count the signals put aside on a day."""
    dismissals = SignalDismissal.objects.current(on).filter(student__in=students)
    return arm(dismissals, Concat(Value(ASIDE), F("kind")), Count("pk"))


def _period(counts: Counter[tuple[str, bool]], *, recent: bool) -> Period:
    codes = {code: counts[code, recent] for code in CODES if counts[code, recent]}
    return Period(counts[SLIPS, recent], counts[POINTS, recent], codes)
