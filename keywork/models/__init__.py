"""The kernel's tables: schools and their calendars, key-work models, people, drafts, jobs."""

from keywork.models.drafts import Draft, ParkedForm
from keywork.models.jobs import Job
from keywork.models.key_work import KeyWorkModel
from keywork.models.mappings import ImportMapping
from keywork.models.people import StaffMember, StaffRole, User
from keywork.models.school import ClosedDay, HalfTerm, School, Trust

__all__ = [
    "ClosedDay",
    "Draft",
    "HalfTerm",
    "ImportMapping",
    "Job",
    "KeyWorkModel",
    "ParkedForm",
    "School",
    "StaffMember",
    "StaffRole",
    "Trust",
    "User",
]
