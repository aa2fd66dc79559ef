"""Ticking off what was agreed in sessions; the list of follow-ups is in keywork.home."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from keywork.access import KeyworkRequest, allow, get_visible_or_404, requires
from keywork.navigation import page_back
from keywork.roles import Capability
from keywork.undo import offer_undo
from sessions.models import SessionAction
from sessions.policies import can_tick
from sessions.services.followups import tick_action


@requires(Capability.SEE_STUDENTS)
@require_POST
def followup_done(request: KeyworkRequest, action_ref: str) -> HttpResponse:
    """Tick an action off; its owner may, and whoever holds sessions with the student."""
    viewer = request.viewer
    action = get_visible_or_404(SessionAction, viewer, ref=action_ref)
    allow(can_tick(viewer, action))
    done = tick_action(action=action, by=viewer.user, now=viewer.now)
    offer_undo(request, f"Done: {done.text}", kind="tick", record=done)
    return redirect(page_back(request) or "followups")
