import re
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from sessions.models import SessionAction
from tests import factories as make
from tests.sessions.fold import asks_to_sign_in, make_fold, queries_of, statuses

pytestmark = pytest.mark.django_db

PAGE = "/followups/"


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


def agree(fold, text, due_on=None, **more):
    student = more.pop("student", fold.student)
    held = make.SessionFactory(student=student, held_on=date(2026, 11, 3))
    values = {"owner": fold.key_worker, **more}
    action = SessionAction(keywork_session=held, text=text, due_on=due_on, **values)
    action.save()
    return action


def listed(response):
    return [(row.text, row.chip) for row in response.context["rows"]]


def test_who_has_follow_ups(client, fold):
    system_admin = make.make_staff(fold.school, "system_admin")
    found = statuses(client, fold, PAGE)
    client.force_login(system_admin)

    assert set(found.values()) == {200}
    assert client.get(PAGE).status_code == 403
    assert asks_to_sign_in(client, PAGE)


def test_ones_own_are_listed_the_most_overdue_first(signed_in, fold):
    agree(fold, "No date")
    agree(fold, "Coming", date(2026, 11, 17))
    agree(fold, "Today", make.TODAY)
    agree(fold, "Late", date(2026, 11, 9))
    agree(fold, "Later still", date(2026, 11, 6))
    agree(fold, "Not mine", make.TODAY, owner=fold.senco)
    agree(fold, "Done", make.TODAY, done_at=make.NOW, done_by=fold.key_worker)
    withdrawn = agree(fold, "Of a cancelled session").keywork_session
    withdrawn.withdrawn_at, withdrawn.withdrawn_by = make.NOW, fold.key_worker
    withdrawn.save()

    assert listed(signed_in.get(PAGE)) == [
        ("Later still", "Was for Fri 6 Nov"),
        ("Late", "Was for Mon 9 Nov"),
        ("Today", "Today"),
        ("Coming", "Tue 17 Nov"),
        ("No date", ""),
    ]


def test_those_of_ones_students_and_those_done_lately(signed_in, fold):
    agree(fold, "Senco rings", owner=fold.senco)
    agree(fold, "Mum packs a card", owner=None, owner_name="Mum")
    agree(fold, "Elsewhere", owner=fold.stranger, student=fold.foreign)
    agree(fold, "Done", done_at=make.NOW - timedelta(days=13), done_by=fold.senco)
    agree(fold, "Long done", done_at=make.NOW - timedelta(days=15), done_by=fold.senco)

    students = signed_in.get(PAGE, {"show": "students"})
    assert listed(students) == [("Senco rings", ""), ("Mum packs a card", "")]
    assert "session of 3 Nov 2026 · Mum" in words(students)
    done = signed_in.get(PAGE, {"show": "done"})
    assert listed(done) == [("Done", "Done 30 Oct")]
    assert "ticked off by Pat Person" in words(done)
    assert "Nothing to follow up." in words(signed_in.get(PAGE, {"show": "nonsense"}))


def test_an_owner_who_may_not_read_the_session_gets_no_link_to_it(client, fold):
    action = agree(fold, "Move his seat", owner=fold.teacher)
    client.force_login(fold.teacher)

    response = client.get(PAGE)

    assert listed(response) == [("Move his seat", "")]
    assert action.keywork_session.ref not in response.content.decode()


def test_who_left_a_school_finds_nothing_of_it_among_their_own(client, fold):
    """At another school now: the student's name and what was agreed stay where they were."""
    record = fold.colleague.staff_records.get()
    record.ends_on = make.TODAY - timedelta(days=1)
    record.save()
    make.add_roles(fold.colleague, fold.foreign.school, "key_worker")
    left = agree(fold, "Ring his mum", owner=fold.colleague)
    done = {"done_at": make.NOW, "done_by": fold.colleague}
    agree(fold, "Rang his mum", owner=fold.colleague, **done)
    here = {"owner": fold.colleague, "student": fold.foreign}
    agree(fold, "Here", **here)
    agree(fold, "Here, done", **here, **done)
    client.force_login(fold.colleague)

    assert listed(client.get(PAGE)) == [("Here", "")]
    assert listed(client.get(PAGE, {"show": "done"})) == [("Here, done", "Done 12 Nov")]
    url = reverse("sessions:followup_done", args=[left.ref])
    assert client.post(url).status_code == 404


def test_the_day_of_a_tick_is_the_day_by_the_clock_on_the_wall(client, fold):
    half_past_midnight = datetime(2026, 10, 19, 23, 30, tzinfo=UTC)  # summer time
    agree(fold, "Ring", done_at=half_past_midnight, done_by=fold.key_worker)
    with time_machine.travel(datetime(2026, 10, 20, 10, 0, tzinfo=UTC), tick=False):
        client.force_login(fold.key_worker)
        assert listed(client.get(PAGE, {"show": "done"})) == [("Ring", "Done 20 Oct")]


def test_a_tick_takes_one_tap_and_can_be_undone(signed_in, fold):
    action = agree(fold, "Ring the club")

    response = signed_in.post(reverse("sessions:followup_done", args=[action.ref]), follow=True)

    action.refresh_from_db()
    assert (action.done_at, action.done_by) == (make.NOW, fold.key_worker)
    assert response.redirect_chain == [(PAGE, 302)]
    assert "Done: Ring the club Undo" in words(response)
    undo = re.search(r'action="(/undo/[^"]+)"', response.content.decode())[1]
    signed_in.post(undo)
    action.refresh_from_db()
    assert action.done_at is None


def test_a_tick_leads_back_to_the_page_it_was_made_on_but_never_elsewhere(signed_in, fold):
    url = reverse("sessions:followup_done", args=[agree(fold, "Ring").ref])

    assert signed_in.post(url, {"next": "/followups/?show=students"})["Location"] == (
        "/followups/?show=students"
    )
    for elsewhere in ("https://evil.example/", "//evil.example", "javascript:alert(1)", "foo"):
        assert signed_in.post(url, {"next": elsewhere})["Location"] == PAGE


def test_who_ticks(client, fold):
    def tick(name, **more):
        action = agree(fold, "Ring", **more)
        client.force_login(getattr(fold, name))
        return client.post(reverse("sessions:followup_done", args=[action.ref])).status_code

    assert {
        "the student's key worker": tick("key_worker", owner=fold.senco),
        "its owner": tick("teacher", owner=fold.teacher),
        "who reads but holds no sessions": tick("moderator"),
        "who knows the student by name": tick("colleague"),
        "a stranger": tick("stranger"),
    } == {
        "the student's key worker": 302,
        "its owner": 302,
        "who reads but holds no sessions": 403,
        "who knows the student by name": 404,
        "a stranger": 404,
    }


def test_a_tick_is_only_posted(signed_in, fold):
    url = reverse("sessions:followup_done", args=[agree(fold, "Ring").ref])

    assert signed_in.get(url).status_code == 405


def test_follow_ups_are_paged(signed_in, fold):
    for number in range(31):
        agree(fold, f"Number {number}", date(2026, 11, 1) + timedelta(days=number))

    second = signed_in.get(PAGE, {"page": 2})

    assert listed(second) == [("Number 30", "Tue 1 Dec")]
    assert "Page 2 of 2, 31 in all" in words(second)


@pytest.mark.parametrize("show", ["mine", "students", "done"])
def test_the_list_takes_as_many_queries_for_one_row_as_for_three(
    signed_in, fold, django_assert_max_num_queries, show
):
    ticked = {"done_at": make.NOW, "done_by": fold.senco} if show == "done" else {}
    url = f"{PAGE}?show={show}"
    agree(fold, "One", **ticked)
    one = queries_of(signed_in, url, django_assert_max_num_queries)
    agree(fold, "Two", **ticked)
    agree(fold, "Three", **ticked)

    assert queries_of(signed_in, url, django_assert_max_num_queries) == one
    assert one <= 15
