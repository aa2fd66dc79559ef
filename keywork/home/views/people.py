"""The people around a student: at home, at school, now and before."""

from django.http import HttpResponse
from django.shortcuts import render

from contacts.adults import at_home
from keywork.access import KeyworkRequest, allow, get_visible_or_404, requires
from keywork.roles import Capability
from keywork.school_calendar import calendar_of
from students.header import header
from students.models import Student
from students.own_page import hide_others_in
from students.policies import can_manage_assignments
from students.queries import adults_around, assignment_history


@requires(Capability.SEE_STUDENTS)
def people(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Show the adults around a student and all key workers so far."""
    viewer = request.viewer
    shown = Student.objects.for_list(viewer.on).with_sight(viewer)
    student = get_visible_or_404(shown.select_related("school__key_work_model"), viewer, ref=ref)
    head = header(viewer, student, tab="people")
    allow(not head.sight.by_name_only)
    history = assignment_history(student)
    hide_others_in(student, [(each, ("note",)) for each in history])
    context = {
        "student": student,
        "header": head,
        "home": at_home(viewer, student, head.sight, calendar_of(student.school)),
        "adults": adults_around(student, viewer.on, in_full=head.sight.in_full),
        "assignments": history,
        "may_manage": can_manage_assignments(viewer, student),
    }
    return render(request, "home/people.html", context)
