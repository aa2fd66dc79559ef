"""Students and what surrounds them."""

from students.models.assignments import Assignment
from students.models.profile import Strategy, TimetableEntry
from students.models.student import Student

__all__ = ["Assignment", "Strategy", "Student", "TimetableEntry"]
