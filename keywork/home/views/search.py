"""Search, and reading a date as it is typed."""

from django.http import HttpResponse

from keywork.access import KeyworkRequest, signed_in
from keywork.dates import parse_day
from keywork.forms import day_in_words


@signed_in
def read_day(request: KeyworkRequest, side: str) -> HttpResponse:
    """Answer with a typed date in words, or with what to type; as plain text.

    side: past where a bare weekday means the last one, else coming.
    """
    typed = request.GET.get("value", "")[:40]
    try:
        words = day_in_words(parse_day(typed, request.viewer.on, past=side == "past"))
    except ValueError as problem:
        words = str(problem) if typed.strip() else ""
    return HttpResponse(words, content_type="text/plain; charset=utf-8")
