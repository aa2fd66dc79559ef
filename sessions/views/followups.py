"""Follow-ups: what was agreed in sessions, still to do."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.timezone import localtime
from django.views.decorators.http import require_POST

from keywork.access import KeyworkRequest, allow, get_visible_or_404, requires
from keywork.duties import DutyStatus, status_of
from keywork.roles import Capability
from keywork.undo import offer_undo
from sessions.models import SessionAction
from sessions.policies import can_tick
from sessions.queries import actions_for
from sessions.services.followups import tick_action

A_PAGE = 30
WHOSE = [("mine", "Mine"), ("students", "My students'"), ("done", "Done lately")]
EMPTY = {
    "mine": "Nothing to follow up. What you agree in a session appears here.",
    "students": "Nothing open for your students.",
    "done": "Nothing was ticked off in the last two weeks.",
}


@requires(Capability.SEE_STUDENTS)
def followups(request: KeyworkRequest) -> HttpResponse:
    """Open actions, one's own or one's students', the most overdue first; or those done lately."""
    asked = request.GET.get("show", "")
    whose = asked if asked in EMPTY else "mine"
    page = Paginator(actions_for(request.viewer, whose), A_PAGE).get_page(request.GET.get("page"))
    base = reverse("sessions:followups")
    chips = [
        {"label": label, "url": f"{base}?show={value}", "current": value == whose}
        for value, label in WHOSE
    ]
    rows = [_row(request, action) for action in page]
    context = {"page": page, "rows": rows, "chips": chips, "empty": EMPTY[whose]}
    return render(request, "sessions/followups.html", context)


def _row(request: KeyworkRequest, action: SessionAction) -> dict[str, Any]:
    """An action with its chip: late, today, to come or done."""
    on, due_on = request.viewer.on, action.due_on
    if action.done_at:
        return {
            "action": action,
            "status": "done",
            "chip": f"Done {localtime(action.done_at):%-d %b}",
        }
    if due_on is None:
        return {"action": action, "status": "", "chip": ""}
    status, day = status_of(due_on, on), f"{due_on:%a} {due_on.day} {due_on:%b}"
    words = {DutyStatus.OVERDUE: f"Was for {day}", DutyStatus.DUE: "Today"}
    return {"action": action, "status": status.value, "chip": words.get(status, day)}


@requires(Capability.SEE_STUDENTS)
@require_POST
def followup_done(request: KeyworkRequest, action_ref: str) -> HttpResponse:
    """Tick an action off; its owner may, and whoever holds sessions with the student."""
    viewer = request.viewer
    action = get_visible_or_404(SessionAction, viewer, ref=action_ref)
    allow(can_tick(viewer, action))
    done = tick_action(action=action, by=viewer.user, now=viewer.now)
    offer_undo(request, f"Done: {done.text}", kind="tick", record=done)
    back = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        return redirect(back)
    return redirect("sessions:followups")
