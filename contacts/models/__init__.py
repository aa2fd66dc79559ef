"""Parents, carers and others around the student, contacts with home, follow-ups, check-ups."""

from contacts.models.agencies import Agency, Professional
from contacts.models.attendance import AttendanceStep
from contacts.models.checkups import Checkup, CheckupAnswer, CheckupLink
from contacts.models.followups import FollowUp
from contacts.models.involvements import (
    AgencyAdvice,
    AgencyContact,
    AgencyMeeting,
    Involvement,
    Shared,
)
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
    "Agency",
    "AgencyAdvice",
    "AgencyContact",
    "AgencyMeeting",
    "AnsweredRecord",
    "AttendanceStep",
    "Channel",
    "Checkup",
    "CheckupAnswer",
    "CheckupLink",
    "Contact",
    "ContactLogEntry",
    "Direction",
    "FollowUp",
    "Involvement",
    "Outcome",
    "Professional",
    "Shared",
    "StudentContact",
]
