"""When a student's next session is due, in a sentence, from the one engine of duties."""

from datetime import date

from keywork.school_calendar import calendar_of
from sessions.duties import read_sessions, session_duties
from students.duties import roll_of
from students.models import Student


def next_due_words(student: Student, on: date) -> str:
    """Say by when the next session is due, counted on a day; empty where none is (three queries).

    Of several rules (every ten school days; three a half term) the first date counts.
    """
    calendar = calendar_of(student.school)
    roll = roll_of(student, on, calendar=calendar)
    owed = [duty.act_by for duty in session_duties(roll, read_sessions(roll))]
    if not owed:
        return ""
    day = min(owed)
    return f"Next session due by {day:%A} {day.day} {day:%B}."
