"""The calendar feed: its settings page, and the file that calendar programs read."""

from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from keywork import clock
from keywork.access import KeyworkRequest, public, requires, viewer_for
from keywork.roles import Capability
from sessions.ical import feed_file
from sessions.models import CalendarFeed
from sessions.queries import feed_entries, live_feed
from sessions.services.calendar_feed import hash_of, make_feed, revoke_feed, stamp_read

CACHE_SECONDS = 900


@requires(Capability.SEE_OWN_DUTIES)
@never_cache
def feed(request: KeyworkRequest) -> HttpResponse:
    """One's own calendar address: whether there is one, and when it was last read."""
    live = CalendarFeed.objects.filter(owner=request.viewer.user, revoked_at=None).first()
    return render(request, "sessions/feed.html", {"feed": live})


@requires(Capability.SEE_OWN_DUTIES)
@never_cache
@require_POST
def feed_made(request: KeyworkRequest) -> HttpResponse:
    """Make an address and show it, this once: only a hash of it is kept."""
    token = make_feed(owner=request.viewer.user, now=request.viewer.now)
    address = settings.PUBLIC_URL + reverse("sessions:feed_file", args=[token])
    live = CalendarFeed.objects.filter(owner=request.viewer.user, revoked_at=None).first()
    return render(request, "sessions/feed.html", {"feed": live, "address": address})


@requires(Capability.SEE_OWN_DUTIES)
@require_POST
def feed_revoked(request: KeyworkRequest) -> HttpResponse:
    """Switch one's address off."""
    if revoke_feed(owner=request.viewer.user, now=request.viewer.now):
        messages.success(request, "The address no longer works.")
    return redirect("sessions:feed")


@public("calendar programs cannot sign in: the address holds 256 random bits and can be revoked")
@require_safe
def feed_file_view(request: HttpRequest, token: str) -> HttpResponse:
    """Give the sessions of an address's owner, while they have an account and a post here."""
    now = clock.now()
    found = live_feed(hash_of(token))
    owner = viewer_for(found.owner, now=now, on=now.date()) if found else None
    if found is None or owner is None or not owner.schools_where(Capability.SEE_OWN_DUTIES):
        raise Http404
    stamp_read(feed=found, now=now)
    host = urlsplit(settings.PUBLIC_URL).hostname or "localhost"
    content = feed_file(feed_entries(owner), name=settings.SITE_NAME, host=host)
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response["Cache-Control"] = f"private, max-age={CACHE_SECONDS}"
    response["Content-Disposition"] = 'inline; filename="sessions.ics"'
    response["X-Robots-Tag"] = "noindex"
    return response
