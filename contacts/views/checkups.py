"""The weekly check-up, for those signed in: answering it, and seeing who answered."""

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from contacts.checkup_cards import Problem, cards_of, take
from contacts.checkup_queries import (
    answers_to_give,
    checkups_of_week,
    not_sent_yet,
    teacher_rows,
    weeks_before,
)
from contacts.checkup_rules import answers_until
from contacts.models import Checkup, CheckupAnswer
from keywork.access import KeyworkRequest, Viewer, get_visible_or_404, requires
from keywork.dates import week_of
from keywork.parked_forms import form_data
from keywork.roles import Capability
from students.models import Student

A_PAGE = 30
FURTHEST_WEEKS = 520
READERS = (
    Capability.KEEP_CASELOAD,
    Capability.SEE_SCHOOL_RECORDS,
    Capability.SEE_RESIDENT_RECORDS,
)


@requires(Capability.TEACH, *READERS)
def week(request: KeyworkRequest) -> HttpResponse:
    """Show a teacher what they are asked this week; those who see students in full, who answered.

    `?week=` a day of the week that is read; answering is for this week alone.
    """
    viewer = request.viewer
    monday = _week_asked_for(request)
    answers = _asked(viewer)
    problem = None
    if request.method == "POST":
        problem = take(request.POST, answers, by=viewer.user, now=viewer.now)
        if problem is None:
            messages.success(request, "Saved. The key worker sees it.")
            return redirect("contacts:checkups")
    context = {
        **_answering(request, answers, problem),
        **_read(request, monday),
        "this_week": week_of(viewer.on).start == monday,
        "monday": monday,
    }
    return render(request, "contacts/checkups.html", context, status=400 if problem else 200)


@requires(Capability.TEACH, *READERS)
def checkup(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Show one student's check-up of a week: who said what, and one's own answer."""
    viewer = request.viewer
    found = get_visible_or_404(Checkup.objects.select_related("student__school"), viewer, ref=ref)
    answers = [each for each in _asked(viewer) if each.checkup_id == found.pk]
    problem = None
    if request.method == "POST":
        problem = take(request.POST, answers, by=viewer.user, now=viewer.now)
        if problem is None:
            messages.success(request, "Saved. The key worker sees it.")
            return redirect(found)
    in_full = Student.objects.in_full_for(viewer).filter(pk=found.student_id).exists()
    context = {
        "checkup": found,
        "crumbs": [("Check-ups", reverse("contacts:checkups"))],
        "in_full": in_full,
        "rows": teacher_rows(found) if in_full else [],
        "earlier": list(weeks_before(found)) if in_full else [],
        **_answering(request, answers, problem),
    }
    return render(request, "contacts/checkup.html", context, status=400 if problem else 200)


def _asked(viewer: Viewer) -> list[CheckupAnswer]:
    return answers_to_give(viewer, viewer.chosen_school) if viewer.can(Capability.TEACH) else []


def _answering(
    request: KeyworkRequest, answers: list[CheckupAnswer], problem: Problem | None
) -> dict[str, Any]:
    """Give what the cards need; text kept over a sign-in stands in its box again."""
    kept = form_data(request) if request.method == "GET" else None
    if kept is not None:
        problem = Problem(kept.get("checkup", ""), "", kept.get("note", ""))
    return {
        "cards": cards_of(answers, problem, full_names=True),
        "waiting": sum(not each.answer for each in answers),
        "until": answers_until(request.viewer.on),
        "typed": problem.note if problem and not problem.ref else "",
        "problems": [problem] if problem and problem.message else [],
        "has_errors": bool(problem and problem.message),
    }


def _read(request: KeyworkRequest, monday: date) -> dict[str, Any]:
    """Give the week's check-ups of those students whom the viewer sees in full."""
    viewer = request.viewer
    if not any(viewer.can(each) for each in READERS):
        return {"reads": False}
    found = checkups_of_week(viewer, viewer.chosen_school, monday)
    page = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    current = week_of(viewer.on).start
    before, after = monday - timedelta(weeks=1), monday + timedelta(weeks=1)
    return {
        "reads": True,
        "page": page,
        "missing": not_sent_yet(viewer, viewer.chosen_school) if monday == current else [],
        "before": before,
        "after": after if after <= current else None,
    }


def _week_asked_for(request: KeyworkRequest) -> date:
    """Give the Monday of the week asked for, no later than this week's; years ago: this week's."""
    current = week_of(request.viewer.on).start
    try:
        asked = date.fromisoformat(request.GET.get("week", ""))
    except ValueError:
        return current
    earliest = current - timedelta(weeks=FURTHEST_WEEKS)
    return week_of(asked).start if earliest <= asked < current else current
