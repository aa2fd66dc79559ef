"""Where poor attendance persists: child and family first, then the named senior lead."""

import re

import pytest
import time_machine
from django.urls import reverse

from contacts.attendance_rules import missing_before_report
from contacts.models import AttendanceStep, FollowUp
from tests import factories as make
from tests.sessions.fold import make_fold, queries_of, statuses

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture(autouse=True)
def _thursday():
    with time_machine.travel(make.NOW, tick=False):
        yield


@pytest.fixture
def fold():
    return make_fold()


def to(name, fold):
    return reverse(f"contacts:{name}", args=[fold.student.ref])


def try_something(client, fold, kind):
    typed = {"kind": kind, "taken_on": "today", "note": f"About the {kind}"}
    return client.post(to("attendance_step_new", fold), typed)


@pytest.mark.parametrize(
    ("taken", "missing"),
    [
        ([], ["the student", "the family"]),
        (["talk"], ["the family"]),
        (["meeting", "letter"], ["the student"]),
        (["reward", "home_visit"], []),
        (["agency", "other"], ["the student", "the family"]),
    ],
)
def test_child_and_family_come_first(taken, missing):
    assert missing_before_report(taken) == missing


def test_who_reads_and_who_writes(client, fold):
    reads = {"key_worker": 200, "senco": 200, "moderator": 200, "stranger": 404}
    rest = {"colleague": 403, "admin": 403}
    assert statuses(client, fold, to("attendance_steps", fold)) == {
        **reads, **rest, "teacher": 404,
    }  # fmt: skip
    for name in ("attendance_step_new", "attendance_report"):
        found = statuses(client, fold, to(name, fold))
        assert found == {**reads, **rest, "moderator": 403, "teacher": 403}
    lead = statuses(client, fold, reverse("contacts:attendance_lead"))
    assert (lead["admin"], lead["key_worker"], lead["senco"]) == (200, 403, 403)


def test_it_goes_to_the_named_lead_after_child_and_family(client, fold):
    lead = make.make_staff(fold.school, "slt", first_name="Lena", last_name="Lead")
    client.force_login(fold.key_worker)
    report, note = to("attendance_report", fold), {"note": "60% since September"}
    assert "Nobody is named to report to" in client.post(report, note).content.decode()
    client.force_login(fold.admin)
    client.post(reverse("contacts:attendance_lead"), {"lead": lead.ref})

    client.force_login(fold.key_worker)
    early = client.post(report, note).content.decode()
    assert "Turn to the student and the family first" in early
    assert "60% since September" in early
    assert try_something(client, fold, "").status_code == 200
    assert try_something(client, fold, "reported").status_code == 200
    try_something(client, fold, "talk")
    try_something(client, fold, "meeting")
    assert client.post(report, note).status_code == 302

    page = client.get(to("attendance_steps", fold)).content.decode()
    assert "Reported to the senior lead: Lena Lead" in page
    assert "About the meeting" in page
    asked = FollowUp.objects.get()
    assert (asked.owner, asked.raised_by) == (lead, "staff")
    client.force_login(lead)
    rows = client.get("/followups/").context["rows"]
    assert [row.text for row in rows] == ["Persistent absence: 60% since September"]


def test_a_form_sent_twice_is_written_once(client, fold):
    fold.school.attendance_lead = fold.senco
    fold.school.save()
    client.force_login(fold.key_worker)
    for kind in ("talk", "meeting"):
        for _ in range(2):
            assert try_something(client, fold, kind).status_code == 302
    report = to("attendance_report", fold)
    for note in ("60% since September", "60% since September", "Now 50%"):
        assert client.post(report, {"note": note}).status_code == 302

    found = AttendanceStep.objects.order_by("pk").values_list("kind", "note")
    assert list(found) == [
        *(("talk", "About the talk"), ("meeting", "About the meeting")),
        *(("reported", "60% since September"), ("reported", "Now 50%")),
    ]
    assert FollowUp.objects.count() == 2

    away = AttendanceStep.objects.get(kind="talk")
    client.post(reverse("contacts:attendance_step_withdrawal", args=[away.ref]))
    try_something(client, fold, "talk")
    assert AttendanceStep.objects.standing().filter(kind="talk").exclude(pk=away.pk).count() == 1


def test_a_step_is_withdrawn_and_put_back_a_report_stands(client, fold):
    client.force_login(fold.key_worker)
    try_something(client, fold, "talk")
    step = AttendanceStep.objects.get()
    away = reverse("contacts:attendance_step_withdrawal", args=[step.ref])
    client.force_login(fold.moderator)
    assert client.post(away).status_code == 403
    client.force_login(fold.key_worker)
    page = client.post(away, follow=True).content.decode()
    step.refresh_from_db()
    assert (step.withdrawn_at, step.withdrawn_by) == (make.NOW, fold.key_worker)
    assert "About the talk" not in page
    assert client.post(away).status_code == 404  # gone already
    client.post(re.search(r'action="(/undo/[^"]+)"', page)[1])
    assert AttendanceStep.objects.standing().get() == step

    reported = AttendanceStep(
        student=fold.student, kind="reported", taken_on=make.TODAY, note="x",
        noted_by=fold.senco, reported_to=fold.senco,
    )  # fmt: skip
    reported.save()
    gone = reverse("contacts:attendance_step_withdrawal", args=[reported.ref])
    assert client.post(gone).status_code == 403


def test_as_many_queries_for_one_step_as_for_three(client, fold, django_assert_max_num_queries):
    def add():
        AttendanceStep(
            student=fold.student, kind="talk", taken_on=make.TODAY, note="x", noted_by=fold.senco
        ).save()

    client.force_login(fold.key_worker)
    url = to("attendance_steps", fold)
    add()
    one = queries_of(client, url, django_assert_max_num_queries)
    add()
    add()
    assert queries_of(client, url, django_assert_max_num_queries) == one <= 15
