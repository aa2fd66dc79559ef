"""How much of a session's record is written, from the record as its page has read it."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from sessions import rules
from sessions.completeness import (
    Completeness,
    NewTarget,
    Written,
    completeness,
    uncovered_words,
)
from sessions.models import KeyworkSession, Target


@dataclass(frozen=True, slots=True)
class TargetsAround:
    """Targets set in a session; those open before it that day; the areas of those open now."""

    new: list[Target]
    open_before: list[Target]
    areas: list[str]


def targets_around(record: KeyworkSession) -> TargetsAround:
    """Read the targets that a session set, and the student's others open then, in one query."""
    day = record.held_on
    open_then = Q(status=Target.Status.ACTIVE) | Q(closed_on__gt=day)
    of_student = Target.objects.filter(student=record.student_id)
    found = list(of_student.filter(Q(keywork_session=record.pk) | open_then).order_by("pk"))
    new = [each for each in found if each.keywork_session_id == record.pk]
    before = [
        each
        for each in found
        if each.keywork_session_id != record.pk
        and each.set_on < day
        and rules.target_is_active(each.status, each.set_on, each.closed_on, day)
    ]
    return TargetsAround(new, before, [each.area for each in found if each.is_active])


def written_of(record: Any, targets: TargetsAround) -> Completeness | None:
    """Say how much of a session signed as held is written; None of any other.

    record: with `judged`, its standing reviews, and its group and student.
    """
    if record.signed_at is None or record.status != KeyworkSession.Status.HELD:
        return None
    judged = {review.target_id for review in record.judged}
    unjudged = sum(each.pk not in judged for each in targets.open_before)
    shared = record.group.shared_details if record.group else ""
    written = Written(
        voice=bool(record.pupil_voice),
        feeling=record.feeling is not None,
        talked=bool(record.details or shared),
        engagement=record.engagement is not None,
        strategies_or_themes=bool(record.strategies_agreed or record.themes),
        unjudged=unjudged,
        new_targets=tuple(
            NewTarget(bool(each.measure or each.goal_count), each.review_on is not None)
            for each in targets.new
        ),
        no_target_reason=bool(record.no_target_reason),
        carried_on=bool(unjudged) or any(review.extended_to for review in record.judged),
    )
    return completeness(written, record.student.first_name)


def uncovered(targets: TargetsAround) -> str:
    """Say that none of the student's open targets is about behaviour or learning (S2-101)."""
    return uncovered_words(targets.areas)
