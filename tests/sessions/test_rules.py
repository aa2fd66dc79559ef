import time as clock
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keywork.key_work_presets import FOCUS_ROTATION, presets
from keywork.term_dates import ClosedDays, HalfTermDates, SchoolCalendar
from sessions.rules import (
    PlannedSlot,
    counts_from,
    length_problem,
    moves_the_due_date,
    next_session_day,
    plan_series,
    quota_period,
    quota_state,
    quota_wanted,
    recorded_by,
    room_for_targets,
    series_dates,
    session_anchor,
    session_due_on,
    slots_clash,
    suggest_focus,
    target_is_active,
    weekly_targets_due_on,
)
from tests.keywork.calendars import (
    calendar_with_closure,
    calendar_without_closure,
    half_terms_2026_27,
)

CLOSURE = calendar_with_closure()
OPEN = calendar_without_closure()
AUTUMN_2 = half_terms_2026_27()[1]
SPECIAL_DAY = presets()["special_day"].parameters
DAYS = st.dates(date(2026, 9, 1), date(2027, 7, 31))


def test_recorded_by_keeps_the_day_itself():
    days = [date(2026, 11, 3), date(2026, 11, 4), date(2026, 11, 5)]
    assert recorded_by(days, date(2026, 11, 4)) == days[:2]


# Session


def test_anchor_is_the_last_held_session():
    held = date(2026, 10, 14)
    assert session_anchor(held, date(2026, 9, 2), date(2026, 10, 20)) == held
    assert session_anchor(held, date(2026, 9, 2), None) == held


def test_anchor_of_a_student_never_seen():
    joined, assigned = date(2026, 9, 2), date(2026, 10, 12)
    assert session_anchor(None, joined, assigned) == assigned
    assert session_anchor(None, assigned, joined) == assigned
    assert session_anchor(None, joined, None) is None


@pytest.mark.parametrize(
    ("anchor", "expected"),
    [
        # Edge sample 01, students A, B and C.
        (date(2026, 10, 14), date(2026, 11, 6)),
        (date(2026, 10, 23), date(2026, 11, 17)),
        (date(2026, 10, 12), date(2026, 11, 3)),
    ],
)
def test_session_across_half_term_inset_and_a_closure(anchor, expected):
    assert session_due_on(CLOSURE, anchor, 10) == expected


@pytest.mark.parametrize(
    ("anchor", "expected"),
    [
        # Edge sample 04: A, B (never seen, joined 23 November), C, D and E.
        (date(2026, 11, 19), date(2026, 12, 3)),
        (date(2026, 11, 23), date(2026, 12, 7)),
        (date(2026, 12, 10), date(2027, 1, 7)),
        (date(2026, 11, 18), date(2026, 12, 2)),
        (date(2026, 11, 24), date(2026, 12, 8)),
    ],
)
def test_session_every_ten_school_days(anchor, expected):
    assert session_due_on(OPEN, anchor, 10) == expected


@pytest.mark.parametrize(
    ("held", "expected"),
    [(date(2026, 11, 10), date(2026, 11, 17)), (date(2026, 11, 11), date(2026, 11, 18))],
)
def test_session_every_five_school_days(held, expected):
    # Edge sample 05, students A and C.
    assert session_due_on(OPEN, held, 5) == expected


def test_no_session_duty_without_an_anchor_or_beyond_the_calendar():
    assert session_due_on(OPEN, None, 10) is None
    assert session_due_on(OPEN, date(2027, 7, 14), 10) is None


@pytest.mark.parametrize(
    ("missed", "expected"),
    [
        # Held Thu 19 November, so due Thu 3 December.
        (None, date(2026, 12, 3)),
        # Missed before it is due: the later of the two dates.
        (date(2026, 11, 30), date(2026, 12, 3)),
        (date(2026, 12, 2), date(2026, 12, 3)),
        # Missed on the day and after it, and on a Friday.
        (date(2026, 12, 3), date(2026, 12, 4)),
        (date(2026, 12, 4), date(2026, 12, 7)),
        (date(2026, 12, 18), date(2027, 1, 4)),
        # On the day of the anchor, or before it, it moves nothing.
        (date(2026, 11, 19), date(2026, 12, 3)),
        (date(2026, 11, 18), date(2026, 12, 3)),
    ],
)
def test_an_excused_miss_moves_the_date(missed, expected):
    assert session_due_on(OPEN, date(2026, 11, 19), 10, missed) == expected


def test_an_excused_miss_on_the_calendars_last_day_leaves_no_date():
    assert session_due_on(OPEN, date(2027, 7, 1), 10, date(2027, 7, 21)) is None


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("pupil_absent", True),
        ("declined", True),
        ("suspended", True),
        ("closure", True),
        ("staff_absent", False),
        ("no_time", False),
        ("other", False),
        ("", False),
    ],
)
def test_which_reasons_move_the_date(reason, expected):
    assert moves_the_due_date(reason) is expected


@given(anchor=DAYS, every=st.integers(1, 15), missed=st.none() | DAYS)
def test_a_miss_never_brings_a_session_forward(anchor, every, missed):
    plain = session_due_on(OPEN, anchor, every)
    moved = session_due_on(OPEN, anchor, every, missed)
    if moved:
        assert moved >= plain > anchor
        assert OPEN.is_school_day(moved)
        assert missed is None or missed <= anchor or moved > missed


# Quota


def test_autumn_2_has_34_school_days():
    assert OPEN.school_days_in(AUTUMN_2) == 34


@pytest.mark.parametrize(
    ("starts", "expected"),
    [
        (date(2026, 9, 2), 3),
        (date(2026, 11, 2), 3),
        # From the second school day on 33 of 34 are left: floor(2.91).
        (date(2026, 11, 4), 2),
        # Edge sample 04: D 25 days floor(2.2), B 20 days floor(1.76), C 7 days floor(0.61).
        (date(2026, 11, 16), 2),
        (date(2026, 11, 23), 1),
        (date(2026, 12, 10), 0),
        (date(2026, 12, 19), 0),
    ],
)
def test_quota_in_proportion(starts, expected):
    assert quota_wanted(OPEN, AUTUMN_2, 3, starts) == expected


@pytest.mark.parametrize(
    ("starts", "expected"),
    [
        # Of a quota of 1, half of the 34 days or more give 1: 17 left from 26 November.
        (date(2026, 11, 3), 1),
        (date(2026, 11, 4), 1),
        (date(2026, 11, 26), 1),
        (date(2026, 11, 27), 0),
    ],
)
def test_one_session_where_half_the_period_is_left(starts, expected):
    assert quota_wanted(OPEN, AUTUMN_2, 1, starts) == expected


def test_quota_of_a_period_without_school_days():
    closed = ClosedDays("closure", "Flood", AUTUMN_2.start, AUTUMN_2.end)
    calendar = SchoolCalendar([AUTUMN_2], [closed])
    assert quota_wanted(calendar, AUTUMN_2, 3, date(2026, 11, 9)) == 0
    assert quota_state(calendar, AUTUMN_2, 3, 0, date(2026, 11, 9)) is None


@pytest.mark.parametrize(
    ("on", "needs_one", "needs_two"),
    [
        # Edge sample 04: school days left are 10, 9, 5 and 4.
        (date(2026, 12, 7), False, False),
        (date(2026, 12, 8), False, True),
        (date(2026, 12, 14), False, True),
        (date(2026, 12, 15), True, True),
    ],
)
def test_quota_at_risk(on, needs_one, needs_two):
    one, two = quota_state(OPEN, AUTUMN_2, 3, 2, on), quota_state(OPEN, AUTUMN_2, 3, 1, on)
    assert (one.needed, one.at_risk, one.due_on) == (1, needs_one, date(2026, 12, 18))
    assert (two.needed, two.at_risk) == (2, needs_two)


@pytest.mark.parametrize(("on", "expected"), [((11, 30), False), ((12, 1), True)])
def test_quota_at_risk_with_none_held(on, expected):
    # Edge sample 01: 15 school days left on 30 November, 14 on 1 December.
    assert quota_state(CLOSURE, AUTUMN_2, 3, 0, date(2026, *on)).at_risk is expected


def test_quota_met_or_exceeded_needs_nothing():
    last_day = date(2026, 12, 18)
    assert [quota_state(OPEN, AUTUMN_2, 3, held, last_day).needed for held in (3, 4)] == [0, 0]
    assert not quota_state(OPEN, AUTUMN_2, 3, 3, last_day).at_risk


def test_quota_period_is_the_half_term():
    assert quota_period(OPEN, SPECIAL_DAY, date(2026, 12, 18)) == (3, AUTUMN_2)
    assert quota_period(OPEN, SPECIAL_DAY, date(2026, 10, 28)) is None
    assert quota_period(OPEN, SPECIAL_DAY, date(2026, 12, 19)) is None


def test_quota_period_is_the_term_with_its_break():
    residential = presets()["residential"].parameters
    quota, term = quota_period(OPEN, residential, date(2026, 10, 28))
    assert (quota, term.name, term.start, term.end) == (
        1,
        "Autumn 2026",
        date(2026, 9, 1),
        date(2026, 12, 18),
    )
    assert quota_period(OPEN, residential, date(2026, 12, 19)) is None


def test_no_quota_under_a_model_without_one():
    community = presets()["community"].parameters
    assert quota_period(OPEN, community, date(2026, 11, 3)) is None


def test_counts_from_the_later_of_joining_and_assignment():
    # Edge sample 04, student B: assigned a week before joining.
    assert counts_from(date(2026, 11, 23), date(2026, 11, 16)) == date(2026, 11, 23)
    assert counts_from(date(2026, 9, 2), date(2026, 11, 16)) == date(2026, 11, 16)
    assert counts_from(date(2026, 9, 2), None) is None


@given(earlier=DAYS, later=DAYS, quota=st.integers(1, 6))
def test_who_starts_later_is_owed_no_more(earlier, later, quota):
    first, second = sorted([earlier, later])
    owed = quota_wanted(OPEN, AUTUMN_2, quota, first)
    assert quota >= owed >= quota_wanted(OPEN, AUTUMN_2, quota, second) >= 0


# Targets


@pytest.mark.parametrize(
    ("status", "closed_on", "expected"),
    [
        ("active", None, True),
        ("achieved", date(2026, 11, 21), True),
        ("achieved", date(2026, 11, 20), False),
        ("withdrawn", None, False),
    ],
)
def test_target_is_active(status, closed_on, expected):
    found = target_is_active(status, date(2026, 11, 2), closed_on, date(2026, 11, 20))
    assert found is expected


def test_a_target_is_not_active_before_it_was_set():
    assert not target_is_active("active", date(2026, 11, 3), None, date(2026, 11, 2))
    assert target_is_active("active", date(2026, 11, 3), None, date(2026, 11, 3))


@pytest.mark.parametrize(
    ("last_set_on", "on", "expected"),
    [
        (None, date(2026, 11, 4), date(2026, 11, 6)),
        (date(2026, 11, 1), date(2026, 11, 4), date(2026, 11, 6)),
        (date(2026, 11, 2), date(2026, 11, 4), None),
        (date(2026, 11, 4), date(2026, 11, 8), None),
        (date(2026, 11, 1), date(2026, 11, 8), date(2026, 11, 6)),
        (None, date(2026, 10, 28), None),
    ],
)
def test_weekly_targets(last_set_on, on, expected):
    assert weekly_targets_due_on(OPEN, last_set_on, on) == expected


def test_room_for_targets():
    assert [room_for_targets(count, 3) for count in (0, 2, 3, 4)] == [3, 1, 0, 0]


# Preparing


@pytest.mark.parametrize(
    ("held", "has_ehcp", "expected"),
    [
        ([], True, "ehcp"),
        ([], False, "iep"),
        (["ehcp"], True, "iep"),
        (["iep"], True, "ehcp"),
        (["iep"], False, "student_voice"),
        (["iep", "behaviour"], True, "ehcp"),
        (["ehcp", "iep", "student_voice"], True, "ehcp"),
        (["ehcp", "iep", "student_voice", "ehcp"], True, "iep"),
    ],
)
def test_suggest_focus(held, has_ehcp, expected):
    assert suggest_focus(held, has_ehcp=has_ehcp, rotation=FOCUS_ROTATION) == expected


def test_a_school_may_rotate_otherwise():
    rotation = ["wellbeing", "ehcp"]
    assert suggest_focus(["wellbeing"], has_ehcp=True, rotation=rotation) == "ehcp"
    assert suggest_focus(["wellbeing"], has_ehcp=False, rotation=rotation) == "wellbeing"
    assert suggest_focus([], has_ehcp=True, rotation=[]) is None


@pytest.mark.parametrize(
    ("minutes", "maximum", "expected"),
    [
        (20, 20, ""),
        (21, 20, "A session is 20 minutes at most"),
        (90, None, ""),
        (0, None, "Enter the number of minutes, like 20"),
        (-5, 20, "Enter the number of minutes, like 20"),
    ],
)
def test_length_problem(minutes, maximum, expected):
    assert length_problem(minutes, maximum) == expected


# Series


def test_series_to_the_end_of_the_half_term_without_closed_days():
    # Thursdays; the 5th is a closure.
    expected = [
        date(2026, *day) for day in [(11, 12), (11, 19), (11, 26), (12, 3), (12, 10), (12, 17)]
    ]
    assert series_dates(CLOSURE, date(2026, 11, 3), 3) == expected


def test_series_starts_on_the_day_itself():
    assert series_dates(OPEN, date(2026, 12, 11), 4) == [date(2026, 12, 11), date(2026, 12, 18)]
    assert series_dates(OPEN, date(2026, 12, 18), 0) == []


def test_series_asked_for_in_the_break_is_the_next_half_terms():
    days = series_dates(OPEN, date(2026, 10, 26), 0)
    # Monday 2 November is INSET.
    assert (days[0], days[-1], len(days)) == (date(2026, 11, 9), date(2026, 12, 14), 6)


def test_series_after_the_calendar_is_empty():
    assert series_dates(OPEN, date(2027, 8, 1), 0) == []


def test_clashes_are_marked():
    days = [date(2026, 11, 12), date(2026, 11, 19), date(2026, 11, 26)]
    taken = [
        PlannedSlot(datetime(2026, 11, 12, 13, 50, tzinfo=UTC), 20),
        PlannedSlot(datetime(2026, 11, 19, 14, 0, tzinfo=UTC), 20),
        PlannedSlot(datetime(2026, 11, 26, 13, 20, tzinfo=UTC), 20),
    ]
    planned = plan_series(days, time(13, 40, tzinfo=UTC), 20, taken)
    assert [slot.clash for slot in planned] == [True, False, False]
    assert [slot.starts_at for slot in planned] == [
        datetime.combine(day, time(13, 40, tzinfo=UTC)) for day in days
    ]


def test_slots_clash_both_ways():
    long = PlannedSlot(datetime(2026, 11, 12, 13, 0, tzinfo=UTC), 60)
    inside = PlannedSlot(datetime(2026, 11, 12, 13, 20, tzinfo=UTC), 20)
    assert slots_clash(long, inside)
    assert slots_clash(inside, long)


@pytest.mark.parametrize(
    ("first", "hours_utc"),
    [
        # Clocks go forward on 29 March and back on 25 October 2026.
        (date(2026, 3, 24), [13, 12]),
        (date(2026, 10, 20), [12, 13]),
    ],
)
def test_a_series_keeps_its_time_when_the_clocks_change(first, hours_utc):
    terms = [
        HalfTermDates("Spring 2026", "Spring 2", date(2026, 2, 23), date(2026, 4, 1)),
        HalfTermDates("Autumn 2026", "Autumn 1", date(2026, 9, 1), date(2026, 10, 30)),
    ]
    days = series_dates(SchoolCalendar(terms), first, 1)
    assert days == [first, first + timedelta(days=7)]
    at = time(13, 40, tzinfo=ZoneInfo("Europe/London"))
    taken = [
        PlannedSlot(datetime(2026, first.month, day.day, 13, 50, tzinfo=UTC), 5) for day in days
    ]
    slots = plan_series(days, at, 20, taken)
    assert [slot.starts_at.astimezone(UTC).hour for slot in slots] == hours_utc
    assert [slot.starts_at.hour for slot in slots] == [13, 13]
    # 13:50 UTC is 13:50 by the clock in winter, 14:50 in summer.
    assert [slot.clash for slot in slots] == [hour == 13 for hour in hours_utc]


# Speed


def test_twenty_thousand_students_take_a_moment():
    on = date(2026, 11, 20)
    began = clock.process_time()
    for index in range(20_000):
        anchor = session_anchor(on - timedelta(days=index % 30), date(2026, 9, 2), None)
        session_due_on(OPEN, anchor, 10, on)
        quota, period = quota_period(OPEN, SPECIAL_DAY, on)
        wanted = quota_wanted(OPEN, period, quota, date(2026, 11, 9))
        quota_state(OPEN, period, wanted, index % 4, on)
        weekly_targets_due_on(OPEN, anchor, on)
    assert clock.process_time() - began < 5


@pytest.mark.parametrize(
    ("due_on", "usual", "expected"),
    [
        (date(2026, 11, 17), None, date(2026, 11, 17)),
        (None, date(2026, 11, 26), date(2026, 11, 26)),
        (date(2026, 12, 18), date(2026, 11, 26), date(2026, 11, 26)),
        (date(2026, 11, 17), date(2026, 11, 26), date(2026, 11, 17)),
        (date(2026, 11, 10), None, date(2026, 11, 13)),  # late: the next school day
        (date(2026, 11, 12), None, date(2026, 11, 13)),
        (date(2026, 11, 22), None, date(2026, 11, 20)),  # a Sunday: the Friday before
        (None, None, None),
    ],
)
def test_the_next_session_is_offered_no_later_than_it_is_due(due_on, usual, expected):
    assert next_session_day(OPEN, date(2026, 11, 12), due_on, usual) == expected


def test_no_session_is_offered_beyond_the_calendar():
    last = OPEN.school_days[-1]
    assert next_session_day(OPEN, last, last, None) is None
