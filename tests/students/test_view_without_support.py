"""Who in key stage 4 meets no support staff in lessons, as far as is recorded."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests import factories as make
from tests.factories import NOW, TODAY, StudentFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _thursday(monkeypatch):
    monkeypatch.setattr("keywork.clock.now", lambda: NOW)


@pytest.fixture
def school():
    return make.make_school()


@pytest.fixture
def senco(client, school):
    client.force_login(make.make_staff(school, "senco"))
    return client


def a_student(school, first, year, **more):
    return StudentFactory(
        school=school, legal_first_name=first, legal_last_name="Sample", nc_year=year, **more
    )


def listed(client, **query):
    rows = client.get(reverse("students:without_support"), query).context["rows"]
    return [(student.first_name, year) for student, year in rows]


def test_years_10_and_11_without_support_are_listed(senco, school):
    a_student(school, "Amy", "10", reg_form="10B")
    a_student(school, "Ben", "11", reg_form="11A")
    a_student(school, "Cat", "9")
    a_student(school, "Dan", "11", in_class_support="Ms Day in Maths, twice a week")
    a_student(school, "Eve", "11", left_on=TODAY - timedelta(days=1))
    a_student(school, "Far", "11", on_roll_from=TODAY + timedelta(days=1))
    assert listed(senco) == [("Amy", "Year 10"), ("Ben", "Year 11")]
    assert listed(senco, only="11") == [("Ben", "Year 11")]
    assert listed(senco, q="10B") == [("Amy", "Year 10")]
    assert listed(senco, sort="form", q="Sample")[0] == ("Amy", "Year 10")
    assert ("Cat", "Year 9") not in listed(senco, only="9")


def test_who_is_written_down_leaves_the_list(senco, school):
    kit = a_student(school, "Kit", "10")
    page = senco.get(reverse("students:without_support")).content.decode()
    edit = reverse("students:profile_edit", args=[kit.ref])
    assert edit in page
    support = "Ms Day in Maths, twice a week"
    senco.post(edit, {"in_class_support": support})
    kit.refresh_from_db()
    assert kit.in_class_support == support
    assert kit.history.first().in_class_support == support
    assert listed(senco) == []
    page = senco.get(reverse("students:without_support")).content.decode()
    assert "Nobody: in-class support is recorded for everybody" in page
    narrowed = senco.get(reverse("students:without_support"), {"only": "10"}).content.decode()
    assert "No student is like that." in narrowed
    profile = senco.get(reverse("students:profile", args=[kit.ref])).content.decode()
    assert f"<dt>In-class support</dt><dd>{support}</dd>" in profile
    student = senco.get(kit.get_absolute_url()).content.decode()
    assert f"In class: {support}" in student


def test_support_is_said_to_those_who_see_the_student_in_full(client, school):
    kit = a_student(school, "Kit", "10", in_class_support="Ms Day in Maths")
    for role, told in {"slt": True, "admin": False, "key_worker": False}.items():
        client.force_login(make.make_staff(school, role))
        page = client.get(kit.get_absolute_url()).content.decode()
        assert ("Ms Day in Maths" in page) is told, role


def test_each_sees_those_they_see_in_full(client, school):
    grace = make.make_staff(school, "key_worker")
    make.assign(a_student(school, "Own", "10"), grace)
    a_student(school, "Other", "11")
    a_student(make.make_school("Elsewhere", "999102"), "Foreign", "11")
    whole, seen = ["Other", "Own"], {}
    for role in ("senco", "slt", "moderator", "teacher", "admin"):
        client.force_login(make.make_staff(school, role))
        answer = client.get(reverse("students:without_support"))
        rows = answer.context["rows"] if answer.status_code == 200 else None
        seen[role] = rows and sorted(student.first_name for student, _ in rows)
    assert seen == {
        "senco": whole,
        "slt": whole,
        "moderator": whole,
        "teacher": None,
        "admin": None,
    }
    client.force_login(grace)
    assert listed(client) == [("Own", "Year 10")]
    assert reverse("students:without_support") in client.get("/students/").content.decode()


def test_as_many_queries_for_thirty_students_as_for_one(senco, school):
    counted = []
    for upto in (1, 31):
        for number in range(school.students.count(), upto):
            make.assign(a_student(school, f"S{number}", "10"), make.make_staff(school, "teacher"))
        listed(senco)
        with CaptureQueriesContext(connection) as queries:
            assert len(listed(senco)) == min(upto, 30)
        counted.append(len(queries))
    assert counted[0] == counted[1] <= 15
    assert len(listed(senco, page=2)) == 1
