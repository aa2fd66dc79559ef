from datetime import date

import pytest

from keywork.duties import DutyKind, DutyStatus
from keywork.school_calendar import calendar_of
from students.duties import read_roll, unassigned_duties
from students.models import Student
from tests.factories import TODAY, StudentFactory, assign, make_school, make_staff

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def school():
    return make_school()


@pytest.fixture
def priya(school):
    return make_staff(school, "key_worker", username="priya")


def roll_on(school, on=TODAY, **options):
    return read_roll(school, on, calendar=calendar_of(school), **options)


def unassigned(school, on=TODAY):
    duties = unassigned_duties(roll_on(school, on))
    return [(duty.due_on, duty.act_by, duty.status) for duty in duties]


def test_only_those_on_roll_on_the_date_are_read(school):
    StudentFactory(school=school, legal_first_name="Stays")
    StudentFactory(school=school, legal_first_name="Left", left_on=date(2026, 11, 11))
    StudentFactory(school=school, legal_first_name="Leaves", left_on=TODAY)
    StudentFactory(school=school, legal_first_name="Joins", on_roll_from=date(2026, 11, 13))
    StudentFactory(school=make_school("Elsewhere", "999102"))

    names = {student.name.split()[0] for student in roll_on(school).by_id.values()}

    assert names == {"Stays", "Leaves"}


def test_the_owner_is_the_primary_key_worker_of_that_date(school, priya):
    student = StudentFactory(school=school)
    osei = make_staff(school, "key_worker", username="osei")
    assign(student, osei, date(2026, 9, 1), end=date(2026, 10, 23))
    assign(student, priya, date(2026, 10, 24))
    assign(student, osei, date(2026, 10, 24), role="secondary")

    def owner(on):
        known = roll_on(school, on).by_id[student.pk]
        return known.owner, known.owner_id

    assert owner(TODAY) == ("priya", priya.pk)
    assert owner(date(2026, 10, 23)) == ("osei", osei.pk)
    assert roll_on(school).by_id[student.pk].first_assigned == date(2026, 9, 1)


def test_an_assignment_that_starts_later_is_as_if_not_recorded(school, priya):
    student = StudentFactory(school=school)
    assign(student, priya, date(2026, 11, 16))

    known = roll_on(school).by_id[student.pk]

    assert (known.owner, known.first_assigned) == ("", None)
    assert known.unassigned_since == date(2026, 9, 1)


def test_a_students_own_model_goes_before_the_schools(school):
    own = school.key_work_models.get(code="alternative_provision")
    mine = StudentFactory(school=school, key_work_model=own)
    other = StudentFactory(school=school)

    roll = roll_on(school)

    assert roll.by_id[mine.pk].parameters.session_every_school_days == 5
    assert roll.by_id[other.pk].parameters.session_every_school_days == 10


def test_names_are_those_people_go_by(school):
    student = StudentFactory(
        school=school, preferred_first_name="Jay", legal_last_name="Thorne", upn=None
    )

    known = roll_on(school).by_id[student.pk]

    assert (known.name, known.upn, known.ref) == ("Jay Thorne", "", student.ref)


def test_unassigned_is_due_on_joining_and_the_day_after_the_last_one_ended(school, priya):
    # Friday's end makes it Saturday: it is not moved back to a school day.
    StudentFactory(school=school, on_roll_from=TODAY)
    gap = StudentFactory(school=school)
    assign(gap, priya, end=date(2026, 11, 6))
    secondary = StudentFactory(school=school)
    assign(secondary, priya, role="secondary")
    assign(StudentFactory(school=school), priya)

    assert sorted(unassigned(school)) == [
        (date(2026, 9, 1), date(2026, 9, 1), DutyStatus.OVERDUE),
        (date(2026, 11, 7), date(2026, 11, 7), DutyStatus.OVERDUE),
        (TODAY, TODAY, DutyStatus.DUE),
    ]


def test_unassigned_is_owned_by_nobody_and_says_since_when(school, priya):
    student = StudentFactory(school=school, upn="J999910121101")
    assign(student, priya, end=date(2026, 10, 23))

    (duty,) = unassigned_duties(roll_on(school))

    assert (duty.kind, duty.student, duty.owner) == (DutyKind.UNASSIGNED, "J999910121101", "")
    assert (duty.school_id, duty.student_id, duty.owner_id) == (school.pk, student.pk, None)
    assert duty.reason == "No key worker since 24 October."


def test_only_some_students_can_be_read(school, priya):
    mine = StudentFactory(school=school)
    assign(mine, priya)
    StudentFactory(school=school)

    roll = roll_on(school, students=Student.objects.caseload_of(priya, TODAY))

    assert list(roll.by_id) == [mine.pk]


def test_three_queries_however_many_students(school, priya, django_assert_num_queries):
    calendar = calendar_of(school)
    for _ in range(3):
        with django_assert_num_queries(3):
            read_roll(school, TODAY, calendar=calendar)
        assign(StudentFactory(school=school), priya)
