"""The weekly check-up with teachers, as rules: when it is due, chased and closed.

Plain Python; the calendar and the day asked about are passed in. Source: teacher_checkup of the
rules; the dates of chasing and closing are decision 13 of docs/decisions.
"""

from datetime import date, timedelta

from keywork.dates import week_of
from keywork.term_dates import SchoolCalendar

CHASED_FROM_WEEKDAY = 2  # Wednesday
FLAG_SEEN_TO_WITHIN = 5  # school days: before the next check-up asks again


def checkup_due_on(calendar: SchoolCalendar, on_roll_from: date, on: date) -> date | None:
    """Give the day by which the check-up of the school week of `on` is sent.

    The week's first school day, or the day the student joined where that is later. None in a week
    without a school day.
    """
    first = calendar.first_school_day_of_week(on)
    return None if first is None else max(first, on_roll_from)


def chase_on(calendar: SchoolCalendar, sent_on: date) -> date | None:
    """Give the day on which who has not answered is asked once more.

    The first school day of that week from Wednesday on, and never the day of the e-mail itself.
    None where the week has no such day left.
    """
    week = week_of(sent_on)
    wednesday = week.start + timedelta(days=CHASED_FROM_WEEKDAY)
    day = calendar.next_school_day(max(wednesday, sent_on + timedelta(days=1)))
    return day if day is not None and day <= week.end else None


def answers_until(week_starting: date) -> date:
    """Give the last day on which a week's check-up is answered: the Sunday of that week.

    The weekend after the last school day is the grace; the next Monday brings the next e-mail.
    """
    return week_of(week_starting).end


def flag_due_on(calendar: SchoolCalendar, flagged_on: date) -> date:
    """Give the day by which the key worker answers a flag: the fifth school day after it.

    The day of the flag itself where the calendar does not reach so far.
    """
    return calendar.add_school_days(flagged_on, FLAG_SEEN_TO_WITHIN) or flagged_on


def is_chased(calendar: SchoolCalendar, asked_on: date, on: date) -> bool:
    """Say whether who was asked on a day and has not answered is chased on `on`, or was due to be.

    A run that was missed on the day itself is made up for later in the week.
    """
    day = chase_on(calendar, asked_on)
    return day is not None and day <= on <= week_of(asked_on).end
