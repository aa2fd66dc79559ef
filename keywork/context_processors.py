"""What every page's template is given."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from keywork.navigation import home_url, rail


def page(request: HttpRequest) -> dict[str, Any]:
    """Give the site's name, the viewer, the rail and the colour scheme."""
    base = {"site_name": settings.SITE_NAME, "demo": settings.DEMO}
    viewer = getattr(request, "viewer", None)
    if viewer is None or not viewer.user.is_authenticated:
        return base
    nav = rail(viewer, request.path)
    return {
        **base,
        "viewer": viewer,
        "nav": nav,
        "nav_bottom": nav[:2],
        "home_url": home_url(viewer),
        "theme": viewer.user.theme,
    }
