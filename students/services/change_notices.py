"""Telling colleagues of a change around a student: once, to people in post, never unsaid."""

from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.timezone import localtime

from keywork.history import save_by
from keywork.merging import Marks, fields_to_write
from keywork.models import OutboxMessage, User
from keywork.outbox import NewMessage, queue_all
from keywork.outbox.notices import mark_read
from keywork.refs import free_ref
from keywork.undo import UndoError
from students.change_notices import staff_to_tell
from students.models import ChangeNotice, ChangeNoticeReader, Student
from students.services.records import StudentError

KIND = "change_notice"
FIELDS = ("text", "until")
UNDONE = "Undone by its author within ten minutes"


@transaction.atomic
def tell_colleagues(
    *,
    student: Student,
    text: str,
    until: date,
    told: Collection[User],
    ref: str,
    by: User,
    now: datetime,
) -> ChangeNotice:
    """Write a change notice and tell these colleagues in Keywork.

    until: the last day it counts. ref: made when the form was shown; a form sent twice gives the
    notice of the first time. Raises StudentError without anybody to tell, where somebody is not
    in post, and where the day has been.
    """
    list(User.objects.select_for_update().filter(pk=by.pk).values("pk"))
    if already := told_already(ref, student, by):
        return already
    _check_day(until, now)
    notice = ChangeNotice(
        ref=free_ref(ChangeNotice, ref),
        student=student,
        text=text,
        until=until,
        written_at=now,
        written_by=by,
    )
    save_by(notice, by)
    _tell(notice, told, by, now)
    return notice


def told_already(ref: str, student: Student, by: User) -> ChangeNotice | None:
    """Give the notice that a form made when it was sent the first time, or None."""
    return ChangeNotice.objects.filter(ref=ref, student=student, written_by=by).first()


@transaction.atomic
def correct_notice(
    *,
    notice: ChangeNotice,
    values: dict[str, Any],
    told_too: Collection[User],
    by: User,
    now: datetime,
    seen: Marks | None = None,
) -> ChangeNotice:
    """Change its text or day, and tell further people; whoever read the old text reads again.

    values: of FIELDS; seen: what the form showed; raises ChangedMeanwhileError: see
    `keywork.merging`; StudentError where it was taken back, and as `tell_colleagues`.
    """
    locked = _locked(notice)
    current = {name: getattr(locked, name) for name in FIELDS}
    wanted = {name: values[name] for name in FIELDS}
    changed = {
        name: value
        for name, value in fields_to_write(seen, current=current, wanted=wanted).items()
        if value != current[name]
    }
    if changed:
        for name, value in changed.items():
            setattr(locked, name, value)
        _check_day(locked.until, now)
        locked.changed_at = now
        save_by(locked, by, "Corrected")
        _ask_again(locked, by, now)
    if told_too:
        _tell(locked, told_too, by, now)
    return locked


@transaction.atomic
def withdraw_notice(*, notice: ChangeNotice, reason: str, by: User, now: datetime) -> ChangeNotice:
    """Take a notice back; those who had read it are told that it no longer holds.

    Raises StudentError where it was taken back already.
    """
    locked = _locked(notice)
    locked.withdrawn_at, locked.withdrawn_by, locked.withdrawn_reason = now, by, reason
    save_by(locked, by, reason)
    _messages(locked).filter(read_at=None).delete()
    # A correction asked them to read it anew; what they had read no longer holds either.
    read = ChangeNoticeReader.history.filter(notice_id=locked.pk).exclude(read_at=None)
    readers = locked.readers.filter(pk__in=read.order_by().values("id")).select_related("person")
    know = [each.person for each in readers]
    _queue(locked, know, "Taken back: a change you were told of", by, now)
    return locked


@transaction.atomic
def undo_notice(*, record: ChangeNotice, by: User, now: datetime) -> ChangeNotice:
    """Take back what was just written; raises UndoError for somebody else, or once taken back."""
    if record.written_by_id != by.pk:
        raise UndoError("Only the person who did this can undo it")
    try:
        return withdraw_notice(notice=record, reason=UNDONE, by=by, now=now)
    except StudentError as problem:
        raise UndoError(problem.message) from problem


@transaction.atomic
def mark_notice_read(
    *, notice: ChangeNotice, edition: str, by: User, now: datetime
) -> ChangeNoticeReader:
    """Say that one has read it, in its notice too. Done already: nothing changes.

    edition: the one that was shown. Raises ChangeNoticeReader.DoesNotExist for somebody who was
    not told, StudentError where it was taken back or corrected since.
    """
    locked = _locked(notice)
    if locked.edition != edition:
        raise StudentError("This was corrected meanwhile. Read it as it is now.", "text")
    reader = ChangeNoticeReader.objects.select_for_update().get(notice=locked, person=by)
    if reader.read_at is None:
        reader.read_at = now
        save_by(reader, by, "Read")
    mark_read(_messages(locked).filter(user=by), now=now)
    return reader


def _locked(notice: ChangeNotice) -> ChangeNotice:
    """Give it as stored, locked; refuse one that was taken back."""
    notices = ChangeNotice.objects.select_for_update(of=("self",)).select_related("student")
    locked = notices.get(pk=notice.pk)
    if locked.withdrawn_at:
        raise StudentError("This was taken back meanwhile", "text")
    return locked


def _check_day(until: date, now: datetime) -> None:
    if until < localtime(now).date():
        raise StudentError("This day has been: give the last day it is shown", "until")


def _tell(notice: ChangeNotice, told: Collection[User], by: User, now: datetime) -> None:
    may = staff_to_tell(notice.student.school_id, localtime(now).date())
    people = list(may.filter(pk__in={each.pk for each in told} - {by.pk}))
    if not people or len(people) < len({each.pk for each in told}):
        raise StudentError("Choose colleagues who are in post here", "told")
    known = set(notice.readers.values_list("person", flat=True))
    new = [person for person in people if person.pk not in known]
    for person in new:
        save_by(ChangeNoticeReader(notice=notice, person=person, told_at=now), by)
    _queue(notice, new, "A change to know about", by, now)


def _ask_again(notice: ChangeNotice, by: User, now: datetime) -> None:
    """Whoever read the old text has not read this one."""
    readers = list(notice.readers.select_for_update(of=("self",)).select_related("person"))
    for reader in readers:
        reader.told_at, was_read, reader.read_at = now, reader.read_at, None
        save_by(reader, by, "Corrected after it was read" if was_read else "Corrected")
    _messages(notice).filter(read_at=None).delete()
    people = [reader.person for reader in readers]
    _queue(notice, people, "Corrected: a change to know about", by, now)


def _messages(notice: ChangeNotice) -> Any:
    return OutboxMessage.objects.filter(kind=KIND, about__startswith=f"{notice.ref}:")


def _queue(
    notice: ChangeNotice, people: Iterable[User], title: str, by: User, now: datetime
) -> None:
    """Put it among their notices; the e-mail of the morning counts what is not read by then."""
    on, version = localtime(now).date(), notice.history.count()
    queue_all(
        [
            NewMessage(
                kind=KIND,
                school=notice.student.school,
                user=person,
                about=f"{notice.ref}:{version}",
                due_on=on,
                title=title,
                path=notice.get_absolute_url(),
                data={"lines": [f"{notice.student.initials}, from {by.full_name}"]},
                by_mail=False,
            )
            for person in people
        ],
        now=now,
    )
