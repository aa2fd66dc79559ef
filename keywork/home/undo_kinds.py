"""Which kinds of act can be undone, how their records are found and which service does it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from contacts.models import (
    AgencyAdvice,
    AgencyContact,
    AgencyMeeting,
    AttendanceStep,
    ContactLogEntry,
    FollowUp,
    StudentContact,
)
from contacts.services.calls import undo_call
from contacts.services.followups import put_follow_up_back, undo_answer, undo_telling
from contacts.services.involvements import put_record_back
from contacts.services.people import put_contact_back
from keywork.access import Viewer
from sessions.models import DropInSlot, KeyworkSession, SessionAction, TargetEvidence, TargetReview
from sessions.services import drop_in, followups, planning, targets
from students.models import AbsenceTalk, BehaviourRecord, ChangeNotice, Student
from students.services.change_notices import undo_notice
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


def _own_calls(viewer: Viewer) -> QuerySet:
    return ContactLogEntry.objects.filter(made_by=viewer.user, school__in=viewer.roles_at)


def _own_slips(viewer: Viewer) -> QuerySet:
    return BehaviourRecord.objects.filter(recorded_by=viewer.user, school__in=viewer.roles_at)


def _own_notices(viewer: Viewer) -> QuerySet:
    return ChangeNotice.objects.filter(written_by=viewer.user, student__school__in=viewer.roles_at)


def _own_follow_ups(viewer: Viewer) -> QuerySet:
    """Those the viewer withdrew, at schools where they are in post."""
    return FollowUp.objects.filter(withdrawn_by=viewer.user, student__school__in=viewer.roles_at)


def _withdrawn_by_viewer(model: Any, student: str) -> Callable[[Viewer], QuerySet]:
    """Records of students seen in full that the viewer withdrew; student: the way to theirs."""

    def within(viewer: Viewer) -> QuerySet:
        seen = {f"{student}__in": Student.objects.in_full_for(viewer)}
        found: QuerySet = model.objects.filter(withdrawn_by=viewer.user, **seen)
        return found

    return within


UNDOABLE = {
    **{
        f"agency_{kind}": Undoable(
            _withdrawn_by_viewer(model, student), put_record_back, "Undone. It is back."
        )
        for kind, model, student in (
            ("contact", AgencyContact, "involvement__student"),
            ("meeting", AgencyMeeting, "student"),
            ("advice", AgencyAdvice, "student"),
        )
    },
    "attendance_step": Undoable(
        _withdrawn_by_viewer(AttendanceStep, "student"), put_record_back, "Undone. It is back."
    ),
    "follow_up_answer": Undoable(
        FollowUp.objects.visible_to, undo_answer, "Undone. Still to answer."
    ),
    "follow_up_told": Undoable(
        FollowUp.objects.visible_to, undo_telling, "Undone. Still to tell."
    ),
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
    "call": Undoable(
        _own_calls, undo_call, "Undone. The contact is taken back; what it answered is due again."
    ),
    "contact_end": Undoable(
        StudentContact.objects.visible_to, put_contact_back, "Undone. The contact is back."
    ),
    "change_notice": Undoable(_own_notices, undo_notice, "Undone. It is taken back."),
    "slip": Undoable(_own_slips, undo_slip, "Undone. The slip is withdrawn."),
    "absence_talk": Undoable(
        AbsenceTalk.objects.visible_to, put_talk_back, "Undone. The talk is back."
    ),
    "drop_in_unused": Undoable(
        _all_sessions, drop_in.undo_unused, "Undone. The drop-in time is to be logged."
    ),
    "drop_in": Undoable(_all_slots, drop_in.undo_withdrawal, "Undone. The drop-in time is back."),
}
