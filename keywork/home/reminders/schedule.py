"""When the steps of a school's day come. Beat asks often; each step is done once a day.

A step is written down once its messages are queued, to spare the next tick the work; what keeps
it from telling anybody twice is the outbox. A step missed while no worker ran is caught up with
as long as the school's hours last.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import partial

from django.utils.timezone import localtime

from contacts.services import checkups
from keywork.home.models import ReminderStep
from keywork.home.reminders import deciding
from keywork.home.reminders.reading import HOURS, Reading
from keywork.models import School
from keywork.outbox import NewMessage, queue_all
from keywork.outbox.hours import EARLIEST, schools_told_now
from keywork.school_calendar import calendars_of
from keywork.term_dates import SchoolCalendar

log = logging.getLogger(__name__)

MORNING, AFTERNOON = HOURS[0], time(14, 30)
# A day that is over is not begun again.
STEPS_KEPT = timedelta(days=7)
Decide = Callable[[Reading], Iterable[NewMessage]]


@dataclass(frozen=True, slots=True)
class Step:
    """Something that is done once a school day, from an hour on.

    do: takes what was read, the moment, and whether somebody does it by hand; gives kind → how
    many messages are new.
    """

    name: str
    at: time
    do: Callable[[Reading, datetime, bool], Counter[str]]


def steps_of(school: School) -> list[Step]:
    """Give the steps of a school's day, in order."""
    hours = sorted({*HOURS, school.messages_from})
    due = [
        Step(f"due {hour:%H:%M}", hour, _telling(partial(deciding.due_messages, hour=hour)))
        for hour in hours
    ]
    others = [
        # Both look for themselves what this day asks for, so a missed Monday is made up for.
        # They go first: what they settle is not told as due.
        Step("check-ups", EARLIEST, _send_checkups),
        Step("check-ups chased", EARLIEST, _chase_checkups),
        Step("escalation", MORNING, _telling(deciding.escalations)),
        Step("nudge", AFTERNOON, _telling(deciding.nudges)),
    ]
    return sorted([*due, *others], key=lambda step: step.at)


def _telling(decide: Decide) -> Callable[[Reading, datetime, bool], Counter[str]]:
    def do(reading: Reading, now: datetime, by_hand: bool) -> Counter[str]:
        messages = decide(reading)
        if by_hand:
            # The day may be over; what is sent by hand may be sent for a day from now.
            messages = [replace(message, lapses_at=None) for message in messages]
        return _queued(messages, now)

    return do


def _send_checkups(reading: Reading, now: datetime, by_hand: bool) -> Counter[str]:
    sent = checkups.send_checkups(school=reading.school, on=reading.on, now=now)
    return Counter({checkups.ASKED: sent.teachers})


def _chase_checkups(reading: Reading, now: datetime, by_hand: bool) -> Counter[str]:
    sent = checkups.chase_checkups(school=reading.school, on=reading.on, now=now)
    return Counter({checkups.CHASED: sent.teachers})


def remind_all(*, now: datetime) -> Counter[str]:
    """Do what each school's day asks for by now; give kind → how many messages are new.

    now: aware. Only schools with a school day, within their hours. One that fails is logged, and
    the others go on.
    """
    schools = schools_told_now(School.objects.order_by("pk"), now)
    if not schools:
        return Counter()
    local = localtime(now)
    done = set(ReminderStep.objects.filter(on=local.date()).values_list("school_id", "step"))
    calendars = calendars_of(schools)
    new: Counter[str] = Counter()
    for school in schools:
        steps = [
            step
            for step in steps_of(school)
            if step.at <= local.time() and (school.pk, step.name) not in done
        ]
        try:
            new += _remind(Reading(school, local.date(), calendars[school.pk]), steps, now)
        except Exception:
            log.exception("the reminders of school %s could not be decided", school.urn)
    return new


def remind_by_hand(
    school: School, *, on: date, calendar: SchoolCalendar, now: datetime
) -> Counter[str]:
    """Do the whole of a school's day at once; nothing where it is no school day.

    on: the day. now: when it is done; what is queued may be sent for a day from then. Give
    kind → how many messages are new.
    """
    if not calendar.is_school_day(on):
        return Counter()
    return _remind(Reading(school, on, calendar), steps_of(school), now, by_hand=True)


def forget_old_steps(*, now: datetime) -> int:
    """Forget which steps were done a week ago and before; give how many."""
    return ReminderStep.objects.filter(done_at__lt=now - STEPS_KEPT).delete()[0]


def _remind(
    reading: Reading, steps: list[Step], now: datetime, *, by_hand: bool = False
) -> Counter[str]:
    new: Counter[str] = Counter()
    for step in steps:
        new += step.do(reading, now, by_hand)
        ReminderStep.objects.get_or_create(
            school=reading.school, step=step.name, on=reading.on, defaults={"done_at": now}
        )
    return new


def _queued(messages: Iterable[NewMessage], now: datetime) -> Counter[str]:
    by_kind: dict[str, list[NewMessage]] = {}
    for message in messages:
        by_kind.setdefault(message.kind, []).append(message)
    return Counter({kind: queue_all(alike, now=now) for kind, alike in by_kind.items()})
