from datetime import date

import pytest

from keywork.models import School
from students.models import Student
from students.search import named_like, search_students
from tests.factories import StudentFactory, assign, make_school, make_staff, viewer

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def school():
    return make_school()


def student(school, first, last, **more):
    return StudentFactory(school=school, legal_first_name=first, legal_last_name=last, **more)


def found(q):
    office = make_staff(School.objects.first(), "admin")
    named = named_like(Student.objects.all(), q, viewer(office))
    return {each.legal_last_name for each in named}


def test_words_begin_parts_of_names_and_form(school):
    student(school, "Jayden", "Thorne", reg_form="9B")
    student(school, "Jayden", "Moss", reg_form="8C")
    assert found("jayden t") == {"Thorne"}
    assert found("JAY") == {"Thorne", "Moss"}
    assert found("8c") == {"Moss"}
    assert found("ayden") == set()


def test_preferred_and_legal_first_names_both_count(school):
    student(school, "Alexandra", "Frost", preferred_first_name="Sasha")
    assert found("sasha f") == found("alex") == {"Frost"}


def test_a_legal_first_name_not_gone_by_finds_nobody_for_those_not_shown_it(school):
    student(school, "Alexandra", "Frost", preferred_first_name="Sasha")
    student(school, "Alexis", "Moss")
    worker, office = make_staff(school, "key_worker"), make_staff(school, "admin")

    def searched(person, q):
        return [each.legal_last_name for each in search_students(viewer(person), q, limit=8)]

    assert searched(office, "alex") == ["Frost", "Moss"]
    assert searched(worker, "alex") == ["Moss"]
    assert searched(worker, "sasha f") == ["Frost"]


def test_accents_apostrophes_and_hyphens_do_not_matter(school):
    student(school, "Zoë", "O'Brien-Núñez")
    assert found("zoe") == found("zoë") == {"O'Brien-Núñez"}
    assert found("obrien") == found("o’brien") == found("brien") == found("nunez")
    assert found("nunez") == {"O'Brien-Núñez"}


def test_signs_of_expressions_are_only_signs(school):
    student(school, "Kit", "Moss")
    assert found(".*") == found("%") == found("kit (") - {"Moss"} == set()
    assert found("") == set()


def test_nobody_out_of_sight_is_found(school):
    other = make_school("Other School", urn="999102")
    student(school, "Jayden", "Thorne")
    student(other, "Jayden", "Elsewhere")
    teacher, worker = make_staff(school, "teacher"), make_staff(school, "key_worker")
    assert search_students(viewer(teacher), "jayden", limit=8) == []
    seen = search_students(viewer(worker), "jayden", limit=8)
    assert [each.legal_last_name for each in seen] == ["Thorne"]


def test_who_has_left_is_found_by_those_who_may_know_it(school):
    own = student(school, "Jayden", "Own", left_on=date(2026, 11, 11))
    student(school, "Jayden", "Gone", left_on=date(2026, 11, 11))
    student(school, "Jayden", "Coming", on_roll_from=date(2026, 11, 13))
    student(school, "Jayden", "Here")
    worker = make_staff(school, "key_worker")
    assign(own, worker)
    for person, names in (
        (worker, ["Here", "Own"]),
        (make_staff(school, "admin"), ["Here", "Coming", "Gone", "Own"]),
        (make_staff(school, "senco"), ["Here", "Coming", "Gone", "Own"]),
    ):
        seen = search_students(viewer(person), "jayden", limit=8)
        assert [each.legal_last_name for each in seen] == names


def test_a_whole_upn_finds_only_for_those_who_see_identity(school):
    kit = student(school, "Kit", "Moss", upn="P999401219054")
    own, other = make_staff(school, "key_worker"), make_staff(school, "key_worker")
    assign(kit, own)
    admin = make_staff(school, "admin")
    assert search_students(viewer(own), "p999401219054", limit=8) == [kit]
    assert search_students(viewer(admin), "P999401219054", limit=8) == [kit]
    assert search_students(viewer(other), "P999401219054", limit=8) == []
    assert search_students(viewer(admin), "P99940121905", limit=8) == []


def test_one_letter_finds_nobody(school):
    student(school, "Kit", "Moss")
    assert search_students(viewer(make_staff(school, "senco")), "k", limit=8) == []


def test_a_search_is_one_query(school, django_assert_num_queries):
    for number in range(3):
        student(school, "Kit", f"Moss{number}")
    asking = viewer(make_staff(school, "senco"))
    with django_assert_num_queries(1):
        names = [each.school.name for each in search_students(asking, "kit m", limit=8)]
    assert len(names) == 3
