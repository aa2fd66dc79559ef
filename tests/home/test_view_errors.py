import pytest
from django.test import Client

from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(client):
    person = make.make_staff(make.make_school(), "key_worker")
    client.force_login(person)
    return person


def test_a_missing_page_looks_like_the_product(client, person):
    answer = client.get("/nothing/here/")
    assert answer.status_code == 404
    assert "Go to your first page" in answer.content.decode()


def test_a_page_for_another_role_says_so(client, person):
    answer = client.get("/staff/")
    assert answer.status_code == 403
    assert "This page is not for your role" in answer.content.decode()


def test_a_post_from_another_site_is_refused(person):
    client = Client(enforce_csrf_checks=True)
    client.force_login(person)
    answer = client.post("/me/", {"theme": "dark"}, headers={"origin": "https://evil.example"})
    assert answer.status_code == 403
    assert "That form was too old to send" in answer.content.decode()
    person.refresh_from_db()
    assert person.theme == ""


def test_an_error_shows_no_detail(client, person):
    session = client.session
    session["paused_at"] = "Amelia Frost"  # not a time: reading it fails
    session.save()
    client.raise_request_exception = False
    answer = client.get("/hide/")
    assert answer.status_code == 500
    assert "Amelia" not in answer.content.decode()
    assert "Traceback" not in answer.content.decode()
