"""What every page's template is given."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from keywork.navigation import bottom_bar, everyones_pages, home_url, rail
from keywork.parked_forms import PARAMETER, form_token


def page(request: HttpRequest) -> dict[str, Any]:
    """Give the site's name and, signed in, the viewer, the navigation and own settings.

    form_token: what every form that somebody types into carries (`keywork.parked_forms`).
    """
    base = {"site_name": settings.SITE_NAME, "demo": settings.DEMO}
    viewer = getattr(request, "viewer", None)
    if viewer is None or not viewer.user.is_authenticated:
        return base
    nav = rail(viewer, request.path)
    return {
        **base,
        "viewer": viewer,
        "nav": nav,
        "nav_end": everyones_pages(request.path),
        "nav_bottom": bottom_bar(viewer, request.path),
        "home_url": home_url(viewer),
        "theme": viewer.user.theme,
        "session_seconds": settings.SESSION_COOKIE_AGE,
        "form_token": form_token(
            viewer.user, _own_address(request), viewer.school.pk if viewer.school else None
        ),
    }


def _own_address(request: HttpRequest) -> str:
    """Give the page's path and query, without the kept form that it may be showing.

    A path that begins with two strokes (of a page that is not there) would lead to another site.
    """
    query = request.GET.copy()
    query.pop(PARAMETER, None)
    path = "/" + request.path.lstrip("/")
    return f"{path}?{query.urlencode()}" if query else path
