"""The progress tab: grades, scores, barriers and their follow-up."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from keywork import clock
from students.models import Barrier, GradeSheet, TestScore
from students.services.register import record_talk
from tests.factories import NOW, TODAY, StudentFactory, assign, make_school, make_staff
from tests.students.marks import give_marks

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture(autouse=True)
def today(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def school():
    return make_school()


@pytest.fixture
def kit(school):
    return StudentFactory(school=school, legal_first_name="Kit", legal_last_name="Moss")


@pytest.fixture
def grace(school, kit):
    person = make_staff(school, "key_worker", first_name="Grace", last_name="Amoah")
    assign(kit, person)
    return person


def url(name, *args):
    return reverse(f"students:{name}", args=args)


def make_barrier(kit, by, **more):
    barrier = Barrier(student=kit, noted_by=by, noted_on=TODAY, text="Too loud", **more)
    barrier.save()
    return barrier


def page_of(client, kit):
    answer = client.get(url("progress", kit.ref))
    assert answer.status_code == 200
    return answer.content.decode()


def test_strangers_get_404_and_wrong_roles_403(client, school, kit, grace):
    barrier = make_barrier(kit, grace)

    def answers(person):
        client.force_login(person)
        asked = [url(name, kit.ref) for name in ("progress", "grade_new", "score_new")]
        asked += [url("barrier_new", kit.ref), url("barrier_follow", barrier.ref)]
        return [client.get(to).status_code for to in asked]

    assert answers(make_staff(make_school("Other", urn="999102"), "senco")) == [404] * 5
    assert answers(make_staff(school, "senco")) == [200] * 5
    assert answers(grace) == [200, 403, 200, 200, 200]  # grades are read-only for key workers
    assert answers(make_staff(school, "key_worker")) == [403, 403, 403, 403, 404]
    assert answers(make_staff(school, "admin")) == [403, 200, 200, 403, 403]
    assert answers(make_staff(school, "slt")) == [200, 403, 403, 403, 403]


def test_grades_are_entered_one_after_another(client, school, kit):
    client.force_login(make_staff(school, "senco"))
    drop = {"drop": "Autumn 1", "drop_on": "16 oct"}
    for subject, grade, expected in (
        ("Maths", "4", "5"),
        ("English", "5", "5"),
        ("Art", "B", "A"),
    ):
        typed = {**drop, "subject": subject, "grade": grade, "expected_grade": expected}
        answer = client.post(url("grade_new", kit.ref), typed, follow=True)
        assert f"{subject} saved: {grade}." in answer.content.decode()
        assert 'value="16/10/2026"' in answer.content.decode()
    client.post(url("grade_new", kit.ref), {**drop, "subject": "maths", "grade": "3"})
    maths = GradeSheet.objects.get(subject="maths")
    assert [each.grade for each in maths.history.all()] == ["3", "4"]
    page = page_of(client, kit)
    assert "0 of 1 subject below the expected grade." in page  # maths lost its expected grade
    assert "Autumn 1" in page


def test_the_office_enters_without_reading(client, school, kit):
    client.force_login(make_staff(school, "admin"))
    assert "Add grades" in client.get(kit.get_absolute_url()).content.decode()
    typed = {"kind": "reading_age", "taken_on": "3 nov", "score": "9:04"}
    answer = client.post(url("score_new", kit.ref), typed)
    assert answer.url == kit.get_absolute_url()
    assert TestScore.objects.get().value == 112


def test_scores_over_time_have_a_chart_and_its_numbers(client, kit, grace):
    client.force_login(grace)
    for taken, score in (("12/11/25", "8:02"), ("3/11/26", "9:04")):
        typed = {"kind": "reading_age", "name": "NGRT", "taken_on": taken, "score": score}
        assert client.post(url("score_new", kit.ref), typed).status_code == 302
    page = page_of(client, kit)
    finding = "Reading age: NGRT went from 8:02 on 12 November 2025 to 9:04 on 3 November 2026."
    assert finding in page
    assert "<svg" in page
    typed["score"] = "nine"
    again = client.post(url("score_new", kit.ref), typed).content.decode()
    assert "Enter an age in years and months, like 9:04" in again
    assert "nine" in again


def test_a_barrier_is_noted_followed_and_closed(client, kit, grace):
    client.force_login(grace)
    typed = {
        "text": "The corridor is too loud",
        "follow_up": "Leave two minutes early",
        "owner": grace.ref,
        "follow_up_on": "12 nov",
    }
    for _ in range(2):  # sent twice, it is one barrier
        assert client.post(url("barrier_new", kit.ref), typed).status_code == 302
    barrier = Barrier.objects.get()
    assert (barrier.noted_on, barrier.owner) == (TODAY, grace)
    today = client.get(reverse("today")).content.decode()
    assert "Barrier to look at again" in today
    assert "“The corridor is too loud”" in page_of(client, kit)
    typed = {"status": "eased", "follow_up": "Leaves early", "owner": "", "follow_up_on": ""}
    assert client.post(url("barrier_follow", barrier.ref), typed).status_code == 302
    barrier.refresh_from_db()
    assert (barrier.status, barrier.closed_on, barrier.owner) == ("eased", TODAY, None)
    assert "No longer open (1)" in page_of(client, kit)
    assert "Barrier to look at again" not in client.get(reverse("today")).content.decode()
    timeline = client.get(kit.get_absolute_url(), {"show": "progress"}).content.decode()
    assert "A barrier, as the student sees it" in timeline
    assert "Barrier no longer open" in timeline
    client.post(url("barrier_follow", barrier.ref), {"status": "open"})
    barrier.refresh_from_db()
    assert barrier.closed_on is None
    assert barrier.history.count() == 3


@pytest.mark.parametrize(
    ("name", "typed", "message"),
    [
        ("barrier_new", {"text": ""}, "Write down what the student sees as a barrier"),
        ("barrier_new", {"text": "Kept", "follow_up_on": "31/2/27"}, "Kept"),
        ("score_new", {"kind": "baseline", "score": "7"}, "Enter a date, like 12/11/2026"),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_lost(client, kit, grace, name, typed, message):
    client.force_login(grace)
    page = client.post(url(name, kit.ref), typed).content.decode()
    assert "There is 1 thing to fix" in page
    assert message in page
    assert not Barrier.objects.exists()


def test_queries_do_not_grow_with_the_record(client, kit, grace):
    client.force_login(grace)
    client.get(url("progress", kit.ref))
    counted = []
    for number in range(3):
        day = TODAY - timedelta(days=number)
        make_barrier(kit, grace, owner=grace)
        subject = {"subject": f"Subject {number}", "teacher": grace}
        GradeSheet(student=kit, drop="A", drop_on=day, grade="4", **subject).save()
        TestScore(student=kit, kind="baseline", taken_on=day, score="7", value=7).save()
        with CaptureQueriesContext(connection) as queries:
            page_of(client, kit)
        counted.append(len(queries))
    assert counted[0] == counted[2]
    assert counted[2] <= 15


def test_others_named_in_what_was_written_stand_as_initials(client, school, kit, grace):
    StudentFactory(school=school, legal_first_name="Zebedee", legal_last_name="Quill")
    give_marks((kit, date(2026, 11, 9), "AM", "I"))
    Barrier(student=kit, noted_by=grace, noted_on=TODAY, text="I sit by Zebedee Quill").save()
    said = {"said": "zebedee quill laughed", "by": grace, "on": TODAY}
    record_talk(student=kit, day=date(2026, 11, 9), session="AM", **said)
    client.force_login(grace)
    for to in (url("progress", kit.ref), url("attendance", kit.ref), kit.get_absolute_url()):
        page = client.get(to).content.decode()
        assert "ZQ" in page
        assert "quill" not in page.lower()


def test_nobody_else_is_named(client, school, kit, grace):
    other = StudentFactory(school=school, legal_first_name="Zebedee", legal_last_name="Quill")
    make_barrier(other, grace)
    GradeSheet(student=other, drop="A", drop_on=date(2026, 10, 1), subject="Latin").save()
    client.force_login(make_staff(school, "senco"))
    page = page_of(client, kit)
    for word in ("Zebedee", "Quill", "Latin", "Too loud"):
        assert word not in page
