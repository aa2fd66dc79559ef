"""Drafts: saved as one types, compared where two tabs differ, discarded; one's own alone."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from contacts.forms.describe import describe_call_field, place_in_call
from keywork import drafts
from keywork.access import KeyworkRequest, signed_in
from keywork.drafts import DraftConflictError
from keywork.home import kept_words
from keywork.middleware import take_school
from keywork.models import Draft
from sessions.forms.describe import describe_field, place_in_form
from students.change_notice_forms import describe_notice_field, place_in_notice
from students.slip_drafts import describe_slip_field, place_in_slip

TAKE_OTHER = "other"
CHOICES = {TAKE_OTHER, "stored"}
CONFLICT = 409
Describe = Callable[[str, Sequence[str]], tuple[str, str]]
IN_WORDS: dict[str, tuple[Describe, Callable[[str], Any]]] = {
    "call": (describe_call_field, place_in_call),
    "notice": (describe_notice_field, place_in_notice),
    "slip": (describe_slip_field, place_in_slip),
    **kept_words.IN_WORDS,
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One field of which two texts are kept."""

    name: str
    label: str
    mine: str
    other: str


@signed_in
def draft_list(request: KeyworkRequest) -> HttpResponse:
    """Show what the viewer has not finished."""
    return render(request, "home/drafts.html", {"drafts": drafts.drafts_of(request.viewer)})


@signed_in
def draft(request: KeyworkRequest, key: str) -> HttpResponse:
    """Save a form as it stands (POST), or go to the form that the draft is of.

    Answers the page's script in JSON; "Save and leave" of a form (`keywork.kept_forms`) goes home.
    """
    if request.method != "POST":
        return _open(request, _own(request, key))
    subject = drafts.subject_of(request.POST.get("draft_token", ""), request.viewer.user)
    if subject is None or subject.key != key:
        raise Http404
    leaving = request.POST.get("action") == "draft"
    try:
        saved = drafts.keep_posted(
            owner=request.viewer.user,
            subject=subject,
            posted=request.POST,
            device=drafts.device_of(request.headers.get("User-Agent", "")),
            now=request.viewer.now,
        )
    except DraftConflictError as conflict:
        if leaving:
            return redirect("draft_compare", key)
        answer = {"message": _told(conflict.stored), "url": reverse("draft_compare", args=[key])}
        return JsonResponse(answer, status=CONFLICT)
    if leaving:
        messages.success(request, f"Draft saved: {subject.title}. It is not finished.")
        return redirect("home")
    return JsonResponse({"saved_at": f"{request.viewer.now:%H:%M}", "version": saved.version})


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def draft_compare(request: KeyworkRequest, key: str) -> HttpResponse:
    """Show both texts field by field, and keep what the author chooses of each."""
    mine = Draft.objects.visible_to(request.viewer)
    stored, rival = (mine.filter(key=each).first() for each in (key, drafts.rival_key(key)))
    if rival is None:
        # Settled already, in another tab or by finishing the form: carry on there.
        return _open(request, _own(request, key))
    differences = list(_differences(stored, rival)) if stored else []
    # Where a draft appeared since the page offered one text alone, nothing was chosen yet.
    answered = not differences or bool(CHOICES & set(request.POST.values()))
    if request.method == "POST" and answered:
        return _settle(request, key, stored)
    context = {"draft": stored, "rival": rival, "differences": differences, "key": key}
    return render(request, "home/drafts_compare.html", context)


def _settle(request: KeyworkRequest, key: str, stored: Draft | None) -> HttpResponse:
    """Keep what was chosen of the texts shown; stored: the draft among them, if any."""
    user, now = request.viewer.user, request.viewer.now
    chosen = [name for name, values in request.POST.lists() if values == [TAKE_OTHER]]
    try:
        if stored is None:
            kept = drafts.restore_rival(owner=user, key=key, now=now)
        else:
            kept = drafts.merge_drafts(owner=user, key=key, take_other=chosen, now=now)
    except (DraftConflictError, Draft.DoesNotExist):
        messages.warning(request, "The draft was changed in another tab meanwhile. Look again.")
        left = drafts.find_draft(user, drafts.rival_key(key))
        return redirect("draft_compare", key) if left else redirect("drafts")
    messages.success(request, "Your choice is saved as the draft. Check it and finish.")
    return _open(request, kept)


def _open(request: KeyworkRequest, kept: Draft) -> HttpResponse:
    """Go to a draft's form, at the school it is of."""
    take_school(request, kept.school_id)
    return redirect(kept.url)


@signed_in
@require_POST
def draft_discard(request: KeyworkRequest, key: str) -> HttpResponse:
    """Drop a draft, or (`which`) the text refused beside it; go back to its empty form.

    Another text that is left was not looked at yet: it is shown next.
    """
    own, user = _own(request, key), request.viewer.user
    if request.POST.get("which") == TAKE_OTHER:
        if not drafts.discard_rival(owner=user, key=key):
            messages.warning(request, "It was changed in another tab meanwhile. Nothing is gone.")
            return redirect("drafts")
    else:
        drafts.discard_draft(owner=user, key=key)
    left = drafts.find_draft(user, drafts.rival_key(key))
    more = " Another text of it, from another tab or device, is kept." if left else ""
    messages.success(request, f"Draft discarded: {own.title}.{more}")
    if request.POST.get("next") == "drafts":
        return redirect("drafts")
    return redirect("draft_compare", key) if left else _open(request, own)


def _own(request: KeyworkRequest, key: str) -> Draft:
    """The viewer's draft, or what was refused beside it; anybody else's is as if missing."""
    mine = Draft.objects.visible_to(request.viewer)
    found = mine.filter(key=key).first() or mine.filter(key=drafts.rival_key(key)).first()
    if found is None:
        raise Http404
    return found


def _told(stored: Draft | None) -> str:
    if stored is None:
        return "This form was finished or discarded in another tab. Your text here is kept."
    at = f"{timezone.localtime(stored.updated_at):%H:%M}"
    return f"Also changed elsewhere: saved {at} on {stored.device}. Both texts are kept."


def _differences(stored: Draft, rival: Draft) -> Iterator[Difference]:
    """The fields that differ, in the order of the form; empty and absent are the same."""
    describe, place = IN_WORDS.get(stored.key.partition(":")[0], (describe_field, place_in_form))
    for name in sorted({*stored.data, *rival.data}, key=place):
        mine, other = stored.data.get(name, []), rival.data.get(name, [])
        label, mine_words = describe(name, mine)
        if label and [value for value in mine if value] != [value for value in other if value]:
            yield Difference(name, label, mine_words, describe(name, other)[1])
