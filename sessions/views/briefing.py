"""The briefing on a sheet of its own, to print."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from keywork.access import KeyworkRequest, allow, get_visible_or_404, requires
from keywork.roles import Capability
from keywork.school_calendar import calendar_of
from sessions.briefing import focus_words, for_briefing, read_briefing
from sessions.policies import can_record
from students.models import Student


@requires(Capability.RECORD_SESSION)
def briefing(request: KeyworkRequest, student_ref: str) -> HttpResponse:
    """Show one page to print: what the log screen shows beside its form, without the form."""
    viewer = request.viewer
    students = for_briefing(Student.objects.with_sight(viewer), viewer.on)
    student = get_visible_or_404(students, viewer, ref=student_ref)
    allow(can_record(viewer, student))
    found = read_briefing(student, calendar_of(student.school), viewer.on, reader=viewer.user.pk)
    planned = found.planned
    context = {
        "student": student,
        "briefing": found,
        "focuses": [focus_words(focus) for focus in found.half_term.focuses if focus],
        "log_url": reverse("sessions:edit", args=[planned.ref])
        if planned
        else reverse("sessions:new", args=[student.ref]),
        "crumbs": [("Today", reverse("today")), (student.name, student.get_absolute_url())],
    }
    return render(request, "sessions/briefing.html", context)
