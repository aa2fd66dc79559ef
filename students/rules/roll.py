"""Rules about roll and assignments: plain values in, answers out.

Spans include their first and last day; an empty end is open. What starts
after the date asked about is as if not recorded (rules, "Dates asked about").
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import NamedTuple

PRIMARY = "primary"
SECONDARY = "secondary"


class AssignmentSpan(NamedTuple):
    """A key worker's assignment to one student, first and last day included.

    `staff` is whatever names the key worker for the caller: a username or id.
    """

    role: str
    start: date
    end: date | None
    staff: str | int


def on_roll(on_roll_from: date, left_on: date | None, on: date) -> bool:
    """Whether a student is on roll; the leaving day itself still counts."""
    return spans(on_roll_from, left_on, on)


def spans(start: date, end: date | None, on: date) -> bool:
    """Whether `on` lies in the span, both ends included, an empty end open."""
    return start <= on and (end is None or on <= end)


def overlap(start: date, end: date | None, other_start: date, other_end: date | None) -> bool:
    """Whether two spans share a day: one that ends the day before does not."""
    return start <= (other_end or date.max) and other_start <= (end or date.max)


def overlapping_primary(
    new: AssignmentSpan, assignments: Iterable[AssignmentSpan]
) -> AssignmentSpan | None:
    """The first primary assignment that `new` may not stand beside.

    None where `new` is secondary or clashes with nothing. The caller leaves
    out the row that `new` replaces.
    """
    if new.role != PRIMARY:
        return None
    for other in assignments:
        if other.role == PRIMARY and overlap(new.start, new.end, other.start, other.end):
            return other
    return None


def current_primary(assignments: Iterable[AssignmentSpan], on: date) -> AssignmentSpan | None:
    """The student's primary assignment on a date; the database allows one at most."""
    for each in assignments:
        if _is_current_primary(each, on):
            return each
    return None


def first_primary_start(assignments: Iterable[AssignmentSpan], on: date) -> date | None:
    """Start of the student's first primary assignment; None before there is one."""
    starts = [each.start for each in assignments if each.role == PRIMARY and each.start <= on]
    return min(starts, default=None)


def unassigned_due_on(
    on_roll_from: date, assignments: Iterable[AssignmentSpan], on: date
) -> date | None:
    """Since when a student on roll has had no primary key worker; None where one has.

    The later of `on_roll_from` and the day after the last primary assignment
    ended (rules, "unassigned"). A secondary key worker changes nothing.
    """
    primary = _primary_until(assignments, on)
    if any(_is_current_primary(each, on) for each in primary):
        return None
    ends = [each.end + timedelta(days=1) for each in primary if each.end]
    return max([on_roll_from, *ends])


def _is_current_primary(assignment: AssignmentSpan, on: date) -> bool:
    """Whether this is a primary assignment in force on the date."""
    return assignment.role == PRIMARY and spans(assignment.start, assignment.end, on)


def _primary_until(assignments: Iterable[AssignmentSpan], on: date) -> Sequence[AssignmentSpan]:
    """The primary assignments that had started by the date."""
    return [each for each in assignments if each.role == PRIMARY and each.start <= on]
