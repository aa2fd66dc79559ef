"""Somebody at two schools: a form is saved at the school it was shown for."""

import pytest
from django.urls import reverse

from keywork import clock, parked_forms
from keywork.models import ParkedForm, StaffMember
from tests import factories as make

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
URL = "/staff/new/"
WHOLE = {"first_name": "A", "last_name": "B", "username": "a.b", "email": "a@fold.example.org"}


@pytest.fixture
def ash():
    return make.make_school("Ash School", "999101")


@pytest.fixture
def birch():
    return make.make_school("Birch School", "999102")


@pytest.fixture
def person(client, ash, birch):
    person = make.make_staff(ash, "admin", username="kim.lee")
    make.add_roles(person, birch, "admin")
    client.force_login(person)
    return person


def choose(client, school):
    client.post("/me/school/", {"school": school.ref})
    assert client.get("/me/").context["viewer"].school == school


def made_at():
    return [each.school for each in StaffMember.objects.filter(user__username="a.b")]


def shown(client):
    return {**WHOLE, "form_token": client.get(URL).context["form_token"]}


def test_a_form_is_saved_at_its_school_whatever_another_tab_chose(client, person, ash, birch):
    choose(client, ash)
    form = shown(client)
    choose(client, birch)
    answer = client.post(URL, form, follow=True)
    assert made_at() == [ash]
    # One goes on at that school, and is told.
    assert answer.status_code == 200
    assert answer.context["viewer"].school == ash
    assert "This form is of Ash School" in answer.content.decode()


def test_a_form_kept_over_a_sign_in_comes_back_at_its_school(client, person, birch):
    choose(client, birch)
    form = shown(client)
    client.session.flush()
    client.post(URL, form)
    client.force_login(person)
    assert client.get("/me/").context["viewer"].school != birch
    url = parked_forms.parked_url(ParkedForm.objects.get())
    page = client.get(url)
    assert page.context["viewer"].school == birch
    assert page.context["form"]["last_name"].value() == "B"
    client.post(url, {**WHOLE, "form_token": page.context["form_token"]})
    assert made_at() == [birch]


@pytest.mark.parametrize("signed_out", [False, True])
def test_without_a_role_there_it_is_saved_nowhere_and_kept(client, person, ash, birch, signed_out):
    choose(client, birch)
    form = shown(client)
    person.staff_records.get(school=birch).roles.get().delete()
    if signed_out:
        client.session.flush()
        client.post(URL, form)
        client.force_login(person)
        refused = client.get(parked_forms.parked_url(ParkedForm.objects.get()))
    else:
        refused = client.post(URL, form, follow=True)
    assert refused.status_code == 403
    assert "no role any more" in refused.content.decode()
    assert made_at() == []
    make.add_roles(person, birch, "admin")
    back = client.get(parked_forms.parked_url(ParkedForm.objects.get()))
    assert back.context["form"]["last_name"].value() == "B"
    assert back.context["viewer"].school == birch


def test_a_form_open_for_a_day_is_kept_where_there_is_no_role_any_more(
    client, person, birch, monkeypatch
):
    choose(client, birch)
    with monkeypatch.context() as yesterday:
        then = clock.now().timestamp() - 24 * 3600
        yesterday.setattr("time.time", lambda: then)
        token = parked_forms.form_token(person, URL, birch.pk)
    person.staff_records.get(school=birch).roles.get().delete()

    refused = client.post(URL, {**WHOLE, "form_token": token}, follow=True)

    assert "What you typed is kept for an hour" in refused.content.decode()
    assert made_at() == []
    make.add_roles(person, birch, "admin")
    back = client.get(refused.request["PATH_INFO"] + "?" + refused.request["QUERY_STRING"])
    assert back.context["form"]["last_name"].value() == "B"


def test_what_a_page_saves_by_itself_chooses_no_school(client, person, ash, birch):
    choose(client, ash)
    form = shown(client)
    choose(client, birch)
    client.post("/drafts/nothing/", form, headers={"accept": "application/json"})
    assert client.get("/me/").context["viewer"].school == birch


def test_ones_own_settings_are_of_no_school(client, person, ash, birch):
    choose(client, ash)
    token = client.get("/me/").context["form_token"]
    choose(client, birch)
    answer = client.post("/me/", {"form_token": token, "theme": "dark"}, follow=True)
    assert answer.context["viewer"].school == birch


def test_somebody_elses_token_says_nothing(client, person, ash, birch):
    other = make.make_staff(ash, "admin")
    token = parked_forms.form_token(other, URL, ash.pk)
    choose(client, birch)
    client.post(URL, {**WHOLE, "form_token": token})
    assert made_at() == [birch]


def test_a_token_says_the_school_though_it_is_too_old_to_keep_the_form(person, ash, monkeypatch):
    token = parked_forms.form_token(person, URL, ash.pk)
    later = clock.now().timestamp() + 13 * 3600
    monkeypatch.setattr("time.time", lambda: later)
    assert parked_forms.read_token(token) is None
    assert parked_forms.school_of(token, person) == ash.pk


def test_a_draft_is_shown_and_gone_on_with_at_its_school(client, ash, birch):
    head = make.make_staff(ash, "senco")
    make.add_roles(head, birch, "senco")
    client.force_login(head)
    choose(client, ash)
    page = reverse("contacts:agency_new")
    kept = client.get(page).context["form"].kept
    values = {"draft_token": kept.token, "version": kept.version, "name": "Typed at Ash"}
    client.post(kept.save_url, values, headers={"accept": "application/json"})
    choose(client, birch)
    assert "Typed at Ash" not in client.get(page).content.decode()
    [listed] = client.get("/drafts/").context["drafts"]
    assert listed.title == "A new agency"
    opened = client.get(listed.url, follow=True)
    assert opened.context["viewer"].school == ash
    assert "Typed at Ash" in opened.content.decode()
    assert "This form is of Ash School" in opened.content.decode()
