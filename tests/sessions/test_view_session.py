"""The page of a session, to read."""

from datetime import date, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from sessions.models import (
    Amendment,
    SessionAction,
    SessionComment,
    SessionGroup,
    TargetReview,
)
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
    return make_staff(school, "key_worker", first_name="Priya", last_name="Raman")


@pytest.fixture
def jayden(school, priya):
    student = StudentFactory(school=school, legal_first_name="Jayden", legal_last_name="Thorne")
    assign(student, priya)
    return student


@pytest.fixture
def record(jayden, priya):
    return SessionFactory(
        student=jayden,
        key_worker=priya,
        held_on=TODAY,
        starts_at=time(9, 30),
        venue="Library nook",
        focus="ehcp",
        pupil_voice="I like the window seat.",
        feeling=4,
        details="We looked at the seating plan.",
        engagement=3,
        themes=["coping", "homework"],
        strategies_agreed="Window seat",
        signed_at=NOW,
        signed_by=priya,
        briefed_at=NOW,
    )


@pytest.fixture
def signed_in(client, priya):
    client.force_login(priya)
    return client


def text_of(client, record, query=""):
    page = client.get(record.get_absolute_url() + query)
    assert page.status_code == 200
    return page.content.decode()


def test_all_that_was_recorded_can_be_read(signed_in, record, jayden, priya):
    old = TargetFactory(student=jayden, text="In by 08:45 on Mondays")
    TargetReview(
        target=old,
        keywork_session=record,
        reviewed_on=TODAY,
        reviewed_by=priya,
        outcome="partly",
        evidence="2 of 3 Mondays",
        extended_to=date(2026, 11, 26),
        reason="Bus was late",
    ).save()
    TargetFactory(
        student=jayden, keywork_session=record, text="Show the card", student_agreed=True
    )
    text = text_of(signed_in, record)
    for words in (
        "Session with Jayden Thorne",
        "Thursday 12 November 2026, 09:30, 20 minutes",
        "Library nook",
        "focus: <strong>EHC plan</strong>",
        "I like the window seat.",
        "School feels: good",
        "We looked at the seating plan.",
        "Took part: willing",
        "Themes: Coping strategies, Homework and coursework",
        "Window seat",
        "In by 08:45 on Mondays",
        "Partly, carried on to Thursday 26 November. 2 of 3 Mondays",
        "Bus was late",
        "Show the card",
        "Jayden agreed.",
        "Signed by Priya Raman, 12 November 2026 at 10:00.",
        "The briefing was read beforehand.",
        reverse("history", args=["session", record.ref]),
    ):
        assert words in text, words
    assert "Read this together" not in text


def test_an_undone_review_is_not_shown(signed_in, record, jayden, priya):
    TargetReview(
        target=TargetFactory(student=jayden),
        keywork_session=record,
        reviewed_on=TODAY,
        reviewed_by=priya,
        outcome="achieved",
        withdrawn_at=NOW,
        withdrawn_by=priya,
    ).save()
    assert "Targets looked at" not in text_of(signed_in, record)


def test_a_missed_session_says_why(signed_in, jayden, priya):
    missed = SessionFactory(
        student=jayden,
        status="missed",
        missed_reason="declined",
        missed_note="Wanted to stay in art.",
        signed_at=NOW,
        signed_by=priya,
    )
    text = text_of(signed_in, missed, "?read=1")
    assert "It did not happen" in text
    assert "Student declined. Wanted to stay in art." in text
    assert "Saved: the session did not happen." in text


def test_an_imported_record_has_no_signature(signed_in, jayden, priya):
    text = text_of(signed_in, SessionFactory(student=jayden, key_worker=priya))
    assert "Imported record, held by Priya Raman. Nobody signed it here." in text
    assert "Signed by" not in text


def test_a_planned_session_offers_to_be_logged(signed_in, jayden):
    planned = SessionFactory(student=jayden, status="planned", held_on=TODAY)
    text = text_of(signed_in, planned)
    for name in ("edit", "move", "cancellation"):
        assert reverse(f"sessions:{name}", args=[planned.ref]) in text
    assert reverse("sessions:correction", args=[planned.ref]) not in text


def test_who_only_reads_is_not_offered_to_move_a_planned_session(client, school, jayden):
    planned = SessionFactory(student=jayden, status="planned", held_on=TODAY)
    client.force_login(make_staff(school, "moderator"))
    text = text_of(client, planned)
    for name in ("edit", "move", "cancellation"):
        assert reverse(f"sessions:{name}", args=[planned.ref]) not in text


def test_amendments_show_before_and_after(signed_in, record, priya):
    Amendment.objects.create(
        keywork_session=record,
        reason="Wrong seat",
        changes=[{"field": "what you talked about", "before": "Door seat", "after": "Window"}],
        made_at=NOW + timedelta(days=1),
        made_by=priya,
    )
    text = text_of(signed_in, record)
    assert "Changed 13 November 2026 at 10:00" in text
    assert "Priya Raman: Wrong seat" in text
    assert "Door seat" in text


def test_the_author_changes_within_a_day_and_corrects_later(signed_in, record):
    assert "Change something" in text_of(signed_in, record)
    record.signed_at = NOW - timedelta(hours=24)
    record.save()
    text = text_of(signed_in, record)
    assert "Change something" not in text
    assert "Correct</a>" in text


def test_actions_are_ticked_from_here(signed_in, record, school, priya):
    mine = SessionAction(keywork_session=record, text="Tell Ms Day", owner=priya, due_on=TODAY)
    mine.save()
    assert "Tell Ms Day" in text_of(signed_in, record)
    answer = signed_in.post(
        reverse("sessions:followup_done", args=[mine.ref]),
        {"next": record.get_absolute_url() + "#to-do"},
    )
    assert answer.url == record.get_absolute_url() + "#to-do"
    assert "done 12 November" in text_of(signed_in, record)


def test_a_group_session_names_nobody_else(signed_in, record, school, priya):
    group = SessionGroup(school=school, shared_details="We took turns.")
    group.save()
    other = StudentFactory(school=school, legal_first_name="Amelia", legal_last_name="Frost")
    assign(other, priya)
    SessionFactory(student=other, group=group, details="Only about Amelia.")
    record.group = group
    record.save()
    text = text_of(signed_in, record)
    assert "We took turns." in text
    assert "Amelia" not in text
    assert "Frost" not in text


def test_who_reads_it(client, school, jayden, record):
    elsewhere = make_school("Other School", "999102")
    expected = {
        make_staff(school, "senco"): 200,
        make_staff(school, "slt"): 200,
        make_staff(school, "dsl"): 200,
        make_staff(school, "moderator"): 200,
        make_staff(school, "key_worker"): 404,  # of another caseload
        make_staff(school, "head_of_care"): 404,  # not a resident
        make_staff(school, "teacher"): 403,
        make_staff(school, "admin"): 403,
        make_staff(elsewhere, "senco"): 404,
        make_staff(elsewhere, "key_worker"): 404,
    }
    for person, status in expected.items():
        client.force_login(person)
        assert client.get(record.get_absolute_url()).status_code == status, person


def test_those_who_only_read_are_offered_no_change(client, school, record):
    client.force_login(make_staff(school, "slt"))
    assert reverse("sessions:correction", args=[record.ref]) not in text_of(client, record)


def test_a_cancelled_session_is_gone(signed_in, jayden, priya):
    cancelled = SessionFactory(
        student=jayden, status="planned", withdrawn_at=NOW, withdrawn_by=priya
    )
    assert signed_in.get(cancelled.get_absolute_url()).status_code == 404


def test_queries_stay_the_same(signed_in, record, jayden, priya, school):
    def fill(number):
        for _ in range(number):
            target = TargetFactory(student=jayden, keywork_session=record)
            TargetReview(
                target=target,
                keywork_session=record,
                reviewed_on=TODAY,
                reviewed_by=priya,
                outcome="partly",
            ).save()
            action = SessionAction(
                keywork_session=record, text="A", owner=make_staff(school, "teacher")
            )
            action.save()
            SessionComment(
                keywork_session=record,
                text="C",
                written_at=NOW,
                written_by=make_staff(school, "senco"),
                done_at=NOW,
                done_by=priya,
            ).save()
            Amendment.objects.create(
                keywork_session=record, reason="R", changes=[], made_at=NOW, made_by=priya
            )

    def count(query):
        with CaptureQueriesContext(connection) as captured:
            text_of(signed_in, record, query)
        return len(captured)

    fill(1)
    text_of(signed_in, record)  # renews the sign-in
    one = count(""), count("?read=1")
    fill(2)
    assert (count(""), count("?read=1")) == one
    assert max(one) <= 15
