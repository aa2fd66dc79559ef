"""What somebody raised: written down, answered, told; on one list with what sessions agreed."""

import re
from datetime import date, timedelta

import pytest
import time_machine
from django.urls import reverse

from contacts.errors import ContactsError
from contacts.models import FollowUp
from contacts.services.followups import (
    answer_follow_up,
    raise_follow_up,
    tell_raiser,
    undo_answer,
)
from sessions.models import SessionAction
from tests import factories as make
from tests.sessions.fold import asks_to_sign_in, make_fold, queries_of, statuses

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
LIST = "/followups/"


@pytest.fixture(autouse=True)
def _thursday():
    with time_machine.travel(make.NOW, tick=False):
        yield


@pytest.fixture
def fold():
    return make_fold()


@pytest.fixture
def signed_in(client, fold):
    client.force_login(fold.key_worker)
    return client


def words(response):
    main = response.content.decode().split("<main", 1)[1].split("</main>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


def raised(fold, text="He dreads the bus", due_on=make.TODAY, **more):
    values = {"student": fold.student, "raised_by": "parent", "raiser_name": "Mum"}
    values |= {"owner": fold.key_worker, "by": fold.key_worker, "on": date(2026, 11, 2), **more}
    return raise_follow_up(text=text, due_on=due_on, **values)


def rows(response):
    return [(row.text, row.chip) for row in response.context["rows"]]


def typed(fold, **more):
    return {
        "raised_by": "parent",
        "raiser_name": "Mum",
        "raised_on": "today",
        "text": "He dreads the bus",
        "owner": fold.key_worker.ref,
        "due_on": "19/11/2026",
        "reply_wanted": "on",
        **more,
    }


def test_who_may_raise(client, fold):
    url = reverse("contacts:followup_new", args=[fold.student.ref])
    assert statuses(client, fold, url) == {
        "key_worker": 200,
        "senco": 200,
        "colleague": 403,
        "moderator": 403,
        "admin": 403,
        "teacher": 403,
        "stranger": 404,
    }
    assert asks_to_sign_in(client, url)


def test_raised_answered_and_told(signed_in, fold):
    new = reverse("contacts:followup_new", args=[fold.student.ref])
    assert 'value="19/11/2026"' in signed_in.get(new).content.decode()  # five school days on
    signed_in.post(new, typed(fold))
    found = FollowUp.objects.get()
    page = found.get_absolute_url()
    assert (found.raised_on, found.due_on) == (make.TODAY, date(2026, 11, 19))
    assert rows(signed_in.get(LIST)) == [("He dreads the bus", "Thu 19 Nov")]

    told = signed_in.post(page, {"answer": "A seat beside the driver"}, follow=True)
    assert "Saved. Now tell Mum. Undo" in words(told)
    assert "Now tell Mum" in words(told)
    assert rows(signed_in.get(LIST)) == [("He dreads the bus", "Answered")]

    signed_in.post(page, {"told_on": "today", "how": "on the telephone"})
    assert rows(signed_in.get(LIST)) == []
    assert rows(signed_in.get(LIST, {"show": "done"})) == [("He dreads the bus", "Told 12 Nov")]
    student = words(signed_in.get(fold.student.get_absolute_url()))
    assert "We did: A seat beside the driver" in student
    history = words(signed_in.get(reverse("history", args=["follow-up", found.ref])))
    assert "Answered" in history


def test_a_form_sent_twice_is_written_once(signed_in, fold):
    new = reverse("contacts:followup_new", args=[fold.student.ref])
    for _ in range(2):
        assert signed_in.post(new, typed(fold)).status_code == 302
    first = FollowUp.objects.get()
    signed_in.post(new, typed(fold, text="He dreads the train"))
    assert FollowUp.objects.count() == 2

    signed_in.post(first.get_absolute_url(), {"answer": "A seat beside the driver"})
    signed_in.post(new, typed(fold))  # he said so again after it was answered
    assert FollowUp.objects.count() == 3


def test_an_answer_is_undone(signed_in, fold):
    found = raised(fold)
    answered = signed_in.post(found.get_absolute_url(), {"answer": "Done"}, follow=True)
    undo = re.search(r'action="(/undo/[^"]+)"', answered.content.decode())[1]

    signed_in.post(undo)

    found.refresh_from_db()
    assert (found.answered_at, found.answer) == (None, "")


def test_an_answer_somebody_passed_on_since_stays(signed_in, fold):
    found = raised(fold)
    answered = signed_in.post(found.get_absolute_url(), {"answer": "Done"}, follow=True)
    undo = re.search(r'action="(/undo/[^"]+)"', answered.content.decode())[1]
    tell_raiser(follow_up=found, told_on=make.TODAY, by=fold.senco)

    page = signed_in.post(undo, follow=True)

    assert f"{fold.senco} wrote down since that Mum was told" in page.content.decode()
    found.refresh_from_db()
    assert (found.answer, found.told_by) == ("Done", fold.senco)


def test_each_step_is_undone_by_itself_however_often_pressed(signed_in, fold):
    found = raised(fold)
    undos = []
    for step in ({"answer": "Done"}, {"told_on": "today", "told_how": "At the gate"}):
        page = signed_in.post(found.get_absolute_url(), step, follow=True).content.decode()
        undos.append(re.search(r'action="(/undo/[^"]+)"', page)[1])
    answered, told = undos

    page = signed_in.post(answered, follow=True).content.decode()
    assert "You wrote down since that Mum was told" in page
    for _ in range(2):
        signed_in.post(told)
    found.refresh_from_db()
    assert (found.told_on, found.told_by, found.told_how) == (None, None, "")
    assert (found.answer, found.answered_by) == ("Done", fold.key_worker)
    for _ in range(2):
        signed_in.post(answered)
    found.refresh_from_db()
    assert (found.answer, found.answered_by) == ("", None)


def test_an_answer_of_somebody_else_stays(signed_in, fold):
    found = raised(fold)
    answered = signed_in.post(found.get_absolute_url(), {"answer": "Done"}, follow=True)
    undo = re.search(r'action="(/undo/[^"]+)"', answered.content.decode())[1]
    undo_answer(record=found, by=fold.key_worker, now=make.NOW)
    answer_follow_up(follow_up=found, answer="A seat", by=fold.senco, now=make.NOW)

    page = signed_in.post(undo, follow=True)

    assert f"{fold.senco} answered this" in page.content.decode()
    found.refresh_from_db()
    assert found.answer == "A seat"


def test_nothing_typed_is_lost(signed_in, fold):
    new = reverse("contacts:followup_new", args=[fold.student.ref])
    answer = signed_in.post(new, typed(fold, raised_by="", owner="", due_on="32/1"))
    page = answer.content.decode()

    assert "There are 3 things to fix" in page
    assert "Choose who raised it" in page
    assert "Choose who sees to it, or name somebody else" in page
    assert "He dreads the bus" in page
    early = signed_in.post(new, typed(fold, due_on="1/11/2026")).content.decode()
    assert "The answer cannot be due before it was said" in early
    assert not FollowUp.objects.exists()
    found = raised(fold)
    refused = signed_in.post(found.get_absolute_url(), {"answer": " "}).content.decode()
    assert "Say what was done" in refused


def test_an_owner_who_does_not_see_the_student_answers_and_no_more(client, fold):
    found = raised(fold, owner=fold.teacher)
    other = raised(fold, "Not theirs")
    client.force_login(fold.teacher)

    assert rows(client.get(LIST)) == [("He dreads the bus", "Today")]
    page = client.get(found.get_absolute_url())
    assert page.status_code == 200
    assert "All that was raised" not in words(page)
    assert client.post(found.get_absolute_url(), {"answer": "Moved his seat"}).status_code == 302
    assert client.get(other.get_absolute_url()).status_code == 404


def test_who_reads_and_who_answers(client, fold):
    page = raised(fold, owner=fold.senco, by=fold.senco).get_absolute_url()
    assert statuses(client, fold, page) == {
        "key_worker": 200,
        "senco": 200,
        "colleague": 404,
        "moderator": 200,
        "admin": 404,
        "teacher": 404,
        "stranger": 404,
    }
    client.force_login(fold.moderator)
    assert client.post(page, {"answer": "x"}).status_code == 403


def test_two_answers_do_not_overwrite_each_other(signed_in, fold):
    found = raised(fold)
    answer_follow_up(follow_up=found, answer="Rang the bus", by=fold.senco, now=make.NOW)

    page = signed_in.post(found.get_absolute_url(), {"answer": "Wrote to the bus"})

    assert "Answered meanwhile by" in page.content.decode()
    assert "Wrote to the bus" in page.content.decode()
    found.refresh_from_db()
    assert found.answer == "Rang the bus"


def test_it_is_told_only_after_its_answer(fold):
    found = raised(fold)
    with pytest.raises(ContactsError, match="first what was done"):
        tell_raiser(follow_up=found, told_on=make.TODAY, by=fold.senco)


def test_owner_and_day_change_beside_somebody_else(signed_in, fold):
    found = raised(fold)
    url = reverse("contacts:followup_edit", args=[found.ref])
    form = signed_in.get(url).context["form"]
    seen = form.fields["seen"].initial
    found.text = "He dreads the bus home"
    found.save()

    stale = {"text": "He dreads the bus", "owner": fold.senco.ref, "due_on": "13/11/2026"}
    assert signed_in.post(url, {**stale, "seen": seen}).status_code == 302
    found.refresh_from_db()
    assert (found.text, found.owner, found.due_on) == (
        "He dreads the bus home",
        fold.senco,
        date(2026, 11, 13),
    )
    clash = signed_in.post(url, {**stale, "owner": fold.teacher.ref, "seen": seen})
    assert f"Changed meanwhile by somebody else: “{fold.senco}”" in clash.content.decode()


def test_withdrawn_is_gone_and_can_be_put_back(signed_in, fold):
    found = raised(fold)
    url = reverse("contacts:followup_withdrawal", args=[found.ref])
    page = signed_in.post(url, follow=True)
    assert rows(page) == []
    undo = re.search(r'action="(/undo/[^"]+)"', page.content.decode())[1]
    signed_in.post(undo)
    assert rows(signed_in.get(LIST)) == [("He dreads the bus", "Today")]


def test_both_sorts_are_one_list_the_most_overdue_first(signed_in, fold):
    held = make.SessionFactory(student=fold.student)
    for text, day in (("Ring the club", date(2026, 11, 9)), ("No day", None)):
        SessionAction(keywork_session=held, text=text, due_on=day, owner=fold.key_worker).save()
    raised(fold, "Late", date(2026, 11, 6))
    raised(fold, "Coming", date(2026, 11, 17))
    raised(fold, "Not mine", owner=fold.senco, by=fold.senco)

    assert rows(signed_in.get(LIST)) == [
        ("Late", "Was for Fri 6 Nov"),
        ("Ring the club", "Was for Mon 9 Nov"),
        ("Coming", "Tue 17 Nov"),
        ("No day", ""),
    ]
    assert ("Not mine", "Today") in rows(signed_in.get(LIST, {"show": "students"}))
    today = words(signed_in.get("/today/"))
    assert today.index("Late Jayden Thorne") < today.index("Ring the club Jayden Thorne")


def test_who_wrote_it_down_sees_what_became_of_it(client, fold):
    found = raised(fold, by=fold.teacher, raised_by="staff", raiser_name="")
    client.force_login(fold.teacher)
    assert rows(client.get(LIST)) == []
    assert rows(client.get(LIST, {"show": "raised"})) == [("He dreads the bus", "Today")]
    answer_follow_up(follow_up=found, answer="Done", by=fold.key_worker, now=make.NOW)
    assert rows(client.get(LIST, {"show": "raised"})) == [("He dreads the bus", "Answered")]


@pytest.mark.parametrize("show", ["mine", "students", "raised", "done"])
def test_as_many_queries_for_one_row_as_for_three(
    signed_in, fold, django_assert_max_num_queries, show
):
    held = make.SessionFactory(student=fold.student)

    def add(number):
        found = raised(fold, f"Number {number}")
        action = SessionAction(keywork_session=held, text=f"{number}", owner=fold.key_worker)
        if show == "done":
            answer_follow_up(follow_up=found, answer="x", by=fold.key_worker, now=make.NOW)
            tell_raiser(follow_up=found, told_on=make.TODAY, by=fold.key_worker)
            action.done_at, action.done_by = make.NOW - timedelta(days=1), fold.senco
        action.save()

    url = f"{LIST}?show={show}"
    add(1)
    one = queries_of(signed_in, url, django_assert_max_num_queries)
    add(2)
    add(3)
    assert queries_of(signed_in, url, django_assert_max_num_queries) == one
    assert one <= 15
