"""What pages read of contacts with home without a query of their own."""

from datetime import date

from django.db.models import OuterRef, Subquery

from contacts.models import ContactLogEntry
from students.models.student import StudentQuerySet


def with_last_spoke(students: StudentQuerySet, on: date) -> StudentQuerySet:
    """Add `spoke_at`: when somebody last spoke to home, up to and including a day."""
    spoke = ContactLogEntry.objects.spoke().until(on).filter(student=OuterRef("pk"))
    return students.annotate(spoke_at=Subquery(spoke.order_by("-made_at").values("made_at")[:1]))
