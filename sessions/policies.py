"""Who may act on a student's sessions and targets, where the record decides."""

from keywork.access import Viewer
from sessions.models import SessionAction
from students.models import Student
from students.policies import can_record_session, sight_of


def can_record(viewer: Viewer, student: Student) -> bool:
    """Say whether the viewer may plan and log sessions and set targets for a student.

    Recording is a capability at the student's own school, and of students seen in full only.
    """
    return can_record_session(viewer, student, sight_of(viewer, student))


def can_tick(viewer: Viewer, action: SessionAction) -> bool:
    """Say whether the viewer may tick an action off: its owner, or a recorder of the student."""
    if action.owner_id == viewer.user.pk:
        return True
    return can_record(viewer, action.keywork_session.student)
