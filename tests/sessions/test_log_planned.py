"""A session that stands as planned is the one logged, whichever way one comes to the form."""

from datetime import date, time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from sessions.models import KeyworkSession
from tests.factories import (
    NOW,
    TODAY,
    SessionFactory,
    StudentFactory,
    assign,
    make_school,
    make_staff,
)
from tests.sessions.test_view_log import held

pytestmark = pytest.mark.django_db
EARLIER = date(2026, 11, 10)
LATER = date(2026, 11, 20)


@pytest.fixture(autouse=True)
def thursday(monkeypatch):
    # The one place that reads the clock.
    monkeypatch.setattr("keywork.clock.now", lambda: NOW)


@pytest.fixture
def priya(client):
    person = make_staff(make_school(), "key_worker", first_name="Priya", last_name="Raman")
    client.force_login(person)
    return person


@pytest.fixture
def jayden(priya):
    student = StudentFactory(school=priya.staff_records.get().school)
    assign(student, priya)
    return student


@pytest.fixture
def grace(jayden):
    return make_staff(jayden.school, "key_worker", first_name="Grace", last_name="Amoah")


@pytest.fixture
def url(jayden):
    return reverse("sessions:new", args=[jayden.ref])


def plan(student, by, on=TODAY, at=time(13, 40)):
    return SessionFactory(
        student=student, key_worker=by, status="planned", held_on=on, starts_at=at
    )


def edit_url(planned):
    return reverse("sessions:edit", args=[planned.ref])


def another(client, url):
    return client.get(url, {"another": "1"})


@pytest.mark.parametrize("day", [TODAY, EARLIER])
def test_a_new_session_is_the_planned_one_that_waits(client, url, jayden, priya, day):
    planned = plan(jayden, priya, day)
    assert client.get(url).url == edit_url(planned)
    assert client.get(url, {"missed": "1"}).url == f"{edit_url(planned)}?missed=1"


def test_the_earliest_of_today_comes_before_those_nobody_logged(client, url, jayden, priya):
    plan(jayden, priya, EARLIER)
    plan(jayden, priya, TODAY, time(14, 40))
    first = plan(jayden, priya, TODAY, time(9, 5))
    assert client.get(url).url == edit_url(first)
    page = client.get(edit_url(first)).content.decode()
    assert "Also planned for today, 14:40" in page
    assert "Also planned for Tuesday 10 November, 13:40" in page


def test_what_nobody_in_particular_is_to_hold_is_meant_as_well(client, url, jayden):
    planned = plan(jayden, None)
    assert client.get(url).url == edit_url(planned)


@pytest.mark.parametrize("state", ["later", "cancelled", "held", "of another student"])
def test_other_plans_are_none_of_it(client, url, jayden, priya, state):
    planned = plan(jayden, priya, LATER if state == "later" else TODAY)
    if state == "cancelled":
        planned.withdrawn_at, planned.withdrawn_by = NOW, priya
    elif state == "held":
        planned.status = "held"
    elif state == "of another student":
        planned.student = StudentFactory(school=jayden.school)
    planned.save()
    assert client.get(url).status_code == 200


def test_the_page_of_the_planned_one_leads_to_another(client, url, jayden, priya):
    planned = plan(jayden, priya, EARLIER)
    page = client.get(edit_url(planned)).content.decode()
    assert "Planned for Tuesday 10 November and not logged yet." in page
    assert f'href="{url}?another=1"' in page
    answer = another(client, url)
    assert answer.status_code == 200
    form = answer.context["form"]
    assert (form["held_on"].value(), form["settles"].value()) == (TODAY, None)


def test_another_session_leaves_the_planned_one(client, url, jayden, priya):
    planned = plan(jayden, priya)
    page = another(client, url).content.decode()
    assert "Planned for today, 13:40" in page
    answer = client.post(url, held(settles=""), follow=True)
    assert "still stands" not in answer.content.decode()
    states = set(KeyworkSession.objects.values_list("ref", "status"))
    assert (planned.ref, "planned") in states
    assert len(states) == 2


def test_the_form_of_another_may_turn_out_to_be_the_planned_one(client, url, jayden, priya):
    planned = plan(jayden, priya)
    fields = held(settles=planned.ref, details="It was.")
    answer = client.post(url, fields)
    record = KeyworkSession.objects.get()
    assert (record.pk, record.status, record.details) == (planned.pk, "held", "It was.")
    assert answer.url == f"/sessions/{planned.ref}/?read=1"
    assert client.post(url, fields).url == f"/sessions/{planned.ref}/"  # sent twice
    assert KeyworkSession.objects.count() == 1


def test_somebody_elses_plan_is_offered_and_not_forced(client, url, jayden, grace):
    planned = plan(jayden, grace)
    page = client.get(url)
    assert page.status_code == 200
    assert "Planned for today, 13:40, by Grace Amoah" in page.content.decode()
    assert not page.context["form"]["settles"].value()
    client.post(url, held(settles=planned.ref))
    record = KeyworkSession.objects.get()
    assert (record.pk, record.signed_by.first_name) == (planned.pk, "Priya")


def test_a_plan_that_went_meanwhile_is_told(client, url, jayden, priya):
    planned = plan(jayden, priya)
    planned.withdrawn_at, planned.withdrawn_by = NOW, priya
    planned.save()
    page = client.post(url, held(settles=planned.ref, details="All of it."))
    assert "Somebody logged or cancelled this session meanwhile." in page.content.decode()
    assert "All of it." in page.content.decode()


def test_nobody_settles_the_plan_of_another_student(client, url, jayden, priya):
    other = plan(StudentFactory(school=jayden.school), priya)
    page = client.post(url, held(settles=other.ref))
    assert "Somebody logged or cancelled" in page.content.decode()
    other.refresh_from_db()
    assert other.status == "planned"


def test_what_was_typed_for_another_is_gone_on_with(client, url, jayden, priya):
    client.post(url, held(action="draft", details="Half a sentence"))
    planned = plan(jayden, priya)
    page = client.get(url)
    assert "Half a sentence" in page.content.decode()
    assert page.context["form"]["settles"].value() == planned.ref


def test_a_plan_made_while_the_form_was_open_is_told_of(client, url, jayden, priya):
    planned = plan(jayden, priya)
    page = client.post(url, held(), follow=True).content.decode()
    assert "A session planned for that day at 13:40 still stands." in page
    assert f'href="/sessions/{planned.ref}/cancellation/"' in page


def test_the_page_to_print_is_of_the_planned_one(client, jayden, priya):
    plan(jayden, priya, LATER)
    planned = plan(jayden, priya)
    page = client.get(reverse("sessions:briefing", args=[jayden.ref]))
    assert page.context["log_url"] == edit_url(planned)
    assert "next session 12 November, 13:40" in page.content.decode()


def test_plans_cost_no_query(client, url, jayden, priya, grace):
    client.get(reverse("drafts"))  # renews the sign-in, as the first page of a minute does
    with CaptureQueriesContext(connection) as none:
        client.get(url)
    plan(jayden, grace)
    plan(jayden, grace, EARLIER)
    with CaptureQueriesContext(connection) as two:
        assert len(client.get(url).context["form"].plans) == 2
    assert len(two) == len(none) <= 15
