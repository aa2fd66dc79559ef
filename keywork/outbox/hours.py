"""When messages go out: on school days of that school, within its hours, within 08:00–16:00."""

from collections.abc import Iterable
from datetime import date, datetime, time

from django.db import transaction
from django.db.models import Q
from django.utils.timezone import localtime, make_aware

from keywork.history import save_by
from keywork.models import School, User
from keywork.outbox.kinds import kinds
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


def known() -> Q:
    """Give what tells messages of a registered kind from those that nobody here can render."""
    return Q(kind__in=[kind.name for kind in kinds()])


def may_go_out(now: datetime) -> Q:
    """Give what tells messages that may go out at this hour from those that wait for school."""
    told = [school.pk for school in schools_told_now(School.objects.all(), now)]
    any_time = [kind.name for kind in kinds() if kind.any_time]
    return known() & (Q(kind__in=any_time) | Q(school__in=told))


@transaction.atomic
def set_message_hours(
    *,
    school: School,
    messages_from: time,
    messages_until: time,
    escalate_after: int,
    calls_from: time | None = None,
    calls_until: time | None = None,
    by: User,
) -> School:
    """Set a school's hours for messages and after how many school days lateness is passed on.

    calls_from, calls_until: between which times calls home are made; None, both: not said. The
    database refuses messages outside 08:00–16:00, and calls that end before they begin.
    """
    school = School.objects.select_for_update(of=("self",)).get(pk=school.pk)
    school.messages_from, school.messages_until = messages_from, messages_until
    school.escalate_after = escalate_after
    school.calls_from, school.calls_until = calls_from, calls_until
    save_by(school, by)
    return school
