"""The rail, the phone's bottom bar and the home page, from the viewer's roles.

screens.md section 3: each role's pages in its order; several roles give the union.
Only pages that exist are listed.
"""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from keywork.access import KeyworkRequest, Viewer
from keywork.roles import HOME_ORDER, Capability, Role


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the rail: URL name, label, icon of the sprite."""

    name: str
    label: str
    icon: str


TODAY = Page("today", "Today", "today")
CASELOAD = Page("caseload", "Caseload", "people")
CALENDAR = Page("sessions:calendar", "Calendar", "calendar")
STUDENTS = Page("students:students", "Students", "user")
DUTIES = Page("duties", "What is due", "review")
KEY_WORKERS = Page("assignments", "Key workers", "swap")
STAFF = Page("staff", "Staff", "people")
IMPORTS = Page("imports", "Imports", "doc")
CHECKUPS = Page("contacts:checkups", "Check-ups", "tick")
SETTINGS = Page("settings", "Settings", "settings")
SLIPS = Page("slips", "Slips", "slip")
LOG = Page("log", "Log", "plus")
HELP = Page("help", "Help", "help")

PAGES: dict[Role, tuple[Page, ...]] = {
    Role.KEY_WORKER: (TODAY, CASELOAD, CALENDAR, STUDENTS, SLIPS, CHECKUPS),
    Role.TEACHER: (STUDENTS, CHECKUPS, SLIPS),
    Role.MODERATOR: (STUDENTS, SLIPS),
    Role.SENCO: (DUTIES, STUDENTS, SLIPS),
    Role.HEAD_OF_CARE: (DUTIES, STUDENTS, SLIPS, KEY_WORKERS),
    Role.DSL: (STUDENTS, SLIPS),
    Role.SLT: (DUTIES, STUDENTS, SLIPS, KEY_WORKERS),
    Role.HEAD: (DUTIES, STUDENTS, SLIPS, KEY_WORKERS),
    Role.TRUST_LEAD: (),
    Role.ADMIN: (KEY_WORKERS, STUDENTS, STAFF, IMPORTS, SETTINGS),
    Role.SYSTEM_ADMIN: (STAFF, SETTINGS),
}


def pages_for(viewer: Viewer) -> list[Page]:
    """Give the viewer's pages, in the order of their roles, each once."""
    roles = [role for role in HOME_ORDER if role in viewer.roles]
    return list(dict.fromkeys(page for role in roles for page in PAGES[role]))


def page_back(request: KeyworkRequest) -> str:
    """Give the page of ours that a form says it was on (`next`), as a path; else "".

    A bare word is no page: a redirect would take it for a URL's name and fail.
    """
    page: str = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(page, allowed_hosts=None)
    return page if ours and page.startswith("/") else ""


def home_url(viewer: Viewer) -> str:
    """Give the address of the viewer's home page; their own settings where no role has one."""
    pages = pages_for(viewer)
    return reverse(pages[0].name if pages else "me")


def rail(viewer: Viewer, path: str) -> list[dict[str, Any]]:
    """Give the rail's items; `current` marks the one that `path` lies under."""
    return _items(pages_for(viewer), path)


def bottom_bar(viewer: Viewer, path: str) -> list[dict[str, Any]]:
    """Give the phone's bar: the roles' first two pages, and Log for those who log."""
    logs = viewer.can(Capability.RECORD_SESSION) or viewer.can(Capability.RECORD_SLIP)
    log = [LOG] if logs else []
    return _items(pages_for(viewer)[:2] + log, path)


def everyones_pages(path: str) -> list[dict[str, Any]]:
    """Give what stands at the end of everybody's rail, always in the same place."""
    return _items([HELP], path)


def _items(pages: list[Page], path: str) -> list[dict[str, Any]]:
    items = [(page, reverse(page.name)) for page in pages]
    current = max((url for _, url in items if path.startswith(url)), key=len, default="")
    return [
        {"label": page.label, "icon": page.icon, "url": url, "current": url == current}
        for page, url in items
    ]
