"""Setting targets, counting evidence, reviewing, and undoing each of these."""

from dataclasses import asdict, dataclass
from datetime import date, datetime

from django.db import transaction

from keywork.history import save_by
from keywork.models import User
from keywork.undo import UndoError
from sessions import rules
from sessions.models import KeyworkSession, Target, TargetEvidence, TargetReview
from students.models import Student

MAXIMUM_WITHOUT_MODEL = 3
NUMBER_WORDS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")
Outcome = TargetReview.Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetValues:
    """A target as written: see the fields of `Target`. `goal_count` is of `goal_unit`."""

    text: str
    review_on: date | None
    area: str = ""
    measure: str = ""
    goal_count: int | None = None
    goal_unit: str = ""
    baseline: str = ""
    help: str = ""
    linked_outcome: str = ""
    student_agreed: bool | None = None


class TargetLimitError(Exception):
    """The student has as many open targets as the model allows; the message says so."""

    def __init__(self, maximum: int) -> None:
        number = NUMBER_WORDS[maximum] if maximum < len(NUMBER_WORDS) else str(maximum)
        self.message = f"{number} at most. Finish one first."
        super().__init__(self.message)


class ReviewError(Exception):
    """A review cannot be saved so; the message is for the screen, about `field` of the form."""

    def __init__(self, message: str, field: str = "outcome") -> None:
        super().__init__(message)
        self.message = message
        self.field = field


def maximum_targets(student: Student) -> int:
    """How many targets a student may have open at once, as their model says."""
    model = student.model_in_force()
    return model.targets_per_student_max if model else MAXIMUM_WITHOUT_MODEL


@transaction.atomic
def set_target(
    *,
    student: Student,
    keywork_session: KeyworkSession | None,
    values: TargetValues,
    on: date,
    by: User,
    ref: str = "",
) -> Target:
    """Set a target on a day, in a session or outside one.

    ref: the one that the form carries; where a target of the student's has it, the form was sent
    twice, and that target is given back unchanged. Raises TargetLimitError at the model's maximum
    of open targets (S2-70: 1 to 3).
    """
    list(Student.objects.select_for_update().filter(pk=student.pk).values("pk"))
    if ref and (sent_before := student.targets.filter(ref=ref, set_by=by).first()):
        return sent_before
    maximum = maximum_targets(student)
    if not rules.room_for_targets(_open_targets(student), maximum):
        raise TargetLimitError(maximum)
    target = Target(
        school_id=student.school_id,
        student=student,
        keywork_session=keywork_session,
        set_on=on,
        set_by=by,
        **asdict(values),
    )
    if ref and not Target.objects.filter(ref=ref).exists():
        target.ref = ref
    save_by(target, by)
    return target


@transaction.atomic
def review_target(
    *,
    target: Target,
    outcome: str,
    evidence: str,
    on: date,
    by: User,
    keywork_session: KeyworkSession | None = None,
    extended_to: date | None = None,
    reason: str = "",
    close: bool = False,
) -> TargetReview:
    """Judge a target: an outcome with its evidence, on a day.

    Achieved and withdrawn close it; partly closes it unless carried on to `extended_to`; not yet
    carries it on, or with `close` ends it as not achieved. Raises ReviewError where the outcome
    and the rest do not fit, and where the target is closed already.
    """
    found = Target.objects.select_for_update().get(pk=target.pk)
    review = TargetReview(
        target=found,
        keywork_session=keywork_session,
        reviewed_on=on,
        reviewed_by=by,
        outcome=outcome,
        evidence=evidence,
        extended_to=extended_to,
        reason=reason,
    )
    _check_review(found, review, close=close)
    save_by(review, by)
    if extended_to:
        found.review_on = extended_to
    else:
        found.status, found.closed_on = _closing_status(outcome), on
    save_by(found, by, _review_note(review))
    return review


@transaction.atomic
def add_evidence(
    *, target: Target, on: date, by: User, count: int = 1, text: str = ""
) -> TargetEvidence:
    """Count `count` times that the target was met; raises ReviewError once it is closed."""
    found = Target.objects.select_for_update().get(pk=target.pk)
    if not found.is_active:
        raise ReviewError("This target is finished")
    noted = TargetEvidence(target=found, noted_on=on, noted_by=by, count=count, text=text)
    save_by(noted, by)
    return noted


@transaction.atomic
def undo_evidence(*, record: TargetEvidence, by: User, now: datetime) -> TargetEvidence:
    """Withdraw a count of evidence; raises UndoError where a later review rests on it."""
    target = Target.objects.select_for_update().get(pk=record.target_id)
    noted = TargetEvidence.objects.select_for_update().get(pk=record.pk)
    if noted.withdrawn_at:
        return noted
    created = noted.history.earliest().history_date
    reviews = target.reviews.standing().values("pk")
    later = TargetReview.history.filter(
        id__in=reviews, history_type="+", history_date__gt=created
    ).exists()
    if later:
        raise UndoError("The target was reviewed since, with this in mind")
    noted.withdrawn_at, noted.withdrawn_by = now, by
    save_by(noted, by, "Undone")
    return noted


@transaction.atomic
def undo_review(*, record: TargetReview, by: User, now: datetime) -> Target:
    """Take back a review: the target is open again, with the review date it had.

    Raises UndoError where the target or the session changed since, and where as many others
    were set meanwhile as the model allows.
    """
    list(Student.objects.select_for_update().filter(pk=record.target.student_id).values("pk"))
    target = Target.objects.select_for_update().get(pk=record.target_id)
    review = TargetReview.objects.select_for_update().get(pk=record.pk)
    if review.withdrawn_at:
        return target
    before = _state_before(target, review)
    was_open = target.is_active
    if not was_open and _open_targets(target.student) >= maximum_targets(target.student):
        raise UndoError("Another target was set in its place")
    target.status, target.closed_on = before.status, before.closed_on
    target.review_on = before.review_on
    save_by(target, by, "Review undone")
    review.withdrawn_at, review.withdrawn_by = now, by
    save_by(review, by, "Undone")
    return target


def _open_targets(student: Student) -> int:
    return Target.objects.filter(student=student, status=Target.Status.ACTIVE).count()


def _check_review(target: Target, review: TargetReview, *, close: bool) -> None:
    if not target.is_active:
        raise ReviewError("This target is finished already")
    if review.reviewed_on < target.set_on:
        raise ReviewError("The target was set after this day")
    if review.extended_to:
        _check_extension(review, review.extended_to)
    elif review.outcome == Outcome.NOT_YET and not close:
        raise ReviewError("Choose a new review date, or close the target", "extended_to")
    elif review.outcome == Outcome.WITHDRAWN and not review.reason:
        raise ReviewError("Say why the target is withdrawn", "reason")


def _check_extension(review: TargetReview, extended_to: date) -> None:
    if review.outcome in (Outcome.ACHIEVED, Outcome.WITHDRAWN):
        raise ReviewError("Only a target partly or not yet achieved carries on", "extended_to")
    if extended_to <= review.reviewed_on:
        raise ReviewError("Choose a date after the day of the review", "extended_to")
    if review.keywork_session is None and not review.reason:
        raise ReviewError("Say why it carries on", "reason")


def _closing_status(outcome: str) -> str:
    closing = {
        Outcome.ACHIEVED: Target.Status.ACHIEVED,
        Outcome.PARTLY: Target.Status.PARTLY,
        Outcome.NOT_YET: Target.Status.NOT_ACHIEVED,
        Outcome.WITHDRAWN: Target.Status.WITHDRAWN,
    }
    return closing[Outcome(outcome)]


def _review_note(review: TargetReview) -> str:
    """The reason in the target's history; names the review, so that undo knows its own change."""
    return f"Review: {review.get_outcome_display()} ({review.ref})"


def _state_before(target: Target, review: TargetReview) -> Target:
    """The target as its history had it before this review, its newest change."""
    newest, *earlier = target.history.order_by("-history_date", "-history_id")[:2]
    if newest.history_change_reason != _review_note(review) or not earlier:
        raise UndoError("The target was changed since")
    if review.keywork_session and review.keywork_session.signed_at:
        raise UndoError("The session is signed: correct it there")
    return earlier[0]
