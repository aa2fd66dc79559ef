"""What pages read of follow-ups."""

from datetime import date, timedelta

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from contacts.models import FollowUp
from contacts.models.followups import FollowUpQuerySet
from keywork.access import Viewer
from students.models import Assignment, Student
from students.models.student import StudentQuerySet

DONE_LATELY_DAYS = 14


def follow_ups_for(viewer: Viewer, whose: str) -> QuerySet[FollowUp]:
    """Give follow-ups, not in any order.

    whose: `mine` (open), `students` (open, of the viewer's students, whoever owes them),
    `raised` (written down by the viewer, open or done lately) or `done` (the viewer's own and
    their students', done in the last fourteen days).
    """
    current = Assignment.objects.current(viewer.on).filter(key_worker=viewer.user)
    theirs = Q(student__in=current.order_by().values("student"))
    lately = viewer.on - timedelta(days=DONE_LATELY_DAYS)
    if whose == "mine":
        return FollowUp.objects.owned_by(viewer).open()
    seen = FollowUp.objects.visible_to(viewer)
    if whose == "students":
        return seen.filter(theirs).open()
    recent = Q(told_on__gte=lately) | Q(told_on=None, answered_at__date__gte=lately)
    if whose == "raised":
        done_before = FollowUp.objects.done().exclude(recent)
        return seen.filter(noted_by=viewer.user).exclude(pk__in=done_before.values("pk"))
    return seen.filter(theirs | Q(owner=viewer.user)).done().filter(recent)


def with_you_said(students: StudentQuerySet, on: date) -> StudentQuerySet:
    """Add what the student page says of follow-ups, without a query of its own.

    said_open, said_late: how many wait, and of them those past their day or still to be told;
    said_text, said_answer: the latest that was answered.
    """
    about = FollowUp.objects.standing().filter(student=OuterRef("pk")).order_by()
    waiting = about.open()
    answered = about.exclude(answered_at=None).order_by("-answered_at", "-pk")
    return students.annotate(
        said_open=_count(waiting),
        said_late=_count(waiting.filter(Q(due_on__lt=on) | Q(answered_at__isnull=False))),
        said_text=Subquery(answered.values("text")[:1]),
        said_answer=Subquery(answered.values("answer")[:1]),
    )


def _count(rows: QuerySet) -> Coalesce:
    counted = rows.values("student").annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(counted), 0)


def of_student(student: Student) -> FollowUpQuerySet:
    """Give all that stands about one student, newest first."""
    found = FollowUp.objects.standing().filter(student=student)
    listed: FollowUpQuerySet = found.select_related(
        "student", "owner", "answered_by", "noted_by"
    ).order_by("-raised_on", "-pk")
    return listed
