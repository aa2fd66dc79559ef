"""What people do with students and their key workers: verbs, atomic, each naming who did it."""

from students.services.assignments import (
    AssignmentError,
    assign_key_worker,
    assign_key_workers,
    end_assignment,
    undo_assignment,
)
from students.services.records import (
    IDENTITY_FIELDS,
    PROFILE_FIELDS,
    StudentError,
    add_lesson,
    add_strategy,
    change_identity,
    change_profile,
    create_student,
    put_strategy_back,
    remove_lesson,
    withdraw_strategy,
)

__all__ = [
    "IDENTITY_FIELDS",
    "PROFILE_FIELDS",
    "AssignmentError",
    "StudentError",
    "add_lesson",
    "add_strategy",
    "assign_key_worker",
    "assign_key_workers",
    "change_identity",
    "change_profile",
    "create_student",
    "end_assignment",
    "put_strategy_back",
    "remove_lesson",
    "undo_assignment",
    "withdraw_strategy",
]
