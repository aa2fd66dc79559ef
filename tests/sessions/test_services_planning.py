from datetime import UTC, date, datetime, time

import pytest

from keywork.models import ClosedDay
from keywork.undo import UndoError
from sessions.models import KeyworkSession
from sessions.services.planning import (
    PlanningError,
    cancel_session,
    move_session,
    plan_session,
    plan_sessions,
    propose_series,
    undo_cancellation,
)
from tests import factories as make

pytestmark = pytest.mark.django_db

MON_23_NOV = date(2026, 11, 23)


@pytest.fixture
def school():
    return make.make_school()


@pytest.fixture
def key_worker(school):
    return make.make_staff(school, "key_worker")


@pytest.fixture
def student(school, key_worker):
    kit = make.StudentFactory(school=school, legal_first_name="Kit")
    make.assign(kit, key_worker)
    return kit


def plan(student, key_worker, **changes):
    values = {
        "held_on": MON_23_NOV,
        "starts_at": time(13, 40),
        "minutes": 20,
        "venue": "Library nook",
        "focus": "iep",
        "by": key_worker,
        "now": make.NOW,
    }
    return plan_session(student=student, key_worker=key_worker, **{**values, **changes})


def test_a_planned_session_keeps_what_was_chosen_and_who_chose_it(student, key_worker):
    planned = plan(student, key_worker)

    assert (planned.held_on, planned.starts_at, planned.minutes) == (
        MON_23_NOV,
        time(13, 40),
        20,
    )
    assert (planned.status, planned.venue, planned.focus) == ("planned", "Library nook", "iep")
    assert (planned.school, planned.key_worker) == (student.school, key_worker)
    assert planned.history.get().history_user == key_worker


@pytest.mark.parametrize(
    ("day", "message"),
    [
        (date(2026, 11, 11), "Choose a day from today on"),
        (
            date(2026, 11, 21),
            "Choose a school day: on Saturday 21 November it is a weekend",
        ),
        (
            date(2026, 12, 25),
            "Choose a school day: on Friday 25 December it is a bank holiday",
        ),
        (
            date(2027, 2, 16),
            "Choose a school day: on Tuesday 16 February it is half term",
        ),
        (
            date(2026, 12, 22),
            "Choose a school day: on Tuesday 22 December it is the holidays",
        ),
        (
            date(2026, 11, 24),
            "Choose a school day: on Tuesday 24 November it is an INSET day",
        ),
        (date(2026, 12, 15), "Kit is not on roll on Tuesday 15 December"),
    ],
)
def test_a_session_is_planned_on_a_school_day_of_the_student_only(
    student, key_worker, day, message
):
    inset = date(2026, 11, 24)
    ClosedDay(school=student.school, kind="inset", name="INSET", start=inset, end=inset).save()
    if "not on roll" in message:
        student.left_on = date(2026, 12, 14)
        student.save()

    with pytest.raises(PlanningError) as refused:
        plan(student, key_worker, held_on=day)

    assert (refused.value.message, refused.value.field) == (message, "held_on")
    assert not KeyworkSession.objects.exists()


def test_today_is_the_day_at_the_site(student, key_worker, settings):
    settings.TIME_ZONE = "America/New_York"
    # In New York it is still Thursday 12 November, in London the 13th.
    plan(student, key_worker, held_on=make.TODAY, now=datetime(2026, 11, 13, 2, tzinfo=UTC))


def test_a_session_today_can_be_planned(student, key_worker):
    assert plan(student, key_worker, held_on=make.TODAY).held_on == make.TODAY


def test_in_summer_time_today_is_the_day_in_england(student, key_worker):
    # 23:30 UTC is 00:30 of the 15th by the clock on the wall until 25 October.
    late = datetime(2026, 10, 14, 23, 30, tzinfo=UTC)

    with pytest.raises(PlanningError, match="from today on"):
        plan(student, key_worker, held_on=date(2026, 10, 14), now=late)


def test_a_session_is_no_longer_than_the_model_allows(student, key_worker):
    # special_day: 20 minutes at most
    with pytest.raises(PlanningError, match="A session is 20 minutes at most") as refused:
        plan(student, key_worker, minutes=21)

    assert refused.value.field == "minutes"


@pytest.mark.parametrize(
    ("start", "clashes"),
    [
        (time(13, 19), False),
        (time(13, 20), False),
        (time(13, 21), True),
        (time(13, 40), True),
        (time(13, 59), True),
        (time(14, 0), False),
    ],
)
def test_one_key_worker_cannot_be_with_two_students_at_once(
    school, student, key_worker, start, clashes
):
    plan(student, key_worker)
    other = make.StudentFactory(school=school)

    if not clashes:
        assert plan(other, key_worker, starts_at=start).pk
        return
    with pytest.raises(PlanningError) as refused:
        plan(other, key_worker, starts_at=start)
    assert refused.value.message == (
        "There is a session with Kit planned on Monday 23 November at 13:40"
    )


def test_two_people_cannot_plan_the_same_student_at_once(school, student, key_worker):
    plan(student, key_worker)
    second = make.make_staff(school, "key_worker")

    with pytest.raises(PlanningError):
        plan(student, second, starts_at=time(13, 50))
    other = make.StudentFactory(school=school)
    assert plan(other, second, starts_at=time(13, 50)).pk


def test_a_session_without_a_time_clashes_only_with_the_same_student(school, student, key_worker):
    plan(student, key_worker, starts_at=None)

    with pytest.raises(PlanningError) as refused:
        plan(student, key_worker)
    assert refused.value.message == "There is a session with Kit planned on Monday 23 November"
    other = make.StudentFactory(school=school)
    assert plan(other, key_worker, starts_at=None).pk


def test_held_and_cancelled_sessions_are_in_nobodys_way(student, key_worker):
    make.SessionFactory(
        student=student, key_worker=key_worker, held_on=MON_23_NOV, starts_at=time(13, 40)
    )
    cancelled = plan(student, key_worker)
    cancel_session(keywork_session=cancelled, reason="Trip", by=key_worker, now=make.NOW)

    assert plan(student, key_worker).pk


def test_a_series_passes_over_closed_days_and_clashes_and_says_why(school, student, key_worker):
    inset = date(2026, 11, 30)
    ClosedDay(school=school, kind="inset", name="INSET", start=inset, end=inset).save()
    other = make.StudentFactory(school=school, legal_first_name="Ada")
    plan(other, key_worker, held_on=date(2026, 12, 7), starts_at=time(13, 50))

    dates = propose_series(
        student=student,
        key_worker=key_worker,
        first=make.TODAY,
        weekday=0,
        starts_at=time(13, 40),
        minutes=20,
        now=make.NOW,
    )

    assert [(each.day, each.problem) for each in dates] == [
        (date(2026, 11, 16), ""),
        (date(2026, 11, 23), ""),
        (
            date(2026, 11, 30),
            "Choose a school day: on Monday 30 November it is an INSET day",
        ),
        (
            date(2026, 12, 7),
            "There is a session with Ada planned on Monday 7 December at 13:50",
        ),
        (date(2026, 12, 14), ""),
    ]


def test_a_series_asked_for_in_a_break_is_of_the_half_term_that_comes(student, key_worker):
    dates = propose_series(
        student=student,
        key_worker=key_worker,
        first=date(2026, 12, 21),
        weekday=3,
        starts_at=time(9, 0),
        minutes=20,
        now=make.NOW,
    )

    assert [each.day for each in dates] == [
        date(2027, 1, 7),
        date(2027, 1, 14),
        date(2027, 1, 21),
        date(2027, 1, 28),
        date(2027, 2, 4),
        date(2027, 2, 11),
    ]


def test_a_series_past_the_calendar_is_empty(student, key_worker):
    assert not propose_series(
        student=student,
        key_worker=key_worker,
        first=date(2027, 6, 1),
        weekday=1,
        starts_at=time(9, 0),
        minutes=20,
        now=make.NOW,
    )


def test_a_series_is_planned_whole_or_not_at_all(student, key_worker):
    values = {"starts_at": time(9, 0), "minutes": 20, "venue": "", "focus": ""}
    who = {"student": student, "key_worker": key_worker, "by": key_worker, "now": make.NOW}

    with pytest.raises(PlanningError):
        plan_sessions(days=[MON_23_NOV, date(2026, 11, 28)], **values, **who)
    assert not KeyworkSession.objects.exists()

    planned = plan_sessions(days=[MON_23_NOV, date(2026, 11, 30)], **values, **who)
    assert [each.held_on for each in planned] == [MON_23_NOV, date(2026, 11, 30)]


def move(planned, key_worker, **changes):
    values = {
        "held_on": date(2026, 11, 25),
        "starts_at": time(9, 0),
        "minutes": 15,
        "venue": "Hut",
    }
    return move_session(
        keywork_session=planned, by=key_worker, now=make.NOW, **{**values, **changes}
    )


def test_a_moved_session_is_the_same_one_at_another_time(student, key_worker):
    planned = plan(student, key_worker)

    moved = move(planned, key_worker)

    assert moved.ref == planned.ref
    assert (moved.held_on, moved.starts_at, moved.minutes, moved.venue) == (
        date(2026, 11, 25),
        time(9, 0),
        15,
        "Hut",
    )
    assert moved.history.count() == 2


def test_a_session_does_not_clash_with_itself_when_moved_a_little(student, key_worker):
    planned = plan(student, key_worker)

    moved = move(planned, key_worker, held_on=MON_23_NOV, starts_at=time(13, 45))

    assert moved.starts_at == time(13, 45)


def test_a_session_is_not_moved_onto_another_or_onto_a_closed_day(student, key_worker):
    planned = plan(student, key_worker)
    plan(student, key_worker, held_on=date(2026, 11, 25), starts_at=time(9, 0))

    with pytest.raises(PlanningError):
        move(planned, key_worker)
    with pytest.raises(PlanningError):
        move(planned, key_worker, held_on=date(2026, 11, 29))
    planned.refresh_from_db()
    assert planned.held_on == MON_23_NOV


def test_a_held_session_is_neither_moved_nor_cancelled(student, key_worker):
    held = make.SessionFactory(student=student, key_worker=key_worker)

    with pytest.raises(PlanningError, match="no longer planned"):
        move(held, key_worker)
    with pytest.raises(PlanningError, match="no longer planned"):
        cancel_session(keywork_session=held, reason="x", by=key_worker, now=make.NOW)


def test_a_cancelled_session_is_withdrawn_with_its_reason_and_can_come_back(student, key_worker):
    planned = plan(student, key_worker)

    cancelled = cancel_session(
        keywork_session=planned, reason="Trip to the zoo", by=key_worker, now=make.NOW
    )

    assert (cancelled.withdrawn_at, cancelled.withdrawn_by) == (make.NOW, key_worker)
    assert cancelled.history.latest().history_change_reason == "Cancelled: Trip to the zoo"
    assert not KeyworkSession.objects.planned().exists()

    restored = undo_cancellation(record=cancelled, by=key_worker, now=make.NOW)
    assert KeyworkSession.objects.planned().get() == restored
    assert restored.history.count() == 3
    undo_cancellation(record=cancelled, by=key_worker, now=make.NOW)
    assert restored.history.count() == 3


def test_a_cancellation_stays_once_its_time_is_taken(school, student, key_worker):
    planned = plan(student, key_worker)
    cancelled = cancel_session(keywork_session=planned, reason="Trip", by=key_worker, now=make.NOW)
    plan(make.StudentFactory(school=school, legal_first_name="Ada"), key_worker)

    with pytest.raises(UndoError, match="There is a session with Ada planned"):
        undo_cancellation(record=cancelled, by=key_worker, now=make.NOW)
    assert KeyworkSession.objects.planned().count() == 1
