"""Writing contacts with home: once, about one student, to nobody who must not be contacted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.timezone import localtime

from contacts.errors import ContactsError
from contacts.models import AnsweredRecord, ContactLogEntry, FollowUp, StudentContact
from contacts.models.followups import FollowUpQuerySet
from contacts.services.followups import raise_follow_up, withdraw_follow_up
from keywork.history import save_by
from keywork.models import User
from keywork.refs import free_ref
from keywork.undo import UndoError
from students.models import BehaviourRecord, Student

UNDONE = "Undone by its author within ten minutes"
VALUES = (
    *("made_at", "channel", "direction", "outcome", "round_up", "good_news", "summary"),
    *("agreed", "home_view", "try_again_at"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """Something asked for in the talk: what, by whom, who sees to it and by when."""

    text: str
    due_on: date
    owner: User
    raised_by: str = FollowUp.RaisedBy.PARENT


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCall:
    """What a form says of a contact with home. values: of VALUES. adult: None for nobody listed.

    about: the slips and rewards that it names; raised: what becomes follow-ups.
    """

    values: Mapping[str, Any]
    adult: StudentContact | None = None
    about: Sequence[BehaviourRecord] = ()
    raised: Sequence[Raised] = field(default_factory=list)


@transaction.atomic
def log_call(
    *, student: Student, call: NewCall, ref: str, by: User, now: datetime
) -> ContactLogEntry:
    """Write a contact with home, what it names and what follows.

    ref: made when the form was shown; a form sent twice gives the entry of the first time, one
    changed after going back makes another entry.
    Raises ContactsError where the adult must not be contacted or is another student's, where a
    slip is another student's or withdrawn, or where it lies ahead.
    """
    list(User.objects.select_for_update().filter(pk=by.pk).values("pk"))
    if already := sent_already(ref, student, call, by):
        return already
    if call.values["made_at"] > now:
        raise ContactsError("This lies ahead: give the time when it happened", "at")
    adult = call.adult and _adult(call.adult, student, localtime(now).date())
    entry = ContactLogEntry(
        ref=free_ref(ContactLogEntry, ref),
        school_id=student.school_id,
        student=student,
        adult=adult,
        made_by=by,
        recorded_at=now,
        **{name: call.values[name] for name in VALUES if name in call.values},
    )
    save_by(entry, by)
    for record in call.about:
        _name(entry, record, by)
    for each in call.raised:
        _raise(entry, each, by)
    return entry


def sent_already(ref: str, student: Student, call: NewCall, by: User) -> ContactLogEntry | None:
    """Give the entry that a form made when it was sent the first time, if it still says it.

    None where it was not sent, where it was taken back, and where the form says anything else.
    """
    mine = ContactLogEntry.objects.standing().filter(ref=ref, student=student, made_by=by)
    entry = mine.first()
    return entry if entry and _says(entry, call) else None


@transaction.atomic
def say_what_about(*, entry: ContactLogEntry, record: BehaviourRecord, by: User) -> AnsweredRecord:
    """Say that a contact was about a slip or reward, too: "Was it about this?"; twice is once.

    Raises ContactsError where either was withdrawn or they are two students'.
    """
    locked = ContactLogEntry.objects.select_for_update(of=("self",)).get(pk=entry.pk)
    if locked.withdrawn_at:
        raise ContactsError("This contact was taken back meanwhile")
    there = AnsweredRecord.objects.filter(entry=locked, record=record).first()
    return there or _name(locked, record, by)


@transaction.atomic
def undo_call(*, record: ContactLogEntry, by: User, now: datetime) -> ContactLogEntry:
    """Take back a contact just written, with the follow-ups that came of it.

    Raises UndoError where it was taken back already, or where somebody else wrote it.
    """
    if record.made_by_id != by.pk:
        raise UndoError("Only the person who did this can undo it")
    try:
        return withdraw_call(entry=record, reason=UNDONE, by=by, now=now)
    except ContactsError as problem:
        raise UndoError(problem.message) from problem


@transaction.atomic
def withdraw_call(
    *, entry: ContactLogEntry, reason: str, by: User, now: datetime
) -> ContactLogEntry:
    """Take back a contact that was written by mistake; open follow-ups of it go with it.

    Raises ContactsError where it was taken back already.
    """
    locked = ContactLogEntry.objects.select_for_update(of=("self",)).get(pk=entry.pk)
    if locked.withdrawn_at:
        raise ContactsError("This contact was taken back already")
    locked.withdrawn_at, locked.withdrawn_by, locked.withdrawn_reason = now, by, reason
    save_by(locked, by, reason)
    for each in _follow_ups(locked).filter(answered_at=None):
        withdraw_follow_up(follow_up=each, by=by, now=now)
    return locked


def _says(entry: ContactLogEntry, call: NewCall) -> bool:
    """Say whether an entry says all that a form does, and nothing that it does not."""
    adult = call.adult.pk if call.adult else None
    if entry.adult_id != adult:
        return False
    if any(getattr(entry, name) != value for name, value in call.values.items()):
        return False
    named = set(entry.answers.values_list("record", flat=True))
    came_of_it = _follow_ups(entry).values_list("text", "owner", "due_on", "raised_by")
    asked = {(each.text, each.owner.pk, each.due_on, each.raised_by) for each in call.raised}
    return named == {record.pk for record in call.about} and set(came_of_it) == asked


def _follow_ups(entry: ContactLogEntry) -> FollowUpQuerySet:
    mine = {"source_kind": FollowUp.Source.CONTACT, "source_ref": entry.ref}
    return FollowUp.objects.standing().filter(**mine)


def _adult(chosen: StudentContact, student: Student, on: date) -> StudentContact:
    """Give the adult, locked; refuse who must not be contacted, whatever the form showed."""
    adult = (
        StudentContact.objects.select_for_update(of=("self",))
        .select_related("contact")
        .filter(pk=chosen.pk, student=student)
        .first()
    )
    if adult is None:
        raise ContactsError("Choose somebody from the list", "adult")
    if reason := adult.why_not(on):
        raise ContactsError(f"{adult.contact.name} must not be contacted. {reason}", "adult")
    return adult


def _name(entry: ContactLogEntry, record: BehaviourRecord, by: User) -> AnsweredRecord:
    if record.student_id != entry.student_id or record.withdrawn_at:
        raise ContactsError("This slip was withdrawn, or is another student’s", "about")
    answered = AnsweredRecord(entry=entry, record=record)
    save_by(answered, by)
    return answered


def _raise(entry: ContactLogEntry, raised: Raised, by: User) -> None:
    of_parent = raised.raised_by == FollowUp.RaisedBy.PARENT
    raise_follow_up(
        student=entry.student,
        text=raised.text,
        raised_by=raised.raised_by,
        raiser_name=entry.adult.contact.name if of_parent and entry.adult else "",
        due_on=raised.due_on,
        owner=raised.owner,
        by=by,
        on=entry.made_on,
        source=(FollowUp.Source.CONTACT, entry.ref),
    )
