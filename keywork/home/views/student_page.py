"""The student page: who they are, where they stand, what happened."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from contacts.agency_queries import late_words
from keywork.access import KeyworkRequest, Viewer, requires
from keywork.home.student_beside import read_beside
from keywork.home.student_facts import (
    attendance_fact,
    session_facts,
    spoke_fact,
    targets_fact,
    targets_now,
)
from keywork.home.timeline import (
    FILTERS,
    grouped,
    nothing_said_yet,
    timeline_page,
    without_other_names,
)
from keywork.roles import Capability
from keywork.school_calendar import calendar_of
from keywork.term_dates import SchoolCalendar
from sessions.models import DropInSlot
from students.change_notices import told_of
from students.header import StudentHeader, header
from students.models import Strategy, Student
from students.own_page import Texts, hide_others_in
from students.policies import can_note_observation, can_record_session, can_tell_colleagues
from students.queries import adults_around, timetable_of
from students.seen import student_seen

Context = dict[str, Any]


@requires(Capability.SEE_STUDENTS)
def student(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Show a student as far as the viewer sees them: in full, identity, or by name."""
    viewer = request.viewer
    found = student_seen(viewer, ref)
    head = header(viewer, found, tab="timeline")
    if head.sight.by_name_only:
        return render(request, "home/student_by_name.html", _by_name(viewer, found, head))
    calendar = calendar_of(found.school)
    context: Context = {"student": found, "header": head}
    if head.sight.in_full:
        context |= _in_full(viewer, head, calendar)
    else:
        context |= {"timetable": timetable_of(found), "told_me": told_of(viewer, found)}
    beside: list[Texts] = [
        (each.target, ("text", "measure", "help")) for each in context.get("targets", ())
    ]
    if head.sight.in_full:
        beside.append((found, ("said_text", "said_answer", "told_text")))
    beside += [(each, ("text",)) for each in context.get("told_me", ())]
    context |= _timeline(request, head, calendar, beside)
    return render(request, "home/student.html", context)


def _by_name(viewer: Viewer, found: Student, head: StudentHeader) -> Context:
    strategies = list(Strategy.objects.visible_to(viewer).filter(student=found))
    told_me = told_of(viewer, found)
    said: list[Texts] = [(each, ("text",)) for each in (*strategies, *told_me)]
    hide_others_in(found, [*said, (found, ("trusted_adult",))])
    return {
        "student": found,
        "header": head,
        "strategies": strategies,
        "trusts": f"Trusts: {found.trusted_adult}",
        "told_me": told_me,
    }


def _in_full(viewer: Viewer, head: StudentHeader, calendar: SchoolCalendar) -> Context:
    found, on = head.student, viewer.on
    read_beside(found, on)
    # The sight is settled: what follows is this student's own.
    targets = targets_now(found, on, calendar)
    model = found.model_in_force()
    maximum = model.targets_per_student_max if model else None
    facts = [
        *session_facts(found, on, calendar),
        spoke_fact(found, on),
        targets_fact(targets, maximum),
        *attendance_fact(found, on, calendar),
    ]
    return {
        "header": replace(head, facts=facts),
        "targets": targets,
        "may_record": can_record_session(viewer, found, head.sight),
        "may_note": can_note_observation(viewer, found, head.sight),
        "may_tell": can_tell_colleagues(viewer, found, head.sight),
        "agencies_late": late_words(found, on),
        "adults": adults_around(found, on),
        "drop_ins": list(DropInSlot.objects.filter(student=found, withdrawn_at=None)),
    }


def _timeline(
    request: KeyworkRequest, head: StudentHeader, calendar: SchoolCalendar, beside: list[Texts]
) -> Context:
    """The timeline; beside: the records on the page, which name nobody else either."""
    show, q = request.GET.get("show", ""), request.GET.get("q", "").strip()[:100]
    after = request.GET.get("after", "")
    page = timeline_page(request.viewer, head.student, head.sight, show=show, q=q, after=after)
    events = without_other_names(page.events, head.student, beside)
    may_begin = can_record_session(request.viewer, head.student, head.sight)
    chosen = show if show in FILTERS else ""
    return {
        "how_to_begin": may_begin and not (chosen or q or after) and nothing_said_yet(page),
        "groups": grouped(events, calendar, request.viewer.on),
        "older": page.older,
        "newest": not after,
        "show": chosen,
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
