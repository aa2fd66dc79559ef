"""The school's attendance table: figures agree with the rules, filters, sorts, who sees whom."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from keywork import clock
from keywork.school_calendar import calendar_of
from students.attendance import attendance_of
from students.attendance_table import with_figures
from students.models import Student
from tests.factories import NOW, TODAY, StudentFactory, assign, make_school, make_staff
from tests.students.marks import give_marks, school_days

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
DAYS = school_days(date(2026, 9, 7), date(2026, 10, 2))  # 20 days, 40 sessions
URL = "students:attendance_table"


@pytest.fixture(autouse=True)
def today(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def school():
    return make_school()


@pytest.fixture
def pupils(school):
    """Ada 40 of 40; Bo 36 of 40 (persistent); Cy 20 of 40 (severe, all unauthorised); Di none."""
    ada, bo, cy, di = (
        StudentFactory(school=school, legal_first_name=name, legal_last_name="Moss")
        for name in ("Ada", "Bo", "Cy", "Di")
    )
    give_marks(days=DAYS, student=ada)
    give_marks(*((bo, day, "AM", "I") for day in DAYS[:4]), days=DAYS, student=bo)
    give_marks(*((cy, day, "AM", "O") for day in DAYS), days=DAYS, student=cy)
    return ada, bo, cy, di


@pytest.fixture
def listed(client):
    def get(person, **parameters):
        client.force_login(person)
        answer = client.get(reverse(URL), parameters)
        assert answer.status_code == 200
        return [row.student.first_name for row in answer.context["rows"]]

    return get


def test_lowest_first_with_figures_and_words(client, school, pupils):
    client.force_login(make_staff(school, "slt"))
    answer = client.get(reverse(URL))
    rows = [
        (row.student.first_name, row.figures.percent, row.figures.unauthorised_10_weeks)
        for row in answer.context["rows"]
    ]
    assert rows == [("Cy", "50.0", 20), ("Bo", "90.0", 0), ("Ada", "100.0", 0), ("Di", "", 0)]
    page = answer.content.decode()
    assert "severe, 20 missed" in page
    assert "persistent, 4 missed" in page
    assert "no marks" in page
    assert "This school year, to 2 October" in page
    assert "Attendance to Fri 2 October" in page  # the register has not been imported since


@pytest.mark.parametrize(
    ("parameters", "names"),
    [
        ({"sort": "highest"}, ["Ada", "Bo", "Cy", "Di"]),
        ({"sort": "unauthorised"}, ["Cy", "Ada", "Bo", "Di"]),
        ({"sort": "name"}, ["Ada", "Bo", "Cy", "Di"]),
        ({"sort": "nonsense"}, ["Cy", "Bo", "Ada", "Di"]),
        ({"only": "persistent"}, ["Cy", "Bo"]),
        ({"only": "severe"}, ["Cy"]),
        ({"only": "unauthorised"}, ["Cy"]),
        ({"q": "bo"}, ["Bo"]),
        ({"form": "8C"}, ["Cy", "Bo", "Ada", "Di"]),
        ({"page": "9"}, ["Cy", "Bo", "Ada", "Di"]),
        ({"only": "nonsense"}, ["Cy", "Bo", "Ada", "Di"]),
    ],
)
def test_sorts_and_filters(listed, school, pupils, parameters, names):
    assert listed(make_staff(school, "senco"), **parameters) == names


def test_one_key_workers_students(listed, school, pupils):
    grace = make_staff(school, "key_worker")
    assign(pupils[0], grace)
    assign(pupils[1], grace)
    assert listed(grace) == ["Bo", "Ada"]
    assert listed(make_staff(school, "head"), key_worker=grace.ref) == ["Bo", "Ada"]


def test_who_sees_the_table_and_whom(client, listed, school, pupils):
    other = make_school("Other School", urn="999102")
    assert listed(make_staff(other, "slt")) == []
    pupils[2].residence = "Elm House"
    pupils[2].save()
    assert listed(make_staff(school, "head_of_care")) == ["Cy"]
    for role in ("admin", "teacher", "system_admin"):
        client.force_login(make_staff(school, role))
        assert client.get(reverse(URL)).status_code == 403


def test_the_database_reckons_as_the_rules_do(school, pupils):
    """Also with marks after the day asked about, and from before a student joined."""
    late = StudentFactory(school=school, on_roll_from=date(2026, 9, 21))
    give_marks(days=DAYS, student=late)
    give_marks((pupils[0], TODAY + timedelta(days=1), "AM", "L"))
    for on in (TODAY, date(2026, 9, 11), date(2026, 9, 25), TODAY + timedelta(days=1)):
        seen = Student.objects.filter(school=school).on_roll(on)
        expected = attendance_of(school, on, calendar=calendar_of(school)).figures
        found = {each.pk: each for each in with_figures(seen, on)}
        assert found.keys() == expected.keys()
        for pk, figures in expected.items():
            one = found[pk]
            assert (one.possible, one.attended) == (figures.possible, figures.attended)
            assert (one.authorised, one.unauthorised) == (figures.authorised, figures.unauthorised)
            assert one.late == figures.late


def test_as_many_queries_for_many_rows_as_for_one(client, school):
    client.force_login(make_staff(school, "slt"))
    client.get(reverse(URL))
    counted = []
    for _ in range(3):
        give_marks(days=DAYS[:2], student=StudentFactory(school=school))
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse(URL), {"only": "", "sort": "lowest"})
        counted.append(len(queries))
    assert counted[0] == counted[2]
    assert counted[2] <= 15


def test_pages_of_thirty(client, school):
    for _ in range(31):
        StudentFactory(school=school)
    client.force_login(make_staff(school, "slt"))
    assert "Page 1 of 2, 31 in all" in client.get(reverse(URL)).content.decode()
    answer = client.get(reverse(URL), {"page": "2"})
    assert len(answer.context["rows"]) == 1
