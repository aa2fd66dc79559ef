"""Raising, answering and closing what somebody said: "you said, we did"."""

from datetime import date, datetime
from typing import Any

from django.db import transaction

from contacts.errors import ContactsError
from contacts.models import FollowUp
from keywork.history import save_by
from keywork.merging import Marks, fields_to_write
from keywork.models import User
from keywork.undo import UndoError
from students.models import Student

CHANGEABLE = ("text", "owner", "owner_name", "due_on")
OWNER = ("owner", "owner_name")


@transaction.atomic
def raise_follow_up(
    *,
    student: Student,
    text: str,
    raised_by: str,
    due_on: date,
    by: User,
    on: date,
    owner: User | None = None,
    owner_name: str = "",
    raiser_name: str = "",
    reply_wanted: bool = True,
    source: tuple[str, str] = ("", ""),
) -> FollowUp:
    """Write down what somebody said, with who sees to it and by when.

    raised_by: of FollowUp.RaisedBy. on: the day it was said; due_on: inclusive. owner: staff, or
    else owner_name. source: the kind (of FollowUp.Source) and ref of the record it came up in;
    without one, the same by the same person once more, as where a form is sent twice, is the same
    follow-up while it is open. Raises ContactsError without an owner, or with a due day before it
    was said.
    """
    _check(owner, owner_name, on, due_on)
    values: dict[str, Any] = {
        "student": student,
        "text": text,
        "raised_by": raised_by,
        "raiser_name": raiser_name,
        "raised_on": on,
        "noted_by": by,
        "owner": owner,
        "owner_name": "" if owner else owner_name,
        "due_on": due_on,
        "reply_wanted": reply_wanted,
        "source_kind": source[0],
        "source_ref": source[1],
    }
    if not any(source) and (already := _open_already(student, values)):
        return already
    follow_up = FollowUp(**values)
    save_by(follow_up, by)
    return follow_up


@transaction.atomic
def change_follow_up(
    *, follow_up: FollowUp, values: dict[str, Any], by: User, seen: Marks | None = None
) -> FollowUp:
    """Change its words, its owner or its day; values: of CHANGEABLE.

    seen: what the form showed; raises ChangedMeanwhileError: see `keywork.merging`. Raises
    ContactsError where it has been answered, has no owner, or would be due before it was said.
    """
    locked = _standing(follow_up)
    if locked.answered_at:
        raise ContactsError("This has been answered meanwhile")
    current = {name: getattr(locked, name) for name in CHANGEABLE}
    wanted = {name: values[name] for name in CHANGEABLE}
    changed = fields_to_write(seen, current=current, wanted=wanted, together=[OWNER])
    for name, value in changed.items():
        setattr(locked, name, value)
    _check(locked.owner, locked.owner_name, locked.raised_on, locked.due_on)
    locked.owner_name = "" if locked.owner else locked.owner_name
    save_by(locked, by)
    return locked


@transaction.atomic
def answer_follow_up(*, follow_up: FollowUp, answer: str, by: User, now: datetime) -> FollowUp:
    """Write down what was done about it.

    Raises ContactsError where somebody else has answered already; the same answer once more
    changes nothing.
    """
    locked = _standing(follow_up)
    if locked.answered_at:
        if locked.answer == answer:
            return locked
        raise ContactsError(
            f"Answered meanwhile by {locked.answered_by}: “{locked.answer}”", "answer"
        )
    locked.answer, locked.answered_at, locked.answered_by = answer, now, by
    save_by(locked, by, "Answered")
    return locked


@transaction.atomic
def tell_raiser(*, follow_up: FollowUp, told_on: date, how: str = "", by: User) -> FollowUp:
    """Write down that whoever raised it was told what was done; told already, it stays.

    Raises ContactsError where there is no answer yet, or the day is before it was said.
    """
    locked = _standing(follow_up)
    if locked.answered_at is None:
        raise ContactsError("Write down first what was done")
    if told_on < locked.raised_on:
        raise ContactsError("That is before it was said", "told_on")
    if locked.told_on is None:
        locked.told_on, locked.told_by, locked.told_how = told_on, by, how
        save_by(locked, by, "Told")
    return locked


@transaction.atomic
def undo_answer(*, record: FollowUp, by: User, now: datetime) -> FollowUp:
    """Take one's own answer back; taken back already, it stays so (every undo takes `now`).

    Raises UndoError where it is somebody else's, whoever raised it was told since, or the whole
    was withdrawn.
    """
    locked = _to_undo(record)
    if locked.told_on is not None:
        who = "You" if locked.told_by_id == by.pk else locked.told_by
        raise UndoError(f"{who} wrote down since that {locked.raiser} was told")
    if locked.answered_at is None:
        return locked
    if locked.answered_by_id != by.pk:
        raise UndoError(f"{locked.answered_by} answered this")
    locked.answer, locked.answered_at, locked.answered_by = "", None, None
    save_by(locked, by, "Undone")
    return locked


@transaction.atomic
def undo_telling(*, record: FollowUp, by: User, now: datetime) -> FollowUp:
    """Take back that one told whoever raised it; the answer stays (every undo takes `now`).

    Raises UndoError where somebody else told them, or the whole was withdrawn.
    """
    locked = _to_undo(record)
    if locked.told_on is None:
        return locked
    if locked.told_by_id != by.pk:
        raise UndoError(f"{locked.told_by} wrote down since that {locked.raiser} was told")
    locked.told_on, locked.told_by, locked.told_how = None, None, ""
    save_by(locked, by, "Undone")
    return locked


def _to_undo(record: FollowUp) -> FollowUp:
    locked = FollowUp.objects.select_for_update().get(pk=record.pk)
    if locked.withdrawn_at is not None:
        raise UndoError("This has been withdrawn meanwhile")
    return locked


@transaction.atomic
def withdraw_follow_up(*, follow_up: FollowUp, by: User, now: datetime) -> FollowUp:
    """Take back what was written down by mistake; its history stays."""
    locked = FollowUp.objects.select_for_update().get(pk=follow_up.pk)
    if locked.withdrawn_at is None:
        locked.withdrawn_at, locked.withdrawn_by = now, by
        save_by(locked, by, "Withdrawn")
    return locked


@transaction.atomic
def put_follow_up_back(*, record: FollowUp, by: User, now: datetime) -> FollowUp:
    """Undo a withdrawal (every undo takes `now`)."""
    locked = FollowUp.objects.select_for_update().get(pk=record.pk)
    if locked.withdrawn_at is not None:
        locked.withdrawn_at = locked.withdrawn_by = None
        save_by(locked, by, "Put back")
    return locked


def _open_already(student: Student, values: dict[str, Any]) -> FollowUp | None:
    list(Student.objects.select_for_update(no_key=True).filter(pk=student.pk).values("pk"))
    found: FollowUp | None = FollowUp.objects.standing().filter(answered_at=None, **values).first()
    return found


def _check(owner: User | None, owner_name: str, raised_on: date, due_on: date) -> None:
    if owner is None and not owner_name:
        raise ContactsError("Choose who sees to it", "owner")
    if due_on < raised_on:
        raise ContactsError("The answer cannot be due before it was said", "due_on")


def _standing(follow_up: FollowUp) -> FollowUp:
    locked = FollowUp.objects.select_for_update().get(pk=follow_up.pk)
    if locked.withdrawn_at:
        raise ContactsError("This has been withdrawn meanwhile")
    return locked
