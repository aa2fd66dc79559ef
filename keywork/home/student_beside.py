"""What the student page says beside the timeline: of home, agencies, check-ups, changes told."""

from datetime import date, datetime

from django.db.models import QuerySet

from contacts.agency_queries import with_agencies
from contacts.checkup_queries import with_checkup
from contacts.followup_queries import with_you_said
from contacts.models.log import end_of
from contacts.queries import with_balance, with_last_spoke
from keywork.prepared import prepared
from students.change_notices import with_notices
from students.models import Student

SAID = (
    *("said_open", "said_late", "said_text", "said_answer", "agencies_now", "agencies_since"),
    *("checkup_ref", "checkup_sent_on", "checkup_asked", "checkup_answered", "checkup_flags"),
    *("spoke_at", "talks_last", "talks_good"),
    *("told_now", "told_ref", "told_text", "told_until", "told_by"),
)


def read_beside(student: Student, on: date) -> None:
    """Add the figures and texts named SAID to a student seen in full; in one query."""
    for row in _beside(student=student.pk, on=on, ends=end_of(on)):
        for name, value in row.items():
            setattr(student, name, value)


@prepared
def _beside(*, student: int, on: date, ends: datetime) -> QuerySet:
    chosen = with_balance(with_last_spoke(Student.objects.filter(pk=student), ends), ends)
    raised = with_agencies(with_you_said(chosen, on), on)
    return with_notices(with_checkup(raised, on), on).values(*SAID)
