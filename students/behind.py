"""Students who have fallen behind by their grades, or risk it: found by the database, a page read.

Who is on the list follows `students.rules.progress.gap_in`, put to the database so that a school
of any size costs the same queries; what a row says comes from that rule itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import django_filters
from django.db.models import Count, DateField, Exists, ExpressionWrapper, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from keywork.access import Viewer
from keywork.dates import academic_year_of
from students.filters import StudentFilter
from students.models import GradeSheet, Student
from students.models.student import StudentQuerySet
from students.rules.progress import GRADE_COUNTS_FOR, NINE_TO_ONE, Gap, Graded, gap_in, gap_words

NAMES = ("legal_last_name", "legal_first_name", "pk")
SORTS: dict[str, tuple[str, ...]] = {
    "most": ("-behind_in", *NAMES),
    "name": NAMES,
    "form": ("reg_form", *NAMES),
}
SORT_WORDS = [("most", "Most subjects"), ("name", "Name"), ("form", "Form")]
ONLY_WORDS = [
    ("below", "Below the expected grade"),
    ("fell", "Fell since the data drop before"),
]


@dataclass(frozen=True, slots=True)
class Row:
    """A student of the list. gaps: each subject that is behind, with its numbers."""

    student: Any
    gaps: Sequence[tuple[str, str]]


class BehindFilter(StudentFilter):
    """Filters of /behind/."""

    need = None
    no_key_worker = None
    leavers = None
    only = django_filters.ChoiceFilter(
        method="by_gap", choices=ONLY_WORDS, label="Only", empty_label="Both"
    )
    sort = django_filters.ChoiceFilter(
        method="by_sort", choices=SORT_WORDS, label="Sort by", empty_label=None
    )

    def __init__(self, data: Any, *, viewer: Viewer, queryset: StudentQuerySet) -> None:
        super().__init__(data, viewer=viewer, queryset=queryset, sort="most")

    @property
    def only_words(self) -> str:
        """Give what the list is narrowed to: "below", "fell", or "" for both."""
        found = self.form.cleaned_data.get("only") if self.form.is_valid() else ""
        return found or ""

    @property
    def qs(self) -> StudentQuerySet:
        """Give the students found, each with `behind_in`: in how many subjects."""
        sort = self.form.cleaned_data.get("sort") if self.form.is_valid() else ""
        found = super(StudentFilter, self).qs
        own = sheets_behind(self.viewer.on, self.only_words).filter(student=OuterRef("pk"))
        number = own.order_by().values("student").annotate(number=Count("pk")).values("number")
        counted = found.annotate(behind_in=Coalesce(Subquery(number), 0)).filter(behind_in__gt=0)
        return counted.order_by(*SORTS[sort or self.usual_sort])

    def by_gap(self, students: StudentQuerySet, name: str, value: str) -> StudentQuerySet:
        """Leave it to `qs`, which counts the subjects, too."""
        return students


def sheets_behind(on: date, only: str = "") -> Any:
    """Give the latest sheets of subjects that are behind on a day, as `gap_in` says.

    only: "below" the expected grade, or "fell" since the data drop before; else either.
    """
    year = academic_year_of(on).start
    graded = GradeSheet.objects.exclude(grade="").filter(drop_on__lte=on)
    same = graded.filter(student=OuterRef("student"), subject=OuterRef("subject"))
    newer = same.filter(drop_on__gt=OuterRef("drop_on"))
    # of the grades that still count, some are of this school year and some of the last
    at = ExpressionWrapper(OuterRef("drop_on"), output_field=DateField())
    before = same.filter(drop_on__lt=OuterRef("drop_on")).order_by("-drop_on")
    before = before.alias(at=at).filter(
        Q(drop_on__gte=year) | Q(at__lt=year, drop_on__gte=year.replace(year=year.year - 1))
    )
    latest = graded.filter(drop_on__gt=on - GRADE_COUNTS_FOR, grade__in=NINE_TO_ONE)
    latest = latest.filter(~Exists(newer)).alias(
        before=Subquery(before.values("grade")[:1]),
    )
    below = Q(expected_grade__in=NINE_TO_ONE, grade__lt=F("expected_grade"))
    fell = Q(before__in=NINE_TO_ONE, grade__lt=F("before"))
    return latest.filter({"below": below, "fell": fell}.get(only, below | fell))


def rows_of(refs: Iterable[int], on: date, only: str) -> list[Row]:
    """Give a page's rows, in three queries: who they are, key workers, and their grades.

    refs: the students' keys, in the order of the page.
    """
    keys = list(refs)
    people = {each.pk: each for each in Student.objects.filter(pk__in=keys).for_list(on)}
    gaps = gaps_of(keys, on)
    return [
        Row(people[pk], [(name, gap_words(gap)) for name, gap in gaps[pk] if _is(gap, only)])
        for pk in keys
    ]


def gaps_of(students: Sequence[int], on: date) -> dict[int, list[tuple[str, Gap]]]:
    """Give each of these students' subjects that are behind, by name; in one query."""
    names = ("student", "subject", "drop_on", "drop", "grade", "expected_grade")
    # the grade before the latest is of its school year, so less than a year older
    since = on - 2 * GRADE_COUNTS_FOR
    sheets = GradeSheet.objects.filter(student__in=students, drop_on__range=(since, on))
    subjects: dict[tuple[int, str], list[Graded]] = defaultdict(list)
    for pk, subject, *graded in sheets.order_by("subject", "drop_on").values_list(*names):
        subjects[pk, subject].append(Graded(*graded))
    found: dict[int, list[tuple[str, Gap]]] = defaultdict(list)
    for (pk, subject), grades in subjects.items():
        if gap := gap_in(grades, on):
            found[pk].append((subject, gap))
    return found


def _is(gap: Gap, only: str) -> bool:
    return {"below": gap.below, "fell": gap.fell_from is not None}.get(only, True)
