"""Who may do what with a slip that they see."""

from keywork.access import Viewer
from keywork.roles import Capability
from students.models import BehaviourRecord, Student


def can_correct(viewer: Viewer, record: BehaviourRecord) -> bool:
    """Say whether the viewer may change or withdraw a slip: by role, of students seen in full.

    Slips are historical and not negotiable, so neither author nor key worker may (S2-52).
    """
    if not viewer.can_at(Capability.CORRECT_SLIP, record.school_id):
        return False
    return Student.objects.in_full_for(viewer).filter(pk=record.student_id).exists()
