import random
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keywork.duties import Duty, DutyKind, DutyStatus, act_by_of, in_list, sort_key, status_of
from tests.keywork.calendars import calendar_with_closure

CALENDAR = calendar_with_closure()
ON = date(2026, 11, 3)
DAYS = st.dates(date(2026, 8, 1), date(2027, 8, 31))


def duty(**changes):
    values = {
        "kind": DutyKind.SESSION,
        "student": "A999910121101",
        "owner": "lhague",
        "due_on": ON,
        "act_by": ON,
        "status": DutyStatus.DUE,
    }
    return Duty(**{**values, **changes})


@pytest.mark.parametrize(
    ("act_by", "at_risk", "expected"),
    [
        (ON - timedelta(days=1), False, DutyStatus.OVERDUE),
        (ON - timedelta(days=1), True, DutyStatus.OVERDUE),
        (ON, False, DutyStatus.DUE),
        (ON, True, DutyStatus.DUE),
        (ON + timedelta(days=1), True, DutyStatus.AT_RISK),
        (ON + timedelta(days=1), False, DutyStatus.UPCOMING),
    ],
)
def test_status_of(act_by, at_risk, expected):
    assert status_of(act_by, ON, at_risk) is expected


@pytest.mark.parametrize(
    ("act_by", "expected"), [(date(2026, 11, 17), True), (date(2026, 11, 18), False)]
)
def test_upcoming_duties_up_to_fourteen_days_ahead(act_by, expected):
    # Edge sample 01: 3 November + 14 = 17 November, just inside.
    upcoming = duty(act_by=act_by, due_on=act_by, status=DutyStatus.UPCOMING)
    assert in_list(upcoming.status, upcoming.act_by, ON) is expected


def test_the_horizon_can_be_given():
    tomorrow = duty(act_by=ON + timedelta(days=1), status=DutyStatus.UPCOMING)
    assert in_list(tomorrow.status, tomorrow.act_by, ON, horizon=1)
    assert not in_list(tomorrow.status, tomorrow.act_by, ON, horizon=0)


@pytest.mark.parametrize("status", [DutyStatus.OVERDUE, DutyStatus.DUE, DutyStatus.AT_RISK])
def test_other_duties_whatever_the_horizon(status):
    assert in_list(status, date(2026, 12, 18), ON, horizon=0)


def test_act_by_is_the_school_day_before():
    assert act_by_of(DutyKind.TARGET_REVIEW, date(2026, 11, 8), CALENDAR) == date(2026, 11, 6)
    assert act_by_of(DutyKind.SESSION, date(2026, 11, 6), CALENDAR) == date(2026, 11, 6)


def test_unassigned_is_not_moved_back_before_it_arose():
    # Edge sample 05: due on Saturday 14 November.
    saturday = date(2026, 11, 14)
    assert act_by_of(DutyKind.UNASSIGNED, saturday, CALENDAR) == saturday


def test_the_order_is_act_by_kind_student_due_on_owner():
    later = ON + timedelta(days=1)
    ordered = [
        duty(),
        duty(owner="moakes"),
        duty(due_on=later),
        duty(student="B999910121101"),
        duty(kind=DutyKind.SESSION_QUOTA, student=""),
        duty(kind=DutyKind.TARGET_REVIEW),
        duty(act_by=later, kind=DutyKind.SESSION),
    ]
    shuffled = random.Random(7).sample(ordered, len(ordered))
    assert sorted(shuffled, key=sort_key) == ordered


@given(due_on=DAYS, kind=st.sampled_from(list(DutyKind)))
def test_act_by_is_never_after_due_on(due_on, kind):
    assert act_by_of(kind, due_on, CALENDAR) <= due_on


@given(act_by=DAYS, on=DAYS, at_risk=st.booleans())
def test_a_duty_that_entered_the_list_never_leaves_it_by_waiting(act_by, on, at_risk):
    today = duty(act_by=act_by, status=status_of(act_by, on, at_risk))
    tomorrow_on = on + timedelta(days=1)
    tomorrow = duty(act_by=act_by, status=status_of(act_by, tomorrow_on, at_risk))
    later = in_list(tomorrow.status, act_by, tomorrow_on)
    assert later or not in_list(today.status, act_by, on)
