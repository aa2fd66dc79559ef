"""Students who have fallen behind by their grades, or risk it: found by the database, a page read.

Who is on the list follows `students.rules.progress.gap_in`, put to the database so that a school
of any size costs the same queries; what a row says comes from that rule itself.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import django_filters
from django.db.models import F, Q, Window
from django.db.models.functions import FirstValue, Lead, RowNumber

from keywork.access import Viewer
from keywork.dates import academic_year_of
from students.filters import StudentFilter
from students.models import GradeSheet, Student
from students.models.student import StudentQuerySet
from students.rules.progress import GRADE_COUNTS_FOR, NINE_TO_ONE, Gap, Graded, gap_in, gap_words

NAMES = ("legal_last_name", "legal_first_name", "pk")
FORMS = ("reg_form", *NAMES)
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
        """Give the students found, behind or not, in the order of their names or forms."""
        found = super(StudentFilter, self).qs
        return found.order_by(*(FORMS if self._sort == "form" else NAMES))

    @property
    def keys(self) -> list[int]:
        """Give the keys of those who are behind, in order, in two queries."""
        found = self.qs
        sheets = sheets_behind(found, self.viewer.on, self.only_words)
        number = Counter(sheets.values_list("student", flat=True))
        keys = [pk for pk in found.values_list("pk", flat=True) if pk in number]
        return keys if self._sort else sorted(keys, key=lambda pk: -number[pk])

    @property
    def _sort(self) -> str:
        found = self.form.cleaned_data.get("sort") if self.form.is_valid() else ""
        return "" if found == self.usual_sort else found or ""

    def by_gap(self, students: StudentQuerySet, name: str, value: str) -> StudentQuerySet:
        """Leave it to `keys`, which counts the subjects, too."""
        return students


def sheets_behind(students: StudentQuerySet, on: date, only: str = "") -> Any:
    """Give the latest sheets of these students' subjects that are behind on a day, as `gap_in`.

    only: "below" the expected grade, or "fell" since the data drop before; else either.
    """
    this_year = academic_year_of(on).start
    last_year = this_year.replace(year=this_year.year - 1)
    # All is asked of the window: what is asked of a sheet alone would be asked before it is
    # known which one is the latest.
    each: dict[str, Any] = {"partition_by": ["student", "subject"], "order_by": "-drop_on"}
    sheets = _counted(on).filter(student__in=students.order_by().values("pk")).order_by()
    sheets = sheets.annotate(
        place=Window(RowNumber(), **each),
        at=Window(FirstValue("drop_on"), **each),
        now=Window(FirstValue("grade"), **each),
        due=Window(FirstValue("expected_grade"), **each),
        before=Window(Lead("grade"), **each),
        before_at=Window(Lead("drop_on"), **each),
    )
    latest = sheets.filter(place=1, at__gt=on - GRADE_COUNTS_FOR, now__in=NINE_TO_ONE)
    below = Q(due__in=NINE_TO_ONE, now__lt=F("due"))
    same_year = Q(before_at__gte=this_year) | Q(at__lt=this_year, before_at__gte=last_year)
    fell = Q(before__in=NINE_TO_ONE, now__lt=F("before")) & same_year
    return latest.filter({"below": below, "fell": fell}.get(only, below | fell))


def _counted(on: date) -> Any:
    """Give the sheets that may count: the grade before the latest is of its school year."""
    since = on - 2 * GRADE_COUNTS_FOR
    return GradeSheet.objects.exclude(grade="").filter(drop_on__range=(since, on))


def rows_of(keys: Sequence[int], on: date, only: str) -> list[Row]:
    """Give a page's rows, in three queries: who they are, key workers, and their grades.

    keys: of the students, in the order of the page.
    """
    people = {each.pk: each for each in Student.objects.filter(pk__in=keys).for_list(on)}
    gaps = gaps_of(keys, on)
    return [
        Row(people[pk], [(name, gap_words(gap)) for name, gap in gaps[pk] if _is(gap, only)])
        for pk in keys
    ]


def gaps_of(students: Sequence[int], on: date) -> dict[int, list[tuple[str, Gap]]]:
    """Give each of these students' subjects that are behind, by name; in one query."""
    names = ("student", "subject", "drop_on", "drop", "grade", "expected_grade")
    sheets = _counted(on).filter(student__in=students)
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
