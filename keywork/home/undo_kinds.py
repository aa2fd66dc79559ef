"""Which kinds of act can be undone, how their records are found and which service does it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from contacts.models import FollowUp
from contacts.services.followups import put_follow_up_back, undo_follow_up
from keywork.access import Viewer
from sessions.models import DropInSlot, KeyworkSession, SessionAction, TargetEvidence, TargetReview
from sessions.services import drop_in, followups, planning, targets
from students.models import AbsenceTalk, BehaviourRecord, Student
from students.services.register import put_talk_back
from students.services.slips import undo_slip


@dataclass(frozen=True, slots=True)
class Undoable:
    """One kind of act. `undo` takes `record=`, `by=` and `now=`; done: what the banner says."""

    within: Callable[[Viewer], QuerySet]
    undo: Callable[..., Any]
    done: str


def _all_sessions(viewer: Viewer) -> QuerySet:
    """Sessions the viewer may read, the cancelled ones with them."""
    return KeyworkSession.objects.filter(student__in=Student.objects.in_full_for(viewer))


def _all_slots(viewer: Viewer) -> QuerySet:
    return DropInSlot.objects.filter(student__in=Student.objects.in_full_for(viewer))


def _own_slips(viewer: Viewer) -> QuerySet:
    return BehaviourRecord.objects.filter(recorded_by=viewer.user, school__in=viewer.roles_at)


def _own_follow_ups(viewer: Viewer) -> QuerySet:
    """Those the viewer withdrew, at schools where they are in post."""
    return FollowUp.objects.filter(withdrawn_by=viewer.user, student__school__in=viewer.roles_at)


UNDOABLE = {
    "follow_up": Undoable(FollowUp.objects.visible_to, undo_follow_up, "Undone."),
    "follow_up_withdrawal": Undoable(
        _own_follow_ups, put_follow_up_back, "Undone. The follow-up is back."
    ),
    "review": Undoable(
        TargetReview.objects.visible_to, targets.undo_review, "Undone. The target is open again."
    ),
    "evidence": Undoable(
        TargetEvidence.objects.visible_to, targets.undo_evidence, "Undone. Not counted."
    ),
    "tick": Undoable(
        SessionAction.objects.visible_to, followups.undo_tick, "Undone. Still to do."
    ),
    "cancellation": Undoable(
        _all_sessions, planning.undo_cancellation, "Undone. The session is planned again."
    ),
    "slip": Undoable(_own_slips, undo_slip, "Undone. The slip is withdrawn."),
    "absence_talk": Undoable(
        AbsenceTalk.objects.visible_to, put_talk_back, "Undone. The talk is back."
    ),
    "drop_in": Undoable(_all_slots, drop_in.undo_withdrawal, "Undone. The drop-in time is back."),
}
