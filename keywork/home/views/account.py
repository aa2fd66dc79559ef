"""A person's own settings, the hidden screen, Help, Log something."""

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from keywork import people
from keywork.access import KeyworkRequest, requires, signed_in
from keywork.home.forms.account import OwnSettingsForm
from keywork.navigation import home_url
from keywork.parked_forms import form_data
from keywork.roles import Capability
from students.models import Student

RESUME_WITHIN = timedelta(minutes=5)


@signed_in
def me(request: KeyworkRequest) -> HttpResponse:
    """Own name shown, colours and keys; the way to password, devices and schools."""
    # A copy: a rejected form must not change the name this very page shows.
    user = people.own_account(request.user)
    form = OwnSettingsForm(form_data(request), instance=user)
    if request.method == "POST" and form.is_valid():
        people.change_own_settings(by=request.user, **form.settings())
        messages.success(request, "Settings saved.")
        return redirect("me")
    posts = people.posts_of(request.user)
    return render(request, "home/me.html", {"form": form, "posts": posts})


@require_POST
@signed_in
def school_switch(request: KeyworkRequest) -> HttpResponse:
    """Choose the school that the pages are about, where somebody works at several."""
    chosen = request.POST.get("school", "")
    school = next((one for one in request.viewer.schools if one.ref == chosen), None)
    if school is None:
        raise Http404
    request.session["school"] = school.pk
    return redirect(home_url(request.viewer))


@require_POST
@signed_in
def stay(request: KeyworkRequest) -> HttpResponse:
    """Renew the sign-in of somebody who is still reading."""
    request.session.modified = True
    return HttpResponse(status=204)


@signed_in
@never_cache
def hide(request: KeyworkRequest) -> HttpResponse:
    """POST hides the screen in this browser, on every tab; GET shows the blank page."""
    if request.method == "POST" and "paused_at" not in request.session:
        request.session["paused_at"] = request.viewer.now.isoformat()
        request.session["paused_on"] = _page_before(request)
    paused_at = request.session.get("paused_at")
    if paused_at is None:
        return redirect(home_url(request.viewer))
    since = datetime.fromisoformat(paused_at)
    locked = request.viewer.now - since > RESUME_WITHIN
    # Nothing that waits to be said is said here: it may hold a name.
    return render(request, "home/hide.html", {"since": since, "locked": locked, "messages": []})


@require_POST
@signed_in
def resume(request: KeyworkRequest) -> HttpResponse:
    """Go back to the page that was hidden; after five minutes by signing in again."""
    since = request.session.pop("paused_at", None)
    page = request.session.pop("paused_on", "") or home_url(request.viewer)
    if since and request.viewer.now - datetime.fromisoformat(since) > RESUME_WITHIN:
        logout(request)
        return redirect_to_login(page)
    return redirect(page)


def _page_before(request: KeyworkRequest) -> str:
    """Give the path and query of the page that was left, if it is one of this site's."""
    came_from = request.headers.get("Referer", "")
    host = request.get_host()
    if not url_has_allowed_host_and_scheme(came_from, {host}, require_https=request.is_secure()):
        return ""
    parts = urlsplit(came_from)
    # A path that begins with two strokes would be the address of another site.
    path = "/" + parts.path.lstrip("/")
    return f"{path}?{parts.query}" if parts.query else path


@signed_in
def help_page(request: KeyworkRequest) -> HttpResponse:
    """A short guide for the viewer's roles, the keys, and whom to ask."""
    viewer = request.viewer
    context = {
        "roles": {role.value for role in viewer.roles},
        "records": viewer.can(Capability.RECORD_SESSION),
        "oversees": viewer.can(Capability.SEE_SCHOOL_DUTIES),
        "manages": viewer.can(Capability.MANAGE_STAFF),
        "contacts": people.who_to_ask(viewer),
    }
    return render(request, "home/help.html", context)


@requires(Capability.RECORD_SESSION, Capability.RECORD_SLIP)
def log(request: KeyworkRequest) -> HttpResponse:
    """Log something: the viewer's own students first, then anybody by search."""
    viewer = request.viewer
    own = Student.objects.caseload_of(request.user, viewer.on).filter(school=viewer.school)
    context = {
        "own": list(own.by_name()) if viewer.can(Capability.RECORD_SESSION) else [],
        "may_log": viewer.can(Capability.RECORD_SESSION),
        "may_slip": viewer.can(Capability.RECORD_SLIP),
    }
    return render(request, "home/log.html", context)
