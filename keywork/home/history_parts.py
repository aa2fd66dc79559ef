"""What the history of some records tells with it: the records that are parts of them."""

from collections.abc import Sequence
from typing import Any

from contacts.models import AnsweredRecord, Contact, Professional
from keywork.history import Part
from keywork.models import ClosedDay, HalfTerm, StaffRole
from sessions.models import SessionAction, SessionComment, TargetEvidence, TargetReview
from students.models import ChangeNoticeReader, SlipCorrection, TimetableEntry


def parts_of_contact_log(record: Any) -> Sequence[Part]:
    """Give the slips and rewards that an entry names."""
    rows = AnsweredRecord.history.filter(entry_id=record.pk).select_related("record")
    return [Part(rows, lambda row: f"About {row.record}")]


def parts_of_change_notice(record: Any) -> Sequence[Part]:
    """Give who was told, and when they said that they read it."""
    rows = ChangeNoticeReader.history.filter(notice_id=record.pk).select_related("person")
    return [Part(rows, lambda row: f"Told {row.person}")]


def parts_of_contact(record: Any) -> Sequence[Part]:
    """Give the adult, who may be around several students."""
    return [Part(Contact.history.filter(id=record.contact_id), lambda row: "Name and reach")]


def parts_of_agency(record: Any) -> Sequence[Part]:
    """Give its professionals."""
    people = Professional.history.filter(agency_id=record.pk)
    return [Part(people, lambda row: f"{row.name}, {row.job_title}".rstrip(", "))]


def parts_of_student(record: Any) -> Sequence[Part]:
    """Give who teaches them what."""
    lessons = TimetableEntry.history.filter(student_id=record.pk).select_related("teacher")
    return [Part(lessons, lambda row: f"Lesson {row.subject}, {row.teacher}")]


def parts_of_session(record: Any) -> Sequence[Part]:
    """Give what was agreed in it, what a group shares (for all its records), and comments."""
    actions = SessionAction.history.filter(keywork_session_id=record.pk)
    comments = SessionComment.history.filter(keywork_session_id=record.pk)
    parts = [
        Part(actions, lambda row: f"Action “{row.text}”"),
        Part(comments, lambda row: f"Comment of a reviewer, {row.text}"),
    ]
    if record.group_id is not None:
        parts.append(Part(record.group.history.all(), lambda row: "Shared part of the group"))
    return parts


def parts_of_slip(record: Any) -> Sequence[Part]:
    """Give the corrections asked for, and the event that joins the slips of several students."""
    asked = SlipCorrection.history.filter(record_id=record.pk)
    parts = [Part(asked, lambda row: "Correction asked for")]
    if record.incident_id is not None:
        parts.append(Part(record.incident.history.all(), lambda row: "Event of several students"))
    return parts


def parts_of_checkup(record: Any) -> Sequence[Part]:
    """Give the check-up that the answer belongs to."""
    return [Part(record.checkup.history.all(), lambda row: "Check-up of the week")]


def parts_of_target(record: Any) -> Sequence[Part]:
    """Give its reviews and evidence."""
    return [
        Part(
            TargetReview.history.filter(target_id=record.pk),
            lambda row: f"Review of {row.reviewed_on:%-d %B %Y}, {row.get_outcome_display()}",
        ),
        Part(
            TargetEvidence.history.filter(target_id=record.pk),
            lambda row: f"Evidence of {row.noted_on:%-d %B %Y}, {row.count} × {row.text}",
        ),
    ]


def parts_of_staff(record: Any) -> Sequence[Part]:
    """Give the roles and the account."""
    return [
        Part(
            StaffRole.history.filter(staff_member_id=record.pk),
            lambda row: f"Role {row.get_role_display()}",
        ),
        Part(record.user.history.all(), lambda row: "Account"),
    ]


def parts_of_school(record: Any) -> Sequence[Part]:
    """Give its calendar."""
    return [
        Part(HalfTerm.history.filter(school_id=record.pk), _dates_in_words),
        Part(ClosedDay.history.filter(school_id=record.pk), _dates_in_words),
    ]


def _dates_in_words(row: Any) -> str:
    kind = row.get_kind_display() if hasattr(row, "kind") else f"Half term of {row.term}"
    return f"{kind} {row.name}, {row.start:%-d %B %Y} to {row.end:%-d %B %Y}".replace(" ,", ",")
