"""What pages read of contacts with home without a query of their own."""

from datetime import datetime

from django.db.models import OuterRef, Subquery

from contacts.models import ContactLogEntry
from students.models.student import StudentQuerySet


def with_last_spoke(students: StudentQuerySet, before: datetime) -> StudentQuerySet:
    """Add `spoke_at`: when somebody last spoke to home before a moment."""
    spoke = ContactLogEntry.objects.spoke().before(before).filter(student=OuterRef("pk"))
    return students.annotate(spoke_at=Subquery(spoke.order_by("-made_at").values("made_at")[:1]))
