"""Behind a teacher's personal link: this week's check-up, without signing in."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.core.internal import ratelimit  # the public one lets every GET pass
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods
from redis.exceptions import RedisError

from contacts.checkup_cards import Problem, cards_of, take
from contacts.checkup_links import OpenedLink, hash_of, open_link
from contacts.checkup_rules import answers_until
from keywork import clock
from keywork.access import public

log = logging.getLogger(__name__)

View = Callable[..., HttpResponse]
# Who tries unknown links, by address; how often one link is used, whoever has it.
LIMITS = {"unknown": "60/m/ip", "one": "120/m/key"}
HEADERS = {
    "Cache-Control": "private, no-store",
    # The address opens the page: nobody is told it, and nobody lists it.
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
}


def _kept_apart(view: View) -> View:
    """Keep the page, and its address, out of caches, logs of other sites and search engines."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        for name, value in HEADERS.items():
            response.headers[name] = value
        return response

    return guarded


@public("teachers answer on their telephones: 256 random bits, for a week, first names only")
# Who posts is known by the address alone, no cookie speaks for anybody; and a page without
# referrer posts with the origin "null", which the check would refuse.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@_kept_apart
def answer_page(request: HttpRequest, token: str) -> HttpResponse:
    """Show a teacher's check-ups of the week, and take their answers.

    Only a POST writes: mail programs open links by themselves.
    """
    now = clock.now()
    opened = open_link(token, now=now)
    if opened.link is None:
        return _nothing_there(request, opened)
    if not _within_limit(request, "one", key=hash_of(token)):
        return render(request, "429.html", status=429)
    problem = None
    if request.method == "POST":
        problem = take(request.POST, opened.answers, by=opened.link.teacher, now=now)
        if problem is None:
            place = request.POST.get("checkup", "")
            return redirect(f"{reverse('contacts:checkup_link', args=[token])}?saved={place}#top")
    return _page(request, opened, problem)


def _page(request: HttpRequest, opened: OpenedLink, problem: Problem | None) -> HttpResponse:
    link, answers = opened.link, opened.answers
    waiting = sum(not each.answer for each in answers)
    context = {
        "teacher": link.teacher.full_name if link else "",
        "cards": cards_of(answers, problem, full_names=False),
        "waiting": waiting,
        "saved": _thanks(waiting) if "saved" in request.GET and problem is None else "",
        "problems": [problem] if problem else [],
        "typed": problem.note if problem and not problem.ref else "",
        "has_errors": problem is not None,
        "school": link.school.name if link else "",
        "until": answers_until(link.week_starting) if link else None,
    }
    return render(request, "contacts/checkup_link.html", context, status=400 if problem else 200)


def _thanks(waiting: int) -> str:
    return f"Saved. {waiting} still to answer." if waiting else "Thank you. All are answered."


def _nothing_there(request: HttpRequest, opened: OpenedLink) -> HttpResponse:
    """Say kindly what to do with a link that opens nothing, and nothing about students.

    Unknown, withdrawn and mistyped ones look alike. Words typed before it was over are shown.
    """
    if not opened.expired_on and not _within_limit(request, "unknown"):
        return render(request, "429.html", status=429)
    context = {"expired_on": opened.expired_on, "typed": request.POST.get("note", "").strip()}
    status = 410 if opened.expired_on else 404
    return render(request, "contacts/checkup_link_over.html", context, status=status)


def _within_limit(request: HttpRequest, action: str, key: str | None = None) -> bool:
    """Say whether this is not too often; with the cache down nobody counts, and nobody waits."""
    try:
        used = ratelimit.consume(
            request, app="keywork", action=action, config=LIMITS, key=key, limit_get=True
        )
        return used is not None
    except RedisError:
        log.warning("the limit of %s links was not checked: no cache", action)
        return True
