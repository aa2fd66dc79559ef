"""When the weekly check-up is due, chased and closed: fixed dates, reasoned by hand."""

from datetime import date

import pytest

from contacts.checkup_rules import answers_until, chase_on, checkup_due_on
from keywork.term_dates import ClosedDays, HalfTermDates, SchoolCalendar

AUTUMN_1 = HalfTermDates("Autumn 2026", "Autumn 1", date(2026, 9, 1), date(2026, 10, 23))
AUTUMN_2 = HalfTermDates("Autumn 2026", "Autumn 2", date(2026, 11, 2), date(2026, 12, 18))
SPRING_2 = HalfTermDates("Spring 2027", "Spring 2", date(2027, 2, 22), date(2027, 3, 25))
SUMMER_1 = HalfTermDates("Summer 2027", "Summer 1", date(2027, 4, 12), date(2027, 5, 28))
LONG_AGO = date(2026, 9, 1)


def calendar(*closed):
    """The half terms above; closed: (first, last) days."""
    days = [ClosedDays("closure", "Snow", first, last) for first, last in closed]
    return SchoolCalendar([AUTUMN_1, AUTUMN_2, SPRING_2, SUMMER_1], days)


MON, TUE, WED, THU, FRI, SAT, SUN = (date(2026, 11, day) for day in range(16, 23))


@pytest.mark.parametrize("on", [MON, WED, FRI, SUN])
def test_it_is_due_on_the_monday_whatever_day_of_the_week_asks(on):
    assert checkup_due_on(calendar(), LONG_AGO, on) == MON


def test_a_closed_monday_moves_it_to_the_first_school_day():
    assert checkup_due_on(calendar((MON, MON)), LONG_AGO, WED) == TUE
    # Easter Monday 2027 is a bank holiday in the holidays; the May one is in term.
    assert checkup_due_on(calendar(), LONG_AGO, date(2027, 5, 5)) == date(2027, 5, 4)


def test_who_joins_in_the_week_is_due_from_that_day():
    assert checkup_due_on(calendar(), WED, FRI) == WED
    assert checkup_due_on(calendar((MON, WED)), TUE, FRI) == THU


def test_a_week_without_school_has_none():
    assert checkup_due_on(calendar(), LONG_AGO, date(2026, 10, 28)) is None  # half term
    assert checkup_due_on(calendar((MON, FRI)), LONG_AGO, WED) is None


def test_weeks_in_which_the_clocks_change():
    # Clocks go back on Sunday 25 October 2026 and forward on Sunday 28 March 2027.
    assert checkup_due_on(calendar(), LONG_AGO, date(2026, 10, 23)) == date(2026, 10, 19)
    assert checkup_due_on(calendar(), LONG_AGO, date(2027, 3, 25)) == date(2027, 3, 22)
    assert answers_until(date(2026, 10, 19)) == date(2026, 10, 25)
    assert answers_until(date(2027, 3, 22)) == date(2027, 3, 28)


@pytest.mark.parametrize(
    ("closed", "sent_on", "wanted"),
    [
        ([], MON, WED),
        ([], TUE, WED),
        ([(MON, MON)], TUE, WED),
        ([(WED, WED)], MON, THU),  # Wednesday is closed
        ([], WED, THU),  # sent late: never on the same day
        ([(MON, WED)], THU, FRI),
        ([], FRI, None),  # the week has no day left
        ([(WED, FRI)], MON, None),
    ],
)
def test_who_has_not_answered_by_wednesday_is_asked_once_more(closed, sent_on, wanted):
    assert chase_on(calendar(*closed), sent_on) == wanted


def test_it_can_be_answered_until_the_sunday():
    assert answers_until(MON) == answers_until(WED) == SUN
