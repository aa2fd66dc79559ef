from datetime import date

import pytest
from django.test import Client

from keywork.models import StaffMember
from keywork.roles import Role
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def school():
    return make.make_school()


@pytest.fixture
def person(client, school):
    person = make.make_staff(school, "key_worker", first_name="Kimberly", last_name="Lee")
    client.force_login(person)
    return person


UNCHANGED = {"digest": "True", "digest_at": "08:05", "wanted": ["digest", "duty", "milestones"]}


def test_own_settings_are_saved_with_history(client, person):
    answer = client.post("/me/", {"known_as": "Kim", "theme": "dark", **UNCHANGED})
    assert answer["Location"] == "/me/"
    person.refresh_from_db()
    assert (person.full_name, person.theme, person.keyboard_shortcuts) == (
        "Kim Lee",
        "dark",
        False,
    )
    assert person.history.latest().history_user == person
    page = client.get("/me/").content.decode()
    assert '<html lang="en-GB" data-bs-theme="dark">' in page
    assert 'data-keys="off"' in page
    assert "Kimberly Lee" in page  # the name on record stays


def test_only_ones_own_settings_can_be_set(client, person, school):
    other = make.make_staff(school, "teacher")
    client.post("/me/", {"known_as": "Kim", "username": "admin", "pk": other.pk, "is_staff": "1"})
    other.refresh_from_db()
    person.refresh_from_db()
    assert (other.known_as, person.username == "admin", person.is_staff) == ("", False, False)


def test_a_colour_scheme_that_does_not_exist_is_refused(client, person):
    answer = client.post("/me/", {"known_as": "Kim", "theme": "pink", **UNCHANGED})
    assert answer.status_code == 200
    assert "There is 1 thing to fix" in answer.content.decode()
    assert 'value="Kim"' in answer.content.decode()
    assert "Kimberly Lee" in answer.content.decode()


def test_own_schools_and_roles_are_listed(client, person, school):
    other = make.make_school("Elsewhere School", "999102")
    record = make.add_roles(person, other, "senco", "teacher")
    record.ends_on = date(2020, 7, 20)
    record.save()
    posts = client.get("/me/").context["posts"]
    assert [(post.school, post.roles) for post in posts] == [
        ("Elsewhere School", ["Teacher", "SENCo"]),
        ("Fold School", ["Key worker"]),
    ]


def test_somebody_at_two_schools_switches_between_them(client, person, school):
    other = make.make_school("Elsewhere School", "999102")
    make.add_roles(person, other, "admin")
    assert client.get("/staff/").status_code == 200  # Elsewhere comes first by name
    answer = client.post("/me/school/", {"school": school.ref})
    assert answer.status_code == 302
    assert client.get("/me/").context["viewer"].school == school
    assert client.get("/staff/").status_code == 403


def test_a_school_without_a_post_of_ones_own_is_a_404(client, person):
    other = make.make_school("Elsewhere School", "999102")
    assert client.post("/me/school/", {"school": other.ref}).status_code == 404
    assert client.post("/me/school/", {"school": ""}).status_code == 404
    assert client.get("/me/school/").status_code == 405


def test_staying_renews_the_sign_in(client, person):
    answer = client.post("/stay/")
    assert answer.status_code == 204
    assert answer.cookies["sessionid"]["max-age"] == 1800
    assert client.get("/stay/").status_code == 405


@pytest.mark.parametrize("role", Role)
def test_help_is_there_for_every_role_and_names_whom_to_ask(client, school, role):
    make.make_staff(school, "admin", first_name="Ola", last_name="Office")
    make.make_staff(school, "dsl", first_name="Dee", last_name="Safe")
    client.force_login(make.make_staff(school, role, first_name="Me", last_name="Myself"))
    answer = client.get("/help/")
    assert answer.status_code == 200
    asked = dict(answer.context["contacts"])
    assert "Ola Office" in asked["Accounts, staff, students and their key workers"]
    assert "Dee Safe" in asked["A worry about a student's safety"]


def test_help_names_nobody_of_another_school_and_nobody_who_left(client, person, school):
    other = make.make_school("Elsewhere School", "999102")
    make.make_staff(other, "admin", first_name="Else", last_name="Where")
    left = make.make_staff(school, "admin", first_name="Len", last_name="Leaver")
    record = StaffMember.objects.get(user=left)
    record.ends_on = date(2020, 7, 20)
    record.save()
    assert client.get("/help/").context["contacts"] == []


def test_log_offers_ones_own_students(client, person, school):
    mine = make.StudentFactory(school=school, legal_first_name="Amelia", legal_last_name="Frost")
    make.assign(mine, person)
    make.StudentFactory(school=school, legal_first_name="Not", legal_last_name="Mine")
    page = client.get("/log/").content.decode()
    assert f"/students/{mine.ref}/sessions/new/" in page
    assert "Amelia Frost" in page
    assert "Not Mine" not in page


@pytest.mark.parametrize("role", ["teacher", "admin", "moderator", "dsl"])
def test_log_offers_slips_alone_to_those_who_hold_no_sessions(client, school, role):
    client.force_login(make.make_staff(school, role))
    page = client.get("/log/").content.decode()
    assert "/slips/new/" in page
    assert "A session with" not in page


@pytest.mark.parametrize("role", ["system_admin", "trust_lead"])
def test_log_is_for_those_who_record(client, school, role):
    client.force_login(make.make_staff(school, role))
    assert client.get("/log/").status_code == 403


@pytest.mark.parametrize("path", ["/me/", "/help/", "/log/", "/stay/", "/me/school/", "/hide/"])
def test_signed_out_one_is_sent_to_sign_in(path):
    answer = Client().post(path)
    assert (answer.status_code, answer["Location"]) == (302, f"/account/login/?next={path}")


def test_a_person_without_a_role_is_told_so_and_sees_nothing(client, person):
    record = StaffMember.objects.get(user=person)
    record.ends_on = date(2020, 7, 20)
    record.save()
    for path in ("/", "/today/", "/search/?q=am", "/log/", "/students/"):
        answer = client.get(path)
        assert answer.status_code == 403
        assert "Your account has no role at a school today" in answer.content.decode()
    assert client.get("/me/").status_code == 200
    assert client.get("/help/").status_code == 200
    assert client.post("/account/logout/").status_code == 302


def test_a_person_whose_post_begins_later_sees_nothing_yet(client, person):
    record = StaffMember.objects.get(user=person)
    record.starts_on = date(2090, 9, 1)
    record.save()
    assert client.get("/today/").status_code == 403
