"""Search over students in sight and pages; and reading a date as it is typed."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from keywork.access import KeyworkRequest, Viewer, signed_in
from keywork.dates import parse_day
from keywork.forms import day_echo
from keywork.navigation import pages_for
from students.search import SHORTEST, search_students

LIVE_RESULTS = 8
PAGE_RESULTS = 50


@signed_in
def search(request: KeyworkRequest) -> HttpResponse:
    """Find students, then pages; a sole match opens at once.

    htmx gets the list alone, for the box at the top of every page.
    """
    q = request.GET.get("q", "").strip()[:100]
    live = bool(request.htmx)
    results = _results(request.viewer, q, limit=LIVE_RESULTS if live else PAGE_RESULTS)
    if live:
        shown = {"query": q if len(q) >= SHORTEST else "", "results": results}
        return render(request, "components/search_results.html", shown)
    if len(results) == 1:
        return redirect(results[0]["url"])
    context = {"q": q, "results": results, "too_short": len(q) < SHORTEST}
    return render(request, "home/search.html", context)


@signed_in
def read_day(request: KeyworkRequest, side: str) -> HttpResponse:
    """Answer with a typed date in words, or with what to type; as plain text.

    side: past where a bare weekday means the last one, else coming.
    """
    typed = request.GET.get("value", "")[:40]
    try:
        words = day_echo(parse_day(typed, request.viewer.on, past=side == "past"))
    except ValueError as problem:
        words = str(problem) if typed.strip() else ""
    return HttpResponse(words, content_type="text/plain; charset=utf-8")


def _results(viewer: Viewer, q: str, *, limit: int) -> list[dict[str, Any]]:
    if len(q) < SHORTEST:
        return []
    found = [_student_result(viewer, each) for each in search_students(viewer, q, limit=limit)]
    return (found + _pages(viewer, q))[:limit]


def _student_result(viewer: Viewer, student: Any) -> dict[str, Any]:
    notes = [student.reg_form]
    if len(viewer.roles_at) > 1:
        notes.append(student.school.name)
    if not student.here:
        notes.append("left" if student.left_on else "not on roll yet")
    note = ", ".join(part for part in notes if part)
    return {"label": student.name, "note": note, "url": student.get_absolute_url()}


def _pages(viewer: Viewer, q: str) -> list[dict[str, Any]]:
    wanted = q.casefold()
    pages = [page for page in pages_for(viewer) if page.label.casefold().startswith(wanted)]
    return [{"label": page.label, "note": "page", "url": reverse(page.name)} for page in pages]
