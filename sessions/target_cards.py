"""How targets are shown: progress, when they are to be looked at, how they went over time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from keywork.charts import Chart, line_chart
from keywork.duties import DutyKind, DutyStatus, act_by_of, status_of
from keywork.term_dates import HalfTermDates, SchoolCalendar
from sessions.models import Target

HALF_TERMS_SHOWN = 6
SHORTEST_CHART = 2


@dataclass(frozen=True, slots=True)
class TargetCard:
    """A target with its progress; chip is "2 days late", empty without a review date."""

    target: Target
    counted: int
    status: str
    chip: str

    @property
    def goal(self) -> int:
        """The number to reach; 0 where the target has none to count towards."""
        return self.target.goal_count or 0

    @property
    def shown(self) -> int:
        """Progress as the bar shows it: never beyond its end."""
        return min(self.counted, self.goal)

    @property
    def progress_words(self) -> str:
        """Say how far it is: "2 of 4", "seen 3 times", or nothing."""
        if self.goal:
            return f"{self.counted} of {self.goal}"
        if self.counted:
            return "seen once" if self.counted == 1 else f"seen {self.counted} times"
        return ""

    @property
    def is_due(self) -> bool:
        """Say whether it is to be looked at today, or was before."""
        return self.status in (DutyStatus.OVERDUE, DutyStatus.DUE)

    @property
    def closed_chip(self) -> str:
        """The chip of a finished target's outcome."""
        chips = {
            Target.Status.ACHIEVED: "done",
            Target.Status.PARTLY: "at_risk",
            Target.Status.NOT_ACHIEVED: "due",
        }
        return chips.get(Target.Status(self.target.status), "excused")


def card_of(target: Target, calendar: SchoolCalendar, on: date) -> TargetCard:
    """Give the card of a target loaded `with_progress`, as it stands on a day."""
    counted = target.progress
    if not target.is_active or target.review_on is None:
        return TargetCard(target, counted, "", "")
    act_by = act_by_of(DutyKind.TARGET_REVIEW, target.review_on, calendar)
    status = status_of(act_by, on)
    return TargetCard(target, counted, status, _chip(status, act_by, calendar, on))


def _chip(status: DutyStatus, act_by: date, calendar: SchoolCalendar, on: date) -> str:
    if status == DutyStatus.DUE:
        return "Review today"
    if status != DutyStatus.OVERDUE:
        return f"Review {act_by:%a} {act_by.day} {act_by:%b}"
    late = calendar.school_days_late(act_by, on)
    if late == 0:
        return f"Review was due {act_by:%a}"
    return f"Review is {late} day{'' if late == 1 else 's'} late"


@dataclass(frozen=True, slots=True)
class Life:
    """When a target was set, and when and how it ended."""

    set_on: date
    status: str
    closed_on: date | None


def chart_of(lives: Iterable[Life], calendar: SchoolCalendar, on: date) -> Chart | None:
    """Targets finished and achieved, added up over the last six half terms up to today.

    None while fewer than two half terms hold a target set or finished.
    """
    known = list(lives)
    spans = [half for half in calendar.half_terms if half.start <= on][-HALF_TERMS_SHOWN:]
    while spans and not any(life.set_on <= spans[0].end for life in known):
        spans.pop(0)
    if len(spans) < SHORTEST_CHART:
        return None
    ended = [
        life
        for life in known
        if life.closed_on
        and life.status != Target.Status.WITHDRAWN
        and spans[0].start <= life.closed_on <= on
    ]
    achieved = [life for life in ended if life.status == Target.Status.ACHIEVED]
    sentence = (
        f"Since {_label(spans[0])}, {len(achieved)} of {len(ended)} finished targets were achieved"
    )
    lines = [("Achieved", _sums(achieved, spans, on)), ("Finished", _sums(ended, spans, on))]
    return line_chart(
        sentence,
        "By the end of",
        [_label(half) for half in spans],
        lines,
        short_labels=[_short(half.name) for half in spans],
    )


def _sums(lives: Sequence[Life], spans: Sequence[HalfTermDates], on: date) -> list[int]:
    """How many had ended by the break after each half term; by today in the last."""
    ends = [later.start for later in spans[1:]]
    counts = [sum(1 for life in lives if life.closed_on and life.closed_on < end) for end in ends]
    return [*counts, sum(1 for life in lives if life.closed_on and life.closed_on <= on)]


def _short(name: str) -> str:
    """Shorten "Autumn 2" to "Aut 2": six of them stand side by side under a small chart."""
    first, *rest = name.split()
    return " ".join([first[:3], *rest[-1:]])


def _label(half: HalfTermDates) -> str:
    year = f"{half.start:%Y}"
    return half.name if year in half.name else f"{half.name} {year}"
