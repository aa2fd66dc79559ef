"""Planned sessions follow the student to a new key worker."""

from datetime import date, time, timedelta

import pytest

from sessions.models import KeyworkSession
from sessions.own_day import planned_sessions
from students.models import Assignment
from students.services import (
    assign_key_worker,
    assign_key_workers,
    end_assignment,
    undo_assignment,
)
from students.services.assignments import Change
from tests import factories as make

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
TODAY = make.TODAY  # Thursday 12 November 2026
MON_16, MON_23, MON_30 = date(2026, 11, 16), date(2026, 11, 23), date(2026, 11, 30)


@pytest.fixture
def school():
    return make.make_school()


@pytest.fixture
def office(school):
    return make.make_staff(school, "admin")


@pytest.fixture
def grace(school):
    return make.make_staff(school, "key_worker", first_name="Grace", last_name="Amoah")


@pytest.fixture
def tom(school):
    return make.make_staff(school, "key_worker", first_name="Tom", last_name="Reed")


@pytest.fixture
def kit(school, grace):
    kit = make.StudentFactory(school=school, legal_first_name="Kit", legal_last_name="Moss")
    make.assign(kit, grace)
    return kit


def plan(student, key_worker, day, **more):
    values = {"status": "planned", "held_on": day, "starts_at": time(13, 40), **more}
    return make.SessionFactory(student=student, key_worker=key_worker, **values)


def give(student, key_worker, by, start=TODAY, role="primary"):
    return assign_key_worker(
        student=student,
        key_worker=key_worker,
        role=role,
        start=start,
        reason="staff_request",
        note="",
        by=by,
    )


def owners(student):
    """Whose each session is, in the order of days."""
    sessions = KeyworkSession.objects.filter(student=student).order_by("held_on", "pk")
    return [each.key_worker for each in sessions]


def test_what_is_planned_moves_to_the_new_key_worker_and_says_who_moved_it(
    kit, grace, tom, office
):
    planned = plan(kit, grace, MON_16)
    give(kit, tom, office)

    assert owners(kit) == [tom]
    assert [each.ref for each in planned_sessions(make.viewer(tom), [kit.pk])] == [planned.ref]
    assert planned_sessions(make.viewer(grace), []) == []
    change = planned.history.first()
    assert (change.history_user, change.key_worker) == (office, tom)
    assert change.history_change_reason == "Key worker changed"


def test_a_later_change_moves_only_what_is_planned_from_then_on(kit, grace, tom, office):
    for day in (MON_16, MON_23, MON_30):
        plan(kit, grace, day)
    give(kit, tom, office, MON_23)
    assert owners(kit) == [grace, tom, tom]


def test_undone_the_sessions_come_back_with_what_was_planned_meanwhile(kit, grace, tom, office):
    for day in (MON_16, MON_23):
        plan(kit, grace, day)
    change = give(kit, tom, office, MON_16)
    plan(kit, tom, MON_30)
    undo_assignment(assignment=change, by=office, on=TODAY)

    assert owners(kit) == [grace, grace, grace]
    assert kit.keywork_sessions.first().history.first().history_change_reason == (
        "Change of key worker undone"
    )


def test_with_nobody_in_place_they_wait_for_whoever_comes(kit, grace, tom, office):
    plan(kit, grace, MON_16)
    plan(kit, grace, MON_23)
    end_assignment(assignment=Assignment.objects.get(), end=MON_16, reason="", by=office)
    assert owners(kit) == [grace, None]
    change = give(kit, tom, office, MON_23)
    assert owners(kit) == [grace, tom]
    undo_assignment(assignment=change, by=office, on=TODAY)
    assert owners(kit) == [grace, None]


def test_what_was_held_cancelled_or_planned_by_somebody_else_stays(
    kit, grace, tom, office, school
):
    senco = make.make_staff(school, "senco")
    second = make.make_staff(school, "key_worker")
    make.assign(kit, second, role="secondary")
    plan(kit, grace, TODAY, status="held")
    plan(kit, senco, MON_16)
    plan(kit, second, MON_23)
    plan(kit, grace, MON_30, withdrawn_at=make.NOW, withdrawn_by=grace)
    give(kit, tom, office)
    assert owners(kit) == [grace, senco, second, grace]


def test_a_second_key_worker_leaves_theirs_to_the_first(kit, grace, tom, office):
    second = make.assign(kit, tom, role="secondary")
    plan(kit, tom, MON_16)
    plan(kit, tom, MON_23)
    end_assignment(assignment=second, end=MON_16, reason="", by=office)
    assert owners(kit) == [tom, grace]


def test_who_stays_as_a_second_key_worker_keeps_what_they_planned(kit, grace, tom, office):
    make.assign(kit, grace, role="secondary")
    plan(kit, grace, MON_16)
    give(kit, tom, office)
    assert owners(kit) == [grace]


def test_a_clash_with_the_new_ones_own_plans_blocks_nothing(kit, grace, tom, office, school):
    other = make.StudentFactory(school=school)
    make.assign(other, tom)
    plan(other, tom, MON_16)
    plan(kit, grace, MON_16)
    give(kit, tom, office)
    assert owners(kit) == [tom]


def test_several_students_move_in_as_many_statements_as_one(
    kit, grace, tom, office, school, django_assert_max_num_queries
):
    def statements(count, start):
        students = [make.StudentFactory(school=school) for _ in range(count)]
        for student in students:
            make.assign(student, grace)
        changes = [Change(student, tom) for student in students]
        shared = {"role": "primary", "start": start, "reason": "other", "note": "", "by": office}

        def change(sessions):
            for student in students:
                for week in range(sessions):
                    plan(student, grace, start + timedelta(weeks=week))
            with django_assert_max_num_queries(200) as captured:
                made = assign_key_workers(changes=changes, **shared)
            for each in made:
                undo_assignment(assignment=each, by=office, on=TODAY)
            return len(captured)

        without = change(0)
        return change(2) - without

    assert statements(1, MON_16) == statements(3, MON_16) == 3
