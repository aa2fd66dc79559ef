"""How the sessions app's pages fetch the student they are about."""

from django.core.exceptions import PermissionDenied

from keywork.access import KeyworkRequest
from keywork.roles import Capability
from students import seen
from students.models import Student
from students.policies import can_record_session, sight_of

# Roles that read what was said, of some students at least.
READS_RECORDS = (
    Capability.KEEP_CASELOAD,
    Capability.SEE_SCHOOL_RECORDS,
    Capability.SEE_RESIDENT_RECORDS,
)
# Roles that look after what others record.
OVERSEES = (Capability.SEE_SCHOOL_RECORDS, Capability.SEE_RESIDENT_RECORDS)


def student_in_full(request: KeyworkRequest, ref: str) -> Student:
    """Give a student seen in full: out of sight is 404, known by name only is 403."""
    return seen.student_in_full(request.viewer, ref)


def student_to_record(request: KeyworkRequest, ref: str) -> Student:
    """Give a student with whom the viewer may hold sessions; else as `student_in_full`."""
    student = student_in_full(request, ref)
    if not can_record_session(request.viewer, student, sight_of(request.viewer, student)):
        raise PermissionDenied
    return student
