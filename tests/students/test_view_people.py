from datetime import date

import pytest
from django.urls import reverse

from keywork import clock
from students.models import Student
from tests.factories import NOW, StudentFactory, assign, make_school, make_staff

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
NEW = "/students/new/"


@pytest.fixture(autouse=True)
def today(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def school():
    return make_school()


@pytest.fixture
def kit(school):
    return StudentFactory(school=school, legal_first_name="Kit", legal_last_name="Moss")


@pytest.fixture
def office(school):
    return make_staff(school, "admin")


def people(kit):
    return reverse("people", args=[kit.ref])


def edit(kit):
    return reverse("students:edit", args=[kit.ref])


def identity(**more):
    return {
        "legal_first_name": "Ibrahim",
        "legal_last_name": "Sule",
        "dob": "4 March 2014",
        "sen_status": "K",
        "reg_form": "8C",
        "on_roll_from": "2/11/26",
        **more,
    }


def test_people_show_every_key_worker_so_far(client, school, kit):
    grace = make_staff(school, "key_worker", first_name="Grace", last_name="Amoah")
    tom = make_staff(school, "key_worker", first_name="Tom", last_name="Reed")
    assign(kit, tom, start=date(2026, 9, 1), end=date(2026, 10, 23), note="Moved away")
    assign(kit, grace, start=date(2026, 10, 24))
    client.force_login(make_staff(school, "senco"))
    page = client.get(people(kit)).content.decode()
    assert page.index("Grace Amoah") < page.index("Tom Reed")
    assert "Moved away" in page
    client.force_login(make_staff(school, "admin"))
    page = client.get(people(kit)).content.decode()
    assert "Tom Reed" in page
    assert "Moved away" not in page


def test_people_are_for_those_who_see_identity(client, school, kit):
    for role, answer in (("key_worker", 403), ("senco", 200), ("admin", 200)):
        client.force_login(make_staff(school, role))
        assert client.get(people(kit)).status_code == answer, role
    client.force_login(make_staff(make_school("Other School", urn="999102"), "admin"))
    assert client.get(people(kit)).status_code == client.get(edit(kit)).status_code == 404


def test_only_the_office_changes_identity(client, school, kit):
    for role in ("senco", "head", "key_worker"):
        client.force_login(make_staff(school, role))
        assert client.get(edit(kit)).status_code == client.get(NEW).status_code == 403


def test_an_admin_adds_a_student(client, school, office):
    client.force_login(office)
    response = client.post(NEW, identity(upn="p999401219054"))
    added = Student.objects.get()
    assert response["Location"] == reverse("student", args=[added.ref])
    assert (added.school, added.upn, added.dob) == (school, "P999401219054", date(2014, 3, 4))
    assert added.on_roll_from == date(2026, 11, 2)
    assert added.history.get().history_user == office


def test_a_student_without_a_upn_and_another_one(client, office):
    client.force_login(office)
    for _ in range(2):
        assert client.post(NEW, identity()).status_code == 302
    assert list(Student.objects.values_list("upn", flat=True)) == [None, None]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"upn": "A999401219054"}, "with these figures it begins with P, not A"),
        ({"upn": "12345"}, "a letter, then twelve figures"),
        ({"legal_last_name": ""}, "This field is required"),
        ({"on_roll_from": ""}, "Enter a date, like 12/11/2026"),
        ({"left_on": "1/11/26"}, "The last day on roll comes after the first"),
        ({"primary_need": "SEMH", "secondary_need": "SEMH"}, "Choose the first need first"),
        ({"secondary_need": "SEMH"}, "Choose the first need first"),
    ],
)
def test_what_is_wrong_is_said(client, office, typed, said):
    client.force_login(office)
    response = client.post(NEW, identity(**typed))
    assert response.status_code == 200
    assert said in response.content.decode()
    assert not Student.objects.exists()


def test_a_upn_of_another_student_is_refused_by_either_school(client, office):
    other = make_school("Other School", urn="999102")
    StudentFactory(school=other, upn="P999401219054")
    client.force_login(office)
    page = client.post(NEW, identity(upn="P999401219054")).content.decode()
    assert "Another student has this UPN" in page


def test_a_leaver_and_another_model(client, school, kit, office):
    client.force_login(office)
    own = school.key_work_models.get(code="residential")
    typed = identity(left_on="18/12/26", key_work_model=own.pk)
    assert client.post(edit(kit), typed).status_code == 302
    kit.refresh_from_db()
    assert (kit.left_on, kit.key_work_model) == (date(2026, 12, 18), own)
    assert kit.history.first().history_user == office


def test_a_model_of_another_school_is_no_choice(client, kit, office):
    other = make_school("Other School", urn="999102")
    client.force_login(office)
    response = client.post(edit(kit), identity(key_work_model=other.key_work_model.pk))
    assert response.status_code == 200
    kit.refresh_from_db()
    assert kit.key_work_model is None
