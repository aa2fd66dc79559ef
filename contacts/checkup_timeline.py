"""What check-ups add to a student's timeline. Callers hand in a student seen in full.

A flag's own words are there as what a colleague raised; see `contacts.timeline`.
"""

from django.db.models import CharField, IntegerField, OuterRef, Subquery
from django.db.models.functions import Cast, Coalesce
from django.urls import reverse

from contacts.checkup_queries import with_counts
from contacts.models import Checkup
from keywork.timeline import Event, Row, Strand
from students.models import Student

CHECKUPS = "checkups"


def checkup_strands(student: Student) -> list[Strand]:
    """Give each check-up that was sent, with how many of the teachers answered."""
    return [
        Strand(
            rank=78,
            group=CHECKUPS,
            rows=Checkup.objects.filter(student=student).exclude(sent_on=None),
            day="sent_on",
            columns={
                "ref": "ref",
                "number": _count("asked"),
                "code": _text("answered"),
                "detail": _text("flags"),
            },
            present=_sent,
        )
    ]


def _count(name: str) -> Coalesce:
    counted = with_counts(Checkup.objects.filter(pk=OuterRef("pk"))).order_by()
    return Coalesce(Subquery(counted.values(name)), 0, output_field=IntegerField())


def _text(name: str) -> Cast:
    return Cast(_count(name), CharField())


def _sent(row: Row) -> Event:
    asked, answered, flags = row.number or 0, int(row.code), int(row.detail)
    words = f"{answered} of {asked} answered" if asked else ""
    chip = ("due", f"{flags} flagged") if flags else None
    if asked and answered == asked and not flags:
        chip = ("done", "Nothing to flag")
    return Event(
        day=row.day, icon="chat", title="Check-up with the teachers", text=words, chip=chip,
        url=reverse("contacts:checkup", args=[row.ref]), link="Who answered",
        link_for="the check-up",
    )  # fmt: skip
