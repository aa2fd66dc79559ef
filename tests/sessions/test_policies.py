"""Who may record, log, tick and correct."""

from datetime import timedelta

import pytest

from sessions.models import SessionAction
from sessions.policies import (
    can_correct,
    can_log,
    can_record,
    can_tick,
    is_author,
    is_fresh,
)
from students.models import Student
from tests.factories import (
    NOW,
    TODAY,
    SessionFactory,
    StudentFactory,
    assign,
    make_school,
    make_staff,
    viewer,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def school():
    return make_school()


@pytest.fixture
def people(school):
    """Everybody who could have a say about one student, by what they are to that student."""
    roles = ("senco", "slt", "head", "dsl", "moderator", "head_of_care", "admin", "teacher")
    people = {role: make_staff(school, role) for role in roles}
    people["own"] = make_staff(school, "key_worker")
    people["other"] = make_staff(school, "key_worker")
    people["elsewhere"] = make_staff(make_school("B", "999102"), "senco", "key_worker")
    return people


@pytest.fixture
def student(school, people):
    student = StudentFactory(school=school)
    assign(student, people["own"])
    return student


def those_who(people, may):
    return {name for name, person in people.items() if may(viewer(person))}


def signed(student, by, **more):
    return SessionFactory(student=student, key_worker=by, signed_by=by, signed_at=NOW, **more)


def test_the_own_key_worker_and_the_senco_record(people, student):
    assert those_who(people, lambda who: can_record(who, student)) == {"own", "senco"}


def test_a_resident_is_recorded_by_the_head_of_care_too(people, student):
    student.residence = "Ash House"
    student.save()
    assert those_who(people, lambda who: can_record(who, student)) == {
        "own",
        "senco",
        "head_of_care",
    }


def test_recording_costs_no_query_with_sight(people, student, django_assert_num_queries):
    who = viewer(people["own"])
    found = Student.objects.with_sight(who).get(pk=student.pk)
    with django_assert_num_queries(0):
        assert can_record(who, found)


def test_only_a_planned_session_is_logged(people, student):
    planned = SessionFactory(student=student, status="planned", held_on=TODAY)
    held = SessionFactory(student=student)
    assert those_who(people, lambda who: can_log(who, planned)) == {"own", "senco"}
    assert those_who(people, lambda who: can_log(who, held)) == set()


def test_the_author_and_the_senco_correct(people, student):
    record = signed(student, people["own"])
    assert those_who(people, lambda who: can_correct(who, record)) == {"own", "senco"}


def test_the_next_key_worker_does_not_correct_what_another_signed(people, student):
    record = signed(student, people["other"])
    # "other" has lost sight of the student, "own" did not write it
    assert those_who(people, lambda who: can_correct(who, record)) == {"senco"}


def test_an_imported_session_is_corrected_by_whoever_held_it(people, student):
    record = SessionFactory(student=student, key_worker=people["own"])
    assert those_who(people, lambda who: can_correct(who, record)) == {"own", "senco"}
    nobody = SessionFactory(student=student, key_worker=None)
    assert those_who(people, lambda who: can_correct(who, nobody)) == {"senco"}


def test_what_is_planned_is_not_corrected(people, student):
    planned = SessionFactory(student=student, status="planned", held_on=TODAY)
    assert those_who(people, lambda who: can_correct(who, planned)) == set()


@pytest.mark.parametrize(("hours", "fresh"), [(0, True), (23.99, True), (24, False), (48, False)])
def test_the_authors_24_hours(people, student, hours, fresh):
    record = signed(student, people["own"])
    later = viewer(people["own"], now=NOW + timedelta(hours=hours))
    assert is_fresh(later, record) is fresh
    assert is_fresh(viewer(people["senco"]), record) is False


def test_an_imported_session_is_never_fresh(people, student):
    record = SessionFactory(student=student, key_worker=people["own"])
    assert is_author(viewer(people["own"]), record)
    assert not is_fresh(viewer(people["own"]), record)


def test_an_action_is_ticked_by_its_owner_and_by_who_records(people, student):
    record = signed(student, people["own"])
    action = SessionAction(keywork_session=record, text="Tell Ms Day", owner=people["teacher"])
    action.save()
    assert those_who(people, lambda who: can_tick(who, action)) == {"own", "senco", "teacher"}
