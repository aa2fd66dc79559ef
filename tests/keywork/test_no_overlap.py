from datetime import date

import pytest
from django.db import IntegrityError, transaction

from keywork.no_overlap import ForbidOverlap
from tests import factories as make

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
SEPTEMBER, OCTOBER, NOVEMBER = date(2026, 9, 1), date(2026, 10, 1), date(2026, 11, 1)


@pytest.fixture
def school():
    return make.make_school()


@pytest.fixture
def student(school):
    return make.StudentFactory(school=school)


@pytest.fixture
def people(school):
    return [make.make_staff(school, "key_worker") for _ in range(2)]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ((SEPTEMBER, None), (OCTOBER, None)),
        ((SEPTEMBER, OCTOBER), (OCTOBER, None)),  # the last day counts
        ((OCTOBER, NOVEMBER), (SEPTEMBER, OCTOBER)),
        ((SEPTEMBER, NOVEMBER), (OCTOBER, OCTOBER)),
        ((OCTOBER, OCTOBER), (SEPTEMBER, None)),
    ],
)
def test_two_primary_assignments_never_overlap(student, people, first, second):
    make.assign(student, people[0], start=first[0], end=first[1])
    with pytest.raises(IntegrityError), transaction.atomic():
        make.assign(student, people[1], start=second[0], end=second[1])
    assert student.assignments.count() == 1


def test_the_next_begins_the_day_after_the_last(student, people):
    make.assign(student, people[0], start=SEPTEMBER, end=date(2026, 9, 30))
    make.assign(student, people[1], start=OCTOBER)
    assert student.assignments.count() == 2


def test_secondary_ones_and_other_students_are_free(student, people, school):
    make.assign(student, people[0])
    make.assign(student, people[1], role="secondary")
    make.assign(make.StudentFactory(school=school), people[0])
    assert student.assignments.count() == 2


def test_a_change_that_would_overlap_is_refused_and_an_own_change_is_not(student, people):
    first = make.assign(student, people[0], start=SEPTEMBER, end=date(2026, 9, 30))
    second = make.assign(student, people[1], start=OCTOBER)
    second.end = NOVEMBER
    second.save()
    first.end = OCTOBER
    with pytest.raises(IntegrityError), transaction.atomic():
        first.save()


def test_half_terms_of_a_school_never_overlap_and_other_schools_are_free(school):
    other = make.make_school("Other", "999102", calendar=False)
    half = school.half_terms.first()
    half.pk, half.ref = None, "0000000001"
    half.start = half.end
    with pytest.raises(IntegrityError), transaction.atomic():
        half.save(force_insert=True)
    half.school = other
    half.save(force_insert=True)


def test_the_operation_can_be_written_and_described():
    operation = ForbidOverlap("assignment", name="n", owner="student_id", where="role = 'x'")
    name, args, kwargs = operation.deconstruct()
    assert ForbidOverlap(*args, **kwargs).describe() == operation.describe()
    assert name == "ForbidOverlap"
    assert operation.state_forwards("students", None) is None


@pytest.mark.django_db(transaction=True)
def test_the_constraint_can_be_taken_away_and_put_back(student, people):
    from importlib import import_module

    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    state = MigrationExecutor(connection).loader.project_state()
    migration = import_module(
        "students.migrations.0001_squashed_0010_slips_by_school_and_time"
    ).Migration
    [operation] = [op for op in migration.operations if isinstance(op, ForbidOverlap)][:1]
    make.assign(student, people[0])
    with connection.schema_editor() as editor:
        operation.database_backwards("students", editor, state, state)
    second = make.assign(student, people[1])
    second.delete()
    with connection.schema_editor() as editor:
        operation.database_forwards("students", editor, state, state)
    with pytest.raises(IntegrityError):
        make.assign(student, people[1])
