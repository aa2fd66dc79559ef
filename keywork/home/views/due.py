"""The school-wide due list."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render

from keywork.access import KeyworkRequest, requires
from keywork.home.due_list import MEANINGS, chips_of, due_list_for, rows_of
from keywork.home.duty_words import STATUS_WORDS
from keywork.roles import Capability

DUTIES_PER_PAGE = 50


@requires(Capability.SEE_SCHOOL_DUTIES)
def duties(request: KeyworkRequest) -> HttpResponse:
    """List what is due in the chosen school, the earliest first unless told otherwise."""
    due = due_list_for(request.viewer, request.GET)
    page = Paginator(due.duties, DUTIES_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "due": due,
        "page": page,
        "rows": rows_of(request.viewer, due, page),
        "chips": chips_of(due, request.GET),
        "filter": due.filter,
        "status": due.filter.chosen("status"),
        "meanings": [(words, MEANINGS[status]) for status, words in STATUS_WORDS.items()],
        "narrowed": any(
            request.GET.get(name) for name in ("kind", "status", "key_worker", "form")
        ),
    }
    return render(request, "home/duties.html", context)
