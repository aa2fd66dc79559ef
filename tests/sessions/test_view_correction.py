"""Correcting a signed session."""

from datetime import date, time

import pytest
from django.urls import reverse

from sessions.models import Amendment, KeyworkSession, TargetReview
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


@pytest.fixture(autouse=True)
def _on_a_thursday(monkeypatch):
    monkeypatch.setattr("keywork.clock.now", lambda: NOW)


@pytest.fixture
def school():
    return make_school()


@pytest.fixture
def priya(school):
    return make_staff(school, "key_worker")


@pytest.fixture
def record(school, priya):
    student = StudentFactory(school=school)
    assign(student, priya)
    return SessionFactory(
        student=student,
        key_worker=priya,
        held_on=TODAY,
        starts_at=time(9, 30),
        minutes=25,
        details="Seats.",
        signed_at=NOW,
        signed_by=priya,
    )


@pytest.fixture
def signed_in(client, priya):
    client.force_login(priya)
    return client


def url(record):
    return reverse("sessions:correction", args=[record.ref])


def fields(**more):
    return {
        "happened": "yes",
        "held_on": "12/11/2026",
        "starts_at": "09:30",
        "minutes": "other",
        "minutes_other": "25",
        "method": "one_to_one",
        "focus": "iep",
        "details": "Seats.",
        "reason": "Typed too fast",
        **more,
    }


def test_the_form_shows_what_stands_there(signed_in, record):
    page = signed_in.get(url(record))
    assert page.status_code == 200
    form = page.context["form"]
    assert form["details"].value() == "Seats."
    assert (form["minutes"].value(), form["minutes_other"].value()) == ("other", 25)
    assert "Change something" in page.content.decode()


def test_a_correction_is_an_amendment(signed_in, record, priya):
    answer = signed_in.post(url(record), fields(details="Seats and lights."), follow=True)
    assert answer.redirect_chain == [(record.get_absolute_url(), 302)]
    text = answer.content.decode()
    assert "Changed. The old text stays readable." in text
    assert "Typed too fast" in text
    amendment = Amendment.objects.get()
    assert amendment.changes == [
        {"field": "what you talked about", "before": "Seats.", "after": "Seats and lights."}
    ]


def test_held_becomes_missed_with_its_reason(signed_in, record):
    page = signed_in.post(url(record), fields(happened="no"))
    assert page.context["form"].errors["missed_reason"] == ["Say why it did not happen"]
    signed_in.post(url(record), fields(happened="no", missed_reason="pupil_absent"))
    changed = KeyworkSession.objects.get()
    assert (changed.status, changed.missed_reason, changed.focus) == ("missed", "pupil_absent", "")
    shown = {each["field"]: each["before"] for each in Amendment.objects.get().changes}
    assert shown["focus"] == "IEP"


def test_a_reason_is_asked_and_the_text_kept(signed_in, record):
    page = signed_in.post(url(record), fields(reason="", details="Other words"))
    assert page.context["form"].errors["reason"] == ["Say why you change it"]
    assert "Other words" in page.content.decode()
    record.refresh_from_db()
    assert record.details == "Seats."


def test_nothing_changed_is_said(signed_in, record):
    page = signed_in.post(url(record), fields(), follow=True)
    assert "Nothing was changed." in page.content.decode()
    assert not Amendment.objects.exists()


def test_a_reason_of_spaces_is_none(signed_in, record):
    signed_in.post(url(record), fields(reason="   ", details="Other"))
    assert not Amendment.objects.exists()


def test_a_day_to_come_is_refused(signed_in, record):
    page = signed_in.post(url(record), fields(held_on="13/11/2026"))
    assert page.context["form"].errors["held_on"] == ["Choose today or an earlier day"]
    record.refresh_from_db()
    assert record.held_on == date(2026, 11, 12)


def test_what_is_planned_is_not_corrected(signed_in, record):
    planned = SessionFactory(student=record.student, status="planned", held_on=TODAY)
    assert signed_in.get(url(planned)).status_code == 403


def test_who_may(client, school, record):
    elsewhere = make_school("Other School", "999102")
    expected = {
        make_staff(school, "senco"): 200,
        make_staff(school, "slt"): 403,
        make_staff(school, "moderator"): 403,
        make_staff(school, "admin"): 403,
        make_staff(school, "key_worker"): 404,
        make_staff(elsewhere, "senco"): 404,
    }
    for person, status in expected.items():
        client.force_login(person)
        assert client.get(url(record)).status_code == status
        if status != 200:
            assert client.post(url(record), fields(details="Other")).status_code == status
    assert not Amendment.objects.exists()


def test_a_day_before_a_judged_target_was_set_is_refused(signed_in, record, priya):
    target = TargetFactory(student=record.student, text="Ask for help", set_on=date(2026, 11, 10))
    review = TargetReview(
        target=target,
        keywork_session=record,
        reviewed_on=record.held_on,
        reviewed_by=priya,
        outcome="partly",
    )
    review.save()
    page = signed_in.post(url(record), fields(held_on="09/11/2026"))
    [message] = page.context["form"].errors["held_on"]
    assert message == (
        "“Ask for help” was judged in this session and set on 10 November 2026: choose a later day"
    )
    record.refresh_from_db()
    assert record.held_on == TODAY
    assert signed_in.post(url(record), fields(held_on="10/11/2026")).status_code == 302
    record.refresh_from_db()
    assert record.held_on == date(2026, 11, 10)
    review.withdrawn_at, review.withdrawn_by = NOW, priya
    review.save()
    assert signed_in.post(url(record), fields(held_on="09/11/2026")).status_code == 302
