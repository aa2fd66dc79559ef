"""Follow-ups: what was agreed in sessions and what somebody raised, still to do."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from keywork.access import KeyworkRequest, requires
from keywork.home.followups import EMPTY, WHOSE, items_for, listed
from keywork.roles import Capability

A_PAGE = 30


@requires(Capability.SEE_STUDENTS)
def followups(request: KeyworkRequest) -> HttpResponse:
    """Open ones, one's own or one's students', the most overdue first; or those done lately."""
    asked = request.GET.get("show", "")
    whose = asked if asked in WHOSE else "mine"
    found = Paginator(listed(request.viewer, whose), A_PAGE)
    page = found.get_page(request.GET.get("page"))
    base = reverse("followups")
    chips = [
        {"label": label, "url": f"{base}?show={value}", "current": value == whose}
        for value, label in WHOSE.items()
    ]
    rows = items_for(request.viewer, list(page))
    context = {"page": page, "rows": rows, "chips": chips, "empty": EMPTY[whose]}
    return render(request, "home/followups.html", context)
