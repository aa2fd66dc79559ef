"""Attendance of the students whom the viewer sees in full: a school, or a caseload."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render

from keywork.access import KeyworkRequest, requires
from keywork.roles import Capability
from keywork.school_calendar import calendar_of
from students.attendance_page import stale_words
from students.attendance_table import COUNTED, AttendanceFilter, marked_to, rows_of
from students.models import Student
from students.views.students import FIGURES

ROWS_PER_PAGE = 30
COLUMNS = ("pk", "possible", *COUNTED)


class CountedPaginator(Paginator):
    """Pages whose number is known from a cheaper query than the one that fills them."""

    def __init__(self, rows: Any, per_page: int, *, number: int) -> None:
        super().__init__(rows, per_page)
        self.number = number

    @property
    def count(self) -> int:  # cached there, given here
        """Give how many rows there are in all."""
        return self.number


@requires(*FIGURES)
def attendance_table(request: KeyworkRequest) -> HttpResponse:
    """List attendance, the lowest first unless told otherwise."""
    viewer, school = request.viewer, request.viewer.chosen_school
    calendar = calendar_of(school)
    seen = Student.objects.in_full_for(viewer).filter(school=school).on_roll(viewer.on)
    found = AttendanceFilter(request.GET or None, viewer=viewer, queryset=seen, calendar=calendar)
    figured = found.qs
    pages = CountedPaginator(figured.values(*COLUMNS), ROWS_PER_PAGE, number=found.number)
    page = pages.get_page(request.GET.get("page"))
    to = marked_to(seen, viewer.on)
    context = {
        "page": page,
        "rows": rows_of(page.object_list, viewer.on, calendar, viewer),
        "filter": found.form,
        "narrowed": any(value for key, value in request.GET.items() if key != "page"),
        "marked_to": to,
        "stale": stale_words(to, viewer.on, calendar),
        "whole_school": viewer.can(Capability.SEE_SCHOOL_RECORDS),
    }
    return render(request, "students/attendance_table.html", context)
