"""Check-ups for those signed in: answering as a teacher, seeing who answered."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts.models import CheckupAnswer
from keywork import clock
from tests import factories as make
from tests.contacts.checkups import MONDAY, WEDNESDAY, ask, make_fold, teach
from tests.factories import NOW, StudentFactory

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
LIST = "/checkups/"


@pytest.fixture(autouse=True)
def _on_the_day(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def fold():
    return make_fold()


@pytest.fixture
def as_person(client):
    def sign_in(person):
        client.force_login(person)
        return client

    return sign_in


def text(response):
    return " ".join(response.content.decode().split())


def answer(answer, given, note=""):
    answer.answer, answer.note, answer.answered_at = given, note, NOW
    answer.save()


def test_a_teacher_answers_on_the_page(fold, as_person):
    mine, theirs = ask(fold.zayn, fold.ann, fold.bob)
    client = as_person(fold.ann)
    assert "Zayn Clayforth" in text(client.get(LIST))
    assert "Who answered" not in text(client.get(LIST))

    data = {"checkup": mine.ref, "answer": "flag", "note": "No pen"}
    assert "Saved. The key worker sees it." in text(client.post(LIST, data, follow=True))
    client.post(mine.checkup.get_absolute_url(), {**data, "note": "No pen again"})

    mine.refresh_from_db()
    assert (mine.answer, mine.note) == ("flag", "No pen again")
    assert client.post(LIST, {**data, "checkup": theirs.ref}).status_code == 400
    assert client.post(LIST, {**data, "note": ""}).status_code == 400
    client.post(LIST, {"all_fine": "1"})
    assert CheckupAnswer.objects.get(pk=theirs.pk).answer == ""


def test_a_teacher_sees_their_own_answer_and_no_others(fold, as_person):
    mine, theirs = ask(fold.zayn, fold.ann, fold.bob)
    answer(theirs, "flag", "Fell asleep")
    shown = text(as_person(fold.ann).get(mine.checkup.get_absolute_url()))
    assert "Your answer" in shown
    assert "Fell asleep" not in shown
    assert fold.bob.full_name not in shown


def test_a_teacher_has_nothing_to_answer_for_weeks_that_are_over(fold, as_person):
    old = ask(fold.zayn, fold.ann, week=MONDAY - timedelta(weeks=1))
    client = as_person(fold.ann)
    assert "You are asked nothing this week" in text(client.get(LIST))
    url = old.checkup.get_absolute_url()
    assert "This check-up is over" in text(client.get(url))
    assert client.post(url, {"checkup": old.ref, "answer": "fine"}).status_code == 400


def test_the_key_worker_sees_who_answered_and_what_became_of_a_flag(fold, as_person):
    mine, theirs = ask(fold.zayn, fold.ann, fold.bob)
    answer(mine, "fine")
    theirs.chased_on = WEDNESDAY
    theirs.save()
    StudentFactory(school=fold.school, legal_first_name="Amelia", legal_last_name="Frost")
    client = as_person(fold.bob)
    client.post(LIST, {"checkup": theirs.ref, "answer": "flag", "note": "Left with Amelia Frost"})

    client = as_person(fold.priya)
    listed = text(client.get(LIST))
    assert "2 of 2 teachers answered, 1 asked once more" in listed
    assert "1 flagged" in listed
    assert "Mia Holt" in listed.partition("Not sent yet")[2]
    page = text(client.get(mine.checkup.get_absolute_url()))
    assert "Left with AF" in page
    assert "Amelia" not in page
    assert f"{fold.priya.full_name} sees to it by Thursday 19 November" in page
    assert page.index(fold.bob.full_name) < page.index(fold.ann.full_name)  # flags first


def test_it_is_on_the_student_page_and_the_timeline(fold, as_person):
    mine, _ = ask(fold.zayn, fold.ann, fold.bob)
    answer(mine, "flag", "No pen")
    shown = text(as_person(fold.priya).get(fold.zayn.get_absolute_url()))
    assert "Sent Monday 9 November: 1 of 2 answered" in shown
    assert "Check-up with the teachers" in shown
    only = text(as_person(fold.priya).get(f"{fold.zayn.get_absolute_url()}?show=checkups"))
    assert "1 of 2 answered" in only
    assert "Check-up with teachers" not in text(
        as_person(fold.ann).get(fold.zayn.get_absolute_url())
    )


def test_weeks_before_are_read_with_the_address(fold, as_person):
    ask(fold.zayn, fold.ann, week=MONDAY - timedelta(weeks=1))
    this = ask(fold.zayn, fold.ann)
    client = as_person(fold.priya)
    assert "The week of Monday 2 November 2026" in text(client.get(f"{LIST}?week=2026-11-05"))
    for strange in ("2027-01-01", "soon", ""):
        assert "This week, from" in text(client.get(f"{LIST}?week={strange}"))
    page = text(client.get(this.checkup.get_absolute_url()))
    assert "Week of 2 November 2026" in page


@pytest.mark.parametrize(
    ("role", "status"),
    [("senco", 200), ("moderator", 200), ("admin", 403), ("system_admin", 403), ("teacher", 404)],
)
def test_who_may_open_one(fold, as_person, role, status):
    url = ask(fold.zayn, fold.ann).checkup.get_absolute_url()
    assert as_person(make.make_staff(fold.school, role)).get(url).status_code == status


def test_strangers_and_other_schools_find_nothing(fold, as_person):
    url = ask(fold.zayn, fold.ann).checkup.get_absolute_url()
    other = make.make_school("Elsewhere School", "999102")
    assert as_person(make.make_staff(fold.school, "key_worker")).get(url).status_code == 404
    client = as_person(make.make_staff(other, "senco"))
    assert client.get(url).status_code == 404
    assert "Zayn" not in text(client.get(LIST))
    assert client.get("/checkups/0000000000/").status_code == 404


def test_queries_are_the_same_for_one_and_for_many(fold, as_person):
    def measure(person, url):
        client = as_person(person)
        client.get("/help/")  # the sign-in is stamped once a minute
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url).status_code == 200
        return len(captured)

    one = ask(fold.zayn, fold.ann)
    answer(one, "flag", "No book")
    pages = [
        (fold.priya, LIST),
        (fold.ann, LIST),
        (fold.priya, one.checkup.get_absolute_url()),
        (fold.priya, fold.zayn.get_absolute_url()),
    ]
    few = [measure(*page) for page in pages]
    for _ in range(3):
        student = StudentFactory(school=fold.school)
        make.assign(student, fold.priya)
        teach(student, fold.ann)
        ask(student, fold.ann)
        teacher = make.make_staff(fold.school, "teacher")
        answer(ask(fold.zayn, teacher), "flag", "No pen")
    assert [measure(*page) for page in pages] == few
    assert max(few) <= 15
