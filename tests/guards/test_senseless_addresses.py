"""Whatever somebody writes behind an address's question mark, the answer is no error of ours."""

import logging

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.http import urlencode

from keywork import clock
from tests.data_school import make_world
from tests.factories import NOW
from tests.site_pages import MAIN_ROLES, pages_of

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

# Every name that a page reads behind its question mark, and those of the filters.
NAMES = (
    *("page", "q", "show", "sort", "after", "week", "year", "day", "session", "half_term"),
    *("student", "students", "with", "about", "by", "outcome", "drop", "drop_on", "missed"),
    *("kind", "status", "key_worker", "form", "who", "read", "saved", "said", "value", "draft"),
    *("first", "last", "level", "category", "location", "staff", "hour", "subject", "group"),
    *("no_key_worker", "nc_year", "reg_form", "role", "state", "agency", "kept", "of", "date"),
)
DAYS = ("0001-01-01", "9999-12-31")


@pytest.fixture(autouse=True)
def _quiet(monkeypatch, settings, tmp_path):
    monkeypatch.setattr(clock, "now", lambda: NOW)
    settings.MEDIA_ROOT = tmp_path
    logging.disable(logging.ERROR)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("role", MAIN_ROLES)
def test_days_out_of_reach_break_no_page(role):
    world = make_world(role)
    client = Client(raise_request_exception=False)
    client.force_login(world.person)
    broken = []
    for page in pages_of(world, role):
        for day in DAYS:
            asked = urlencode([*((name, day) for name in NAMES), ("period", "own")])
            response = client.get(f"{page.partition('?')[0]}?{asked}")
            if response.status_code >= 500:
                broken.append((page, day, repr(response.exc_info[1])[:100]))
    assert broken == []


@pytest.mark.parametrize(
    "address", ["/search/?q=Kit%00", "/students/%00%00%00%00%00%00%00%00%00%00/", "/students/?%00"]
)
def test_a_null_character_is_refused_before_the_database_is_asked(address):
    client = Client(raise_request_exception=False)
    client.force_login(make_world("senco").person)

    response = client.get(address)

    assert response.status_code == 400
    assert "Content-Security-Policy" in response.headers


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("name", "field", "status"),
    [
        ("students:slip_new", "students", 200),
        ("students:lesson_removal", "teacher", 302),
        ("students:lesson_removal", "subject", 302),
        ("contacts:entry_about", "record", 404),
    ],
)
def test_a_null_character_in_a_post_is_nobody(name, field, status):
    world = make_world("senco")
    client = Client(raise_request_exception=False)
    client.force_login(world.person)
    own = world.of["own"]
    about = {"students:lesson_removal": own.student, "contacts:entry_about": own.entry}
    args = [about[name].ref] if name in about else []
    assert client.post(reverse(name, args=args), {field: "\0"}).status_code == status
