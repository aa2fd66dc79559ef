"""A key worker with one student who is late, on the day of tests.factories."""

from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest

from keywork import clock
from tests import factories as make
from tests.factories import NOW, PASSWORD, TODAY, SessionFactory, StudentFactory, TargetFactory


@pytest.fixture(autouse=True)
def _on_the_day(monkeypatch, settings, tmp_path):
    monkeypatch.setattr(clock, "now", lambda: NOW)
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def fold(transactional_db):
    """Priya and Jayden, last seen on 20 October: his next session was due on 10 November.

    Counted by hand: 21, 22, 23 October (3), holidays, 2 to 6 November (8), 9, 10 November (10).
    """
    school = make.make_school()
    priya = make.make_staff(
        school, "key_worker", username="priya", first_name="Priya", last_name="Raman"
    )
    jayden = a_student(school, priya, "Jayden", "Thorne", upn="X999999926014")
    SessionFactory(
        student=jayden, held_on=date(2026, 10, 20), key_worker=priya, starts_at="13:40",
        pupil_voice="Lunch is loud", details="We walked round the field.", venue="Library nook",
    )  # fmt: skip
    planned = SessionFactory(
        student=jayden, held_on=TODAY, status="planned", key_worker=priya, starts_at="13:40",
        venue="Library nook",
    )  # fmt: skip
    target = TargetFactory(
        student=jayden, text="Show the card before leaving", measure="4 of 5 lessons",
        set_on=date(2026, 10, 20), review_on=TODAY,
    )  # fmt: skip
    make.log_contact(jayden, datetime(2026, 11, 9, 15, 30, tzinfo=UTC))  # this week's call is made
    return SimpleNamespace(
        school=school, priya=priya, jayden=jayden, planned=planned, target=target
    )


def a_student(school, person, first, last, **more):
    student = StudentFactory(
        school=school, legal_first_name=first, legal_last_name=last, reg_form="9B", **more
    )
    if person:
        make.assign(student, person)
    return student


@pytest.fixture
def sign_in():
    """Sign somebody in on the page, as they would."""

    def fill_in(page, username):
        if "/account/login/" not in page.url:
            page.goto("/")
        page.get_by_label("Username or e-mail").fill(username)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(lambda url: "/account/login/" not in url)

    return fill_in
