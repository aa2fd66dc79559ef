"""Home and Today."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from keywork.access import KeyworkRequest, Viewer, requires, signed_in
from keywork.home.today import today_for
from keywork.navigation import home_url
from keywork.roles import Capability


@signed_in
def home(request: KeyworkRequest) -> HttpResponse:
    """Send each role to its own home page."""
    return redirect(home_url(request.viewer))


@requires(Capability.SEE_OWN_DUTIES)
def today(request: KeyworkRequest) -> HttpResponse:
    """Show what the viewer owes, worst first."""
    viewer = request.viewer
    oversees = viewer.can(Capability.SEE_SCHOOL_DUTIES)
    page = today_for(viewer)
    context = {
        "page": page,
        "unread_notices": page.waiting.unread,
        "may_log": viewer.can(Capability.RECORD_SESSION),
        "keeps_caseload": viewer.can(Capability.KEEP_CASELOAD),
        "school_duties_url": reverse("duties") if oversees else "",
        "other_schools": _other_schools(viewer),
    }
    return render(request, "home/today.html", context)


def _other_schools(viewer: Viewer) -> str:
    """Say where else the viewer may owe something; empty for somebody with one school."""
    others = [
        school.name
        for school in viewer.schools
        if school != viewer.school and viewer.can_at(Capability.SEE_OWN_DUTIES, school.pk)
    ]
    if not others or viewer.school is None:
        return ""
    return f"This is {viewer.school.name} alone. What is due at {', '.join(others)} is not here."
