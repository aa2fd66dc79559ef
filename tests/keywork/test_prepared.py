"""Statements put together once ask what the ORM would have asked, with the values of each call."""

from datetime import date, timedelta
from threading import Thread

import pytest
from django.db import connection, models
from django.test.utils import CaptureQueriesContext

from keywork.prepared import prepared
from students.models import Student
from tests.factories import (
    NOW,
    TODAY,
    StudentFactory,
    add_roles,
    assign,
    make_school,
    make_staff,
    viewer,
)

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@prepared
def joined_by(*, on: date, students: tuple[int, ...], part: str = "") -> models.QuerySet:
    found = Student.objects.filter(pk__in=students, on_roll_from__lte=on).order_by("pk")
    return found.filter(legal_first_name=part) if part else found


@prepared
def called(*, names: tuple[str, ...]) -> models.QuerySet:
    return Student.objects.filter(legal_first_name__in=names).order_by("pk")


@prepared
def with_key_workers(*, on: date) -> models.QuerySet:
    return Student.objects.for_list(on)


@prepared
def seen_by(*, who) -> models.QuerySet:
    return Student.objects.in_full_for(who).order_by("pk").values_list("pk", "on_roll_from")


@prepared
def joined_the_day_before(*, on: date) -> models.QuerySet:
    return Student.objects.filter(on_roll_from=on - timedelta(days=1))


@pytest.fixture
def school():
    return make_school()


@pytest.fixture
def students(school):
    return [
        StudentFactory(school=school, on_roll_from=date(2026, 9, day), legal_first_name=name)
        for day, name in ((1, "Ari"), (2, "Bo"), (3, "Cy"))
    ]


def test_each_call_has_its_own_values(students):
    ari, bo, cy = students
    everybody = tuple(student.pk for student in students)
    assert joined_by(on=date(2026, 9, 2), students=everybody) == [ari, bo]
    assert joined_by(on=date(2026, 9, 3), students=everybody) == [ari, bo, cy]
    assert joined_by(on=date(2026, 9, 3), students=(cy.pk,)) == [cy]
    assert joined_by(on=date(2026, 9, 3), students=()) == []
    assert joined_by(on=TODAY, students=everybody, part="Bo") == [bo]
    assert joined_by(on=TODAY, students=everybody, part="Cy") == [cy]
    assert called(names=("Ari", "Cy", "Di")) == [ari, cy]


def test_one_query_a_call(students):
    with CaptureQueriesContext(connection) as captured:
        joined_by(on=TODAY, students=(students[0].pk,))
    assert len(captured) == 1


def test_a_viewers_roles_and_schools_are_their_own(school, students):
    """Two schools whose order by name is not that by number; roles that differ."""
    earlier = make_school("A School", "999102")
    other = StudentFactory(school=earlier, on_roll_from=TODAY)
    person = make_staff(school, "key_worker")
    assign(students[1], person)
    add_roles(person, earlier, "senco")
    senco = make_staff(school, "senco")
    nobody = make_staff(school)
    days = {student.pk: student.on_roll_from for student in (*students, other)}
    for who, seen in (
        (viewer(person), [students[1], other]),
        (viewer(senco), students),
        (viewer(nobody), []),
        (viewer(person, on=date(2026, 8, 1)), [other]),  # not yet that student's key worker
    ):
        assert seen_by(who=who) == [(each.pk, days[each.pk]) for each in seen]


def test_a_value_that_is_reckoned_with_is_found_out(students):
    with pytest.raises(AssertionError):
        joined_the_day_before(on=TODAY)


def test_what_would_be_prefetched_with_stand_ins_is_refused(students):
    with pytest.raises(TypeError):
        with_key_workers(on=TODAY)


@pytest.mark.django_db(transaction=True)
def test_each_thread_asks_over_its_own_connection(students):
    everybody = tuple(student.pk for student in students)
    joined_by(on=TODAY, students=everybody)
    found = []

    def ask():
        found.extend(joined_by(on=NOW.date(), students=everybody))
        connection.close()

    thread = Thread(target=ask)
    thread.start()
    thread.join()
    assert found == students
