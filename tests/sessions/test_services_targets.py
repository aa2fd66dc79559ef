from datetime import date, timedelta

import pytest
from django.db import IntegrityError

from keywork.undo import UndoError
from sessions.models import Target, TargetReview
from sessions.services.targets import (
    ReviewError,
    TargetLimitError,
    TargetValues,
    add_evidence,
    review_target,
    set_target,
    undo_evidence,
    undo_review,
)
from tests import factories as make

pytestmark = pytest.mark.django_db

LATER = date(2026, 11, 26)
VALUES = TargetValues(
    text="Show the card before leaving a lesson",
    measure="4 of 5 lessons",
    goal_count=4,
    goal_unit="5 lessons",
    baseline="1 of 5",
    help="A card in the pencil case",
    area="behaviour",
    linked_outcome="E2",
    review_on=LATER,
    student_agreed=True,
)


@pytest.fixture
def school():
    return make.make_school()


@pytest.fixture
def key_worker(school):
    return make.make_staff(school, "key_worker")


@pytest.fixture
def student(school, key_worker):
    kit = make.StudentFactory(school=school)
    make.assign(kit, key_worker)
    return kit


@pytest.fixture
def target(student):
    return make.TargetFactory(student=student, review_on=date(2026, 11, 12))


def set_one(student, by, **more):
    return set_target(
        student=student, keywork_session=None, values=VALUES, on=make.TODAY, by=by, **more
    )


def review(target, by, outcome, **more):
    values = {"evidence": "Ms Kaur's tally", "on": make.TODAY}
    return review_target(target=target, outcome=outcome, by=by, **{**values, **more})


def test_a_target_keeps_what_was_written_and_who_set_it(student, key_worker):
    found = Target.objects.get(pk=set_one(student, key_worker).pk)

    assert {name: getattr(found, name) for name in VALUES.__slots__} == {
        name: getattr(VALUES, name) for name in VALUES.__slots__
    }
    assert (found.set_on, found.set_by, found.status) == (make.TODAY, key_worker, "active")
    assert found.history.get().history_user == key_worker


def test_three_targets_at_most_as_the_model_says(student, key_worker):
    for _ in range(3):
        set_one(student, key_worker)

    with pytest.raises(TargetLimitError) as refused:
        set_one(student, key_worker)

    assert refused.value.message == "Three at most. Finish one first."
    assert student.targets.count() == 3


def test_the_students_own_model_says_how_many(school, student, key_worker):
    own = school.key_work_models.get(code="community")
    own.targets_per_student_max = 1
    own.save()
    student.key_work_model = own
    student.save()
    set_one(student, key_worker)

    with pytest.raises(TargetLimitError, match="One at most. Finish one first."):
        set_one(student, key_worker)


def test_without_any_model_three_is_the_most(school, student, key_worker):
    school.key_work_model = None
    school.save()
    for _ in range(3):
        set_one(student, key_worker)

    with pytest.raises(TargetLimitError):
        set_one(student, key_worker)


def test_finished_targets_and_other_students_targets_make_no_difference(
    school, student, key_worker
):
    make.TargetFactory(student=student, status="achieved", closed_on=make.TODAY)
    for _ in range(3):
        make.TargetFactory(student=make.StudentFactory(school=school))
    for _ in range(3):
        set_one(student, key_worker)

    assert student.targets.filter(status="active").count() == 3


@pytest.mark.parametrize(
    ("outcome", "more", "status"),
    [
        ("achieved", {}, "achieved"),
        ("partly", {}, "partly"),
        ("withdrawn", {"reason": "Moved school"}, "withdrawn"),
        ("not_yet", {"close": True}, "not_achieved"),
    ],
)
def test_an_outcome_closes_the_target(target, key_worker, outcome, more, status):
    made = review(target, key_worker, outcome, **more)

    target.refresh_from_db()
    assert (target.status, target.closed_on) == (status, make.TODAY)
    assert (made.outcome, made.evidence, made.reviewed_by) == (
        outcome,
        "Ms Kaur's tally",
        key_worker,
    )


@pytest.mark.parametrize("outcome", ["partly", "not_yet"])
def test_a_target_carries_on_with_a_later_date_and_a_reason(target, key_worker, outcome):
    made = review(target, key_worker, outcome, extended_to=LATER, reason="Two weeks were off")

    target.refresh_from_db()
    assert (target.status, target.closed_on, target.review_on) == ("active", None, LATER)
    assert (made.extended_to, made.reason) == (LATER, "Two weeks were off")


def test_in_a_session_carrying_on_needs_no_reason(student, target, key_worker):
    held = make.SessionFactory(student=student)

    made = review(target, key_worker, "not_yet", extended_to=LATER, keywork_session=held)

    assert made.keywork_session == held


@pytest.mark.parametrize(
    ("outcome", "more", "refusal"),
    [
        ("not_yet", {}, ("Choose a new review date, or close the target", "extended_to")),
        ("partly", {"extended_to": LATER}, ("Say why it carries on", "reason")),
        ("withdrawn", {}, ("Say why the target is withdrawn", "reason")),
        (
            "achieved",
            {"extended_to": LATER, "reason": "x"},
            ("Only a target partly or not yet achieved carries on", "extended_to"),
        ),
        (
            "partly",
            {"extended_to": make.TODAY, "reason": "x"},
            ("Choose a date after the day of the review", "extended_to"),
        ),
    ],
)
def test_a_review_that_does_not_fit_is_refused(target, key_worker, outcome, more, refusal):
    with pytest.raises(ReviewError) as refused:
        review(target, key_worker, outcome, **more)

    assert (refused.value.message, refused.value.field) == refusal
    assert not TargetReview.objects.exists()
    target.refresh_from_db()
    assert target.status == "active"


def test_a_finished_target_is_not_judged_again(target, key_worker):
    review(target, key_worker, "achieved")

    with pytest.raises(ReviewError, match="finished already"):
        review(target, key_worker, "partly")
    with pytest.raises(ReviewError, match="finished"):
        add_evidence(target=target, on=make.TODAY, by=key_worker)


def test_undoing_a_review_opens_the_target_with_the_date_it_had(target, key_worker):
    made = review(target, key_worker, "not_yet", extended_to=LATER, reason="Off")

    undo_review(record=made, by=key_worker, now=make.NOW)

    target.refresh_from_db()
    made.refresh_from_db()
    assert (target.status, target.review_on) == ("active", date(2026, 11, 12))
    assert (made.withdrawn_at, made.withdrawn_by) == (make.NOW, key_worker)
    assert target.history.count() == 3
    undo_review(record=made, by=key_worker, now=make.NOW)
    assert target.history.count() == 3


def test_undoing_a_close_opens_the_target(target, key_worker):
    made = review(target, key_worker, "achieved")

    undo_review(record=made, by=key_worker, now=make.NOW)

    target.refresh_from_db()
    assert (target.status, target.closed_on) == ("active", None)


def test_a_close_stays_once_another_target_took_the_place(student, target, key_worker):
    made = review(target, key_worker, "achieved")
    for _ in range(3):
        set_one(student, key_worker)

    with pytest.raises(UndoError, match="Another target was set in its place"):
        undo_review(record=made, by=key_worker, now=make.NOW)


def test_a_review_stays_once_there_is_a_later_one(target, key_worker):
    first = review(target, key_worker, "not_yet", extended_to=LATER, reason="Off")
    review(target, key_worker, "achieved")

    with pytest.raises(UndoError, match="changed since"):
        undo_review(record=first, by=key_worker, now=make.NOW)


def test_a_review_of_a_signed_session_is_corrected_there(student, target, key_worker):
    held = make.SessionFactory(student=student, signed_at=make.NOW, signed_by=key_worker)
    made = review(target, key_worker, "achieved", keywork_session=held)

    with pytest.raises(UndoError, match="signed"):
        undo_review(record=made, by=key_worker, now=make.NOW)


def test_evidence_counts_and_undone_evidence_does_not(target, key_worker):
    one = add_evidence(target=target, on=make.TODAY, by=key_worker)
    add_evidence(target=target, on=make.TODAY, by=key_worker, count=2, text="In art")
    assert Target.objects.with_progress().get(pk=target.pk).progress == 3

    undo_evidence(record=one, by=key_worker, now=make.NOW)

    assert Target.objects.with_progress().get(pk=target.pk).progress == 2
    undo_evidence(record=one, by=key_worker, now=make.NOW + timedelta(minutes=1))
    one.refresh_from_db()
    assert (one.withdrawn_at, one.history.count()) == (make.NOW, 2)


def test_a_target_without_evidence_is_at_nought(target):
    assert Target.objects.with_progress().get().progress == 0


def test_evidence_stays_once_a_review_was_made_with_it(target, key_worker):
    one = add_evidence(target=target, on=make.TODAY, by=key_worker)
    made = review(target, key_worker, "not_yet", extended_to=LATER, reason="Off")

    with pytest.raises(UndoError, match="reviewed since"):
        undo_evidence(record=one, by=key_worker, now=make.NOW)

    undo_review(record=made, by=key_worker, now=make.NOW)
    undo_evidence(record=one, by=key_worker, now=make.NOW)
    one.refresh_from_db()
    assert one.withdrawn_at == make.NOW


@pytest.mark.parametrize("extended_to", [make.TODAY, make.TODAY - timedelta(days=1)])
def test_the_database_refuses_to_carry_a_target_on_to_no_later_day(
    target, key_worker, extended_to
):
    review = TargetReview(
        target=target,
        reviewed_on=make.TODAY,
        reviewed_by=key_worker,
        outcome="partly",
        extended_to=extended_to,
    )
    with pytest.raises(IntegrityError, match="carries_on_later"):
        review.save()
