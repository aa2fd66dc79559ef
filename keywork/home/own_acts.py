"""What the viewer did today, and has not finished: joined from the apps, in one query."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db.models import CharField, F, QuerySet, Value
from django.db.models.functions import Concat
from django.urls import reverse

from contacts.models import Channel, ContactLogEntry, Outcome
from keywork.access import Viewer
from keywork.drafts import Unfinished, unfinished
from keywork.models import Draft
from keywork.prepared import prepared
from keywork.undo import UNDO_FOR, undo_url_of
from sessions.own_day import NAMES, NO_UNDO, Done, done_arms, done_of
from students.models.student import shown_name

DRAFT, CALL = "draft", "call:"
DRAFTS_SHOWN = 5


def own_acts(viewer: Viewer) -> tuple[list[Done], list[Unfinished]]:
    """Give today's acts at the chosen school, by time, then the newest drafts; one query."""
    midnight = viewer.now.replace(hour=0, minute=0, second=0, microsecond=0)
    rows = _acts(viewer=viewer, midnight=midnight)
    drafts = unfinished(
        (key, title, at, "") for at, _, state, key, title, *_ in rows if state == DRAFT
    )
    done = [row for row in rows if row[2] != DRAFT]
    done.sort(key=lambda row: (row[0] is None, row[0] or viewer.now, row[1]))
    return [_undoable(_done(row), row, viewer) for row in done], drafts[:DRAFTS_SHOWN]


@prepared
def _acts(*, viewer: Viewer, midnight: datetime) -> QuerySet:
    first, *others = done_arms(viewer, midnight)
    return first.union(*others, _calls(viewer, midnight), _drafts(viewer), all=True)


def _calls(viewer: Viewer, midnight: datetime) -> QuerySet:
    mine = ContactLogEntry.objects.standing().filter(
        school=viewer.school, made_by=viewer.user, made_at__range=(midnight, viewer.now)
    )
    parts = (Value(CALL), F("channel"), Value(":"), F("outcome"))
    state = Concat(*parts, output_field=CharField())
    return (
        mine.order_by()
        .annotate(state=state)
        .values_list(
            *("made_at", "pk", "state", "ref"),
            *(f"student__{name}" for name in NAMES),
            *("ref", "recorded_at"),
        )
    )


def _drafts(viewer: Viewer) -> QuerySet:
    empty = Value("", CharField())
    return (
        Draft.objects.visible_to(viewer)
        .order_by()
        .annotate(state=Value(DRAFT, CharField()), none=empty, nothing=empty, **NO_UNDO)
        .values_list("updated_at", "pk", "state", "key", "title", "none", "nothing", *NO_UNDO)
    )


def _done(row: tuple[Any, ...]) -> Done:
    at, _, state, ref, preferred, legal, last, *_ = row
    if not state.startswith(CALL):
        return done_of(row)
    _, channel, outcome = state.split(":")
    words = "Call" if channel == Channel.PHONE else Channel(channel).label
    name = shown_name(preferred or legal, last)
    url = reverse("contacts:entry", args=[ref])
    return Done(at, f"{words} home", name, Outcome(outcome).label, url)


def _undoable(done: Done, row: tuple[Any, ...], viewer: Viewer) -> Done:
    """Add where an act is undone, in the ten minutes after it was written down."""
    state, undo_ref, acted_at = row[2], row[-2], row[-1]
    if not undo_ref or acted_at is None or viewer.now - acted_at > UNDO_FOR:
        return done
    kind = "call" if state.startswith(CALL) else "review"
    return replace(done, undo_url=undo_url_of(kind, undo_ref, by=viewer.user, at=acted_at))
