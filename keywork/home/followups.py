"""Follow-ups: what was agreed in sessions and what somebody raised, in one list.

The two come from apps beside each other, so this is where they are joined.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import CharField, DateField, F, QuerySet, Value
from django.db.models.functions import Cast, Coalesce, NullIf, TruncDate
from django.urls import reverse
from django.utils.timezone import localtime

from contacts.followup_queries import follow_ups_for
from contacts.followup_words import row_of
from contacts.models import FollowUp
from keywork.access import Viewer
from keywork.duties import DutyStatus, status_of
from keywork.models import School
from keywork.prepared import prepared
from sessions.models import SessionAction
from sessions.queries import actions_for
from students.models import Student
from students.models.student import shown_name

WHOSE = {
    "mine": "Mine",
    "students": "My students'",
    "raised": "I wrote down",
    "done": "Done lately",
}
EMPTY = {
    "mine": "Nothing to follow up. What you agree in a session, and what somebody raises, "
    "appears here.",
    "students": "Nothing open for your students.",
    "raised": "Nothing that you wrote down waits for an answer.",
    "done": "Nothing was done in the last two weeks.",
}
AGREED, RAISED = "agreed", "raised"
OWN_SHOWN = 5
NO_DAY = date.max


@dataclass(frozen=True, slots=True)
class FollowUpItem:
    """A row of the list.

    url: the record's page, empty where the viewer may not open it. source: where it comes from.
    by: who owes it and what became of it. tick_url: where one tap does it; act: words of the link
    to `url` that does it otherwise.
    """

    text: str
    student: Student
    status: str
    chip: str
    due_on: date | None
    source: str
    by: str
    url: str = ""
    tick_url: str = ""
    act: str = ""


def listed(viewer: Viewer, whose: str) -> QuerySet:
    """Give (kind, key) of both sorts in the list's order.

    Open ones by their day, those without one last; done ones newest first.
    """
    raised = follow_ups_for(viewer, whose)
    agreed = (
        SessionAction.objects.none() if whose == "raised" else actions_for(viewer, whose)
    ).select_related(None)
    done = whose == "done"
    raised_day = Coalesce("told_on", TruncDate("answered_at")) if done else "due_on"
    agreed_day = TruncDate("done_at") if done else "due_on"
    parts = [_keys(agreed, AGREED, agreed_day), _keys(raised, RAISED, raised_day)]
    day = "-day" if done else "day"
    return parts[0].union(parts[1], all=True).order_by(day, "kind", "-key" if done else "key")


def items_for(viewer: Viewer, keys: Sequence[Sequence[Any]]) -> list[FollowUpItem]:
    """Give the rows of a page of `listed`, in its order, in a query for each sort."""
    wanted: dict[str, list[int]] = {AGREED: [], RAISED: []}
    for kind, key, _ in keys:
        wanted[kind].append(key)
    found: dict[tuple[str, int], FollowUpItem] = {}
    for action in _actions(viewer, wanted[AGREED]):
        found[AGREED, action.pk] = _agreed(action, viewer.on)
    for follow_up in _raised_records(wanted[RAISED]):
        found[RAISED, follow_up.pk] = _raised(follow_up, viewer.on)
    return [found[kind, key] for kind, key, _ in keys]


@dataclass(frozen=True, slots=True)
class OwnFollowUp:
    """One of the viewer's own, as Today lists it; url: empty where they may not open it."""

    text: str
    name: str
    due_on: date | None
    url: str


def own_follow_ups(viewer: Viewer, school: School) -> list[OwnFollowUp]:
    """Give the viewer's own open follow-ups at one school, the most urgent few, in one query."""
    rows = _own_rows(viewer=viewer, school=school.pk)
    return [_own(kind, rest) for kind, _, _, *rest in rows]


@prepared
def _own_rows(*, viewer: Viewer, school: int) -> QuerySet:
    raised = follow_ups_for(viewer, "mine").filter(student__school=school)
    agreed = actions_for(viewer, "mine").filter(keywork_session__school=school)
    parts = [
        _shown(agreed.select_related(None), AGREED, "keywork_session__"),
        _shown(raised.annotate(session_seen=Value(True)), RAISED, ""),
    ]
    return parts[0].union(parts[1], all=True).order_by("day", "kind", "key")[:OWN_SHOWN]


def _shown(rows: QuerySet, kind: str, path: str) -> QuerySet:
    first = Coalesce(
        NullIf(f"{path}student__preferred_first_name", Value("")),
        f"{path}student__legal_first_name",
    )
    keyed = _keyed(rows, kind, "due_on").annotate(
        first=first, last=F(f"{path}student__legal_last_name"), opens=F(f"{path}ref")
    )
    return keyed.values_list(
        *("kind", "key", "day", "text", "first", "last", "opens", "session_seen")
    ).annotate(due=Cast("due_on", DateField()))


def _own(kind: str, rest: Sequence[Any]) -> OwnFollowUp:
    text, first, last, ref, seen, due_on = rest
    page = "sessions:session" if kind == AGREED else "contacts:followup"
    url = reverse(page, args=[ref]) if seen else ""
    return OwnFollowUp(text, shown_name(first, last), due_on, url)


def _keys(rows: QuerySet, kind: str, day: Any) -> QuerySet:
    return _keyed(rows, kind, day).values_list("kind", "key", "day")


def _keyed(rows: QuerySet, kind: str, day: Any) -> QuerySet:
    return rows.order_by().annotate(
        kind=Value(kind, CharField()),
        day=Coalesce(Cast(day, DateField()), Value(NO_DAY, DateField())),
        key=Cast("pk", rows.model._meta.pk),
    )


def _actions(viewer: Viewer, keys: list[int]) -> list[SessionAction]:
    if not keys:
        return []
    people = ("keywork_session__student", "owner", "done_by")
    shown = SessionAction.objects.with_session_seen(viewer).select_related(*people)
    return list(shown.filter(pk__in=keys))


def _raised_records(keys: list[int]) -> list[FollowUp]:
    if not keys:
        return []
    people = ("student", "owner", "answered_by", "noted_by")
    return list(FollowUp.objects.select_related(*people).filter(pk__in=keys))


def _agreed(action: SessionAction, on: date) -> FollowUpItem:
    held = action.keywork_session
    status, chip = _chip_of(action, on)
    who = [action.who] if action.who else []
    if action.done_by:
        who.append(f"ticked off by {action.done_by}")
    return FollowUpItem(
        text=action.text,
        student=held.student,
        status=status,
        chip=chip,
        due_on=action.due_on,
        source=f"session of {held.held_on:%-d %b %Y}",
        by=" · ".join(who),
        url=held.get_absolute_url() if getattr(action, "session_seen", False) else "",
        tick_url="" if action.done_at else reverse("sessions:followup_done", args=[action.ref]),
    )


def _chip_of(action: SessionAction, on: date) -> tuple[str, str]:
    """Late, today, to come or done."""
    if action.done_at:
        return "done", f"Done {localtime(action.done_at):%-d %b}"
    if action.due_on is None:
        return "", ""
    status, day = status_of(action.due_on, on), f"{action.due_on:%a %-d %b}"
    words = {DutyStatus.OVERDUE: f"Was for {day}", DutyStatus.DUE: "Today"}
    return status.value, words.get(status, day)


def _raised(follow_up: FollowUp, on: date) -> FollowUpItem:
    row = row_of(follow_up, on)
    raiser = follow_up.raiser_name or follow_up.get_raised_by_display().lower()
    who = [follow_up.who]
    if follow_up.answered_by:
        who.append(f"answered by {follow_up.answered_by}")
    return FollowUpItem(
        text=follow_up.text,
        student=follow_up.student,
        status=row.status,
        chip=row.chip,
        due_on=follow_up.due_on,
        source=f"raised by {raiser}, {follow_up.raised_on:%-d %b %Y}",
        by=" · ".join(who),
        url=follow_up.get_absolute_url(),
        act=row.act,
    )
