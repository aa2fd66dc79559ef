"""What pages read of contacts with home without a query of their own."""

from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q, Subquery

from contacts.models import AnsweredRecord, ContactLogEntry
from contacts.rules import GOOD_NEWS_OF
from students.models import Level
from students.models.student import StudentQuerySet


def with_last_spoke(students: StudentQuerySet, before: datetime) -> StudentQuerySet:
    """Add `spoke_at`: when somebody last spoke to home before a moment."""
    spoke = ContactLogEntry.objects.spoke().before(before).filter(student=OuterRef("pk"))
    return students.annotate(spoke_at=Subquery(spoke.order_by("-made_at").values("made_at")[:1]))


def with_balance(students: StudentQuerySet, before: datetime) -> StudentQuerySet:
    """Add `talks_last` and `talks_good`: of the last ten contacts, how many were good news.

    Both are None where nobody has been in touch before a moment.
    """
    own = ContactLogEntry.objects.standing().before(before)
    last = own.filter(student=OuterRef(OuterRef("pk"))).order_by("-made_at", "-pk")
    ten = own.filter(student=OuterRef("pk"), pk__in=last.values("pk")[:GOOD_NEWS_OF])
    rewards = AnsweredRecord.objects.filter(entry=OuterRef("pk"), record__level=Level.REWARD)
    good = ten.filter(~Q(good_news="") | Exists(rewards))
    counted = {"talks_last": ten, "talks_good": good}
    return students.annotate(
        **{
            name: Subquery(
                rows.order_by().values("student").annotate(number=Count("pk")).values("number")
            )
            for name, rows in counted.items()
        }
    )
