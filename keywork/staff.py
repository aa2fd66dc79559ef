"""Staff records: reading and changing them."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Q

from keywork.access import Viewer
from keywork.models import StaffMember, StaffRole
from keywork.models.people import StaffMemberQuerySet
from keywork.people import role_labels


@dataclass(frozen=True, slots=True)
class StaffRow:
    """One line of the list of staff; `state` is a status chip's (kind, words)."""

    ref: str
    name: str
    username: str
    email: str
    job_title: str
    roles: list[str]
    state: tuple[str, str]
    signed_in_before: bool


def search(viewer: Viewer, *, q: str, role: str, left: bool) -> StaffMemberQuerySet:
    """Give the staff of the viewer's school by name.

    q: part of a name, username or e-mail; role: one of `Role`, or empty; left: also those whose
    post ended before today. Those who begin later are always there.
    """
    found = StaffMember.objects.manageable_by(viewer).filter(school=viewer.school)
    for word in q.split():
        found = found.filter(
            Q(user__first_name__icontains=word)
            | Q(user__last_name__icontains=word)
            | Q(user__known_as__icontains=word)
            | Q(user__username__icontains=word)
            | Q(user__email__icontains=word)
        )
    if role:
        held = StaffRole.objects.filter(staff_member=OuterRef("pk"), role=role)
        found = found.filter(Exists(held))
    if not left:
        found = found.filter(Q(ends_on=None) | Q(ends_on__gte=viewer.on))
    return found.for_list().order_by("user__last_name", "user__first_name", "pk")


def row(record: StaffMember, on: date) -> StaffRow:
    """Give one line of the list, from a record loaded by `search`."""
    user = record.user
    return StaffRow(
        ref=record.ref,
        name=user.full_name,
        username=user.username,
        email=user.email,
        job_title=record.job_title,
        roles=role_labels(record),
        state=_state(record, on),
        signed_in_before=user.last_login is not None,
    )


def _state(record: StaffMember, on: date) -> tuple[str, str]:
    if record.ends_on and record.ends_on < on:
        return "excused", f"Left {record.ends_on:%-d %b %Y}"
    if record.starts_on and record.starts_on > on:
        return "upcoming", f"Starts {record.starts_on:%-d %b %Y}"
    if record.ends_on:
        return "due", f"Until {record.ends_on:%-d %b %Y}"
    return "done", "In post"
