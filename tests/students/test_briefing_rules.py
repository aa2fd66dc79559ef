"""The briefing's rules, on numbers counted by hand."""

from datetime import date

import pytest

from keywork.term_dates import HalfTermDates, SchoolCalendar
from students.rules.briefing import (
    Finding,
    SlipFact,
    Tally,
    Verdict,
    Window,
    compare,
    count_change,
    keeps_coming_up,
    most_slips,
    percent_change,
    praise,
    windows,
    yearly_review_by,
)

SEPTEMBER = date(2026, 9, 1)
AUTUMN = SchoolCalendar(
    [
        HalfTermDates("Autumn 2026", "Autumn 1", SEPTEMBER, date(2026, 10, 23)),
        HalfTermDates("Autumn 2026", "Autumn 2", date(2026, 11, 2), date(2026, 12, 18)),
    ]
)


def nov(day):
    return date(2026, 11, day)


def tally(low=0, high=0, rewards=0, points=0, **codes):
    return Tally(low, high, rewards, points, codes)


def test_ten_school_days_since_the_session_of_22_october_against_the_ten_before():
    # 23 October, half-term week, 2 to 6 and 9 to 12 November: ten. The ten up to 22 October begin
    # on Friday 9 October.
    found = windows(AUTUMN, nov(12), last_held=date(2026, 10, 22), on_roll_from=SEPTEMBER)
    assert found.since == Window(date(2026, 10, 23), nov(12), 10)
    assert found.before == Window(date(2026, 10, 9), date(2026, 10, 22), 10)
    assert found.why_none == ""


def test_a_first_session_has_the_last_ten_school_days_and_no_comparison():
    found = windows(AUTUMN, nov(12), last_held=None, on_roll_from=SEPTEMBER)
    assert found.since == Window(date(2026, 10, 23), nov(12), 10)
    assert found.before is None
    assert found.why_none.startswith("First session")


def test_a_newcomer_is_counted_from_the_first_day():
    found = windows(AUTUMN, nov(12), last_held=None, on_roll_from=nov(9))
    assert found.since == Window(nov(9), nov(12), 4)


@pytest.mark.parametrize(
    ("last_held", "on", "joined", "why"),
    [
        (nov(12), nov(12), SEPTEMBER, "No school day has passed"),
        (nov(13), nov(15), SEPTEMBER, "No school day has passed"),  # a weekend
        (date(2026, 9, 3), nov(12), SEPTEMBER, "The calendar does not reach"),
        (nov(6), nov(12), nov(4), "On roll only since 4 November"),
    ],
)
def test_where_there_is_no_equal_time_before_it_says_so(last_held, on, joined, why):
    found = windows(AUTUMN, on, last_held=last_held, on_roll_from=joined)
    assert found.before is None
    assert found.why_none.startswith(why)


@pytest.mark.parametrize(
    ("before", "since", "fewer_is_better", "words", "direction"),
    [
        (5, 2, True, "Better, 3 fewer", "down"),
        (0, 1, True, "Worse, 1 more", "up"),
        (14, 22, False, "Better, 8 more", "up"),
        (9, 4, False, "Worse, 5 fewer", "down"),
        (2, 2, True, "Same", "same"),
    ],
)
def test_changes_of_counts_in_words(before, since, fewer_is_better, words, direction):
    change = count_change(before, since, fewer_is_better=fewer_is_better)
    assert (change.text, change.direction) == (words, direction)


@pytest.mark.parametrize(
    ("before", "since", "words"),
    [
        ("91.7", "95.0", "Better, up 3.3"),
        ("95.0", "91.7", "Worse, down 3.3"),
        ("95.0", "95.0", "Same"),
    ],
)
def test_changes_of_attendance_in_words(before, since, words):
    assert percent_change(before, since).text == words


def test_attendance_not_known_on_one_side_has_no_change():
    assert percent_change("", "95.0") is None
    rows = compare(tally(I=2), tally())
    assert next(row for row in rows if row.label == "Attendance").before == "–"


def test_the_table_of_the_picture():
    # Twelve possible sessions with one away: 11/12 = 91.7; twenty with one away: 95.0.
    rows = compare(
        tally(2, 1, 4, 22, **{"/": 17, "L": 2, "I": 1}),
        tally(5, 0, 3, 14, **{"/": 9, "L": 2, "I": 1}),
    )
    assert [(row.label, row.before, row.since, row.change.text) for row in rows] == [
        ("Low-level slips", "5", "2", "Better, 3 fewer"),
        ("High-level slips", "0", "1", "Worse, 1 more"),
        ("Rewards", "3", "4", "Better, 1 more"),
        ("Points", "14", "22", "Better, 8 more"),
        ("Attendance", "91.7%", "95.0%", "Better, up 3.3"),
        ("Late", "2", "2", "Same"),
    ]


def slip(day=3, hour=10, category="Calling out", place="Lab 3", lesson="", staff="a"):
    return SlipFact(nov(day), hour, category, place, lesson, staff)


def test_a_category_reported_by_several_staff():
    slips = [
        slip(3, 13, staff="a", place="Lab 1"),
        slip(4, 14, staff="b", place="Lab 2"),
        slip(5, 13, staff="c", place="Lab 3"),
        slip(6, 10, staff="a", place="Gym"),
        slip(6, 11, "Phone", staff="a", place="Hall"),
    ]
    assert keeps_coming_up(slips) == [
        Finding("Calling out", "4 slips from 3 different staff, 3 of them in the afternoon.")
    ]


def test_one_member_of_staff_alone_is_said():
    slips = [slip(3, place=""), slip(4, place=""), slip(5, place="")]
    assert keeps_coming_up(slips) == [
        Finding("Calling out", "3 slips, all from one member of staff.")
    ]


def test_two_slips_of_one_person_are_no_pattern_and_unknown_staff_are_not_counted():
    assert keeps_coming_up([slip(3), slip(4)]) == []
    assert keeps_coming_up([slip(3, staff=""), slip(4, staff="")]) == []


def test_a_place_a_lesson_and_a_weekday_that_hold_more_than_half():
    # Mondays 2 and 9 November, two slips each; Tuesday 3 November one.
    slips = [
        slip(2, 9, "A", "Corridor", "P1", "a"),
        slip(2, 10, "B", "Corridor", "P1", "b"),
        slip(9, 9, "C", "Corridor", "P1", "c"),
        slip(9, 11, "D", "Hall", "P3", "d"),
        slip(3, 9, "E", "Gym", "", "e"),
    ]
    assert keeps_coming_up(slips) == [
        Finding("Corridor", "3 of 5 slips."),
        Finding("P1", "3 of 4 slips."),
        Finding("Mondays", "4 of 5 slips."),
    ]


def said(since, before=None, days=10, target=100):
    return praise(since, compare(since, before), school_days=days, points_target=target)


def test_no_slips_and_96_points():
    # Five school days at 100 a week: 96 is no few.
    assert said(tally(rewards=4, points=96), days=5) == [
        "No slips and 96 points: say so, and tell home."
    ]


def test_below_the_radar():
    # Half of 100 a week for ten school days is 100; 99 is few, 100 is not.
    few = "Few points: 99 points in 10 school days. Suggest 100 points a week."
    assert said(tally(rewards=4, points=99)) == [
        "No slips and 99 points: say so, and tell home.",
        few,
    ]
    assert len(said(tally(rewards=4, points=100))) == 1
    assert said(tally(points=0, **{"/": 9})) == [
        "No slips: say so, and tell home.",
        "Few points: 0 points in 10 school days. Suggest 100 points a week.",
    ]


def test_fewer_slips_are_praised_too():
    assert said(tally(low=2, points=10), tally(low=5, points=10)) == [
        "Better than before: low-level slips 3 fewer. Say so."
    ]


def test_nothing_recorded_is_no_praise_and_away_all_the_time_neither():
    assert said(tally()) == []
    assert said(tally(I=20))[0].startswith("Away all this time")


@pytest.mark.parametrize(
    ("made", "on", "by"),
    [
        (date(2026, 3, 10), nov(12), date(2027, 3, 9)),
        (date(2024, 3, 10), nov(12), date(2027, 3, 9)),
        (date(2025, 11, 13), nov(12), nov(12)),
        (date(2025, 11, 12), nov(12), date(2027, 11, 11)),
        (date(2024, 2, 29), date(2025, 1, 1), date(2025, 2, 27)),
        (date(2024, 2, 29), date(2027, 12, 1), date(2028, 2, 28)),
        (date(2026, 1, 1), date(2026, 12, 31), date(2026, 12, 31)),
        (nov(1), nov(12), date(2027, 10, 31)),
    ],
)
def test_a_plans_yearly_review(made, on, by):
    assert yearly_review_by(made, on) == by


def test_better_is_a_verdict():
    assert count_change(2, 1, fewer_is_better=True).verdict is Verdict.BETTER


@pytest.mark.parametrize(
    ("categories", "expected"),
    [
        ([], ""),
        (["Phone", "Uniform", ""], ""),
        (["", ""], ""),
        (["Phone", "Uniform", "Phone"], "Phone (2)"),
        (["Uniform", "Phone", "Phone", "Uniform"], "Phone (2)"),
        (["Phone", "Phone", "Uniform", "Uniform", "Uniform"], "Uniform (3)"),
    ],
)
def test_the_category_of_most_slips_is_one_that_came_up_twice(categories, expected):
    assert most_slips(categories) == expected
