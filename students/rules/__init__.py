"""The rules about students: plain values in, answers out; no Django."""

from students.rules.roll import (
    AssignmentSpan,
    current_primary,
    first_primary_start,
    on_roll,
    overlap,
    overlapping_primary,
    spans,
    unassigned_due_on,
)

__all__ = [
    "AssignmentSpan",
    "current_primary",
    "first_primary_start",
    "on_roll",
    "overlap",
    "overlapping_primary",
    "spans",
    "unassigned_due_on",
]
