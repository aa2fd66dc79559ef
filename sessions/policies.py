"""Who may act on a student's sessions and targets, where the record decides."""

from keywork.access import Viewer
from keywork.roles import Capability
from students.models import Student


def can_record(viewer: Viewer, student: Student) -> bool:
    """Say whether the viewer may plan and log sessions and set targets for a student.

    Recording is a capability at the student's own school, and of students seen in full only.
    """
    if not viewer.can_at(Capability.RECORD_SESSION, student.school_id):
        return False
    return Student.objects.in_full_for(viewer).filter(pk=student.pk).exists()
