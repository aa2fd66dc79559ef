"""Undo what was just done."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme

from keywork.access import KeyworkRequest, signed_in
from keywork.home.undo_kinds import UNDOABLE
from keywork.navigation import home_url
from keywork.undo import UndoError, read_token


@signed_in
def undo(request: KeyworkRequest, token: str) -> HttpResponse:
    """Undo an act of one's own, ten minutes long; then back to the page one came from.

    A plain visit (after signing in again, say) asks first: only a POST changes anything.
    """
    if request.method != "POST":
        return render(request, "undo.html", {"home_url": home_url(request.viewer)})
    try:
        messages.success(request, _undo(request, token))
    except UndoError as problem:
        messages.error(request, problem.message)
    return redirect(_back(request))


def _undo(request: KeyworkRequest, token: str) -> str:
    viewer = request.viewer
    asked = read_token(token, by=viewer.user, now=viewer.now)
    undoable = UNDOABLE.get(asked.kind)
    record = undoable.within(viewer).filter(ref=asked.ref).first() if undoable else None
    if undoable is None or record is None:
        raise Http404
    undoable.undo(record=record, by=viewer.user, now=viewer.now)
    return undoable.done


def _back(request: KeyworkRequest) -> str:
    """The page the button was on, if it is one of ours; else the home page."""
    came_from = request.headers.get("Referer", "")
    ours = url_has_allowed_host_and_scheme(
        came_from, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    if ours and request.path not in came_from:
        return came_from
    return home_url(request.viewer)
