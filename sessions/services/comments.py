"""A reviewer's comment on a session: written, ticked by who reads it, taken back."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.timezone import localtime

from keywork.history import save_by
from keywork.models import OutboxMessage, User
from keywork.outbox import NewMessage, queue
from keywork.outbox.notices import mark_read
from sessions.models import KeyworkSession, SessionComment
from sessions.queries import comment_reader

KIND = "session_comment"


@transaction.atomic
def write_comment(
    *, keywork_session: KeyworkSession, text: str, by: User, now: datetime
) -> SessionComment:
    """Comment on a session and tell who reads it in Keywork; the same text twice is one comment.

    What was ticked already may be said again. It is told to the author while they see the student,
    else to the student's key worker.
    """
    found = KeyworkSession.objects.select_for_update(of=("self",)).get(pk=keywork_session.pk)
    same = found.comments.standing().filter(done_at=None, written_by=by, text=text)
    if already := same.first():
        return already
    comment = SessionComment(keywork_session=found, text=text, written_at=now, written_by=by)
    save_by(comment, by)
    reader = comment_reader(found, on=localtime(now).date(), now=now)
    if reader and reader != by:
        _tell(comment, reader, now)
    return comment


@transaction.atomic
def tick_comment(*, comment: SessionComment, by: User, now: datetime) -> SessionComment:
    """Say that it was read and done; done already, or taken back, it stays as it was."""
    found = SessionComment.objects.select_for_update().get(pk=comment.pk)
    if found.done_at is None and found.withdrawn_at is None:
        found.done_at, found.done_by = now, by
        save_by(found, by, "Read and done")
    mark_read(_messages(found).filter(user=by), now=now)
    return found


@transaction.atomic
def withdraw_comment(*, comment: SessionComment, by: User, now: datetime) -> SessionComment:
    """Take a comment back; whoever has not read the notice of it gets none."""
    found = SessionComment.objects.select_for_update().get(pk=comment.pk)
    if found.withdrawn_at is None:
        found.withdrawn_at, found.withdrawn_by = now, by
        save_by(found, by, "Taken back")
        _messages(found).filter(read_at=None).delete()
    return found


def _messages(comment: SessionComment) -> Any:
    return OutboxMessage.objects.filter(kind=KIND, about=comment.ref)


def _tell(comment: SessionComment, reader: User, now: datetime) -> None:
    """A notice in Keywork alone, which Today counts; it says nothing of what was written."""
    found, day = comment.keywork_session, localtime(now).date()
    held = f"{found.held_on.day} {found.held_on:%B}"
    author = found.signed_by_id or found.key_worker_id
    whose = "you recorded" if author == reader.pk else "with a student of yours"
    queue(
        NewMessage(
            kind=KIND,
            school=found.school,
            user=reader,
            about=comment.ref,
            due_on=day,
            title=f"A comment on a session {whose}",
            path=comment.get_absolute_url(),
            data={
                "lines": [f"{found.student.initials}, {held}, from {comment.written_by.full_name}"]
            },
            by_mail=False,
        ),
        now=now,
    )
