"""Correcting a signed session."""

from datetime import date, time

import pytest
from django.test import Client
from django.urls import reverse

from keywork import drafts
from sessions.models import Amendment, KeyworkSession, SessionGroup, TargetReview
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


def shown(client, record):
    """The form's page, and the marks of what it showed."""
    page = client.get(url(record))
    assert page.status_code == 200
    return page, page.context["form"]["seen"].value()


def by_the_senco(record, **changed):
    """What the SENCo corrects while somebody else has the form open."""
    senco = Client()
    senco.force_login(make_staff(record.school, "senco"))
    assert senco.post(url(record), fields(**changed)).status_code == 302


def test_two_who_correct_different_things_lose_nothing(signed_in, record):
    _, seen = shown(signed_in, record)
    by_the_senco(record, details="Seats and lights.")
    assert signed_in.post(url(record), fields(pupil_voice="I sat.", seen=seen)).status_code == 302
    record.refresh_from_db()
    assert (record.details, record.pupil_voice) == ("Seats and lights.", "I sat.")
    assert [[each["field"] for each in a.changes] for a in Amendment.objects.all()] == [
        ["what you talked about"],
        ["the student's own words"],
    ]


def test_two_who_correct_the_same_see_each_other(signed_in, record):
    _, seen = shown(signed_in, record)
    by_the_senco(record, details="Seats and lights.")
    mine = fields(details="Seats, by the window.", seen=seen)
    page = signed_in.post(url(record), mine)
    [message] = page.context["form"].errors["details"]
    assert message.startswith("Changed meanwhile by somebody else: “Seats and lights.”")
    assert "Seats, by the window." in page.content.decode()
    record.refresh_from_db()
    assert record.details == "Seats and lights."
    again = fields(details=mine["details"], seen=page.context["form"]["seen"].value())
    assert signed_in.post(url(record), again).status_code == 302
    record.refresh_from_db()
    assert record.details == "Seats, by the window."


def test_missed_meanwhile_is_told_beside_the_choice(signed_in, record):
    _, seen = shown(signed_in, record)
    by_the_senco(record, happened="no", missed_reason="pupil_absent")
    page = signed_in.post(url(record), fields(venue="Library", seen=seen))
    told = page.context["form"].errors
    assert told["happened"][0].startswith("Changed meanwhile by somebody else: “missed”")
    assert "Student absent" in told["missed_reason"][0]


def test_a_draft_knows_what_its_form_showed(signed_in, record):
    page, seen = shown(signed_in, record)
    kept = page.context["form"].kept
    typed = fields(details="Half a sen", seen=seen, draft_token=kept.token, version="0")
    assert signed_in.post(kept.save_url, typed).status_code == 200
    by_the_senco(record, details="Seats and lights.")
    page, seen = shown(signed_in, record)
    assert page.context["form"]["details"].value() == "Half a sen"
    page = signed_in.post(url(record), fields(details="Half a sentence.", seen=seen))
    assert "Seats and lights." in page.context["form"].errors["details"][0]
    assert drafts.find_draft(record.key_worker, kept.key)


# The part that a group shares

SHARED = "we took turns."


@pytest.fixture
def group(school, priya):
    """A group session that Priya held and signed with Jayden and Amelia."""
    group = SessionGroup(school=school, shared_details=SHARED)
    group.save()
    records = []
    for name in ("Jayden", "Amelia"):
        student = StudentFactory(school=school, legal_first_name=name)
        assign(student, priya)
        signed = {"signed_at": NOW, "signed_by": priya, "key_worker": priya, "held_on": TODAY}
        records.append(
            SessionFactory(
                student=student, group=group, starts_at=time(9, 30), minutes=25, **signed
            )
        )
    return records


def as_recorded(**more):
    return fields(details="", shared_details=SHARED, **more)


def test_the_shared_part_is_corrected_on_all_records(signed_in, group):
    jayden, amelia = group
    page, seen = shown(signed_in, jayden)
    assert page.context["form"]["shared_details"].value() == SHARED
    said = as_recorded(seen=seen) | {"shared_details": "we took turns and won."}
    assert signed_in.post(url(jayden), said).status_code == 302
    change = {
        "field": "what the group talked about",
        "before": SHARED,
        "after": "we took turns and won.",
    }
    for record in (jayden, amelia):
        assert [a.changes for a in record.amendments.all()] == [[change]]
        text = signed_in.get(record.get_absolute_url()).content.decode()
        assert "we took turns and won." in text
        assert "Typed too fast" in text
    assert jayden.group.history.first().history_change_reason == "Typed too fast"


def test_nothing_of_the_group_changed_leaves_the_others_alone(signed_in, group):
    jayden, amelia = group
    _, seen = shown(signed_in, jayden)
    said = as_recorded(seen=seen, pupil_voice="Fun.")
    assert signed_in.post(url(jayden), said).status_code == 302
    assert (jayden.amendments.count(), amelia.amendments.count()) == (1, 0)


def test_what_is_not_finished_yet_is_not_amended(signed_in, group):
    jayden, amelia = group
    amelia.status, amelia.signed_at, amelia.signed_by = "planned", None, None
    amelia.save()
    said = as_recorded() | {"shared_details": "we won."}
    assert signed_in.post(url(jayden), said).status_code == 302
    assert (jayden.amendments.count(), amelia.amendments.count()) == (1, 0)


def test_the_shared_part_names_nobody_of_the_group(signed_in, group):
    jayden, _ = group
    named = as_recorded() | {"shared_details": "Amelia won."}
    page = signed_in.post(url(jayden), named)
    assert page.context["form"].errors["shared_details"] == [
        "Write what concerns Amelia on Amelia’s own record"
    ]
    assert "It is not a student’s name" in page.content.decode()
    assert signed_in.post(url(jayden), {**named, "no_names": "on"}).status_code == 302


def test_the_reason_stands_on_all_records_and_names_nobody_either(signed_in, group):
    jayden, _ = group
    why = {"shared_details": "we won.", "reason": "Amelia asked me to"}
    page = signed_in.post(url(jayden), as_recorded() | why)
    assert page.context["form"].errors["reason"] == [
        "Write what concerns Amelia on Amelia’s own record"
    ]
    own = as_recorded(pupil_voice="Fun.") | {"reason": "Amelia asked me to"}  # stays on Jayden's
    assert signed_in.post(url(jayden), own).status_code == 302


def test_who_may_not_correct_all_records_leaves_the_shared_part(signed_in, school, group):
    jayden, amelia = group
    other = make_staff(school, "key_worker")
    amelia.signed_by = other
    amelia.save()
    page, seen = shown(signed_in, jayden)
    assert "shared_details" not in page.context["form"].fields
    assert SHARED in page.content.decode()
    said = as_recorded(seen=seen) | {"shared_details": "we won."}
    signed_in.post(url(jayden), said)
    jayden.group.refresh_from_db()
    assert jayden.group.shared_details == SHARED


def test_two_who_correct_the_shared_part_see_each_other(signed_in, group):
    jayden, amelia = group
    _, seen = shown(signed_in, jayden)
    by_the_senco(amelia, details="", shared_details="we lost.")
    page = signed_in.post(url(jayden), as_recorded(seen=seen) | {"shared_details": "we won."})
    assert "we lost." in page.context["form"].errors["shared_details"][0]
    jayden.group.refresh_from_db()
    assert jayden.group.shared_details == "we lost."
