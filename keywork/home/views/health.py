"""Whether the site works, for machines that watch it."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache

from keywork import health as checks
from keywork.access import public


@public("a watchdog or container asks; the answer holds only the names of the parts")
@never_cache
def health(request: HttpRequest) -> JsonResponse:
    """Give each part's state: 200 where all work, else 503; ?of=web: the web server's alone."""
    parts = checks.states(web_only=request.GET.get("of") == "web")
    status = 200 if all(state == "ok" for state in parts.values()) else 503
    return JsonResponse(parts, status=status)
