"""Those who have fallen behind in their subjects, or risk it: a school, or a caseload."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render

from keywork.access import KeyworkRequest, requires
from keywork.roles import Capability
from students.behind import BehindFilter, rows_of
from students.models import Student
from students.views.students import FIGURES

ROWS_PER_PAGE = 30


@requires(*FIGURES)
def behind(request: KeyworkRequest) -> HttpResponse:
    """List students seen in full whose grades lie behind, those in most subjects first."""
    viewer = request.viewer
    seen = Student.objects.in_full_for(viewer).filter(school=viewer.chosen_school)
    found = BehindFilter(request.GET or None, viewer=viewer, queryset=seen.on_roll(viewer.on))
    page = Paginator(found.keys, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": rows_of(list(page), viewer.on, found.only_words),
        "filter": found.form,
        "narrowed": any(value for key, value in request.GET.items() if key != "page"),
        "whole_school": viewer.can(Capability.SEE_SCHOOL_RECORDS),
    }
    return render(request, "students/behind.html", context)
