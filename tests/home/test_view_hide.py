from datetime import timedelta

import pytest
from django.test import Client

from keywork import clock
from tests import factories as make

pytestmark = pytest.mark.django_db
AT_HOME = "http://testserver/help/?part=keys"


@pytest.fixture
def person():
    return make.make_staff(
        make.make_school(), "admin", username="kim.lee", first_name="Kim", last_name="Visible"
    )


@pytest.fixture
def client(client, person):
    client.force_login(person)
    return client


def hide(client, page=AT_HOME):
    return client.post("/hide/", headers={"referer": page})


def minutes_pass(client, minutes):
    session = client.session
    then = clock.now() - timedelta(minutes=minutes)
    session["paused_at"] = then.isoformat()
    session.save()
    return then


def test_the_hidden_screen_says_the_time_and_no_name(client):
    answer = hide(client)
    page = answer.content.decode()
    assert f"Paused, {clock.now():%H:%M}" in page or "Paused, " in page
    for name in ("Kim", "Visible", "Fold School", "/help/"):
        assert name not in page
    assert "no-store" in answer["Cache-Control"]


def test_what_waits_to_be_said_is_not_said_there(client):
    client.post("/me/", {"theme": "dark"})  # leaves a message for the next page
    assert "Settings saved." not in hide(client).content.decode()


def test_every_page_is_hidden_until_resume(client):
    hide(client)
    for path in ("/help/", "/me/", "/staff/", "/", "/drafts/"):
        answer = client.get(path)
        assert (answer.status_code, answer["Location"]) == (302, "/hide/")
    answer = client.get("/help/", headers={"hx-request": "true"})
    assert answer.status_code == 401


def test_resume_within_five_minutes_goes_back_to_the_page(client):
    hide(client)
    minutes_pass(client, 4)
    assert client.post("/hide/resume/")["Location"] == "/help/?part=keys"
    assert client.get("/help/").status_code == 200


def test_resume_after_five_minutes_needs_a_sign_in(client, person):
    hide(client)
    minutes_pass(client, 6)
    assert "Sign in again" in client.get("/hide/").content.decode()
    answer = client.post("/hide/resume/")
    assert answer["Location"] == "/account/login/?next=/help/%3Fpart%3Dkeys"
    assert client.get("/help/").status_code == 302
    client.post("/account/login/", {"login": "kim.lee", "password": make.PASSWORD})
    assert client.get("/help/").status_code == 200


@pytest.mark.parametrize("page", ["https://evil.example/x", "", "javascript:alert(1)"])
def test_resume_never_leads_to_another_site(client, page):
    hide(client, page)
    assert client.post("/hide/resume/")["Location"] == "/assignments/"


def test_resume_after_a_page_that_is_not_there_stays_on_this_site(client):
    """A path of two strokes, taken as an address, would name another site."""
    hide(client, "http://testserver//evil.example/x")
    assert client.post("/hide/resume/")["Location"] == "/evil.example/x"


def test_hiding_twice_keeps_the_first_time_and_page(client):
    hide(client)
    then = minutes_pass(client, 3)
    hide(client, "http://testserver/me/")
    assert client.get("/hide/").context["since"] == then
    assert client.post("/hide/resume/")["Location"] == "/help/?part=keys"


def test_a_form_sent_from_another_tab_while_hidden_comes_back_after_resume(client):
    token = client.get("/staff/new/").context["form_token"]
    hide(client)
    client.post("/staff/new/", {"form_token": token, "last_name": "Typed"})
    page = client.get(client.post("/hide/resume/")["Location"])
    assert page.context["form"]["last_name"].value() == "Typed"


def test_hiding_is_of_one_browser(client, person):
    other = Client()
    other.force_login(person)
    hide(client)
    assert other.get("/help/").status_code == 200


def test_signed_out_there_is_nothing_to_hide():
    assert Client().post("/hide/")["Location"] == "/account/login/?next=/hide/"


def test_a_screen_that_is_not_hidden_goes_to_the_first_page(client):
    assert client.get("/hide/")["Location"] == "/assignments/"
    assert client.get("/hide/resume/").status_code == 405
