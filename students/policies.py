"""How much of a student a viewer sees, and what they may do about that student."""

from dataclasses import dataclass
from typing import Any

from keywork.access import Viewer
from keywork.roles import Capability
from students.models import ChangeNotice, Observation, Student

WORKS_WITH_STUDENTS = (Capability.RECORD_SESSION, Capability.LIAISE)


@dataclass(frozen=True, slots=True)
class Sight:
    """How deep a viewer sees: in full (what was said) or identity; neither means by name."""

    in_full: bool
    identity: bool

    @property
    def by_name_only(self) -> bool:
        """Say whether name, form, key worker and strategies are all there is to see."""
        return not (self.in_full or self.identity)


def sight_of(viewer: Viewer, student: Student) -> Sight:
    """Give the depth of sight of a student already fetched through `visible_to`.

    Costs one query, or none where the queryset was asked `with_sight`.
    """
    annotated: Any = student
    if not hasattr(student, "seen_in_full"):
        annotated = Student.objects.with_sight(viewer).get(pk=student.pk)
    return Sight(annotated.seen_in_full, annotated.identity_seen)


def can_record_session(viewer: Viewer, student: Student, sight: Sight) -> bool:
    """Say whether the viewer may hold sessions with the student."""
    return sight.in_full and viewer.can_at(Capability.RECORD_SESSION, student.school_id)


def can_edit_profile(viewer: Viewer, student: Student, sight: Sight) -> bool:
    """Say whether the viewer may change strategies, learning style, interests, timetable."""
    return sight.in_full and viewer.can_at(Capability.EDIT_PROFILE, student.school_id)


def can_edit_identity(viewer: Viewer, student: Student) -> bool:
    """Say whether the viewer may change names, roll, SEN status and model."""
    return viewer.can_at(Capability.EDIT_IDENTITY, student.school_id)


def can_manage_assignments(viewer: Viewer, student: Student) -> bool:
    """Say whether the viewer may give the student another key worker."""
    return viewer.can_at(Capability.MANAGE_ASSIGNMENTS, student.school_id)


def sees_timetable(sight: Sight) -> bool:
    """Say whether the viewer sees who teaches the student what."""
    return sight.in_full or sight.identity


def can_enter_grades(viewer: Viewer, student: Student, sight: Sight) -> bool:
    """Say whether the viewer may enter grade sheets: the school's business, not a key worker's."""
    known = sight.in_full or sight.identity
    return known and viewer.can_at(Capability.ENTER_PROGRESS, student.school_id)


def can_enter_scores(viewer: Viewer, student: Student, sight: Sight) -> bool:
    """Say whether the viewer may enter test scores; key workers give baseline tests, too."""
    return can_enter_grades(viewer, student, sight) or can_edit_profile(viewer, student, sight)


def can_tell_colleagues(viewer: Viewer, student: Student, sight: Sight) -> bool:
    """Say whether the viewer may tell staff of a change: whoever liaises about the student."""
    return sight.in_full and viewer.can_at(Capability.LIAISE, student.school_id)


def can_correct_notice(viewer: Viewer, notice: ChangeNotice) -> bool:
    """Say whether the viewer may change what colleagues were told: its author alone."""
    return notice.written_by_id == viewer.user.pk and notice.withdrawn_at is None


def can_withdraw_notice(viewer: Viewer, notice: ChangeNotice) -> bool:
    """Say whether the viewer may take it back: its author, or who oversees the records."""
    if notice.withdrawn_at or can_correct_notice(viewer, notice):
        return notice.withdrawn_at is None
    oversees = viewer.can_at(Capability.SEE_SCHOOL_RECORDS, notice.student.school_id)
    sight = sight_of(viewer, notice.student)
    return oversees and can_tell_colleagues(viewer, notice.student, sight)


def can_note_observation(viewer: Viewer, student: Student, sight: Sight) -> bool:
    """Say whether the viewer may write down what they noticed: whoever works with the student."""
    school = student.school_id
    works = any(viewer.can_at(each, school) for each in WORKS_WITH_STUDENTS)
    return sight.in_full and works


def can_correct_observation(viewer: Viewer, observation: Observation) -> bool:
    """Say whether the viewer may change what was noticed, of a student seen: who wrote it."""
    return bool(observation.noticed_by_id == viewer.user.pk)


def can_withdraw_observation(viewer: Viewer, observation: Observation) -> bool:
    """Say whether the viewer may take it back: who wrote it, or oversees the records."""
    if can_correct_observation(viewer, observation):
        return True
    school = observation.student.school_id
    oversees = viewer.can_at(Capability.SEE_SCHOOL_RECORDS, school)
    return oversees and viewer.can_at(Capability.LIAISE, school)
