"""A small-group session: the shared part, then one signed record for each student."""

from datetime import time

import pytest
from django.urls import reverse

from keywork.refs import new_ref
from sessions.models import KeyworkSession, SessionGroup
from tests.factories import (
    NOW,
    TODAY,
    SessionFactory,
    StudentFactory,
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
def pair(school, priya):
    """Two students of one caseload."""
    students = [
        StudentFactory(school=school, legal_first_name=name) for name in ("Jayden", "Amelia")
    ]
    for student in students:
        assign(student, priya)
    return students


@pytest.fixture
def signed_in(client, priya):
    client.force_login(priya)
    return client


def url(student):
    return reverse("sessions:group", args=[student.ref])


def fields(*companions, **more):
    return {
        "companions": [each.ref for each in companions],
        "held_on": "today",
        "starts_at": "13:40",
        "minutes": "20",
        "venue": "Library",
        "focus": "wellbeing",
        "shared_details": "We played a turn-taking game.",
        **more,
    }


def test_students_named_in_the_address_are_chosen(signed_in, pair):
    jayden, amelia = pair
    answer = signed_in.get(
        reverse("sessions:new", args=[jayden.ref]), {"with": [amelia.ref, "a b&c"]}
    )
    assert answer.url == f"{url(jayden)}?with={amelia.ref}"
    page = signed_in.get(answer.url)
    assert page.context["form"]["companions"].value() == [amelia.ref]


def test_only_students_seen_in_full_can_be_chosen(signed_in, school, pair):
    jayden, amelia = pair
    StudentFactory(school=school)
    gone = StudentFactory(school=school, left_on=NOW.date().replace(day=1))
    assign(gone, KeyworkSession._meta.get_field("key_worker").related_model.objects.first())
    choices = signed_in.get(url(jayden)).context["form"].fields["companions"].choices
    assert [ref for ref, _ in choices] == [amelia.ref]


def test_the_group_is_logged_one_by_one(signed_in, pair, priya):
    jayden, amelia = pair
    answer = signed_in.post(url(jayden), fields(amelia))
    first, second = KeyworkSession.objects.order_by("pk")
    assert answer.url == reverse("sessions:edit", args=[first.ref])
    assert (first.student, first.held_on, first.starts_at) == (jayden, TODAY, time(13, 40))
    page = signed_in.get(answer.url).content.decode()
    assert "We played a turn-taking game." in page
    assert "Amelia" not in page
    private = {
        "happened": "yes",
        "held_on": "12/11/2026",
        "minutes": "20",
        "method": "small_group",
        "focus": "wellbeing",
        "no_target_reason": "Group work",
        "version": "0",
    }
    answer = signed_in.post(answer.url, {**private, "ref": first.ref, "details": "About one."})
    assert answer.url == reverse("sessions:edit", args=[second.ref])
    answer = signed_in.post(answer.url, {**private, "ref": second.ref, "details": "About two."})
    assert answer.url == f"/sessions/{second.ref}/?read=1"
    rows = KeyworkSession.objects.order_by("pk").values_list("details", "status", "signed_by")
    assert list(rows) == [("About one.", "held", priya.pk), ("About two.", "held", priya.pk)]
    assert SessionGroup.objects.get().sessions.count() == 2


def test_a_name_of_the_group_stays_out_of_the_shared_part(signed_in, pair):
    jayden, amelia = pair
    named = fields(amelia, shared_details="Amelia went first.")
    page = signed_in.post(url(jayden), named)
    assert page.context["form"].errors["shared_details"] == [
        "Write what concerns Amelia on Amelia’s own page, which comes next"
    ]
    assert "Amelia went first." in page.content.decode()
    assert not SessionGroup.objects.exists()
    answer = signed_in.post(url(jayden), {**named, "no_names": "on"})
    assert answer.status_code == 302


def test_a_form_sent_twice_opens_one_group(signed_in, pair):
    jayden, amelia = pair
    first = signed_in.post(url(jayden), fields(amelia))
    second = signed_in.post(url(jayden), fields(amelia))
    assert (SessionGroup.objects.count(), KeyworkSession.objects.count()) == (1, 2)
    assert first.url == second.url
    signed_in.post(url(jayden), fields(amelia, starts_at="15:00"))
    assert SessionGroup.objects.count() == 2


def test_a_legal_or_last_name_stays_out_of_the_shared_part_too(signed_in, pair):
    jayden, amelia = pair
    amelia.preferred_first_name, amelia.legal_last_name = "Mia", "Okafor"
    amelia.save()
    for said in ("Amelia went first.", "Mia went first.", "Miss Okafor went first."):
        page = signed_in.post(url(jayden), fields(amelia, shared_details=said))
        assert page.context["form"].errors["shared_details"] == [
            "Write what concerns Mia on Mia’s own page, which comes next"
        ]


@pytest.mark.parametrize(
    ("changed", "field", "message"),
    [
        ({"companions": []}, "companions", "Choose at least one more student"),
        ({"held_on": "13/11/2026"}, "held_on", "Choose today or an earlier day"),
        ({"focus": ""}, "focus", "Choose the focus"),
        ({"minutes": "some"}, "minutes", "Enter the number of minutes, like 20"),
    ],
)
def test_what_is_missing_is_said(signed_in, pair, changed, field, message):
    jayden, amelia = pair
    page = signed_in.post(url(jayden), {**fields(amelia), **changed})
    assert page.context["form"].errors[field] == [message]
    assert not SessionGroup.objects.exists()


def test_a_stranger_cannot_be_slipped_in(signed_in, school, pair):
    stranger = StudentFactory(school=school)
    page = signed_in.post(url(pair[0]), fields(stranger))
    assert "companions" in page.context["form"].errors
    assert not KeyworkSession.objects.exists()


def test_who_may(client, school, pair):
    for person, status in (
        (make_staff(school, "key_worker"), 403),
        (make_staff(school, "slt"), 403),
        (make_staff(school, "senco"), 200),
        (make_staff(make_school("B", "999102"), "key_worker"), 404),
    ):
        client.force_login(person)
        assert client.get(url(pair[0])).status_code == status


def test_ref_is_never_taken_from_the_form_of_a_planned_record(signed_in, pair):
    jayden, amelia = pair
    signed_in.post(url(jayden), fields(amelia))
    first = KeyworkSession.objects.order_by("pk")[0]
    signed_in.post(
        reverse("sessions:edit", args=[first.ref]),
        {
            "ref": new_ref(),
            "happened": "no",
            "missed_reason": "declined",
            "held_on": "12/11/2026",
            "version": "0",
        },
    )
    assert KeyworkSession.objects.count() == 2


@pytest.mark.parametrize(
    ("planned_at", "typed", "used"),
    [
        ("13:40", "13:40", True),
        ("13:40", "", True),
        (None, "13:40", True),
        ("9:05", "13:40", False),
    ],
)
def test_a_session_planned_for_then_becomes_the_students_record(
    signed_in, priya, pair, planned_at, typed, used
):
    jayden, amelia = pair
    at = time(*map(int, planned_at.split(":"))) if planned_at else None
    planned = SessionFactory(
        student=amelia, key_worker=priya, status="planned", held_on=TODAY, starts_at=at
    )

    signed_in.post(url(jayden), fields(amelia, starts_at=typed))

    records = KeyworkSession.objects.planned().filter(student=amelia)
    assert records.filter(group=SessionGroup.objects.get()).exists()
    assert records.count() == (1 if used else 2)
    planned.refresh_from_db()
    assert (planned.group_id is not None) == used


def test_the_form_of_a_planned_session_leads_to_a_group(signed_in, priya, pair):
    planned = SessionFactory(student=pair[0], key_worker=priya, status="planned", held_on=TODAY)
    page = signed_in.get(reverse("sessions:edit", args=[planned.ref])).content.decode()
    assert f'href="{url(pair[0])}"' in page
    signed_in.post(url(pair[0]), fields(pair[1], starts_at=""))
    page = signed_in.get(reverse("sessions:edit", args=[planned.ref])).content.decode()
    assert f'href="{url(pair[0])}"' not in page
