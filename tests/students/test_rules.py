from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from students.rules import (
    AssignmentSpan,
    current_primary,
    first_primary_start,
    on_roll,
    overlap,
    overlapping_primary,
    unassigned_due_on,
)

JOINED = date(2026, 9, 2)
DAYS = st.dates(date(2026, 1, 1), date(2026, 12, 31))
ENDS = st.none() | DAYS


def primary(start, end=None, staff="lhague"):
    return AssignmentSpan("primary", start, end, staff)


def secondary(start, end=None, staff="moakes"):
    return AssignmentSpan("secondary", start, end, staff)


# Edge sample 05, student C: one key worker until Fri 13 November, the next from Wed 18.
WITH_A_GAP = [
    primary(JOINED, date(2026, 11, 13)),
    primary(date(2026, 11, 18), staff="moakes"),
]


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (date(2026, 9, 1), False),
        (date(2026, 9, 2), True),
        (date(2026, 11, 12), True),
        (date(2026, 11, 13), False),
    ],
)
def test_on_roll_from_the_first_to_the_leaving_day(on, expected):
    assert on_roll(JOINED, date(2026, 11, 12), on) is expected


def test_on_roll_without_a_leaving_day():
    assert on_roll(JOINED, None, date(2030, 1, 1))


@pytest.mark.parametrize(
    ("on", "staff"),
    [
        (date(2026, 9, 1), None),
        (date(2026, 9, 2), "lhague"),
        (date(2026, 11, 13), "lhague"),
        (date(2026, 11, 14), None),
        (date(2026, 11, 17), None),
        (date(2026, 11, 18), "moakes"),
    ],
)
def test_current_primary(on, staff):
    found = current_primary(WITH_A_GAP, on)
    assert (found.staff if found else None) == staff


def test_a_secondary_key_worker_is_not_the_primary():
    assert current_primary([secondary(JOINED)], JOINED) is None


def test_first_primary_start():
    on = date(2026, 11, 20)
    assert first_primary_start(reversed(WITH_A_GAP), on) == JOINED
    assert first_primary_start([secondary(JOINED)], on) is None
    assert first_primary_start([], on) is None


def test_an_assignment_that_starts_later_is_as_if_not_recorded():
    later = [primary(date(2026, 11, 16))]
    assert first_primary_start(later, date(2026, 11, 15)) is None
    assert first_primary_start(later, date(2026, 11, 16)) == date(2026, 11, 16)


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (date(2026, 11, 13), None),
        # Saturday: the day after, whether there is school or not.
        (date(2026, 11, 14), date(2026, 11, 14)),
        (date(2026, 11, 17), date(2026, 11, 14)),
        (date(2026, 11, 18), None),
    ],
)
def test_unassigned_between_two_key_workers(on, expected):
    assert unassigned_due_on(JOINED, WITH_A_GAP, on) == expected


def test_unassigned_since_joining():
    # Edge sample 05: B never had a key worker, D has a secondary one only.
    joined = date(2026, 11, 16)
    assert unassigned_due_on(joined, [], joined) == joined
    assert unassigned_due_on(JOINED, [secondary(JOINED)], date(2026, 11, 18)) == JOINED


def test_unassigned_after_coming_back_counts_from_joining():
    before = [primary(date(2025, 9, 2), date(2026, 3, 20))]
    assert unassigned_due_on(JOINED, before, date(2026, 9, 10)) == JOINED


def test_unassigned_after_the_last_of_several():
    assignments = [
        primary(JOINED, date(2026, 10, 9)),
        primary(date(2026, 10, 10), date(2026, 11, 6)),
        primary(date(2026, 12, 1)),
    ]
    assert unassigned_due_on(JOINED, assignments, date(2026, 11, 20)) == date(2026, 11, 7)


@pytest.mark.parametrize(
    ("other_start", "other_end", "expected"),
    [
        (date(2026, 9, 1), date(2026, 9, 9), False),
        (date(2026, 9, 1), date(2026, 9, 10), True),
        (date(2026, 9, 12), date(2026, 9, 13), True),
        (date(2026, 9, 20), None, True),
        (date(2026, 9, 21), None, False),
    ],
)
def test_overlap_counts_both_ends(other_start, other_end, expected):
    start, end = date(2026, 9, 10), date(2026, 9, 20)
    assert overlap(start, end, other_start, other_end) is expected


def test_overlapping_primary_names_the_other():
    new = primary(date(2026, 11, 13), staff="new")
    assert overlapping_primary(new, WITH_A_GAP) == WITH_A_GAP[0]
    fits = primary(date(2026, 11, 14), date(2026, 11, 17), staff="new")
    assert overlapping_primary(fits, WITH_A_GAP) is None


def test_a_secondary_overlaps_nothing():
    assert overlapping_primary(secondary(JOINED), WITH_A_GAP) is None
    assert overlapping_primary(primary(JOINED), [secondary(JOINED)]) is None


@given(start=DAYS, end=ENDS, other_start=DAYS, other_end=ENDS)
def test_overlap_means_a_shared_day(start, end, other_start, other_end):
    last, other_last = end or date(2027, 1, 1), other_end or date(2027, 1, 1)
    mine = {start + timedelta(days=n) for n in range((last - start).days + 1)}
    theirs = {other_start + timedelta(days=n) for n in range((other_last - other_start).days + 1)}
    if start <= last and other_start <= other_last:
        assert overlap(start, end, other_start, other_end) is bool(mine & theirs)
        assert overlap(other_start, other_end, start, end) is bool(mine & theirs)


@given(spans=st.lists(st.tuples(DAYS, ENDS), max_size=4), on=DAYS)
def test_a_student_is_either_assigned_or_unassigned(spans, on):
    assignments = [primary(start, end) for start, end in spans if end is None or start <= end]
    due_on = unassigned_due_on(date(2025, 9, 1), assignments, on)
    assert (current_primary(assignments, on) is None) is (due_on is not None)
    if due_on:
        assert due_on <= on
