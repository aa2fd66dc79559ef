"""The list of students."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render

from keywork.access import KeyworkRequest, requires
from keywork.roles import Capability
from students.change_notices import unread_notices
from students.filters import StudentFilter
from students.models import Student

STUDENTS_PER_PAGE = 30
FIGURES = (
    Capability.SEE_SCHOOL_RECORDS,
    Capability.SEE_RESIDENT_RECORDS,
    Capability.KEEP_CASELOAD,
)


@requires(Capability.SEE_STUDENTS)
def students(request: KeyworkRequest) -> HttpResponse:
    """List the students of the chosen school whom the viewer may know of."""
    viewer = request.viewer
    seen = Student.objects.visible_to(viewer).filter(school=viewer.school)
    found = StudentFilter(request.GET or None, viewer=viewer, queryset=seen)
    listed = found.qs.for_list(viewer.on).with_sight(viewer)
    page = Paginator(listed, STUDENTS_PER_PAGE).get_page(request.GET.get("page"))
    has_no_today = not viewer.can(Capability.SEE_OWN_DUTIES)
    context = {
        "page": page,
        "unread_told": unread_notices(viewer) if has_no_today else [],
        "students": list(page),
        "sen_shown": any(each.identity_seen for each in page),
        "filter": found.form,
        "narrowed": any(
            value for key, value in request.GET.items() if key not in ("page", "sort")
        ),
        "may_add": viewer.can(Capability.EDIT_IDENTITY),
        "may_answer": viewer.can(Capability.IMPORT_DATA),
        "has_no_today": has_no_today,
        "may_see_agencies": viewer.can(Capability.SEE_SCHOOL_NAMES),
        "may_see_attendance": any(map(viewer.can, FIGURES)),
        "may_know_needs": viewer.schools_where(
            Capability.SEE_SCHOOL_IDENTITY, Capability.SEE_SCHOOL_RECORDS, Capability.KEEP_CASELOAD
        ),
    }
    return render(request, "students/students.html", context)
