"""What the log of slips can be narrowed to, all in the query string (S2-40 to S2-42)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django import forms
from django.db.models import Q

from keywork.access import Viewer
from keywork.dates import academic_year_of
from keywork.forms import DayField, DayForm, LongSelect
from keywork.models import User
from keywork.term_dates import SchoolCalendar
from students.models import Level
from students.models.behaviour import BehaviourQuerySet
from students.models.student import StudentQuerySet
from students.search import named_like
from students.slip_log.words import GROWTH_MINDSET

FORTNIGHT = timedelta(days=14)
KINDS = [
    ("", "Slips and rewards"),
    ("slips", "Slips, low and high"),
    ("low", "Low level"),
    ("high", "High level"),
    ("rewards", "All rewards"),
    ("green", "Green points"),
    ("growth", "Growth mindset"),
]
SESSION, DAYS_14, HALF_TERM, YEAR, ALL = "session", "fortnight", "half_term", "year", "all"
PERIODS = {
    SESSION: "Since last session",
    DAYS_14: "Last fortnight",
    HALF_TERM: "This half term",
    YEAR: "This year",
    ALL: "All",
}
SORTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "": ("Newest first", ("-occurred_at", "-pk")),
    "oldest": ("Oldest first", ("occurred_at", "pk")),
    "student": (
        "Student",
        ("student__legal_last_name", "student__legal_first_name", "-occurred_at", "-pk"),
    ),
    "level": ("Level", ("level", "-occurred_at", "-pk")),
    "category": ("Category", ("category", "-occurred_at", "-pk")),
    "place": ("Place", ("location", "-occurred_at", "-pk")),
    "staff": (
        "Staff",
        ("staff__last_name", "staff__first_name", "staff_name", "-occurred_at", "-pk"),
    ),
}


@dataclass(frozen=True, slots=True)
class Span:
    """First and last day, both inclusive, and how it is called."""

    first: date | None
    last: date
    words: str


class LogForm(DayForm, forms.Form):
    """The filter's fields. students: whom the names typed may find; None on one student's page."""

    q = forms.CharField(label="Student", required=False, max_length=100)
    kind = forms.ChoiceField(label="Level", required=False, choices=KINDS, widget=LongSelect)
    category = forms.ChoiceField(label="Category", required=False, widget=LongSelect)
    staff = forms.ChoiceField(label="Staff", required=False, widget=LongSelect)
    place = forms.ChoiceField(label="Place", required=False, widget=LongSelect)
    first = DayField(label="From", required=False, past=True)
    last = DayField(label="To", required=False, past=True)
    sort = forms.ChoiceField(label="Sort by", required=False, widget=LongSelect)
    mine = forms.BooleanField(label="My students only", required=False)

    def __init__(
        self,
        *args: Any,
        categories: Sequence[str],
        places: Sequence[str],
        staff: Sequence[User],
        one_student: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._offer("category", "Any category", [(name, name) for name in categories])
        self._offer("place", "Any place", [(name, name) for name in places])
        self._offer("staff", "Any staff", [(each.ref, each.full_name) for each in staff])
        sorts = [(key, words) for key, (words, _) in SORTS.items()]
        sort: Any = self.fields["sort"]
        sort.choices = [each for each in sorts if each[0] != "student" or not one_student]
        if one_student:
            del self.fields["q"], self.fields["mine"]
        for field in self.fields.values():
            kind = "form-select" if isinstance(field.widget, forms.Select) else "form-control"
            tick = isinstance(field.widget, forms.CheckboxInput)
            added = "form-check-input" if tick else kind
            before = field.widget.attrs.get("class", "")
            field.widget.attrs["class"] = f"{before} {added}".strip()

    def _offer(self, name: str, anything: str, choices: list[tuple[str, str]]) -> None:
        chosen = self.data.get(name, "") if self.is_bound else ""
        known = dict(choices)
        if name != "staff" and chosen and chosen not in known:
            choices = [*choices, (chosen, chosen)]  # a word that slips still have
        field: Any = self.fields[name]
        field.choices = [("", anything), *choices]

    def clean(self) -> dict[str, Any]:
        """Refuse a span that ends before it begins."""
        values = super().clean() or self.cleaned_data
        first, last = values.get("first"), values.get("last")
        if first and last and last < first:
            self.add_error("last", "The last day is before the first")
        return values


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What a filter keeps. span: its days; words: the filter as a file says it."""

    records: BehaviourQuerySet
    span: Span
    words: list[str]
    order: tuple[str, ...]

    @property
    def ordered(self) -> BehaviourQuerySet:
        """Give the records in the order asked for."""
        return self.records.order_by(*self.order)


def span_of(
    period: str, on: date, calendar: SchoolCalendar, last_session: date | None = None
) -> Span:
    """Give the days of a preset, up to today; `session`: from the day of the last session on.

    Last fortnight: 14 days, today included. This half term: in a break, the one before it.
    """
    words = PERIODS[period]
    if period == SESSION and last_session:
        return Span(last_session, on, f"Since the session on {last_session:%-d %B %Y}")
    if period in (DAYS_14, SESSION):
        return Span(on - FORTNIGHT + timedelta(days=1), on, PERIODS[DAYS_14])
    if period == HALF_TERM:
        begun = [half for half in calendar.half_terms if half.start <= on]
        return Span(begun[-1].start if begun else on - FORTNIGHT, on, words)
    if period == YEAR:
        return Span(academic_year_of(on).start, on, words)
    return Span(None, on, words)


def narrow(
    records: BehaviourQuerySet,
    form: LogForm,
    span: Span,
    *,
    viewer: Viewer | None = None,
    students: StudentQuerySet | None = None,
    mine: StudentQuerySet | None = None,
) -> Narrowed:
    """Keep what the form asks for. students, mine: whom the viewer finds by name, and "mine".

    A form with mistakes narrows by the span alone. Typed dates count before the preset's.
    """
    values = form.cleaned_data if form.is_valid() else {}
    span = _typed_span(values, span)
    kept = _by_dates(records, span)
    words = [span.words]
    for name, condition in _conditions(values).items():
        kept = kept.filter(condition)
        words.append(_chosen_words(form, name))
    if values.get("q") and students is not None and viewer is not None:
        kept = kept.filter(student__in=named_like(students, values["q"], viewer).values("pk"))
        words.append(f"student “{values['q']}”")
    if values.get("mine") and mine is not None:
        kept = kept.filter(student__in=mine.values("pk"))
        words.append("my students")
    return Narrowed(kept, span, words, SORTS[values.get("sort") or ""][1])


def _by_dates(records: BehaviourQuerySet, span: Span) -> BehaviourQuerySet:
    if span.first is None:
        return records
    return records.between(span.first, span.last)


def _conditions(values: dict[str, Any]) -> dict[str, Q]:
    asked = {
        "kind": _kind(values.get("kind") or ""),
        "category": Q(category=values.get("category")),
        "staff": Q(staff__ref=values.get("staff")),
        "place": Q(location=values.get("place")),
    }
    return {name: condition for name, condition in asked.items() if values.get(name)}


def _kind(kind: str) -> Q:
    growth = Q(category__iexact=GROWTH_MINDSET)
    return {
        "slips": ~Q(level=Level.REWARD),
        "low": Q(level=Level.LOW),
        "high": Q(level=Level.HIGH),
        "rewards": Q(level=Level.REWARD),
        "green": Q(level=Level.REWARD) & ~growth,
        "growth": Q(level=Level.REWARD) & growth,
    }.get(kind, Q())


def _typed_span(values: dict[str, Any], span: Span) -> Span:
    first, last = values.get("first"), values.get("last")
    if not (first or last):
        return span
    start, end = first or (span.first if last and not first else None), last or span.last
    if first is None and start is not None and start > end:
        start = None
    said = f"from {start:%-d %B %Y} " if start else ""
    return Span(start or date(2000, 1, 1), end, f"{said}to {end:%-d %B %Y}")


def _chosen_words(form: LogForm, name: str) -> str:
    field: Any = form.fields[name]
    choices = dict(field.choices)
    return f"{field.label.lower()}: {choices.get(form.cleaned_data[name], '')}"


def staff_on(records: BehaviourQuerySet) -> list[User]:
    """Give the members of staff on these slips, by name; one query."""
    people = User.objects.filter(pk__in=records.order_by().values("staff"))
    named = people.only("ref", "username", "first_name", "last_name", "known_as")
    return list(named.order_by("last_name", "first_name", "pk"))
