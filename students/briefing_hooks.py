"""What other apps add to the briefing before a session, read in the statement that it has anyway.

An app beside the one that shows the briefing registers here, from its AppConfig.ready: each gives
the rows of one student up to a day, as (kind, text, detail, day), newest or not. The kind is the
app's own word; the briefing shows the kinds that it knows.
"""

from collections.abc import Callable
from datetime import date

from django.db.models import QuerySet

from students.models import Student

HOME = "home"
LINES: list[Callable[[Student, date], QuerySet]] = []


def also_known(lines: Callable[[Student, date], QuerySet]) -> None:
    """Register rows for the briefing; once, however often an app is made ready."""
    if lines not in LINES:
        LINES.append(lines)
