"""Students of key stage 4 for whom no support staff in lessons is recorded (S1-13)."""

from typing import Any

import django_filters

from keywork.access import Viewer
from students.filters import SORT_WORDS, StudentFilter
from students.models.student import StudentQuerySet

YEARS = [("10", "Year 10"), ("11", "Year 11")]


def without_support(students: StudentQuerySet) -> StudentQuerySet:
    """Keep those in years 10 and 11 with no in-class support recorded."""
    years = [year for year, _ in YEARS]
    return students.filter(nc_year__in=years, in_class_support="")


class SupportFilter(StudentFilter):
    """Filters of /without-support/."""

    need = None
    no_key_worker = None
    leavers = None
    only = django_filters.ChoiceFilter(
        field_name="nc_year", choices=YEARS, label="Only", empty_label="Both years"
    )
    sort = django_filters.ChoiceFilter(
        method="by_sort", choices=SORT_WORDS, label="Sort by", empty_label=None
    )

    def __init__(self, data: Any, *, viewer: Viewer, queryset: StudentQuerySet) -> None:
        super().__init__(data, viewer=viewer, queryset=without_support(queryset))
