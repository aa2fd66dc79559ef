"""The only place that reads the clock; everything else is told the time."""

from datetime import datetime

from django.utils import timezone


def now() -> datetime:
    """Give the present moment, aware, in the site's time zone."""
    return timezone.localtime()
