"""When messages go out: on school days of that school, within its hours, within 08:00–16:00."""

from collections.abc import Iterable
from datetime import date, datetime, time

from django.utils.timezone import localtime, make_aware

from keywork.models import School
from keywork.school_calendar import calendars_of

# S4-2: the working day.
EARLIEST, LATEST = time(8), time(16)


def within_hours(school: School, now: datetime) -> bool:
    """Say whether it is now between a school's first and last hour for messages."""
    return school.messages_from <= localtime(now).time() < school.messages_until


def at(day: date, hour: time) -> datetime:
    """Give an hour of a day by the site's clock, which changes in March and October."""
    return make_aware(datetime.combine(day, hour))


def schools_told_now(schools: Iterable[School], now: datetime) -> list[School]:
    """Give those schools that have a school day and are within their hours, in one query."""
    within = [school for school in schools if within_hours(school, now)]
    calendars = calendars_of(within) if within else {}
    today = localtime(now).date()
    return [school for school in within if calendars[school.pk].is_school_day(today)]
