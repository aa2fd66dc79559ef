"""Parents, carers and others around the student."""

from contacts.models.agencies import Agency, Professional
from contacts.models.attendance import AttendanceStep
from contacts.models.followups import FollowUp
from contacts.models.involvements import (
    AgencyAdvice,
    AgencyContact,
    AgencyMeeting,
    Involvement,
    Shared,
)
from contacts.models.people import Contact, StudentContact

__all__ = [
    "Agency",
    "AgencyAdvice",
    "AgencyContact",
    "AgencyMeeting",
    "AttendanceStep",
    "Contact",
    "FollowUp",
    "Involvement",
    "Professional",
    "Shared",
    "StudentContact",
]
