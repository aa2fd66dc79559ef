"""When a student's next session is due, from the one engine of duties."""

from datetime import date

from keywork.key_work_presets import KeyWorkParameters
from keywork.school_calendar import calendar_of
from keywork.term_dates import SchoolCalendar
from sessions import rules
from sessions.duties import read_sessions, session_duties
from students.duties import roll_of
from students.models import Student

USUAL_SCHOOL_DAYS = 10  # until the next session, where the model counts by half term or term only


def next_due_words(student: Student, on: date) -> str:
    """Say by when the next session is due as of a day; empty where none is (three queries)."""
    day = next_due_on(student, on, calendar_of(student.school))
    return f"Next session due by {day:%A} {day.day} {day:%B}." if day else ""


def next_due_on(student: Student, on: date, calendar: SchoolCalendar) -> date | None:
    """Give the school day by which the next session is due; None where none is (two queries).

    Of several rules (every ten school days; three a half term) the first date counts.
    """
    roll = roll_of(student, on, calendar=calendar)
    return min((duty.act_by for duty in session_duties(roll, read_sessions(roll))), default=None)


def day_for_next(student: Student, on: date, *, since: date) -> date | None:
    """Give the day to plan the next session for, as things stand (three queries).

    since: the day from which it is counted where the model gives no rhythm. The student's school
    and models are loaded. None where the calendar ends before it.
    """
    calendar, model = calendar_of(student.school), student.model_in_force()
    usual = usual_day(calendar, model.parameters() if model else None, since)
    return rules.next_session_day(calendar, on, next_due_on(student, on, calendar), usual)


def usual_day(
    calendar: SchoolCalendar, parameters: KeyWorkParameters | None, since: date
) -> date | None:
    """Give the day for the next session by habit, where the model gives no rhythm; else None."""
    if parameters and parameters.session_every_school_days:
        return None
    return calendar.add_school_days(since, USUAL_SCHOOL_DAYS)
