"""What somebody was told, what waits to be sent, and declining a message by its link."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import localtime
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from keywork import outbox
from keywork.access import KeyworkRequest, get_visible_or_404, public, requires, signed_in
from keywork.home.forms.messages import MessageHoursForm
from keywork.models import OutboxMessage
from keywork.outbox import notices as told
from keywork.outbox import state
from keywork.outbox.hours import set_message_hours
from keywork.outbox.rendering import address_of
from keywork.parked_forms import form_data
from keywork.roles import Capability

A_PAGE = 30
FAILURES_SHOWN = 50


@signed_in
def notices(request: KeyworkRequest) -> HttpResponse:
    """What the viewer was told in the last 30 days, newest first."""
    found = told.notices_of(request.viewer)
    page = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "unread_notices": found.filter(read_at=None).count(),
        "delayed": _delayed(request),
    }
    return render(request, "home/notices.html", context)


def _delayed(request: KeyworkRequest) -> str:
    since = state.delayed_since(request.viewer.now)
    if since is None:
        return ""
    when = f"{localtime(since):%-d %B, %H:%M}"
    return f"E-mails are delayed since {when}. What you are told stands here at once."


@require_POST
@signed_in
def notices_read(request: KeyworkRequest) -> HttpResponse:
    """Mark all as read."""
    told.mark_read(told.notices_of(request.viewer), now=request.viewer.now)
    return redirect("notices")


@require_POST
@signed_in
def notice_read(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Mark one of the viewer's own as read, and go where it leads."""
    notice = told.notices_of(request.viewer).filter(ref=ref).first()
    if notice is None:
        raise Http404
    told.mark_read(OutboxMessage.objects.filter(pk=notice.pk), now=request.viewer.now)
    return redirect(notice.path)


@requires(Capability.MANAGE_MESSAGES)
def outbox_page(request: KeyworkRequest) -> HttpResponse:
    """The queue, what failed, beat and workers; the school's hours for messages."""
    viewer, school = request.viewer, request.viewer.chosen_school
    form = MessageHoursForm(form_data(request), school=school)
    if request.method == "POST" and form.is_valid():
        set_message_hours(school=school, by=request.user, **form.cleaned_data)
        messages.success(request, "Saved. Messages follow it from now on.")
        return redirect("settings_messages")
    failed = OutboxMessage.objects.visible_to(viewer).filter(school=school).troubled()
    context = {
        "form": form,
        "counts": state.counts_of(school, viewer.now),
        "machinery": state.machinery(viewer.now),
        "failures": [_failure(row) for row in failed[:FAILURES_SHOWN]],
        "shown": FAILURES_SHOWN,
    }
    return render(request, "home/settings/messages.html", context)


def _failure(row: OutboxMessage) -> dict[str, object]:
    kind = next((kind for kind in outbox.kinds() if kind.name == row.kind), None)
    return {
        "ref": row.ref,
        "label": kind.label if kind else row.kind,
        "whom": row.user.full_name if row.user else "Somebody without an account",
        "address": address_of(row),
        "given_up": row.state == OutboxMessage.State.GIVEN_UP,
        "due_on": row.due_on,
        "why": row.last_error,
        "attempts": row.attempts,
        "next_try_at": row.next_try_at,
    }


@require_POST
@requires(Capability.MANAGE_MESSAGES)
def message_again(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Send a message that was given up once more."""
    row = get_visible_or_404(
        OutboxMessage.objects.filter(school=request.viewer.school), request.viewer, ref=ref
    )
    if outbox.send_again(row, now=request.viewer.now):
        messages.success(request, "It is in the queue again.")
    return redirect("settings_messages")


@require_POST
@requires(Capability.MANAGE_MESSAGES)
def messages_again(request: KeyworkRequest) -> HttpResponse:
    """Send everything of the school that was given up in the last week once more."""
    rows = OutboxMessage.objects.visible_to(request.viewer).filter(school=request.viewer.school)
    count = outbox.send_all_again(rows, now=request.viewer.now)
    messages.success(request, f"{count} in the queue again.")
    return redirect("settings_messages")


@public("the link in an e-mail says who declines; whoever reads the mail may decline it")
@csrf_exempt
@never_cache
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Decline a kind of message: GET asks, POST (a mail program's too) does it."""
    try:
        if request.method == "POST":
            kind = told.decline_by_link(token)
        else:
            _, kind = told.read_link(token)
    except told.UnknownLinkError:
        return render(request, "home/unsubscribe_unknown.html", status=404)
    context = {"kind": kind, "done": request.method == "POST"}
    return render(request, "home/unsubscribe.html", context)
