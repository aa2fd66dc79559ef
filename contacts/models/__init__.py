"""Parents, carers and others around the student, and the log of contacts with home."""

from contacts.models.log import (
    ATTEMPTS,
    AnsweredRecord,
    Channel,
    ContactLogEntry,
    Direction,
    Outcome,
)
from contacts.models.people import Contact, StudentContact

__all__ = [
    "ATTEMPTS",
    "AnsweredRecord",
    "Channel",
    "Contact",
    "ContactLogEntry",
    "Direction",
    "Outcome",
    "StudentContact",
]
