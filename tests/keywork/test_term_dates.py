import copy
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keywork.term_dates import (
    ClosedDays,
    DayType,
    HalfTermDates,
    SchoolCalendar,
    TermDates,
    england_bank_holidays,
)
from tests.keywork.calendars import calendar_with_closure, half_terms_2026_27, inset

CALENDAR = calendar_with_closure()
EMPTY = SchoolCalendar([])
AUTUMN_2 = half_terms_2026_27()[1]
DAYS = st.dates(date(2026, 8, 1), date(2027, 8, 31))
SCHOOL_DAYS = st.sampled_from(CALENDAR.school_days)


def easter_2027():
    """Spring 2 runs to 1 April, so Good Friday and Easter Monday lie inside it."""
    spring = HalfTermDates("Spring 2027", "Spring 2", date(2027, 2, 22), date(2027, 4, 1))
    summer = HalfTermDates("Summer 2027", "Summer 1", date(2027, 4, 19), date(2027, 5, 28))
    return SchoolCalendar([spring, summer], inset(date(2027, 3, 12)))


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 11, 3), DayType.TERM),
        (date(2026, 10, 28), DayType.HALF_TERM),
        (date(2026, 12, 22), DayType.HOLIDAY),
        (date(2026, 11, 2), DayType.INSET),
        (date(2027, 5, 3), DayType.BANK_HOLIDAY),
        (date(2026, 12, 28), DayType.BANK_HOLIDAY),
        (date(2026, 11, 5), DayType.CLOSURE),
        (date(2026, 11, 7), DayType.WEEKEND),
        (date(2026, 12, 26), DayType.WEEKEND),
    ],
)
def test_day_type(day, expected):
    assert CALENDAR.day_type(day) is expected
    assert CALENDAR.is_school_day(day) is (expected is DayType.TERM)


def test_closed_days_hold_every_day_of_a_range():
    snow = ClosedDays("closure", "Snow", date(2026, 11, 10), date(2026, 11, 12))
    calendar = SchoolCalendar(half_terms_2026_27(), [snow])
    week = [date(2026, 11, day) for day in range(9, 14)]
    assert [calendar.is_school_day(day) for day in week] == [True, False, False, False, True]


def test_a_one_off_bank_holiday_closes_the_school():
    jubilee = date(2026, 11, 11)
    calendar = SchoolCalendar(half_terms_2026_27(), extra_bank_holidays=[jubilee])
    assert calendar.day_type(jubilee) is DayType.BANK_HOLIDAY
    assert not calendar.is_school_day(jubilee)
    assert CALENDAR.is_school_day(jubilee)


def test_bank_holidays_of_england_with_substitute_days():
    # 2027: Christmas Day is a Saturday, Boxing Day a Sunday.
    expected = {(1, 1), (3, 26), (3, 29), (5, 3), (5, 31), (8, 30), (12, 27), (12, 28)}
    weekdays = {day for day in england_bank_holidays(2027) if day.weekday() < 5}
    assert {(day.month, day.day) for day in weekdays} == expected


def test_no_scottish_or_irish_bank_holidays():
    assert date(2026, 1, 2) not in england_bank_holidays(2026)
    assert date(2026, 3, 17) not in england_bank_holidays(2026)


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        # Edge sample 01: half term, INSET on 2 November, closure on 5 November.
        (date(2026, 10, 14), 10, date(2026, 11, 6)),
        (date(2026, 10, 23), 10, date(2026, 11, 17)),
        (date(2026, 10, 12), 10, date(2026, 11, 3)),
        (date(2026, 11, 6), 1, date(2026, 11, 9)),
        (date(2026, 11, 7), 1, date(2026, 11, 9)),
        (date(2026, 8, 1), 1, date(2026, 9, 2)),
        (date(2027, 7, 20), 1, date(2027, 7, 21)),
        (date(2027, 7, 21), 1, None),
        (date(2027, 7, 19), 3, None),
        (date(2027, 9, 1), 1, None),
    ],
)
def test_add_school_days(day, count, expected):
    assert CALENDAR.add_school_days(day, count) == expected


def test_add_school_days_over_good_friday():
    # Edge sample 02: Friday 12 March is INSET, so 8 March + 10 is 23 March.
    assert easter_2027().add_school_days(date(2027, 3, 8), 10) == date(2027, 3, 23)
    # Good Friday 26 March and Easter Monday 29 March are passed over.
    assert easter_2027().add_school_days(date(2027, 3, 25), 1) == date(2027, 3, 30)


@pytest.mark.parametrize("count", [0, -1])
def test_add_school_days_refuses_less_than_one(count):
    with pytest.raises(ValueError, match="at least one school day"):
        CALENDAR.add_school_days(date(2026, 11, 3), count)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 11, 6), date(2026, 11, 6)),
        (date(2026, 11, 5), date(2026, 11, 4)),
        (date(2026, 11, 8), date(2026, 11, 6)),
        (date(2026, 11, 1), date(2026, 10, 23)),
        (date(2027, 7, 21), date(2027, 7, 21)),
        # After the last half term, and where no school day came before: the day itself.
        (date(2027, 7, 22), date(2027, 7, 22)),
        (date(2028, 2, 15), date(2028, 2, 15)),
        (date(2026, 8, 31), date(2026, 8, 31)),
        (date(2026, 9, 1), date(2026, 9, 1)),
    ],
)
def test_previous_school_day(day, expected):
    assert CALENDAR.previous_school_day(day) == expected


def test_previous_school_day_in_a_closed_end_of_the_last_half_term():
    # The calendar still covers 21 July, so the day before is the last to act.
    calendar = SchoolCalendar(half_terms_2026_27(), inset(date(2027, 7, 21)))
    assert calendar.previous_school_day(date(2027, 7, 21)) == date(2027, 7, 20)
    assert calendar.previous_school_day(date(2027, 7, 22)) == date(2027, 7, 22)


def test_edge_sample_12_a_date_in_the_summer_holiday_moves_before_it():
    summer = HalfTermDates("Summer 2026", "Summer 2", date(2026, 6, 1), date(2026, 7, 20))
    calendar = SchoolCalendar([*half_terms_2026_27(), summer])
    assert calendar.previous_school_day(date(2026, 8, 24)) == date(2026, 7, 20)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 11, 6), date(2026, 11, 6)),
        (date(2026, 11, 5), date(2026, 11, 6)),
        (date(2026, 10, 24), date(2026, 11, 3)),
        (date(2027, 7, 22), None),
    ],
)
def test_next_school_day(day, expected):
    assert CALENDAR.next_school_day(day) == expected


def test_counting_school_days():
    assert CALENDAR.school_days_between(date(2026, 11, 2), date(2026, 11, 8)) == 3
    assert CALENDAR.school_days_between(date(2026, 11, 6), date(2026, 11, 6)) == 1
    assert CALENDAR.school_days_between(date(2026, 11, 9), date(2026, 11, 6)) == 0
    assert CALENDAR.school_days_in(AUTUMN_2) == 33


@pytest.mark.parametrize(
    ("on", "late"),
    [
        (date(2026, 11, 13), 0),
        (date(2026, 11, 15), 0),
        (date(2026, 11, 16), 1),
        (date(2026, 11, 17), 2),
    ],
)
def test_school_days_late_counts_from_the_day_after(on, late):
    assert CALENDAR.school_days_late(date(2026, 11, 13), on) == late


def test_half_term_of():
    assert CALENDAR.half_term_of(date(2026, 11, 2)) == AUTUMN_2
    assert CALENDAR.half_term_of(date(2026, 12, 18)) == AUTUMN_2
    assert CALENDAR.half_term_of(date(2026, 10, 28)) is None
    assert CALENDAR.half_term_of(date(2026, 12, 19)) is None


def test_term_of_includes_the_break():
    autumn = TermDates("Autumn 2026", date(2026, 9, 1), date(2026, 12, 18))
    assert CALENDAR.term_of(date(2026, 9, 1)) == autumn
    assert CALENDAR.term_of(date(2026, 10, 28)) == autumn
    assert CALENDAR.term_of(date(2026, 12, 18)) == autumn
    assert CALENDAR.term_of(date(2026, 12, 19)) is None
    assert [term.name for term in CALENDAR.terms] == ["Autumn 2026", "Spring 2027", "Summer 2027"]


def test_week_and_its_school_days():
    # Edge sample 02: the week of 8 March ends on Thursday 11 March.
    wednesday, sunday = date(2027, 3, 10), date(2027, 3, 14)
    assert easter_2027().week_of(sunday) == (date(2027, 3, 8), sunday)
    assert easter_2027().last_school_day_of_week(wednesday) == date(2027, 3, 11)
    assert easter_2027().last_school_day_of_week(sunday) == date(2027, 3, 11)
    assert easter_2027().first_school_day_of_week(sunday) == date(2027, 3, 8)
    # The week after Easter Monday begins on Tuesday.
    assert easter_2027().first_school_day_of_week(date(2027, 3, 31)) == date(2027, 3, 30)


def test_a_week_without_school_has_no_school_day():
    assert CALENDAR.last_school_day_of_week(date(2026, 10, 28)) is None
    assert CALENDAR.first_school_day_of_week(date(2026, 10, 28)) is None
    assert CALENDAR.first_school_day_of_week(date(2027, 7, 28)) is None
    assert CALENDAR.last_school_day_of_week(date(2026, 8, 12)) is None


def test_first_and_last_school_day_of_a_half_term():
    assert CALENDAR.first_school_day_of(AUTUMN_2) == date(2026, 11, 3)
    assert CALENDAR.last_school_day_of(AUTUMN_2) == date(2026, 12, 18)


@pytest.mark.parametrize(
    ("day", "number"),
    [
        (date(2026, 11, 2), 1),
        (date(2026, 11, 8), 1),
        (date(2026, 11, 12), 2),
        (date(2026, 12, 18), 7),
    ],
)
def test_week_number(day, number):
    week = CALENDAR.week_number(day)
    assert (week.half_term.name, week.number, week.total) == ("Autumn 2", number, 7)


def test_week_number_outside_the_half_terms():
    assert CALENDAR.week_number(date(2026, 10, 28)) is None


def test_week_number_of_a_half_term_entered_from_a_saturday():
    half_term = HalfTermDates("Autumn 2026", "Autumn 2", date(2026, 10, 31), date(2026, 12, 18))
    calendar = SchoolCalendar([half_term])
    numbers = [
        calendar.week_number(date(2026, *day)).number for day in [(10, 31), (11, 2), (11, 9)]
    ]
    assert numbers == [1, 1, 2]
    assert calendar.week_number(date(2026, 11, 2)).total == 7


def test_academic_year_of():
    assert CALENDAR.academic_year_of(date(2026, 8, 31)) == (date(2025, 9, 1), date(2026, 8, 31))
    assert CALENDAR.academic_year_of(date(2026, 9, 1)) == (date(2026, 9, 1), date(2027, 8, 31))


def test_an_empty_calendar_answers_nothing():
    day = date(2026, 11, 3)
    assert EMPTY.add_school_days(day, 1) is None
    assert EMPTY.previous_school_day(day) == day
    assert EMPTY.next_school_day(day) is None
    assert EMPTY.last_school_day_of_week(day) is None
    assert EMPTY.school_days_between(day, day) == 0
    assert EMPTY.day_type(day) is DayType.HOLIDAY


def test_half_terms_come_in_any_order():
    assert SchoolCalendar(half_terms_2026_27()[::-1]).half_terms == tuple(half_terms_2026_27())


def test_periods_may_not_end_before_they_start():
    with pytest.raises(ValueError, match="Autumn 1 ends"):
        HalfTermDates("Autumn 2026", "Autumn 1", date(2026, 9, 2), date(2026, 9, 1))
    with pytest.raises(ValueError, match="Snow ends"):
        ClosedDays("closure", "Snow", date(2026, 9, 2), date(2026, 9, 1))


def test_closed_days_are_of_a_known_kind():
    with pytest.raises(ValueError, match="inset or closure"):
        ClosedDays("party", "Party", date(2026, 9, 2), date(2026, 9, 2))


def test_a_calendar_is_a_value():
    assert calendar_with_closure() == CALENDAR
    assert hash(calendar_with_closure()) == hash(CALENDAR)
    assert copy.deepcopy(CALENDAR) == CALENDAR
    with pytest.raises(AttributeError):
        CALENDAR.closed_days = ()


# The clocks change on 29 March and 25 October 2026: dates must not notice.


def test_weeks_across_both_clock_changes():
    spring = HalfTermDates("Spring 2026", "Spring 2", date(2026, 2, 23), date(2026, 4, 1))
    autumn = HalfTermDates("Autumn 2026", "Autumn 1", date(2026, 9, 1), date(2026, 10, 30))
    calendar = SchoolCalendar([spring, autumn])
    assert calendar.add_school_days(date(2026, 3, 27), 1) == date(2026, 3, 30)
    assert calendar.add_school_days(date(2026, 10, 23), 1) == date(2026, 10, 26)
    assert calendar.week_of(date(2026, 3, 29)) == (date(2026, 3, 23), date(2026, 3, 29))
    assert calendar.week_of(date(2026, 10, 25)) == (date(2026, 10, 19), date(2026, 10, 25))
    assert calendar.school_days_between(date(2026, 10, 19), date(2026, 10, 30)) == 10


# Properties


@given(day=DAYS, count=st.integers(1, 250))
def test_adding_gives_a_school_day_that_many_after(day, count):
    found = CALENDAR.add_school_days(day, count)
    if found is None:
        left = CALENDAR.school_days_between(day + timedelta(days=1), date(2027, 12, 31))
        assert left < count
    else:
        assert found > day
        assert CALENDAR.is_school_day(found)
        assert CALENDAR.school_days_between(day + timedelta(days=1), found) == count


@given(day=DAYS, later=DAYS, count=st.integers(1, 50))
def test_adding_is_monotone(day, later, count):
    first, second = sorted([day, later])
    nearer, further = (
        CALENDAR.add_school_days(first, count),
        CALENDAR.add_school_days(second, count),
    )
    if further is not None:
        assert nearer <= further


@given(start=SCHOOL_DAYS, one=st.integers(1, 40), two=st.integers(1, 40))
def test_adding_twice_is_adding_the_sum(start, one, two):
    first = CALENDAR.add_school_days(start, one)
    both = CALENDAR.add_school_days(start, one + two)
    assert (CALENDAR.add_school_days(first, two) if first else None) == both


@given(day=DAYS)
def test_act_by_is_never_after_the_day_and_settles(day):
    act_by = CALENDAR.previous_school_day(day)
    assert act_by <= day
    assert CALENDAR.previous_school_day(act_by) == act_by
    if CALENDAR.is_school_day(day):
        assert act_by == day


@given(day=DAYS)
def test_previous_and_next_enclose_no_other_school_day(day):
    before, after = CALENDAR.previous_school_day(day), CALENDAR.next_school_day(day)
    if CALENDAR.is_school_day(before) and after:
        assert CALENDAR.school_days_between(before, after) == (1 if before == after else 2)


@given(day=DAYS)
def test_school_days_agree_with_their_definition(day):
    inside = any(half.start <= day <= half.end for half in half_terms_2026_27())
    closed = day in {date(2026, 9, 1), date(2026, 11, 2), date(2026, 11, 5), date(2027, 5, 3)}
    assert CALENDAR.is_school_day(day) is (inside and day.weekday() < 5 and not closed)
