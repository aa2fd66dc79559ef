"""Attendance of a whole school or a caseload, sorted and narrowed by the database.

Figures come from the tallies, grouped by student in the query that sorts them, so a page costs
the same number of queries with 5 students and with 20,000. They are those of
`students.attendance`: the same definition, reckoned by the database instead of by Python.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import django_filters
from django.db.models import (
    Count,
    Exists,
    F,
    FilteredRelation,
    FloatField,
    IntegerField,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import Cast, Coalesce, NullIf

from keywork.term_dates import SchoolCalendar
from students.attendance import academic_year
from students.filters import StudentFilter
from students.models import AttendanceMark, AttendanceTally, Student
from students.models.attendance import UNAUTHORISED
from students.models.student import StudentQuerySet
from students.rules.attendance import (
    ATTENDED,
    LATE_CODES,
    TOO_FEW_SESSIONS,
    Category,
    Figures,
    codes_in,
    ten_week_start,
)

# Working together to improve school attendance: ten sessions in ten weeks.
NOTICE_SESSIONS = 10
COUNTED = {
    "attended": codes_in(*sorted(ATTENDED)),
    "authorised": codes_in(Category.AUTHORISED),
    "unauthorised": codes_in(Category.UNAUTHORISED),
    "late": tuple(sorted(LATE_CODES)),
}
NAMES = ("legal_last_name", "legal_first_name", "pk")
SORTS: dict[str, tuple[Any, ...]] = {
    "lowest": (F("share").asc(nulls_last=True), *NAMES),
    "highest": (F("share").desc(nulls_last=True), *NAMES),
    "late": ("-late", *NAMES),
    "unauthorised": ("-unauthorised", *NAMES),
    "name": NAMES,
    "form": ("reg_form", *NAMES),
}
SORT_WORDS = [
    ("lowest", "Lowest attendance"),
    ("highest", "Highest attendance"),
    ("late", "Most often late"),
    ("unauthorised", "Most unauthorised"),
    ("name", "Name"),
    ("form", "Form"),
]
ONLY_WORDS = [
    ("persistent", "Persistent absence"),
    ("severe", "Severe absence"),
    ("unauthorised", "10 unauthorised in 10 weeks"),
]


@dataclass(frozen=True, slots=True)
class Row:
    """A student of the table with their figures."""

    student: Any
    figures: Figures

    @property
    def few(self) -> bool:
        """Say whether there are too few sessions to judge."""
        return self.figures.possible < TOO_FEW_SESSIONS


class AttendanceFilter(StudentFilter):
    """Filters of /attendance/; `figured` has sorted and narrowed all of it."""

    need = None
    no_key_worker = None
    leavers = None
    only = django_filters.ChoiceFilter(
        method="by_figure", choices=ONLY_WORDS, label="Only", empty_label="All students"
    )
    sort = django_filters.ChoiceFilter(
        method="by_sort", choices=SORT_WORDS, label="Sort by", empty_label=None
    )

    def __init__(
        self, data: Any, *, viewer: Any, queryset: StudentQuerySet, calendar: SchoolCalendar
    ) -> None:
        super().__init__(data, viewer=viewer, queryset=queryset, sort="lowest")
        self.calendar = calendar

    @property
    def qs(self) -> StudentQuerySet:
        """Give the students found, with figures, in order."""
        sort = self.form.cleaned_data.get("sort") if self.form.is_valid() else ""
        found = super(StudentFilter, self).qs
        return with_figures(found, self.viewer.on).order_by(*SORTS[sort or self.usual_sort])

    @property
    def number(self) -> int:
        """Count the students found, without figures that nothing asks about."""
        return int(super(StudentFilter, self).qs.order_by().count())

    def by_figure(self, students: StudentQuerySet, name: str, value: str) -> StudentQuerySet:
        """Keep those with persistent or severe absence, or many unauthorised marks lately."""
        if value == "unauthorised":
            lately = unauthorised_lately(students, self.viewer.on, self.calendar)
            many = lately.filter(number__gte=NOTICE_SESSIONS)
            return students.filter(pk__in=many.values("student"))
        times = 2 if value == "severe" else 10
        figured = with_figures(students, self.viewer.on)
        missed = figured.filter(possible__gt=0, absent__gte=F("possible") / Value(float(times)))
        return students.filter(pk__in=missed.values("pk"))


def with_figures(students: StudentQuerySet, on: date) -> StudentQuerySet:
    """Annotate attended, authorised, unauthorised, late, possible, absent and share.

    share: attended of possible, from 0 to 1; None where nothing was possible.
    """
    first, _ = academic_year(on)
    of_year = FilteredRelation(
        "attendance_tallies", condition=Q(attendance_tallies__year=first.year)
    )
    outside = _outside(students, on)
    counted = students.annotate(of_year=of_year).annotate(
        **{name: _number(codes, outside) for name, codes in COUNTED.items()}
    )
    absent = F("authorised") + F("unauthorised")
    return counted.annotate(absent=absent, possible=F("attended") + absent).annotate(
        share=Cast("attended", FloatField()) / NullIf(Cast("possible", FloatField()), 0.0)
    )


def marked_to(students: StudentQuerySet, on: date) -> date | None:
    """Give the day of the last mark of these students in the academic year, `on` at most."""
    day = _latest(students, on)
    return min(day, on) if day else None


def unauthorised_lately(
    students: QuerySet, on: date, calendar: SchoolCalendar
) -> QuerySet[Any, Any]:
    """Group the unauthorised marks of the last ten school weeks: rows of student and number."""
    marks = AttendanceMark.objects.between(ten_week_start(calendar, on), on).filter(
        code__in=UNAUTHORISED,
        student__in=students.order_by().values("pk"),
        date__gte=F("student__on_roll_from"),
    )
    return marks.order_by().values("student").annotate(number=Count("*"))


def rows_of(
    figured: Iterable[dict[str, Any]], on: date, calendar: SchoolCalendar, viewer: Any
) -> list[Row]:
    """Give a page's rows, in three queries: who they are, key workers, and the ten weeks.

    figured: values of `with_figures`: pk and the counts.
    """
    counts = {each["pk"]: each for each in figured}
    students = Student.objects.filter(pk__in=list(counts))
    people = {each.pk: each for each in students.for_list(viewer.on)}
    lately = unauthorised_lately(students, on, calendar).values_list("student", "number")
    weeks = dict(lately)
    return [
        Row(
            people[pk],
            Figures(
                each["possible"],
                each["attended"],
                each["authorised"],
                each["unauthorised"],
                each["late"],
                weeks.get(pk, 0),
            ),
        )
        for pk, each in counts.items()
    ]


def _number(codes: tuple[str, ...], outside: Q | None) -> Any:
    held = Coalesce(
        Sum("of_year__marks", filter=Q(of_year__code__in=codes)), 0, output_field=IntegerField()
    )
    if outside is None:
        return held
    taken_off = (
        AttendanceMark.objects.filter(outside, student=OuterRef("pk"), code__in=codes)
        .order_by()
        .values("student")
        .annotate(number=Count("*"))
        .values("number")
    )
    return held - Coalesce(Subquery(taken_off), 0, output_field=IntegerField())


def _outside(students: StudentQuerySet, on: date) -> Q | None:
    """Give which marks of the tallied year do not count; None where there are none.

    Marks after the day asked about, and marks from before a student joined: both are rare.
    """
    first, last = academic_year(on)
    before = Q(date__gte=first, date__lt=OuterRef("on_roll_from"))
    after = Q(date__gt=on, date__lte=last)
    latest = _latest(students, on)
    if latest is not None and latest > on:
        return before | after
    early = AttendanceMark.objects.filter(before, student=OuterRef("pk"))
    joined = students.order_by().filter(on_roll_from__gt=first)
    return before if joined.filter(Exists(early)).exists() else None


def _latest(students: StudentQuerySet, on: date) -> date | None:
    tallies = AttendanceTally.objects.filter(
        student__in=students.order_by().values("pk"), year=academic_year(on)[0].year
    )
    found: date | None = tallies.aggregate(day=Max("latest"))["day"]
    return found
