"""Parents, carers and others around the student, the log of contacts with home, follow-ups."""

from contacts.models.followups import FollowUp
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
    "FollowUp",
    "Outcome",
    "StudentContact",
]
