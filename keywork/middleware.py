"""What every request goes through: the viewer, the idle limit."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from keywork import clock
from keywork.access import Viewer, viewer_for

Handler = Callable[[HttpRequest], HttpResponse]
RENEW_AFTER_SECONDS = 60


def viewer_middleware(get_response: Handler) -> Handler:
    """Give each request its `viewer`: who is asking, in which roles, on which day.

    Also renews the sign-in once a minute of use, so that 30 idle minutes end it.
    """

    def handle(request: HttpRequest) -> HttpResponse:
        now = clock.now()
        if request.user.is_authenticated:
            chosen = request.session.get("school")
            request.viewer = viewer_for(request.user, now=now, on=now.date(), school_id=chosen)
            _renew(request, int(now.timestamp()))
        else:
            request.viewer = Viewer(request.user, now.date(), now)
        return get_response(request)

    return handle


def _renew(request: HttpRequest, seconds: int) -> None:
    if seconds - request.session.get("renewed", 0) >= RENEW_AFTER_SECONDS:
        request.session["renewed"] = seconds
