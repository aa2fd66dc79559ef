"""Who may act on a student's sessions and targets, where the record decides."""

from collections.abc import Iterable
from datetime import timedelta

from keywork.access import Viewer
from keywork.roles import Capability
from sessions.models import KeyworkSession, SessionAction, SessionComment
from sessions.queries import comment_reader
from students.models import Student
from students.policies import can_record_session, sight_of

AUTHOR_CHANGES_WITHIN = timedelta(hours=24)  # screens.md 5: the author reopens for 24 hours


def can_record(viewer: Viewer, student: Student) -> bool:
    """Say whether the viewer may plan and log sessions and set targets for a student.

    Recording is a capability at the student's own school, and of students seen in full only.
    """
    return can_record_session(viewer, student, sight_of(viewer, student))


def can_tick(viewer: Viewer, action: SessionAction) -> bool:
    """Say whether the viewer may tick an action off: its owner, or a recorder of the student."""
    if action.owner_id == viewer.user.pk:
        return True
    return can_record(viewer, action.keywork_session.student)


def can_log(viewer: Viewer, keywork_session: KeyworkSession) -> bool:
    """Say whether the viewer may log this session: only what is planned still can be."""
    return keywork_session.is_planned and can_record(viewer, keywork_session.student)


def can_correct(viewer: Viewer, keywork_session: KeyworkSession) -> bool:
    """Say whether the viewer may amend a session that was held or missed.

    The author may, and those who oversee the records and record themselves (the SENCo); both
    while they see the student in full. What is planned is logged or moved instead.
    """
    if keywork_session.is_planned:
        return False
    if not (oversees(viewer, keywork_session) or is_author(viewer, keywork_session)):
        return False
    return can_record(viewer, keywork_session.student)


def oversees(viewer: Viewer, keywork_session: KeyworkSession) -> bool:
    """Say whether the viewer looks after what others record at the session's school."""
    return any(
        viewer.can_at(capability, keywork_session.school_id)
        for capability in (Capability.SEE_SCHOOL_RECORDS, Capability.SEE_RESIDENT_RECORDS)
    )


def can_comment(viewer: Viewer, keywork_session: KeyworkSession) -> bool:
    """Say whether the viewer may comment on a record they see: who oversees it, not its author."""
    if keywork_session.is_planned or is_author(viewer, keywork_session):
        return False
    return oversees(viewer, keywork_session)


def can_tick_comment(viewer: Viewer, comment: SessionComment) -> bool:
    """Say whether the viewer may tick a comment on a record they see: see `reads_comments`."""
    return reads_comments(viewer, comment.keywork_session)


def reads_comments(viewer: Viewer, keywork_session: KeyworkSession) -> bool:
    """Say whether comments on a record the viewer sees are for them to read and tick.

    They are its author's, and the key worker's where the author no longer sees the student.
    """
    if is_author(viewer, keywork_session):
        return True
    return comment_reader(keywork_session, on=viewer.on, now=viewer.now) == viewer.user


def can_withdraw_comment(viewer: Viewer, comment: SessionComment) -> bool:
    """Say whether the viewer may take a comment back: who wrote it."""
    return bool(comment.written_by_id == viewer.user.pk)


def can_correct_shared(viewer: Viewer, records: Iterable[KeyworkSession]) -> bool:
    """Say whether the viewer may amend what a group shares: who may amend each signed record.

    records: all of the group, with their students `with_sight`.
    """
    return all(can_correct(viewer, each) for each in records if not each.is_planned)


def is_author(viewer: Viewer, keywork_session: KeyworkSession) -> bool:
    """Say whether the viewer signed the session, or held it where nobody signed (imported)."""
    author = keywork_session.signed_by_id or keywork_session.key_worker_id
    return bool(author == viewer.user.pk)


def is_fresh(viewer: Viewer, keywork_session: KeyworkSession) -> bool:
    """Say whether the author's own 24 hours to change something still run."""
    signed_at = keywork_session.signed_at
    if signed_at is None or not is_author(viewer, keywork_session):
        return False
    return bool(viewer.now - signed_at < AUTHOR_CHANGES_WITHIN)
