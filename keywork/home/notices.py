"""What came back to somebody, or waits for them, besides duties: uncounted lines of Today."""

from dataclasses import dataclass
from datetime import timedelta

from django.urls import reverse

from keywork.access import Viewer
from keywork.dates import day_in_words
from students.models import Barrier, RegisterQuery, Student

ANSWERS_SHOWN_FOR = timedelta(days=7)
MOST_OF_A_KIND = 5


@dataclass(frozen=True, slots=True)
class Notice:
    """A line: what, about whom, what was said, and the page to open."""

    title: str
    name: str
    text: str
    url: str


def notices_for(viewer: Viewer) -> list[Notice]:
    """Give the answers of the last week and the barriers to look at again, in two queries."""
    return [*_answers(viewer), *_barriers(viewer)]


def _answers(viewer: Viewer) -> list[Notice]:
    mine = RegisterQuery.objects.visible_to(viewer).filter(
        asked_by=viewer.user,
        student__in=Student.objects.in_full_for(viewer),
        student__school=viewer.chosen_school,
        answered_at__gt=viewer.now - ANSWERS_SHOWN_FOR,
    )
    newest = mine.select_related("student").order_by("-answered_at", "-pk")[:MOST_OF_A_KIND]
    return [
        Notice(
            f"Register, {day_in_words(each.date, viewer.on)}: {each.get_status_display().lower()}",
            each.student.name,
            each.answer,
            reverse("students:attendance", args=[each.student.ref]),
        )
        for each in newest
    ]


def _barriers(viewer: Viewer) -> list[Notice]:
    due = Barrier.objects.visible_to(viewer).filter(
        owner=viewer.user,
        status=Barrier.Status.OPEN,
        student__school=viewer.chosen_school,
        follow_up_on__lte=viewer.on,
    )
    oldest = due.select_related("student").order_by("follow_up_on", "pk")[:MOST_OF_A_KIND]
    return [
        Notice(
            "Barrier to look at again",
            each.student.name,
            each.text,
            reverse("students:progress", args=[each.student.ref]),
        )
        for each in oldest
    ]
