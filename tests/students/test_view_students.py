from datetime import date

import pytest
from django.urls import reverse

from keywork import clock
from students.models import TimetableEntry
from tests.factories import NOW, StudentFactory, assign, make_school, make_staff

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
URL = "/students/"


@pytest.fixture
def school():
    return make_school()


@pytest.fixture
def get(client, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)

    def ask(person, **query):
        client.force_login(person)
        return client.get(URL, query)

    return ask


def student(school, name, **more):
    return StudentFactory(school=school, legal_first_name="Kit", legal_last_name=name, **more)


def listed(response):
    return [each.legal_last_name for each in response.context["students"]]


def test_the_school_on_roll_today_by_name(get, school):
    student(school, "Moss")
    student(school, "Ash")
    student(school, "Gone", left_on=date(2026, 11, 11))
    student(school, "Coming", on_roll_from=date(2026, 11, 13))
    student(make_school("Other School", urn="999102"), "Elsewhere")
    assert listed(get(make_staff(school, "senco"))) == ["Ash", "Moss"]


def test_a_teacher_sees_those_taught(get, school):
    teacher = make_staff(school, "teacher")
    TimetableEntry(student=student(school, "Moss"), teacher=teacher, subject="Art").save()
    student(school, "Ash")
    assert listed(get(teacher)) == ["Moss"]


def test_roles_without_students_are_refused(get, school):
    assert get(make_staff(school, "system_admin")).status_code == 403


def test_signed_out_goes_to_sign_in(client):
    assert client.get(URL).status_code == 302


def test_filters_narrow_the_list(get, school):
    senco, grace = make_staff(school, "senco"), make_staff(school, "key_worker")
    moss = student(school, "Moss", reg_form="9B", primary_need="SLCN")
    student(school, "Ash", reg_form="8C", secondary_need="SLCN")
    student(school, "Birch", reg_form="8C", primary_need="SEMH")
    student(school, "Gone", left_on=date(2026, 11, 11))
    assign(moss, grace)
    assert listed(get(senco, q="kit mo")) == ["Moss"]
    assert listed(get(senco, q="8c")) == listed(get(senco, form="8C")) == ["Ash", "Birch"]
    assert listed(get(senco, need="SLCN")) == ["Ash", "Moss"]
    assert listed(get(senco, key_worker=grace.ref)) == ["Moss"]
    assert listed(get(senco, no_key_worker="on")) == ["Ash", "Birch"]
    assert listed(get(senco, leavers="on")) == ["Ash", "Birch", "Gone", "Moss"]
    assert listed(get(senco, sort="form")) == ["Ash", "Birch", "Moss"]
    assert "No student is like that" in get(senco, q="zz").content.decode()


def test_filters_reveal_nothing_of_students_seen_by_name(get, school):
    own, other = student(school, "Own", primary_need="SEMH"), student(school, "Other")
    other.primary_need, other.left_on = "SEMH", None
    other.save()
    student(school, "Gone", left_on=date(2026, 11, 11))
    grace = make_staff(school, "key_worker")
    assign(own, grace)
    assert listed(get(grace)) == ["Other", "Own"]
    assert listed(get(grace, need="SEMH")) == ["Own"]
    assert listed(get(grace, leavers="on")) == ["Other", "Own"]


def test_nonsense_in_the_address_narrows_nothing(get, school):
    student(school, "Moss")
    response = get(make_staff(school, "senco"), need="XX", key_worker="nobody", page="x", sort="-")
    assert listed(response) == ["Moss"]


def test_names_of_those_by_name_come_without_their_status(get, school):
    student(school, "Moss", sen_status="E")
    assert "EHC plan" not in get(make_staff(school, "key_worker")).content.decode()
    assert "EHC plan" in get(make_staff(school, "admin")).content.decode()


def test_thirty_a_page(get, school):
    for number in range(31):
        student(school, f"Moss{number:02}")
    senco = make_staff(school, "senco")
    assert len(listed(get(senco))) == 30
    assert listed(get(senco, page="2")) == ["Moss30"]


def test_an_empty_school_says_what_to_do(get, school):
    assert "Import them, or add one" in get(make_staff(school, "admin")).content.decode()
    assert "The office puts them on roll" in get(make_staff(school, "senco")).content.decode()


@pytest.mark.parametrize("url", [URL, "/assignments/"])
def test_queries_do_not_grow_with_the_list(client, get, school, url, django_assert_num_queries):
    person = make_staff(school, "senco", "admin")
    get(person)
    counts = []
    for number in (1, 2):
        for _ in range(number):
            assign(student(school, "Moss"), make_staff(school, "key_worker"))
        with django_assert_num_queries(15, exact=False) as queries:
            assert client.get(url).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_every_page_is_linked_by_ref(get, school):
    moss = student(school, "Moss", upn="P999401219054")
    page = get(make_staff(school, "admin")).content.decode()
    assert reverse("student", args=[moss.ref]) in page
    assert "P999401219054" not in page
