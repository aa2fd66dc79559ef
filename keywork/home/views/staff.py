"""Staff records: list, new, edit, end of a post, the sign-in e-mail."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render

from keywork import staff
from keywork.access import KeyworkRequest, requires
from keywork.home.forms.staff import StaffFilter
from keywork.roles import Capability

PER_PAGE = 30


@requires(Capability.MANAGE_STAFF)
def staff_list(request: KeyworkRequest) -> HttpResponse:
    """The staff of the chosen school, filtered by name, role and whether they are in post."""
    chosen = StaffFilter(request.GET)
    found = staff.search(request.viewer, **chosen.values())
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    rows = [staff.row(record, request.viewer.on) for record in page]
    return render(request, "home/staff/list.html", {"page": page, "rows": rows, "form": chosen})
