from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keywork.dates import academic_year_of, parse_day, uk_today, week_of

TODAY = date(2026, 11, 12)  # a Thursday


@pytest.mark.parametrize(
    "text",
    [
        "12/11/26",
        "12/11/2026",
        "12.11.2026",
        "12-11-2026",
        " 12/11/26 ",
        "12/11",
        "12 nov",
        "12 Nov",
        "12 November 2026",
        "12th november, 2026",
        "12nov26",
        "Thursday 12 November",
        "thu, 12 Nov 2026",
        "2026-11-12",
        "today",
        "TODAY",
        "thu",
        "thursday",
    ],
)
def test_ways_to_write_today(text):
    assert parse_day(text, TODAY) == TODAY


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tomorrow", date(2026, 11, 13)),
        ("yesterday", date(2026, 11, 11)),
        ("fri", date(2026, 11, 13)),
        ("Friday", date(2026, 11, 13)),
        ("weds", date(2026, 11, 18)),
        ("tues", date(2026, 11, 17)),
        # Day first, never the other way about.
        ("5/6/2026", date(2026, 6, 5)),
        ("06/05/26", date(2026, 5, 6)),
        ("1 sept 2025", date(2025, 9, 1)),
        # Without a year: the nearest.
        ("20 oct", date(2026, 10, 20)),
        ("12 feb", date(2027, 2, 12)),
        ("3/1", date(2027, 1, 3)),
        ("1 may", date(2027, 5, 1)),
        ("20 may", date(2026, 5, 20)),
    ],
)
def test_dates_people_write(text, expected):
    assert parse_day(text, TODAY) == expected


def test_a_weekday_in_a_field_about_the_past_is_the_last_one():
    assert parse_day("fri", TODAY, past=True) == date(2026, 11, 6)
    assert parse_day("thu", TODAY, past=True) == TODAY


def test_29_february_without_a_year_needs_a_leap_year_nearby():
    assert parse_day("29 feb", date(2027, 12, 1)) == date(2028, 2, 29)
    with pytest.raises(ValueError, match="no such day"):
        parse_day("29 feb", date(2026, 6, 1))


@pytest.mark.parametrize(
    "text",
    ["", "  ", "soon", "fr", "12", "12/11/", "12/11/202", "12/11-2026", "12 foo", "12 m 2026"],
)
def test_what_is_no_date_says_how_to_write_one(text):
    with pytest.raises(ValueError, match=r"^Enter a date, like 12/11/2026$"):
        parse_day(text, TODAY)


@pytest.mark.parametrize("text", ["31/02/2026", "11/26/2026", "2026-13-12", "32 nov", "0/1/26"])
def test_no_such_day(text):
    with pytest.raises(
        ValueError, match=r"^There is no such day\. Enter a date, like 12/11/2026$"
    ):
        parse_day(text, TODAY)


def test_a_month_first_date_is_not_turned_round():
    # 11/26/2026 is 26 November where the month comes first: refused, never guessed.
    with pytest.raises(ValueError, match="no such day"):
        parse_day("11/26/2026", TODAY)


def test_a_year_out_of_reach():
    with pytest.raises(ValueError, match="between 1900 and 2199"):
        parse_day("12/11/0026", TODAY)


def test_a_wrong_weekday_is_pointed_out():
    with pytest.raises(ValueError, match="12/11/2026 is a Thursday"):
        parse_day("Friday 12 November 2026", TODAY)
    with pytest.raises(ValueError, match="Enter a date"):
        parse_day("about 12 November 2026", TODAY)


@given(day=st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_every_day_reads_back_as_written(day):
    assert parse_day(day.isoformat(), TODAY) == day
    assert parse_day(f"{day:%d/%m/%Y}", TODAY) == day
    assert parse_day(f"{day:%d/%m/%y}", TODAY) == day
    assert parse_day(f"{day:%A} {day.day} {day:%B %Y}", TODAY) == day


@given(day=st.dates(date(2025, 1, 1), date(2027, 12, 31)))
def test_a_date_within_five_months_needs_no_year(day):
    if abs(day - TODAY) <= timedelta(days=150):
        assert parse_day(f"{day.day} {day:%b}", TODAY) == day


def message_for(text):
    try:
        parse_day(text, TODAY)
    except ValueError as problem:
        return str(problem)
    return "Enter nothing else"


@given(text=st.text(max_size=30) | st.from_regex(r"[0-9]{1,2}[/. ][0-9a-z]{1,4}[/. ]?[0-9]{0,4}"))
def test_any_text_gives_a_date_or_a_sentence(text):
    assert message_for(text).startswith(("Enter ", "There is no such day"))


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        # Winter: the day begins at midnight UTC. Clocks go forward on 29 March 2026.
        (datetime(2026, 3, 28, 23, 59, tzinfo=UTC), date(2026, 3, 28)),
        (datetime(2026, 3, 29, 0, 0, tzinfo=UTC), date(2026, 3, 29)),
        (datetime(2026, 3, 29, 22, 59, tzinfo=UTC), date(2026, 3, 29)),
        (datetime(2026, 3, 29, 23, 0, tzinfo=UTC), date(2026, 3, 30)),
        # Summer: it begins at 23:00 UTC. Clocks go back on 25 October 2026.
        (datetime(2026, 10, 24, 22, 59, tzinfo=UTC), date(2026, 10, 24)),
        (datetime(2026, 10, 24, 23, 0, tzinfo=UTC), date(2026, 10, 25)),
        (datetime(2026, 10, 25, 23, 30, tzinfo=UTC), date(2026, 10, 25)),
        (datetime(2026, 10, 26, 0, 0, tzinfo=UTC), date(2026, 10, 26)),
    ],
)
def test_uk_today_across_the_clock_changes(moment, expected):
    assert uk_today(moment) == expected


def test_uk_today_refuses_a_naive_datetime():
    with pytest.raises(ValueError, match="time zone"):
        uk_today(datetime(2026, 3, 29, 12, 0))


def test_week_and_academic_year():
    assert week_of(TODAY) == (date(2026, 11, 9), date(2026, 11, 15))
    assert academic_year_of(TODAY) == (date(2026, 9, 1), date(2027, 8, 31))
