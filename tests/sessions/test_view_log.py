"""GET and POST of "Prepare and log"."""

from datetime import date, time

import pytest
from django.urls import reverse

from keywork.models import Draft
from keywork.refs import new_ref
from sessions.models import KeyworkSession, SessionAction, Target, TargetReview
from students.models import Strategy
from tests.factories import (
    NOW,
    TODAY,
    SessionFactory,
    StudentFactory,
    TargetFactory,
    assign,
    make_school,
    make_staff,
)

pytestmark = pytest.mark.django_db
Status = KeyworkSession.Status


@pytest.fixture(autouse=True)
def _on_a_thursday(monkeypatch):
    # The one place that reads the clock.
    monkeypatch.setattr("keywork.clock.now", lambda: NOW)


@pytest.fixture
def school():
    return make_school()


@pytest.fixture
def priya(school):
    return make_staff(school, "key_worker", first_name="Priya", last_name="Raman")


@pytest.fixture
def jayden(school, priya):
    student = StudentFactory(school=school, legal_first_name="Jayden", legal_last_name="Thorne")
    assign(student, priya)
    return student


@pytest.fixture
def signed_in(client, priya):
    client.force_login(priya)
    return client


def new_url(student):
    return reverse("sessions:new", args=[student.ref])


def held(**more):
    """The fields of a session that was held, as the form posts them."""
    return {
        "ref": new_ref(),
        "happened": "yes",
        "held_on": "12/11/2026",
        "starts_at": "13:40",
        "minutes": "20",
        "venue": "Library nook",
        "method": "one_to_one",
        "focus": "iep",
        "target-1-text": "Show the card before leaving a lesson",
        "target-1-review_on": "26/11/2026",
        "target_count": "1",
        "action_count": "1",
        "version": "0",
        "action": "finish",
        **more,
    }


def test_a_first_session_says_so_and_offers_what_is_known(signed_in, jayden):
    page = signed_in.get(new_url(jayden))
    assert page.status_code == 200
    text = page.content.decode()
    assert "First session" in text
    assert "session 1 of 3 this half term" in text
    form = page.context["form"]
    assert form["held_on"].value() == TODAY
    assert form["minutes"].value() == "20"
    assert form["focus"].value() == "iep"  # no EHC plan: the rotation passes it over


def test_finish_signs_the_session_and_says_when_the_next_is_due(signed_in, jayden, priya):
    page = signed_in.post(new_url(jayden), held(pupil_voice="I liked art."), follow=True)
    record = KeyworkSession.objects.get()
    assert page.redirect_chain == [(f"/sessions/{record.ref}/?read=1", 302)]
    assert (record.status, record.held_on, record.starts_at) == ("held", TODAY, time(13, 40))
    assert (record.signed_by, record.signed_at) == (priya, NOW)
    text = page.content.decode()
    # ten school days after 12 November
    assert "Next session due by Thursday 26 November." in text
    assert "Signed by Priya Raman, 12 November 2026 at 10:00." in text
    target = Target.objects.get()
    assert (target.keywork_session, target.set_on) == (record, TODAY)
    assert target.review_on == date(2026, 11, 26)
