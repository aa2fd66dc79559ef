"""Those in years 10 and 11 whom no support staff is recorded to meet in lessons."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render

from keywork.access import KeyworkRequest, requires
from keywork.roles import Capability
from students.header import year_in_words
from students.models import Student
from students.views.students import FIGURES
from students.without_support import SupportFilter

ROWS_PER_PAGE = 30


@requires(*FIGURES)
def without_support(request: KeyworkRequest) -> HttpResponse:
    """List students seen in full, on roll, of key stage 4, with no in-class support recorded."""
    viewer = request.viewer
    seen = Student.objects.in_full_for(viewer).filter(school=viewer.chosen_school)
    found = SupportFilter(request.GET or None, viewer=viewer, queryset=seen)
    listed = found.qs.for_list(viewer.on)
    page = Paginator(listed, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [(each, year_in_words(each.nc_year)) for each in page],
        "filter": found.form,
        "narrowed": any(
            value for key, value in request.GET.items() if key not in ("page", "sort")
        ),
        "whole_school": viewer.can(Capability.SEE_SCHOOL_RECORDS),
        "may_edit": viewer.can(Capability.EDIT_PROFILE),
    }
    return render(request, "students/without_support.html", context)
