"""Patterns: each example is counted and its chance worked out by hand."""

from datetime import date, timedelta

import pytest

from students.rules import patterns
from students.rules.patterns import Day, chance_of, days_of

MONDAY = date(2026, 9, 7)


def weekdays(count, start=MONDAY):
    days = (start + timedelta(days=number) for number in range(count * 2))
    return [day for day in days if day.weekday() < 5][:count]


def record(dates, am=(), pm=(), codes="I"):
    return [Day(day, codes if day in am else "/", codes if day in pm else "\\") for day in dates]


def texts(found):
    return [each.text for each in found]


# 3 late Mondays of 9, 2 of 37 others: of the C(46,5) = 1,370,754 ways to lay five late days,
# C(9,3)C(37,2) + C(9,4)C(37,1) + C(9,5) = 55,944 + 4,662 + 126 have three Mondays or more.
def test_chance_is_the_exact_tail():
    assert chance_of(3, 9, 2, 37) == pytest.approx(60732 / 1370754)
    assert chance_of(0, 9, 2, 37) == pytest.approx(1)


def test_late_on_mondays_of_the_screens_is_said_with_its_numbers():
    dates = weekdays(46)  # nine Mondays and one more; the last is left out below
    dates.remove(max(day for day in dates if day.weekday() == 0))
    dates.append(dates[-1] + timedelta(days=8 - dates[-1].weekday()))  # a Tuesday instead
    mondays = [day for day in dates if day.weekday() == 0]
    others = [day for day in dates if day.weekday() == 2]
    late = {*mondays[:3], *others[:2]}
    days = record(dates, am=late, codes="L")
    assert (len(mondays), len(dates)) == (9, 46)
    assert texts(patterns.weekday_late(days)) == ["Late on 3 of 9 Mondays; 2 of 37 other days."]
    assert patterns.weekday_away(days) == []


def test_as_many_on_other_days_is_no_pattern():
    dates = weekdays(45)
    mondays = [day for day in dates if day.weekday() == 0]
    spread = {*mondays[:3], *[day for day in dates if day.weekday() == 4][:3]}
    assert patterns.weekday_away(record(dates, am=spread, pm=spread)) == []


@pytest.mark.parametrize(("weeks", "away", "said"), [(5, 3, 0), (6, 3, 1), (9, 2, 0)])
def test_few_days_are_no_pattern(weeks, away, said):
    dates = weekdays(weeks * 5)
    fridays = [day for day in dates if day.weekday() == 4][:away]
    assert len(patterns.weekday_away(record(dates, am=fridays, pm=fridays))) == said


def test_first_days_after_a_break():
    before = weekdays(40)
    blocks = [weekdays(20, date(2026, 9, 7) + timedelta(weeks=6 * n)) for n in range(4)]
    dates = [day for block in blocks for day in block]
    firsts = [block[0] for block in blocks[1:]]
    days = record(dates, am=firsts, pm=firsts)
    assert texts(patterns.after_breaks(days, dates)) == [
        "Away on 3 of 3 first days after a break; 0 of 77 other days."
    ]
    assert patterns.after_breaks(record(before, am=before[:1]), before) == []  # no break at all


def test_two_breaks_are_too_few():
    blocks = [weekdays(20, date(2026, 9, 7) + timedelta(weeks=6 * n)) for n in range(3)]
    dates = [day for block in blocks for day in block]
    firsts = [block[0] for block in blocks[1:]]
    assert patterns.after_breaks(record(dates, am=firsts, pm=firsts), dates) == []


# All of five afternoons by chance: 1 of 32. Four of five: 6 of 32, and not said.
@pytest.mark.parametrize(("afternoons", "said"), [(5, True), (4, False)])
def test_halves_of_the_day(afternoons, said):
    dates = weekdays(30)
    days = record(dates, pm=dates[:afternoons], am=dates[10 : 15 - afternoons])
    text = ["Of 5 days missed in part, the afternoons on 5."]
    assert texts(patterns.half_days(days)) == (text if said else [])


def test_a_cluster_is_three_separate_absences_in_two_weeks():
    dates = weekdays(30)
    away = [dates[-9], dates[-6], dates[-2], dates[-1]]
    assert texts(patterns.cluster(record(dates, am=away, pm=away))) == [
        "3 separate absences in the last 10 school days, on 4 of them; on 0 of the 20 days before."
    ]
    week = dates[-5:]  # one illness
    assert patterns.cluster(record(dates, am=week, pm=week)) == []
    assert patterns.cluster(record(dates[-15:], am=away, pm=away)) == []  # too few days in all


def test_days_hold_both_sessions_and_leave_out_what_was_not_possible():
    marks = [
        (date(2026, 11, 3), "PM", "\\"),
        (date(2026, 11, 2), "AM", "#"),
        (date(2026, 11, 3), "AM", "U"),
        (date(2026, 11, 4), "AM", "Y4"),
        (date(2026, 11, 4), "PM", "I"),
    ]
    days = days_of(marks)
    assert [(day.on.day, day.codes) for day in days] == [(3, ("U", "\\")), (4, ("I",))]
    assert [day.away for day in days] == [False, True]
    assert [day.late for day in days] == [True, False]
    assert [day.came for day in days] == [True, False]


def test_everything_together_and_nothing_of_nothing():
    assert patterns.patterns([], longer=[], school_days=[]) == []
    dates = weekdays(45)
    fridays = [day for day in dates if day.weekday() == 4][:4]
    days = record(dates, am=fridays, pm=fridays)
    found = patterns.patterns(days, longer=days, school_days=dates)
    assert texts(found) == ["Away on 4 of 9 Fridays; 0 of 36 other days."]
