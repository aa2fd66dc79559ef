"""Calendars for the rule tests, small enough to count by hand."""

from datetime import date

from keywork.term_dates import ClosedDays, HalfTermDates, SchoolCalendar


def half_terms_2026_27():
    return [
        HalfTermDates("Autumn 2026", "Autumn 1", date(2026, 9, 1), date(2026, 10, 23)),
        HalfTermDates("Autumn 2026", "Autumn 2", date(2026, 11, 2), date(2026, 12, 18)),
        HalfTermDates("Spring 2027", "Spring 1", date(2027, 1, 4), date(2027, 2, 12)),
        HalfTermDates("Spring 2027", "Spring 2", date(2027, 2, 22), date(2027, 3, 25)),
        HalfTermDates("Summer 2027", "Summer 1", date(2027, 4, 12), date(2027, 5, 28)),
        HalfTermDates("Summer 2027", "Summer 2", date(2027, 6, 7), date(2027, 7, 21)),
    ]


def inset(*days):
    return [ClosedDays("inset", "INSET day", day, day) for day in days]


def calendar_with_closure():
    """Pattern A with INSET on 1 September and 2 November and a closure on 5 November."""
    closed = inset(date(2026, 9, 1), date(2026, 11, 2))
    closed += [ClosedDays("closure", "Boiler failure", date(2026, 11, 5), date(2026, 11, 5))]
    return SchoolCalendar(half_terms_2026_27(), closed)


def calendar_without_closure():
    """Pattern A with INSET on 1 September and 2 November."""
    return SchoolCalendar(half_terms_2026_27(), inset(date(2026, 9, 1), date(2026, 11, 2)))
