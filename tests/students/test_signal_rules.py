"""Early signs of disengagement, on numbers counted by hand."""

from datetime import date

import pytest

from keywork.term_dates import HalfTermDates, SchoolCalendar
from students.rules.signals import Period, SignalKind, Spans, Thresholds, signals, spans

CALENDAR = SchoolCalendar(
    [HalfTermDates("Autumn 2026", "Autumn 1", date(2026, 9, 1), date(2026, 10, 23))]
)
DEFAULTS = Thresholds()


def period(slips=0, points=0, present=0, away=0):
    return Period(slips, points, {"/": present, "I": away})


def found(before, recent, missed=0, thresholds=DEFAULTS):
    return [each.kind for each in signals(before, recent, missed, thresholds)]


def test_two_windows_of_fifteen_school_days():
    # Back from Wednesday 21 October: 15 school days begin on 1 October, 30 on 10 September.
    found = spans(CALENDAR, date(2026, 10, 21), 15)
    assert found == Spans(date(2026, 9, 10), date(2026, 10, 1), date(2026, 10, 21), 15)
    assert found.before_last == date(2026, 9, 30)


def test_a_calendar_too_short_has_no_windows():
    assert spans(CALENDAR, date(2026, 9, 30), 15) is None


@pytest.mark.parametrize(
    ("before", "recent", "spoken"),
    [
        # 27 of 30 is 90.0, 24 of 30 is 80.0: ten points down
        (period(present=27, away=3), period(present=24, away=6), True),
        # 25 of 30 is 83.3: less than ten
        (period(present=27, away=3), period(present=25, away=5), False),
        # too few to judge
        (period(present=19), period(present=0, away=30), False),
        (period(present=30), period(present=0, away=19), False),
    ],
)
def test_falling_attendance(before, recent, spoken):
    assert (SignalKind.ATTENDANCE in found(before, recent)) is spoken


@pytest.mark.parametrize(
    ("before", "recent", "spoken"),
    [(0, 3, True), (0, 2, False), (3, 6, True), (4, 7, False), (6, 3, False)],
)
def test_rising_slips(before, recent, spoken):
    assert (SignalKind.SLIPS in found(period(before), period(recent))) is spoken


@pytest.mark.parametrize(
    ("before", "recent", "spoken"),
    [(40, 20, True), (40, 21, False), (19, 0, False), (20, 10, True)],
)
def test_falling_points(before, recent, spoken):
    both = period(points=before), period(points=recent)
    assert (SignalKind.POINTS in found(*both)) is spoken


def test_missed_sessions_count_without_an_earlier_window():
    assert found(None, period(slips=9), 2) == [SignalKind.MISSED]
    assert found(None, period(), 1) == []


def test_a_signal_says_which_rule_and_which_numbers():
    signal = signals(period(slips=1), period(slips=4), 0, DEFAULTS)[0]
    assert signal.title == "Slips are rising"
    assert signal.text == "4 in the last 15 school days, 1 in the 15 before."
    assert signal.threshold == "Shown from 3 more and twice as many."
    fallen = signals(period(present=27, away=3), period(present=24, away=6), 0, DEFAULTS)[0]
    assert fallen.text == (
        "80.0% in the last 15 school days (24 of 30 sessions), 90.0% in the 15 before (27 of 30)."
    )
    assert fallen.threshold == "Shown from 10 points down."


def test_nought_turns_a_rule_off_and_a_school_may_set_its_own():
    off = Thresholds(attendance_drop=0, slips_more=0, points_drop=0, missed_sessions=0)
    worst = period(present=30, points=90), period(slips=30, away=30)
    assert found(*worst, 9) == list(SignalKind)
    assert found(*worst, 9, off) == []
    assert found(period(slips=0), period(slips=2), 0, Thresholds(slips_more=2))
