"""Who may do what to a follow-up."""

from contacts.models import FollowUp
from keywork.access import Viewer
from keywork.roles import Capability
from students.models import Student
from students.policies import Sight, sight_of


def can_liaise(viewer: Viewer, student: Student, sight: Sight) -> bool:
    """Say whether the viewer may write down what home and agencies said, and what was done."""
    return sight.in_full and viewer.can_at(Capability.LIAISE, student.school_id)


def can_answer(viewer: Viewer, follow_up: FollowUp) -> bool:
    """Say whether the viewer may answer: its owner, or whoever liaises about the student."""
    if follow_up.owner_id == viewer.user.pk:
        return True
    student = follow_up.student
    return can_liaise(viewer, student, sight_of(viewer, student))
