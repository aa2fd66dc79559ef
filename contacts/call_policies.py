"""Who may do what to a contact with home that they see."""

from contacts.followup_policies import can_liaise
from contacts.models import ContactLogEntry
from keywork.access import Viewer
from keywork.roles import Capability
from students.policies import sight_of


def can_say_what_about(viewer: Viewer, entry: ContactLogEntry) -> bool:
    """Say whether the viewer may link it to a slip: whoever liaises about the student."""
    return can_liaise(viewer, entry.student, sight_of(viewer, entry.student))


def can_withdraw(viewer: Viewer, entry: ContactLogEntry) -> bool:
    """Say whether the viewer may take it back: its author, or who oversees the records."""
    if entry.made_by_id == viewer.user.pk and entry.recorded_at is not None:
        return True
    oversees = viewer.can_at(Capability.SEE_SCHOOL_RECORDS, entry.school_id)
    return oversees and can_say_what_about(viewer, entry)
