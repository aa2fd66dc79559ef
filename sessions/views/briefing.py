"""The briefing on a sheet of its own, to print."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from keywork.access import KeyworkRequest, allow, requires
from keywork.roles import Capability
from keywork.school_calendar import calendar_of
from sessions.briefing import focus_words, read_briefing, student_to_brief
from sessions.policies import can_record


@requires(Capability.RECORD_SESSION)
def briefing(request: KeyworkRequest, student_ref: str) -> HttpResponse:
    """Show one page to print: what the log screen shows beside its form, without the form."""
    viewer = request.viewer
    student: Any = student_to_brief(viewer, student_ref)  # with `open_plan`
    allow(can_record(viewer, student))
    found = read_briefing(student, calendar_of(student.school), viewer.on, reader=viewer.user.pk)
    # Today's comes before the next one, as the page to log it at says, too.
    own = (each for each in found.open_plans if each.ref == student.open_plan)
    planned = next(own, found.planned)
    context = {
        "student": student,
        "briefing": found,
        "planned": planned,
        "focuses": [focus_words(focus) for focus in found.half_term.focuses if focus],
        "log_url": reverse("sessions:edit", args=[planned.ref])
        if planned
        else reverse("sessions:new", args=[student.ref]),
        "crumbs": [("Today", reverse("today")), (student.name, student.get_absolute_url())],
    }
    return render(request, "sessions/briefing.html", context)
