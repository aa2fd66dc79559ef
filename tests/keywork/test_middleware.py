from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session

from keywork import clock
from tests import factories as make

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def person(client):
    person = make.make_staff(make.make_school(), "admin", "key_worker")
    client.force_login(person)
    return person


def last_renewed(client, seconds_ago):
    session = client.session
    session["renewed"] = int(clock.now().timestamp()) - seconds_ago
    session.save()
    return session["renewed"]


def test_a_request_gets_its_viewer_with_day_and_roles(client, person):
    viewer = client.get("/me/").context["viewer"]
    assert viewer.user == person
    assert viewer.on == clock.now().date()
    assert viewer.roles == {"admin", "key_worker"}


def test_use_renews_the_sign_in_once_a_minute(client, person):
    renewed = last_renewed(client, 61)
    answer = client.get("/me/")
    assert answer.cookies["sessionid"]["max-age"] == 30 * 60
    assert client.session["renewed"] > renewed
    again = client.session["renewed"]
    assert "sessionid" not in client.get("/me/").cookies
    assert client.session["renewed"] == again


def test_thirty_idle_minutes_end_the_sign_in(client, person):
    client.get("/me/")
    session = Session.objects.get()
    assert session.expire_date <= clock.now() + timedelta(minutes=30)
    session.expire_date = clock.now()
    session.save()
    assert client.get("/me/")["Location"] == "/account/login/?next=/me/"


def test_pages_of_somebody_signed_in_are_stored_nowhere(client, person):
    assert client.get("/me/")["Cache-Control"] == "private, no-store"
    assert "no-store" in client.get("/nothing/")["Cache-Control"]


def test_a_chosen_school_where_the_post_ended_falls_back_to_another(client, person):
    other = make.make_school("Elsewhere School", "999102")
    session = client.session
    session["school"] = other.pk
    session.save()
    assert client.get("/me/").context["viewer"].school.name == "Fold School"


@pytest.mark.parametrize("path", ["/me/", "/account/login/", "/health/", "/nothing/"])
def test_every_answer_carries_the_security_headers(client, person, path):
    headers = client.get(path).headers
    assert set(headers["Content-Security-Policy"].split("; ")) == {
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "font-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    }
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(client, person):
    last_renewed(client, 61)
    cookies = client.get("/me/").cookies
    for name in ("sessionid", "csrftoken"):
        assert cookies[name]["httponly"]
        assert cookies[name]["samesite"] == "Lax"


@pytest.mark.parametrize("roles", [["key_worker"], ["admin"], ["slt", "dsl"]])
def test_the_frame_of_a_page_costs_the_same_queries_for_every_role(
    client, roles, django_assert_num_queries
):
    client.force_login(make.make_staff(make.make_school(), *roles))
    client.get("/stay/")
    with django_assert_num_queries(3):  # session, user, roles with their schools
        client.get("/nothing/here/")
