"""Register queries: asked beside the mark, answered by the office, read by the asker."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from keywork import clock
from students.models import RegisterQuery
from tests.factories import NOW, StudentFactory, assign, make_school, make_staff
from tests.students.marks import give_marks

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
MONDAY = date(2026, 11, 9)


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
def grace(school, kit):
    person = make_staff(school, "key_worker", first_name="Grace", last_name="Amoah")
    assign(kit, person)
    return person


@pytest.fixture
def office(school):
    return make_staff(school, "admin", first_name="Ola", last_name="Desk")


def url(name, *args):
    return reverse(f"students:{name}", args=args)


def make_query(kit, by, **more):
    values = {"date": MONDAY, "session": "AM", "text": "A routine appointment", "code": "M"}
    query = RegisterQuery(student=kit, asked_by=by, asked_at=NOW, **{**values, **more})
    query.save()
    return query


def test_who_may_read_and_answer(client, school, kit, grace, office):
    query = make_query(kit, grace)

    def answers(person):
        client.force_login(person)
        asked = (url("register_queries"), url("register_query", query.ref))
        return [client.get(to).status_code for to in asked]

    assert answers(office) == [200, 200]
    assert answers(grace) == [403, 403]
    assert answers(make_staff(school, "senco")) == [403, 403]
    elsewhere = make_staff(make_school("Other School", urn="999102"), "admin")
    assert answers(elsewhere) == [200, 404]
    client.force_login(elsewhere)
    assert "Kit Moss" not in client.get(url("register_queries")).content.decode()


def test_a_query_goes_to_the_office_and_its_answer_comes_back(client, kit, grace, office):
    give_marks((kit, MONDAY, "AM", "M"))
    client.force_login(grace)
    typed = {"day": "9 nov", "session": "AM", "text": "A routine check-up", "suggested_code": "/"}
    assert client.post(url("query_new", kit.ref), typed).status_code == 302
    query = RegisterQuery.objects.get()
    assert (query.code, query.suggested_code, query.asked_by) == ("M", "/", grace)
    assert "With the office" in client.get(url("attendance", kit.ref)).content.decode()
    assert "Come back to you" not in client.get(reverse("today")).content.decode()

    client.force_login(office)
    assert "A routine check-up" in client.get(url("register_queries")).content.decode()
    typed = {"status": "changed", "answer": "He was in from ten: now L."}
    assert client.post(url("register_query", query.ref), typed).status_code == 302
    assert "A routine check-up" not in client.get(url("register_queries")).content.decode()
    answered = client.get(url("register_queries"), {"show": "answered"}).content.decode()
    assert "He was in from ten: now L." in answered

    client.force_login(grace)
    today = client.get(reverse("today")).content.decode()
    assert "Register, 9 November: changed" in today
    assert "He was in from ten: now L." in today
    assert "He was in from ten: now L." in client.get(url("attendance", kit.ref)).content.decode()
    timeline = client.get(kit.get_absolute_url(), {"show": "attendance"}).content.decode()
    assert "Register query answered: morning of 9 November" in timeline
    query.refresh_from_db()
    assert [each.history_user for each in query.history.all()] == [office, grace]


def test_a_notice_leaves_today_after_a_week(client, kit, grace, office):
    old = {"answered_by": office, "status": "stands", "answer": "It stands"}
    make_query(kit, grace, answered_at=NOW - timedelta(days=8), **old)
    client.force_login(grace)
    assert "It stands" not in client.get(reverse("today")).content.decode()


def test_the_same_is_not_asked_twice_and_a_mark_may_be_missing(client, kit, grace):
    client.force_login(grace)
    typed = {"day": "9 nov", "session": "AM", "text": "There is no mark"}
    assert client.post(url("query_new", kit.ref), typed).status_code == 302
    assert RegisterQuery.objects.get().code == ""
    page = client.post(url("query_new", kit.ref), typed).content.decode()
    assert "The office has a query about this session already" in page
    assert "There is no mark" in page
    assert RegisterQuery.objects.count() == 1


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"status": "open", "answer": "x"}, "Select a valid choice"),
        ({"status": "stands", "answer": ""}, "Write an answer for the person who asked"),
    ],
)
def test_an_answer_says_something(client, kit, grace, office, typed, message):
    query = make_query(kit, grace)
    client.force_login(office)
    page = client.post(url("register_query", query.ref), typed).content.decode()
    assert "There is 1 thing to fix" in page
    assert message in page
    query.refresh_from_db()
    assert query.is_open


def test_an_answer_is_given_once(client, kit, grace, office):
    answered = {"answered_by": office, "answered_at": NOW, "answer": "Checked"}
    query = make_query(kit, grace, status="stands", **answered)
    client.force_login(office)
    typed = {"status": "changed", "answer": "Another"}
    page = client.post(url("register_query", query.ref), typed).content.decode()
    assert "Somebody has answered this meanwhile" in page
    query.refresh_from_db()
    assert query.answer == "Checked"


def test_as_many_queries_for_three_rows_as_for_one(client, school, grace, office, kit):
    client.force_login(office)
    client.get(url("register_queries"))  # the first request of a login also writes the session
    counted = []
    for number in range(3):
        other = StudentFactory(school=school)
        make_query(other, make_staff(school, "senco"), date=MONDAY - timedelta(days=number))
        with CaptureQueriesContext(connection) as queries:
            client.get(url("register_queries"))
        counted.append(len(queries))
    assert counted[0] == counted[2]


def test_the_office_sees_at_home_what_waits_and_the_asker_the_answer_on_the_tab(
    client, kit, grace, office
):
    client.force_login(office)
    assert "wait" not in client.get(reverse("assignments")).context["queries_text"]
    query = make_query(kit, grace)
    page = client.get(reverse("assignments")).content.decode()
    assert "1 register query waits for an answer." in page
    typed = {"status": "changed", "answer": "Now a C1"}
    client.post(url("register_query", query.ref), typed)
    assert client.get(reverse("assignments")).context["queries_text"] == ""
    client.force_login(grace)
    assert "Now a C1" in client.get(url("attendance", kit.ref)).content.decode()
