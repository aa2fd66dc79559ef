"""A record's history: who, when, before and after, why."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render

from keywork.access import KeyworkRequest, allow, signed_in
from keywork.history import history_entries
from keywork.home.history import KINDS
from keywork.home.history_names import whose, without_other_students
from students.models import ExportRecord, Student

ENTRIES_PER_PAGE = 50
FURTHEST_PAGE = 200
EXPORTS_SHOWN = 50


@signed_in
def history(request: KeyworkRequest, kind: str, ref: str) -> HttpResponse:
    """Show the changes of one record, newest first, to those who see all of it."""
    known = KINDS.get(kind)
    if known is None:
        raise Http404
    record = get_object_or_404(known.seen(request.viewer), ref=ref)
    allow(known.readable(request.viewer).filter(pk=record.pk).exists())
    page = _page_number(request.GET.get("page", ""))
    start = (page - 1) * ENTRIES_PER_PAGE
    # One more than a page shows tells whether there is an older one.
    entries = history_entries(
        record,
        limit=ENTRIES_PER_PAGE + 1,
        offset=start,
        hidden=known.hidden(request.viewer, record),
        parts=known.parts(record),
        labels=known.labels,
    )
    title = str(record)
    if known.about_one:
        title, entries = without_other_students(title, entries, whose(record))
    context = {
        "exports": _exports(request, record) if kind == "student" and page == 1 else [],
        "title": title,
        "record": record,
        "words": known.words,
        "entries": entries[:ENTRIES_PER_PAGE],
        "newer": page - 1,
        "older": page + 1 if len(entries) > ENTRIES_PER_PAGE else 0,
        "crumbs": [(title, known.page(record))],
    }
    return render(request, "home/history.html", context)


def _exports(request: KeyworkRequest, record: Student) -> list[ExportRecord]:
    """The files taken out about a student, newest first."""
    exports = ExportRecord.objects.visible_to(request.viewer).filter(student=record)
    return list(exports.select_related("made_by")[:EXPORTS_SHOWN])


def _page_number(text: str) -> int:
    number = int(text) if text.isascii() and text.isdigit() else 1
    return min(max(number, 1), FURTHEST_PAGE)
