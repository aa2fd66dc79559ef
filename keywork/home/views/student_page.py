"""The student page: who they are, where they stand, what happened."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from contacts.checkup_queries import with_checkup
from contacts.followup_queries import with_you_said
from keywork.access import KeyworkRequest, Viewer, get_visible_or_404, requires
from keywork.home.student_facts import (
    attendance_fact,
    session_facts,
    targets_fact,
    targets_now,
)
from keywork.home.timeline import (
    FILTERS,
    grouped,
    timeline_page,
    without_other_names,
)
from keywork.roles import Capability
from keywork.school_calendar import calendar_of
from keywork.term_dates import SchoolCalendar
from sessions.models import DropInSlot, Target
from students.header import StudentHeader, header
from students.models import Strategy, Student
from students.queries import adults_around, timetable_of

Context = dict[str, Any]


@requires(Capability.SEE_STUDENTS)
def student(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Show a student as far as the viewer sees them: in full, identity, or by name."""
    viewer = request.viewer
    shown = with_you_said(Student.objects.for_list(viewer.on).with_sight(viewer), viewer.on)
    shown = with_checkup(shown, viewer.on)
    found = get_visible_or_404(shown.select_related("school__key_work_model"), viewer, ref=ref)
    head = header(viewer, found, tab="timeline")
    if head.sight.by_name_only:
        context = _by_name(viewer, found, head)
        return render(request, "home/student_by_name.html", context)
    calendar = calendar_of(found.school)
    context = {"student": found, "header": head, **_timeline(request, head, calendar)}
    if head.sight.in_full:
        context |= _in_full(viewer, head, calendar)
    else:
        context["timetable"] = timetable_of(found)
    return render(request, "home/student.html", context)


def _by_name(viewer: Viewer, found: Student, head: StudentHeader) -> Context:
    strategies = Strategy.objects.visible_to(viewer).filter(student=found)
    return {"student": found, "header": head, "strategies": list(strategies)}


def _in_full(viewer: Viewer, head: StudentHeader, calendar: SchoolCalendar) -> Context:
    found, on = head.student, viewer.on
    # The sight is settled: what follows is this student's own.
    targets = targets_now(Target.objects.filter(student=found), on, calendar)
    model = found.model_in_force()
    maximum = model.targets_per_student_max if model else None
    facts = [
        *session_facts(found, on, calendar),
        targets_fact(targets, maximum),
        *attendance_fact(found, on, calendar),
    ]
    return {
        "header": replace(head, facts=facts),
        "targets": targets,
        "adults": adults_around(found, on),
        "drop_ins": list(DropInSlot.objects.filter(student=found, withdrawn_at=None)),
    }


def _timeline(request: KeyworkRequest, head: StudentHeader, calendar: SchoolCalendar) -> Context:
    show, q = request.GET.get("show", ""), request.GET.get("q", "").strip()[:100]
    after = request.GET.get("after", "")
    page = timeline_page(request.viewer, head.student, head.sight, show=show, q=q, after=after)
    events = without_other_names(page.events, head.student)
    return {
        "groups": grouped(events, calendar, request.viewer.on),
        "older": page.older,
        "newest": not after,
        "show": show if show in FILTERS else "",
        "q": q,
        "chips": _chips(head, show, q) if head.sight.in_full else [],
    }


def _chips(head: StudentHeader, show: str, q: str) -> list[Context]:
    base = reverse("student", args=[head.student.ref])
    return [
        {"label": label, "url": f"{base}{_query(show=key, q=q)}", "current": key == show}
        for key, label in FILTERS.items()
    ]


def _query(**parameters: str) -> str:
    filled = {name: value for name, value in parameters.items() if value}
    return f"?{urlencode(filled)}" if filled else ""
