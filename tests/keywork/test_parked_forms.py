from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.test import Client

from keywork import clock, parked_forms
from keywork.context_processors import page
from keywork.models import ParkedForm
from tests import factories as make

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
TEXT = "He said: “I’d rather stay & read” — então, 100 %\nand a second line"


@pytest.fixture
def person():
    return make.make_staff(make.make_school(), "admin", username="kim.lee")


def sign_in(client, person, **data):
    return client.post(
        "/account/login/", {"login": person.username, "password": make.PASSWORD, **data}
    )


def token_on(client, path):
    return client.get(path).context["form_token"]


def expire(client):
    client.session.flush()


@pytest.fixture
def expired(client, person):
    """A form was open when its sign-in ended; what is posted carries its token."""
    sign_in(client, person)
    token = token_on(client, "/staff/new/")
    expire(client)
    return {"form_token": token, "last_name": TEXT, "roles": ["admin", "teacher"]}


def test_a_post_after_expiry_comes_back_filled_in_after_sign_in(client, person, expired):
    refused = client.post("/staff/new/", expired)
    assert refused.status_code == 302
    assert refused["Location"].startswith("/account/login/?next=/staff/new/%3Fparked%3D")
    sign_in_page = client.get(refused["Location"])
    next_page = sign_in_page.context["redirect_field_value"]
    answer = client.get(sign_in(client, person, next=next_page)["Location"])
    form = answer.context["form"]
    assert form["last_name"].value() == TEXT
    assert form["roles"].value() == ["admin", "teacher"]
    assert "You were signed out. Nothing was lost. Check and save." in answer.content.decode()


def test_what_was_kept_is_forgotten_once_it_is_saved(client, person, expired):
    page = client.post("/staff/new/", expired)["Location"]
    parked = ParkedForm.objects.get()
    sign_in(client, person)
    url = parked_forms.parked_url(parked)
    whole = {"first_name": "A", "last_name": "B", "username": "a.b", "email": "a@fold.example.org"}
    assert page
    assert client.post(url, {**whole, "email": "no"}).status_code == 200
    assert ParkedForm.objects.count() == 1
    assert client.post(url, whole).status_code == 302
    assert ParkedForm.objects.count() == 0


def test_the_text_is_kept_encrypted_and_without_its_tokens(client, expired):
    client.post("/staff/new/", {**expired, "csrfmiddlewaretoken": "x"})
    parked = ParkedForm.objects.get()
    assert b"stay" not in bytes(parked.body)
    body = parked_forms.parked_body(
        token=parked.token, user=parked.owner, path="/staff/new/", now=clock.now()
    )
    assert set(body) == {"last_name", "roles"}


def test_another_person_sees_nothing_of_it_and_it_stays_for_its_author(client, person, expired):
    client.post("/staff/new/", expired)
    url = parked_forms.parked_url(ParkedForm.objects.get())
    other = Client()
    sign_in(other, make.make_staff(person.staff_records.get().school, "admin"))
    answer = other.get(url)
    assert TEXT not in answer.content.decode()
    assert "Nothing was lost" not in answer.content.decode()
    assert not answer.context["form"].is_bound
    sign_in(client, person)
    assert client.get(url).context["form"]["last_name"].value() == TEXT


def test_it_is_handed_back_on_its_own_page_alone(client, person, expired):
    client.post("/staff/new/", expired)
    token = ParkedForm.objects.get().token
    sign_in(client, person)
    assert "Nothing was lost" not in client.get(f"/me/?parked={token}").content.decode()
    assert "Nothing was lost" not in client.get("/staff/new/?parked=guess").content.decode()


def test_after_an_hour_it_is_gone(client, person, expired):
    client.post("/staff/new/", expired)
    parked = ParkedForm.objects.get()
    asked = {"token": parked.token, "user": person, "path": "/staff/new/"}
    minute = timedelta(minutes=1)
    hour = parked.expires_at
    assert parked_forms.parked_body(**asked, now=hour - minute)["last_name"] == TEXT
    assert parked_forms.parked_body(**asked, now=hour) is None


@pytest.mark.parametrize(
    "change", [lambda t: ("B" if t[0] == "A" else "A") + t[1:], lambda t: "", lambda t: "x:y:z"]
)
def test_a_token_that_was_tampered_with_keeps_nothing(client, expired, change):
    answer = client.post("/staff/new/", {**expired, "form_token": change(expired["form_token"])})
    assert answer["Location"] == "/account/login/?next=/staff/new/"
    assert not ParkedForm.objects.exists()


def test_a_token_lasts_twelve_hours(person, monkeypatch):
    import time

    token = parked_forms.form_token(person, "/staff/new/")
    assert parked_forms.read_token(token) == parked_forms.FormToken(person.pk, "/staff/new/")
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 12 * 3600 - 60)
    assert parked_forms.read_token(token)
    monkeypatch.setattr(time, "time", lambda: now + 12 * 3600 + 60)
    assert parked_forms.read_token(token) is None


def test_without_a_token_one_is_sent_to_sign_in(client):
    answer = client.post("/staff/new/", {"last_name": "B"})
    assert answer["Location"] == "/account/login/?next=/staff/new/"
    assert not ParkedForm.objects.exists()


def test_a_text_too_long_to_keep_is_not_dropped_in_silence(client, expired):
    answer = client.post("/staff/new/", {**expired, "last_name": "a" * 256 * 1024})
    assert answer.status_code == 413
    assert "Sign in on another tab" in answer.content.decode()
    assert not ParkedForm.objects.exists()


def test_the_address_of_the_page_keeps_its_query(client, person):
    sign_in(client, person)
    token = token_on(client, "/staff/new/?about=x&parked=old")
    expire(client)
    client.post("/staff/new/", {"form_token": token, "last_name": "B"})
    parked = ParkedForm.objects.get()
    assert parked_forms.parked_url(parked) == f"/staff/new/?about=x&parked={parked.token}"


def test_twenty_forms_a_person_are_kept_the_latest(person):
    token = parked_forms.FormToken(person.pk, "/me/")
    now = clock.now()
    for number in range(22):
        parked_forms.park(
            QueryDict(f"n={number}"), token=token, now=now + timedelta(seconds=number)
        )
    kept = ParkedForm.objects.order_by("expires_at")
    assert kept.count() == 20
    body = parked_forms.parked_body(token=kept[0].token, user=person, path="/me/", now=now)
    assert body["n"] == "2"


def test_a_secret_key_that_changed_loses_the_text_without_an_error(person, settings):
    token = parked_forms.FormToken(person.pk, "/me/")
    parked = parked_forms.park(QueryDict("a=b"), token=token, now=clock.now())
    settings.SECRET_KEY = "another one, quite as long as the first one was, and as secret"
    body = parked_forms.parked_body(token=parked.token, user=person, path="/me/", now=clock.now())
    assert body is None


def test_a_form_older_than_the_sign_in_is_kept_over_the_csrf_check(person):
    client = Client(enforce_csrf_checks=True)
    client.force_login(person)
    token = token_on(client, "/staff/new/")
    answer = client.post(
        "/staff/new/", {"form_token": token, "csrfmiddlewaretoken": "old" * 20, "last_name": TEXT}
    )
    assert answer["Location"].startswith("/staff/new/?parked=")
    assert client.get(answer["Location"]).context["form"]["last_name"].value() == TEXT


def test_a_form_of_somebody_who_is_no_longer_signed_in_here_is_kept_for_them(person):
    author = make.make_staff(person.staff_records.get().school, "admin")
    token = parked_forms.form_token(author, "/staff/new/")
    client = Client(enforce_csrf_checks=True)
    client.force_login(person)
    answer = client.post("/staff/new/", {"form_token": token, "last_name": TEXT})
    assert answer.status_code == 403
    assert "Somebody else wrote this form" in answer.content.decode()
    assert ParkedForm.objects.get().owner == author


def test_without_a_token_the_csrf_check_refuses_as_ever(person):
    client = Client(enforce_csrf_checks=True)
    client.force_login(person)
    answer = client.post("/staff/new/", {"last_name": TEXT})
    assert answer.status_code == 403
    assert "too old to send" in answer.content.decode()


@pytest.mark.parametrize(
    "headers", [{"accept": "application/json"}, {"hx-request": "true"}], ids=["json", "htmx"]
)
def test_a_script_is_told_401_when_signed_out_and_nothing_is_kept(client, expired, headers):
    answer = client.post("/drafts/anything/", expired, headers=headers)
    assert answer.status_code in {401, 404}
    answer = client.post("/staff/new/", expired, headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (401, "signed_out")
    assert not ParkedForm.objects.exists()


def test_a_form_of_an_account_that_is_gone_is_not_kept(client, person, expired):
    person.is_active = False
    person.save()
    assert client.post("/staff/new/", expired)["Location"] == "/account/login/?next=/staff/new/"


def test_the_token_of_a_page_that_is_not_there_leads_to_this_site(rf, person):
    request = rf.get("/evil.example/", PATH_INFO="//evil.example/")
    request.viewer = make.viewer(person)
    token = parked_forms.read_token(page(request)["form_token"])
    assert (request.path, token.path) == ("//evil.example/", "/evil.example/")


def test_files_are_not_kept_and_one_is_told_to_choose_them_again(client, person):
    sign_in(client, person)
    token = token_on(client, "/imports/new/")
    expire(client)
    chosen = SimpleUploadedFile("staff.csv", b"username\n")
    client.post("/imports/new/", {"form_token": token, "uploads": [chosen]})
    sign_in(client, person)
    page = client.get(parked_forms.parked_url(ParkedForm.objects.get())).content.decode()
    assert "Files are not kept: choose them again, check and save." in page
    assert "Nothing was lost" not in page
