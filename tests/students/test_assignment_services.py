from datetime import date, timedelta

import pytest

from keywork.models import StaffMember
from students.models import Assignment
from students.services import (
    AssignmentError,
    assign_key_worker,
    assign_key_workers,
    end_assignment,
    undo_assignment,
)
from students.services.assignments import Change
from tests.factories import TODAY, StudentFactory, assign, make_school, make_staff

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
MONDAY = date(2026, 11, 16)


@pytest.fixture
def school():
    return make_school()


@pytest.fixture
def office(school):
    return make_staff(school, "admin")


@pytest.fixture
def grace(school):
    return make_staff(school, "key_worker", first_name="Grace", last_name="Amoah")


@pytest.fixture
def tom(school):
    return make_staff(school, "key_worker", first_name="Tom", last_name="Reed")


@pytest.fixture
def kit(school):
    return StudentFactory(school=school, legal_first_name="Kit", legal_last_name="Moss")


def give(student, key_worker, by, start=MONDAY, role="primary"):
    return assign_key_worker(
        student=student,
        key_worker=key_worker,
        role=role,
        start=start,
        reason="staff_request",
        note="Both met.",
        by=by,
    )


def test_the_present_one_ends_the_day_before(kit, grace, tom, office):
    old = assign(kit, grace)
    new = give(kit, tom, office)
    old.refresh_from_db()
    assert (old.end, new.start, new.end) == (date(2026, 11, 15), MONDAY, None)
    assert (new.reason, new.note) == ("staff_request", "Both met.")
    assert new.history.get().history_user == office
    assert old.history.first().history_change_reason == "Tom Reed from 16 November 2026"


def test_a_first_key_worker_may_start_today(kit, grace, office):
    give(kit, grace, office, start=TODAY)
    assert kit.assignments.current(TODAY).get().key_worker == grace


def test_a_secondary_stands_beside_the_primary_and_another_secondary(kit, grace, tom, office):
    assign(kit, grace)
    give(kit, tom, office, role="secondary")
    third = make_staff(kit.school, "key_worker")
    give(kit, third, office, role="secondary")
    assert kit.assignments.current(MONDAY).count() == 3


@pytest.mark.parametrize("role", ["primary", "secondary"])
def test_somebody_who_has_the_role_is_refused_it_again(kit, grace, office, role):
    assign(kit, grace, role=role)
    with pytest.raises(AssignmentError, match="already"):
        give(kit, grace, office, role=role)
    assert kit.assignments.get().end is None


def test_a_primary_that_starts_later_has_to_be_undone_first(kit, grace, tom, office):
    give(kit, grace, office, start=MONDAY + timedelta(7))
    with pytest.raises(AssignmentError, match="from 23 November 2026. Undo that first"):
        give(kit, tom, office)


@pytest.mark.parametrize("role", ["teacher", "senco", "admin"])
def test_only_key_workers_of_the_school_are_given(kit, office, role):
    with pytest.raises(AssignmentError, match="does not key-work here on 16 November 2026"):
        give(kit, make_staff(kit.school, role), office)


def test_a_key_worker_of_another_school_is_refused(kit, office):
    other = make_school("Other School", urn="999102")
    with pytest.raises(AssignmentError):
        give(kit, make_staff(other, "key_worker"), office)


def test_somebody_who_has_left_by_then_is_refused(kit, grace, office):
    record = StaffMember.objects.get(user=grace)
    record.ends_on = date(2026, 11, 15)
    record.save()
    with pytest.raises(AssignmentError):
        give(kit, grace, office)


def test_a_student_off_roll_by_then_is_refused(school, grace, office):
    gone = StudentFactory(school=school, left_on=date(2026, 11, 13))
    coming = StudentFactory(school=school, on_roll_from=date(2026, 11, 23))
    with pytest.raises(AssignmentError, match="leaves on 13 November 2026"):
        give(gone, grace, office)
    with pytest.raises(AssignmentError, match="joins on 23 November 2026"):
        give(coming, grace, office)


def test_several_changes_are_made_all_or_none(school, kit, grace, tom, office):
    other = StudentFactory(school=school)
    assign(other, tom)
    changes = [Change(kit, grace), Change(other, tom)]
    shared = {"role": "primary", "start": MONDAY, "reason": "other", "note": "", "by": office}
    with pytest.raises(AssignmentError):
        assign_key_workers(changes=changes, **shared)
    assert not kit.assignments.exists()
    made = assign_key_workers(changes=[Change(kit, grace), Change(other, grace)], **shared)
    assert {each.student for each in made} == {kit, other}


def test_an_undone_change_leaves_things_as_they_were(kit, grace, tom, office):
    old = assign(kit, grace)
    new = give(kit, tom, office)
    undo_assignment(assignment=new, by=office, on=TODAY)
    old.refresh_from_db()
    assert old.end is None
    assert list(kit.assignments.all()) == [old]
    assert old.history.first().history_change_reason == "Change undone"


def test_two_who_undo_the_same_change_undo_it_once(kit, grace, tom, office):
    assign(kit, grace)
    new = give(kit, tom, office)
    same = Assignment.objects.get(pk=new.pk)
    undo_assignment(assignment=new, by=office, on=TODAY)
    with pytest.raises(AssignmentError, match="undone already"):
        undo_assignment(assignment=same, by=office, on=TODAY)
    deleted = Assignment.history.filter(ref=same.ref, history_type="-")
    assert deleted.count() == 1


def test_undo_keeps_an_end_that_was_set_before(kit, grace, tom, office):
    old = assign(kit, grace, end=date(2026, 12, 18))
    undo_assignment(assignment=give(kit, tom, office), by=office, on=TODAY)
    old.refresh_from_db()
    assert old.end == date(2026, 12, 18)


def test_undo_does_not_touch_an_end_that_merely_falls_on_the_day_before(kit, grace, tom, office):
    old = assign(kit, grace, end=date(2026, 11, 15))
    undo_assignment(assignment=give(kit, tom, office), by=office, on=TODAY)
    old.refresh_from_db()
    assert old.end == date(2026, 11, 15)


@pytest.mark.parametrize("end", [None, date(2026, 11, 20)])
def test_of_two_coming_changes_the_later_is_undone_first(kit, school, grace, tom, office, end):
    old = assign(kit, grace, end=end)
    third = make_staff(school, "key_worker", first_name="Cora", last_name="Bell")
    first = give(kit, tom, office)
    friday = MONDAY + timedelta(days=4)
    second = give(kit, third, office, start=friday)
    with pytest.raises(AssignmentError, match="Cora Bell is .* from 20 November 2026. Undo that"):
        undo_assignment(assignment=first, by=office, on=TODAY)
    assert Assignment.objects.get(pk=first.pk).end == friday - timedelta(days=1)
    undo_assignment(assignment=second, by=office, on=TODAY)
    undo_assignment(assignment=first, by=office, on=TODAY)
    old.refresh_from_db()
    assert old.end == end
    assert Assignment.objects.get() == old


def test_a_change_is_undone_where_what_it_replaced_ends_before_the_next(
    kit, school, grace, tom, office
):
    old = assign(kit, grace, end=date(2026, 11, 19))
    first = give(kit, tom, office)
    third = make_staff(school, "key_worker", first_name="Cora", last_name="Bell")
    give(kit, third, office, start=MONDAY + timedelta(days=4))
    undo_assignment(assignment=first, by=office, on=TODAY)
    old.refresh_from_db()
    assert old.end == date(2026, 11, 19)


def test_a_first_change_that_replaced_nobody_is_undone_though_another_comes(
    kit, grace, tom, office
):
    first = give(kit, grace, office)
    give(kit, tom, office, start=MONDAY + timedelta(days=4))
    undo_assignment(assignment=first, by=office, on=TODAY)
    assert Assignment.objects.get().key_worker == tom


def test_a_change_is_undone_on_its_first_day_and_not_later(kit, grace, tom, office):
    old = assign(kit, grace)
    started = give(kit, tom, office, start=TODAY)
    with pytest.raises(AssignmentError, match="It has started"):
        undo_assignment(assignment=started, by=office, on=TODAY + timedelta(days=1))
    assert kit.assignments.count() == 2
    undo_assignment(assignment=started, by=office, on=TODAY)
    old.refresh_from_db()
    assert (list(kit.assignments.all()), old.end) == ([old], None)


def test_ending_says_the_last_day_and_why(kit, grace, office):
    ended = end_assignment(
        assignment=assign(kit, grace), end=MONDAY, reason="Left employment", by=office
    )
    assert ended.end == MONDAY
    assert ended.history.first().history_change_reason == "Left employment"
    assert ended.history.first().history_user == office


def test_an_end_before_the_start_or_after_an_earlier_end_is_refused(kit, grace, office):
    open_ended = assign(kit, grace)
    with pytest.raises(AssignmentError, match="starts on 1 September 2026"):
        end_assignment(assignment=open_ended, end=date(2026, 8, 31), reason="", by=office)
    end_assignment(assignment=open_ended, end=TODAY, reason="", by=office)
    with pytest.raises(AssignmentError, match="ended on 12 November 2026 already"):
        end_assignment(assignment=open_ended, end=MONDAY, reason="", by=office)
