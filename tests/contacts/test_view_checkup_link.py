"""Behind the personal link: answering without signing in, and links that open nothing."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.cache import cache
from django.test import Client

from contacts.models import CheckupAnswer, FollowUp
from keywork import clock
from keywork.models import StaffMember
from tests.contacts.checkups import MONDAY, ask, link_for, make_fold
from tests.factories import NOW, StudentFactory

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture(autouse=True)
def _on_the_day(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)
    cache.clear()


@pytest.fixture
def fold():
    found = make_fold()
    found.zayn_answer, found.mia_answer = ask(found.zayn, found.ann), ask(found.mia, found.ann)
    found.url = f"/c/{link_for(found.school, found.ann)}/"
    return found


@pytest.fixture
def client():
    # A browser that checks forms' tokens, without any cookie: as a mail program opens it.
    return Client(enforce_csrf_checks=True)


def answered():
    return list(CheckupAnswer.objects.order_by("pk").values_list("answer", "note"))


def post(client, fold, answer, given, note=""):
    data = {"checkup": answer.ref, "answer": given, "note": note}
    return client.post(fold.url, data, follow=True)


def test_it_shows_first_names_and_initials_and_nothing_more(fold, client):
    fold.zayn.reg_form, fold.zayn.medical_alert = "7B", "Asthma"
    fold.zayn.save()

    response = client.get(fold.url)

    text = response.content.decode()
    assert response.status_code == 200
    assert "Zayn C." in text
    assert "Mia H." in text
    for word in ("Clayforth", "Holt", "7B", "Asthma", fold.zayn.ref, fold.bob.full_name):
        assert word not in text
    assert response.headers["Cache-Control"] == "private, no-store"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert client.cookies == {}


def test_two_who_would_read_the_same_are_told_apart_by_their_form(fold, client):
    for form in ("8A", "8B"):
        twin = StudentFactory(
            school=fold.school, legal_first_name="Kit", legal_last_name="Sample", reg_form=form
        )
        twin.timetable.create(teacher=fold.ann, subject="Maths")
        ask(twin, fold.ann)
    text = client.get(fold.url).content.decode()
    assert "Kit S. (8A)" in text
    assert "Kit S. (8B)" in text


@pytest.mark.parametrize("method", ["get", "head"])
def test_programs_that_open_the_link_answer_nothing(fold, client, method):
    getattr(client, method)(fold.url, {"checkup": fold.zayn_answer.ref, "answer": "fine"})
    getattr(client, method)(f"{fold.url}?all_fine=1")
    assert answered() == [("", ""), ("", "")]
    assert client.put(fold.url).status_code == 405


def test_one_tap_a_flag_and_a_change(fold, client):
    response = post(client, fold, fold.zayn_answer, "fine")
    assert "Saved. 1 still to answer." in response.content.decode()

    response = post(client, fold, fold.mia_answer, "flag", "No pen")
    assert "Thank you. All are answered." in response.content.decode()
    assert answered() == [("fine", ""), ("flag", "No pen")]
    assert FollowUp.objects.standing().get().owner == fold.priya

    post(client, fold, fold.mia_answer, "fine")
    assert answered() == [("fine", ""), ("fine", "")]
    assert fold.mia_answer.history.first().history_user == fold.ann


def test_all_fine_is_one_tap(fold, client):
    response = client.post(fold.url, {"all_fine": "1"}, follow=True)
    assert "Thank you. All are answered." in response.content.decode()
    assert answered() == [("fine", ""), ("fine", "")]


def test_a_flag_without_its_sentence_keeps_the_page(fold, client):
    response = post(client, fold, fold.zayn_answer, "flag", "  ")
    text = response.content.decode()
    assert response.status_code == 400
    assert "<title>Error: " in text
    assert "There is 1 thing to fix" in text
    assert f'href="#note-{fold.zayn_answer.ref}"' in text
    assert answered() == [("", ""), ("", "")]

    long = post(client, fold, fold.zayn_answer, "flag", "x" * 501)
    assert (long.status_code, "x" * 501 in long.content.decode()) == (400, True)
    assert post(client, fold, fold.zayn_answer, "maybe").status_code == 400


def test_another_teachers_answer_is_not_to_be_given(fold, client):
    theirs = ask(fold.zayn, fold.bob)
    response = post(client, fold, theirs, "flag", "Not mine to say")
    assert response.status_code == 400
    assert "Not mine to say" in response.content.decode()  # to copy
    theirs.refresh_from_db()
    assert theirs.answer == ""


# Links that open nothing


def gone(response, status):
    text = response.content.decode()
    assert response.status_code == status
    assert "Sign in" in text
    assert "school office" in text
    for word in ("Zayn", "Mia", "Ann", "Fold School"):
        assert word not in text
    assert response.headers["Cache-Control"] == "private, no-store"
    return text


def test_an_expired_link_says_so_and_keeps_what_was_typed(fold, client, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 11, 15, 23, 59, 59, tzinfo=UTC))
    assert client.get(fold.url).status_code == 200

    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 11, 16, tzinfo=UTC))
    text = gone(client.get(fold.url), 410)
    assert "until Sunday 15 November" in text
    response = post(client, fold, fold.zayn_answer, "flag", "Typed too late")
    assert "Typed too late" in gone(response, 410)
    assert answered() == [("", ""), ("", "")]


def test_unknown_and_withdrawn_links_look_alike(fold, client):
    unknown = gone(client.get("/c/nobodyknowsthis/"), 404)
    staff = StaffMember.objects.get(user=fold.ann)
    staff.starts_on, staff.ends_on = date(2026, 9, 1), NOW.date() - timedelta(days=1)
    staff.save()
    assert gone(client.get(fold.url), 404) == unknown
    assert client.post(fold.url, {"all_fine": "1"}).status_code == 404
    assert answered() == [("", ""), ("", "")]


@pytest.mark.parametrize("how", ["account", "lessons", "roll", "other school"])
def test_it_ends_with_the_account_the_lessons_the_roll(fold, client, how):
    if how == "account":
        fold.ann.is_active = False
        fold.ann.save()
    for student in (fold.zayn, fold.mia):
        if how == "lessons":
            student.timetable.get(teacher=fold.ann).delete()
        elif how == "roll":
            student.left_on = MONDAY
            student.save()
    if how == "other school":
        StaffMember.objects.get(user=fold.ann).delete()
    gone(client.get(fold.url), 404)


def test_a_student_no_longer_taught_leaves_the_page(fold, client):
    fold.mia.timetable.get().delete()
    text = client.get(fold.url).content.decode()
    assert ("Zayn C." in text, "Mia" in text) == (True, False)
    assert post(client, fold, fold.mia_answer, "fine").status_code == 400


def test_guessing_is_slowed_down_and_the_real_link_still_opens(fold, client):
    statuses = [client.get(f"/c/guess{n}/").status_code for n in range(61)]
    assert statuses == [404] * 60 + [429]
    assert client.get(fold.url).status_code == 200


def test_queries_do_not_grow(fold, client, django_assert_num_queries):
    def asked():
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as captured:
            client.get(fold.url)
        return len([q for q in captured if "keywork_cache" not in q["sql"]])

    few = asked()
    for _ in range(3):
        student = StudentFactory(school=fold.school)
        student.timetable.create(teacher=fold.ann, subject="Art")
        ask(student, fold.ann)
    assert asked() == few <= 8
