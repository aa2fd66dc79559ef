"""The caseload."""

from django.http import HttpResponse
from django.shortcuts import render

from keywork.access import KeyworkRequest, requires
from keywork.home.caseload import ORDERS, caseload_for
from keywork.roles import Capability


@requires(Capability.KEEP_CASELOAD)
def caseload(request: KeyworkRequest) -> HttpResponse:
    """List the viewer's students, the longest wait first unless told otherwise."""
    q = request.GET.get("q", "").strip()[:100]
    sort = request.GET.get("sort", "")
    page = caseload_for(request.viewer, q=q, sort=sort)
    context = {"page": page, "q": q, "sort": sort if sort in ORDERS else "worst"}
    return render(request, "home/caseload.html", context)
