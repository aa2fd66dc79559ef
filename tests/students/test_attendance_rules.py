"""Attendance figures, against the worked cases of the code table."""

from datetime import date

import pytest

from keywork.term_dates import HalfTermDates, SchoolCalendar
from students.rules.attendance import (
    CODES,
    Category,
    codes_in,
    figures,
    percent_of,
    ten_week_start,
)

ONE_OF_EACH = dict.fromkeys(CODES, 1)
AUTUMN = SchoolCalendar(
    [
        HalfTermDates("Autumn 2026", "Autumn 1", date(2026, 9, 1), date(2026, 10, 23)),
        HalfTermDates("Autumn 2026", "Autumn 2", date(2026, 11, 2), date(2026, 12, 18)),
    ]
)


def test_the_table_has_the_34_codes_of_2024():
    counts = {category: len(codes_in(category)) for category in Category}
    assert counts == {
        Category.PRESENT: 3,
        Category.APPROVED: 5,
        Category.AUTHORISED: 10,
        Category.UNAUTHORISED: 4,
        Category.NOT_POSSIBLE: 10,
        Category.ADMINISTRATIVE: 2,
    }


def test_each_code_once():
    found = figures(ONE_OF_EACH)
    assert (found.possible, found.attended) == (22, 8)
    assert (found.authorised, found.unauthorised, found.late) == (10, 4, 2)
    assert found.percent == "36.4"
    assert (found.persistent, found.severe) == (True, True)


def test_no_possible_attendance_says_nothing():
    found = figures({"D": 4, "#": 2})
    assert (found.possible, found.percent) == (0, "")
    assert (found.persistent, found.severe) == (False, False)


@pytest.mark.parametrize(
    ("absent", "possible", "persistent", "severe"),
    [
        (9, 100, False, False),
        (10, 100, True, False),
        (49, 100, True, False),
        (50, 100, True, True),
    ],
)
def test_thresholds_use_the_raw_fraction(absent, possible, persistent, severe):
    found = figures({"/": possible - absent, "I": absent})
    assert (found.persistent, found.severe) == (persistent, severe)


@pytest.mark.parametrize(
    ("part", "whole", "expected"),
    [
        (8, 13, "61.5"),
        (1, 8, "12.5"),
        (77, 80, "96.3"),
        (0, 5, "0.0"),
        (5, 5, "100.0"),
        (0, 0, ""),
    ],
)
def test_percent_rounds_half_up(part, whole, expected):
    """77 of 80 is 96.25: half up, where Python's round() would give 96.2."""
    assert percent_of(part, whole) == expected


def test_an_unknown_code_is_refused():
    with pytest.raises(KeyError):
        figures({"?": 1})


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (date(2026, 11, 20), date(2026, 9, 7)),  # 3 weeks of Autumn 2, then 7 of Autumn 1
        (date(2026, 11, 22), date(2026, 9, 7)),  # the Sunday of the same week
        (date(2026, 10, 28), date.min),  # half term; eight school weeks so far
        (date(2026, 12, 25), date(2026, 10, 5)),  # 7 weeks of Autumn 2; 19, 12 and 5 October
    ],
)
def test_ten_school_weeks_skip_the_holidays(on, expected):
    assert ten_week_start(AUTUMN, on) == expected
