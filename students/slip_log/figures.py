"""What the log says at a glance: counts by what, where, when and who; traits; points a week."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import (
    CharField,
    Count,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import (
    Cast,
    Coalesce,
    Concat,
    NullIf,
    Substr,
    TruncDate,
)
from django.utils.timezone import localtime

from keywork.charts import Chart, line_chart
from keywork.term_dates import SchoolCalendar
from students.models import BehaviourRecord, Level
from students.models.behaviour import BehaviourQuerySet
from students.models.student import StudentQuerySet

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
BARS_SHOWN = 8
TRAIT_STAFF = 3  # S2-49: reported by several staff
WEEKS_CHARTED = 8
QUIET_WEEKS = 4
HOUR_LENGTH = len("2026-11-12 09")
NOT_SAID = "Not said"
NOBODY = Value(0, IntegerField())


@dataclass(frozen=True, slots=True)
class Bar:
    """One value and how often; staff: of a trait, by how many different members of staff."""

    label: str
    count: int
    staff: int = 0


@dataclass(frozen=True, slots=True)
class Bars:
    """Counts by one thing. sentence: the finding; longest: the highest count."""

    title: str
    sentence: str
    longest: int
    bars: list[Bar]


@dataclass(frozen=True, slots=True)
class Figures:
    """All that stands above the list. traits: slip categories that several staff reported."""

    low: int
    high: int
    rewards: int
    points: int
    charts: list[Bars]
    traits: list[Bar]


def figures_of(records: BehaviourQuerySet) -> Figures:
    """Count records in two queries, however many there are."""
    totals = records.aggregate(
        low=Count("pk", filter=Q(level=Level.LOW)),
        high=Count("pk", filter=Q(level=Level.HIGH)),
        rewards=Count("pk", filter=Q(level=Level.REWARD)),
        points=Coalesce(Sum("points", filter=Q(level=Level.REWARD)), 0),
    )
    counted = _counted(records)
    charts = [
        _bars("What", counted["what"]),
        _bars("Where", counted["where"]),
        _bars("Day of the week", _weekdays(counted["when"]), in_order=True),
        _bars("Hour", _hours(counted["when"]), in_order=True),
        _bars("Lesson or period", [bar for bar in counted["lesson"] if bar.label != NOT_SAID]),
        _bars("Who wrote them", counted["who"]),
    ]
    traits = [bar for bar in counted["trait"] if bar.staff >= TRAIT_STAFF]
    traits.sort(key=lambda bar: (-bar.staff, -bar.count, bar.label))
    return Figures(**totals, charts=[each for each in charts if each.bars], traits=traits)


def _counted(records: BehaviourQuerySet) -> dict[str, list[Bar]]:
    """Count by each thing at once: the arms of one UNION ALL.

    By when: by the hour, in UTC, as both databases write a moment; weekdays and local hours are
    worked out of that. SQLite asks Python for each row's weekday: most of the page's time.
    """
    who = Coalesce(
        NullIf(Concat("staff__first_name", Value(" "), "staff__last_name"), Value(" ")),
        "staff_name",
    )
    things: dict[str, Any] = {
        "what": F("category"),
        "where": F("location"),
        "when": Substr(Cast("occurred_at", CharField()), 1, HOUR_LENGTH),
        "lesson": F("lesson"),
        "who": who,
    }
    arms = [_arm(records, name, thing, NOBODY) for name, thing in things.items()]
    reporters = Count(
        Coalesce(Cast("staff", CharField()), F("staff_name")),
        distinct=True,
        output_field=IntegerField(),
    )
    slips = records.exclude(level=Level.REWARD)
    arms.append(_arm(slips, "trait", F("category"), reporters))
    found: dict[str, list[Bar]] = {name: [] for name in (*things, "trait")}
    for name, label, count, staff in arms[0].union(*arms[1:], all=True):
        found[name].append(Bar(label or NOT_SAID, count, staff))
    return found


def _arm(records: BehaviourQuerySet, name: str, thing: Any, reporters: Any) -> QuerySet:
    """Count by one thing; telling people apart costs a sort, so only traits do it."""
    grouped = records.order_by().annotate(label=Cast(thing, CharField())).values("label")
    return grouped.annotate(
        thing=Value(name, CharField()),
        number=Count("pk", output_field=IntegerField()),
        reporters=reporters,
    ).values_list("thing", "label", "number", "reporters")


def _weekdays(bars: Sequence[Bar]) -> list[Bar]:
    by_day: Counter[int] = Counter()
    for bar in bars:
        by_day[_local(bar.label).weekday()] += bar.count
    return [Bar(WEEKDAYS[day], count) for day, count in sorted(by_day.items())]


def _hours(bars: Sequence[Bar]) -> list[Bar]:
    by_hour: Counter[int] = Counter()
    for bar in bars:
        by_hour[_local(bar.label).hour] += bar.count
    return [Bar(f"{hour:02}:00 to {hour:02}:59", count) for hour, count in sorted(by_hour.items())]


def _local(hour: str) -> datetime:
    """Give the local time of an hour as the database writes it: "2026-11-12 09", UTC."""
    return localtime(datetime.fromisoformat(f"{hour}:00+00:00"))


def _bars(title: str, bars: Sequence[Bar], *, in_order: bool = False) -> Bars:
    """Give the most frequent first (at most eight, the rest together), or in their own order."""
    ranked = sorted(bars, key=lambda bar: (-bar.count, bar.label))
    sentence = f"Most: {ranked[0].label}, {ranked[0].count}." if ranked else ""
    shown = list(bars) if in_order else ranked[:BARS_SHOWN]
    rest = [] if in_order else ranked[BARS_SHOWN:]
    if rest:
        shown.append(Bar(f"{len(rest)} others", sum(bar.count for bar in rest)))
    return Bars(title, sentence, max((bar.count for bar in shown), default=0), shown)


# Points


def school_weeks(calendar: SchoolCalendar, on: date, count: int) -> list[date]:
    """Give the Mondays of the newest `count` weeks with a school day, the oldest first."""
    monday = on - timedelta(days=on.weekday())
    found: list[date] = []
    earliest = calendar.half_terms[0].start if calendar.half_terms else on
    while len(found) < count and monday + timedelta(days=6) >= earliest:
        sunday = monday + timedelta(days=6)
        if calendar.school_days_between(monday, sunday):
            found.append(monday)
        monday -= timedelta(days=7)
    return found[::-1]


def points_chart(
    records: BehaviourQuerySet, weeks: Sequence[date], target: int, on: date
) -> Chart | None:
    """Chart the points of rewards week by week beside the target; None without weeks (one query).

    weeks: Mondays. The current week is unfinished and says so.
    """
    if not weeks:
        return None
    points = points_by_week(records, weeks)
    reached = sum(each >= target for each in points)
    sentence = (
        f"{points[-1]} points in the week from {weeks[-1]:%-d %B}; the target is {target}. "
        f"Reached in {reached} of {len(weeks)} weeks."
    )
    return line_chart(
        sentence,
        "Week from",
        [f"{week:%-d %b}" for week in weeks],
        [("Points", points), ("Target", [target] * len(weeks))],
        short_labels=[f"{week.day}/{week.month}" for week in weeks],
    )


def points_by_week(records: BehaviourQuerySet, weeks: Sequence[date]) -> list[int]:
    """Give the points of rewards in the weeks that begin on these Mondays, in one query."""
    days = (
        records.filter(level=Level.REWARD)
        .between(weeks[0], weeks[-1] + timedelta(days=6))
        .order_by()
        .annotate(day=TruncDate("occurred_at"))
        .values("day")
        .annotate(total=Sum("points"))
        .values_list("day", "total")
    )
    totals: Counter[date] = Counter()
    for day, total in days:
        totals[day - timedelta(days=day.weekday())] += total or 0
    return [totals[week] for week in weeks]


def below_the_radar(
    students: StudentQuerySet, weeks: Sequence[date], target: int
) -> StudentQuerySet:
    """Give the students without a slip in these weeks whose points are under half the target.

    Annotated with `points` (of these weeks); the fewest first (S2-54).
    """
    last = weeks[-1] + timedelta(days=6)
    own = BehaviourRecord.objects.standing().filter(student=OuterRef("pk"))
    own = own.between(weeks[0], last).order_by()
    points = own.filter(level=Level.REWARD).values("student").annotate(total=Sum("points"))
    quiet = students.filter(~Exists(own.exclude(level=Level.REWARD)))
    quiet = quiet.annotate(points=Coalesce(Subquery(points.values("total")), 0))
    few = len(weeks) * target / 2
    found: StudentQuerySet = quiet.filter(points__lt=few).order_by(
        "points", "legal_last_name", "legal_first_name", "pk"
    )
    return found
