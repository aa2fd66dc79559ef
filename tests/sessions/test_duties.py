"""Hand-counted on the calendar of tests.factories: Autumn 2 has 35 school days, none closed."""

from datetime import UTC, date, datetime

import pytest

from keywork.duties import DutyKind, DutyStatus
from keywork.school_calendar import calendar_of
from sessions.duties import read_sessions, read_targets, session_duties, target_duties
from students.duties import read_roll
from tests.factories import (
    TODAY,
    SessionFactory,
    StudentFactory,
    TargetFactory,
    assign,
    make_school,
    make_staff,
)

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def nov(day):
    return date(2026, 11, day)


def dec(day):
    return date(2026, 12, day)


@pytest.fixture
def school():
    return make_school()


@pytest.fixture
def student(school):
    student = StudentFactory(school=school, upn="J999910121101")
    assign(student, make_staff(school, "key_worker", username="priya"))
    return student


def use_model(student, code):
    student.key_work_model = student.school.key_work_models.get(code=code)
    student.save()


def duties(student, on, kind):
    roll = read_roll(student.school, on, calendar=calendar_of(student.school))
    found = [*session_duties(roll, read_sessions(roll)), *target_duties(roll, read_targets(roll))]
    return [duty for duty in found if duty.kind == kind and duty.student_id == student.pk]


def session(student, on):
    (duty,) = duties(student, on, DutyKind.SESSION)
    return duty


def quota(student, on):
    (duty,) = duties(student, on, DutyKind.SESSION_QUOTA)
    return duty


# session: every 10 school days


def test_the_next_session_is_due_ten_school_days_after_the_last_held(student):
    SessionFactory(student=student, held_on=nov(3))

    duty = session(student, TODAY)

    # 4, 5, 6 (3), 9 to 13 (8), 16, 17 (10)
    assert (duty.due_on, duty.act_by, duty.status) == (nov(17), nov(17), DutyStatus.UPCOMING)
    assert (duty.student, duty.owner) == ("J999910121101", "priya")
    # 4, 5, 6, 9, 10, 11 and today
    assert duty.reason == "Last seen 3 November, 7 school days ago."


def test_seen_today_says_so(student):
    SessionFactory(student=student, held_on=TODAY)

    assert session(student, TODAY).reason == "Last seen 12 November, no school day since."


def test_what_is_dated_later_planned_or_withdrawn_counts_for_nothing(student):
    SessionFactory(student=student, held_on=nov(3))
    SessionFactory(student=student, held_on=nov(13))
    SessionFactory(student=student, held_on=nov(11), status="planned")
    SessionFactory(
        student=student,
        held_on=nov(10),
        withdrawn_at=datetime(2026, 11, 10, tzinfo=UTC),
        withdrawn_by=make_staff(student.school, "key_worker"),
    )

    assert session(student, TODAY).due_on == nov(17)
    # 16 to 20 (5), 23 to 27 (10)
    assert session(student, nov(13)).due_on == nov(27)


@pytest.mark.parametrize("reason", ["pupil_absent", "declined", "suspended", "closure"])
def test_an_excusable_miss_moves_the_date_to_the_next_school_day(student, reason):
    SessionFactory(student=student, held_on=nov(3))
    SessionFactory(student=student, held_on=nov(20), status="missed", missed_reason=reason)

    assert session(student, nov(20)).due_on == nov(23)
    assert session(student, nov(19)).due_on == nov(17)


@pytest.mark.parametrize("reason", ["staff_absent", "no_time", "other"])
def test_any_other_miss_moves_nothing(student, reason):
    SessionFactory(student=student, held_on=nov(3))
    SessionFactory(student=student, held_on=nov(20), status="missed", missed_reason=reason)

    duty = session(student, nov(20))

    assert (duty.due_on, duty.status) == (nov(17), DutyStatus.OVERDUE)


def test_the_reason_names_the_latest_miss_since_the_last_session(student):
    SessionFactory(student=student, held_on=nov(3))
    SessionFactory(student=student, held_on=nov(10), status="missed", missed_reason="no_time")
    SessionFactory(student=student, held_on=nov(2), status="missed", missed_reason="declined")

    reason = session(student, TODAY).reason

    assert reason == ("Last seen 3 November, 7 school days ago. Missed on 10 November: no time.")


def test_never_seen_counts_from_the_later_of_joining_and_the_first_key_worker(school):
    student = StudentFactory(school=school, on_roll_from=date(2026, 9, 1))
    assign(student, make_staff(school, "key_worker"), start=nov(2))

    duty = session(student, TODAY)

    # 3 to 6 (4), 9 to 13 (9), 16 (10)
    assert duty.due_on == nov(16)
    assert duty.reason == "Not seen yet; counted from 2 November."


def test_never_seen_and_never_assigned_owes_no_session(school):
    student = StudentFactory(school=school)

    assert duties(student, TODAY, DutyKind.SESSION) == []
    assert duties(student, TODAY, DutyKind.SESSION_QUOTA) == []


def test_seen_but_without_a_key_worker_is_owed_by_nobody(school):
    student = StudentFactory(school=school)
    SessionFactory(student=student, held_on=nov(3))

    assert (session(student, TODAY).owner, session(student, TODAY).owner_id) == ("", None)


def test_no_duty_where_the_calendar_does_not_reach(student):
    SessionFactory(student=student, held_on=date(2027, 3, 24))

    assert duties(student, date(2027, 3, 25), DutyKind.SESSION) == []


def test_a_model_without_an_interval_owes_no_session(student):
    use_model(student, "residential")

    assert duties(student, TODAY, DutyKind.SESSION) == []


# session_quota: 3 a half term


def test_the_quota_is_due_on_the_last_school_day_and_gets_tight(student):
    SessionFactory(student=student, held_on=nov(3))
    SessionFactory(student=student, held_on=date(2026, 10, 20))

    # Two needed: tight with fewer than ten school days left.
    assert [quota(student, day).status for day in (dec(7), dec(8), dec(18))] == [
        DutyStatus.UPCOMING,
        DutyStatus.AT_RISK,
        DutyStatus.DUE,
    ]
    assert quota(student, dec(8)).due_on == dec(18)
    assert quota(student, dec(8)).reason == (
        "1 of 3 held this half term; 9 school days left, today included."
    )


def test_a_met_quota_and_a_break_owe_nothing(student):
    for day in (2, 3, 4):
        SessionFactory(student=student, held_on=nov(day))

    assert duties(student, TODAY, DutyKind.SESSION_QUOTA) == []
    assert duties(student, date(2026, 10, 28), DutyKind.SESSION_QUOTA) == []


def test_a_late_start_shares_the_quota(school):
    student = StudentFactory(school=school)
    assign(student, make_staff(school, "key_worker"), start=nov(30))

    # 15 of 35 school days: 3 × 15 / 35 = 1.28
    assert quota(student, dec(1)).reason == (
        "0 of 1 held this half term (3 in a whole one); 14 school days left, today included."
    )


def test_a_quota_a_term_counts_the_whole_term(student):
    use_model(student, "residential")
    assert quota(student, TODAY).due_on == dec(18)
    assert quota(student, date(2026, 10, 28)).reason.startswith("0 of 1 held this term;")

    SessionFactory(student=student, held_on=date(2026, 9, 8))

    assert duties(student, TODAY, DutyKind.SESSION_QUOTA) == []


# target_review


def test_an_active_target_is_reviewed_by_the_school_day_before_its_date(student):
    target = TargetFactory(student=student, set_on=nov(3), review_on=nov(14))

    (duty,) = duties(student, TODAY, DutyKind.TARGET_REVIEW)

    assert (duty.due_on, duty.act_by, duty.about) == (nov(14), nov(13), target.ref)
    assert duty.reason == "Set on 3 November, to be reviewed by 14 November."


def test_a_target_is_active_until_the_day_it_was_closed(student):
    TargetFactory(student=student, set_on=nov(3), status="achieved", closed_on=nov(10))

    def open_on(day):
        return len(duties(student, nov(day), DutyKind.TARGET_REVIEW))

    assert [open_on(day) for day in (2, 3, 9, 10)] == [0, 1, 1, 0]


def test_a_target_without_a_review_date_is_owed_no_review(student):
    TargetFactory(student=student, review_on=None)

    assert duties(student, TODAY, DutyKind.TARGET_REVIEW) == []


def test_the_reason_does_not_tell_what_the_target_says(student):
    # The school-wide list is read by people who may not read records.
    TargetFactory(student=student, text="Stay in the lesson")

    (duty,) = duties(student, TODAY, DutyKind.TARGET_REVIEW)

    assert "lesson" not in duty.reason


# weekly_targets


def test_a_target_of_the_week_is_due_on_its_last_school_day(student):
    use_model(student, "alternative_provision")
    TargetFactory(student=student, set_on=nov(6), status="withdrawn", closed_on=nov(6))

    def due(on):
        return [(d.due_on, d.status) for d in duties(student, on, DutyKind.WEEKLY_TARGETS)]

    assert due(nov(6)) == []
    assert due(nov(9)) == [(nov(13), DutyStatus.UPCOMING)]
    assert due(nov(13)) == [(nov(13), DutyStatus.DUE)]
    assert due(nov(15)) == [(nov(13), DutyStatus.OVERDUE)]
    assert due(date(2026, 10, 28)) == []


def test_a_target_set_later_in_the_week_is_as_if_not_set(student):
    use_model(student, "alternative_provision")
    TargetFactory(student=student, set_on=nov(13))

    assert len(duties(student, TODAY, DutyKind.WEEKLY_TARGETS)) == 1
    assert duties(student, nov(13), DutyKind.WEEKLY_TARGETS) == []


def test_other_models_ask_for_no_weekly_target(student):
    assert duties(student, TODAY, DutyKind.WEEKLY_TARGETS) == []
