"""What other apps add to the briefing before a session, read in the statement that it has anyway.

An app beside the one that shows the briefing registers here, from its AppConfig.ready: each gives
the rows of one student between two moments, as (kind, text, detail, day), newest or not. The kind
is the app's own word; the briefing shows the kinds that it knows.
"""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from django.db.models import QuerySet
from django.utils import timezone

HOME = "home"
DAYS_BACK = 42
LINES: list[Callable[[int, datetime, datetime], QuerySet]] = []


def also_known(lines: Callable[[int, datetime, datetime], QuerySet]) -> None:
    """Register rows for the briefing; once, however often an app is made ready.

    lines: called with a student's key, the first moment, and the first one after the last.
    """
    if lines not in LINES:
        LINES.append(lines)


def window(on: date) -> tuple[datetime, datetime]:
    """Give the first moment of the six weeks up to a day, and the first moment after them."""
    return _midnight(on - timedelta(days=DAYS_BACK)), _midnight(on + timedelta(days=1))


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
