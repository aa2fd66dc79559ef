"""The kernel's tables: schools, calendars, key-work models, people, drafts, jobs, outbox."""

from keywork.models.drafts import Draft, ParkedForm
from keywork.models.jobs import Job
from keywork.models.key_work import KeyWorkModel
from keywork.models.mappings import ImportMapping
from keywork.models.outbox import Heartbeat, OutboxMessage
from keywork.models.people import StaffMember, StaffRole, User
from keywork.models.school import ClosedDay, HalfTerm, School, Trust

__all__ = [
    "ClosedDay",
    "Draft",
    "HalfTerm",
    "Heartbeat",
    "ImportMapping",
    "Job",
    "KeyWorkModel",
    "OutboxMessage",
    "ParkedForm",
    "School",
    "StaffMember",
    "StaffRole",
    "Trust",
    "User",
]
