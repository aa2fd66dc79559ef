"""Key-work sessions, targets and what follows from them."""

from sessions.models.calendar_feed import CalendarFeed
from sessions.models.comment import SessionComment
from sessions.models.drop_in import DropInSlot
from sessions.models.session import Amendment, KeyworkSession, SessionAction, SessionGroup
from sessions.models.target import Target, TargetEvidence, TargetReview

__all__ = [
    "Amendment",
    "CalendarFeed",
    "DropInSlot",
    "KeyworkSession",
    "SessionAction",
    "SessionComment",
    "SessionGroup",
    "Target",
    "TargetEvidence",
    "TargetReview",
]
