from datetime import timedelta

import pytest
import time_machine
from django.core import signing

from keywork.undo import SALT, UndoError, read_token, undo_url
from sessions.models import SessionAction
from sessions.services.planning import cancel_session, plan_session
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _thursday():
    with time_machine.travel(make.NOW, tick=False):
        yield


@pytest.fixture
def school():
    return make.make_school()


@pytest.fixture
def key_worker(school):
    return make.make_staff(school, "key_worker")


@pytest.fixture
def student(school, key_worker):
    kit = make.StudentFactory(school=school)
    make.assign(kit, key_worker)
    return kit


@pytest.fixture
def action(student, key_worker):
    done = SessionAction(
        keywork_session=make.SessionFactory(student=student),
        text="Ring the club",
        owner=key_worker,
        done_at=make.NOW,
        done_by=key_worker,
    )
    done.save()
    return done


@pytest.fixture
def url(action, key_worker):
    return undo_url("tick", action, by=key_worker, now=make.NOW)


@pytest.fixture
def signed_in(client, key_worker):
    client.force_login(key_worker)
    return client


def is_done(action):
    action.refresh_from_db()
    return action.done_at is not None


def said(response):
    return [str(message) for message in response.context["messages"]]


def test_an_act_is_undone_and_one_is_back_where_one_was(signed_in, action, url):
    response = signed_in.post(url, HTTP_REFERER="http://testserver/followups/?page=2")

    assert response["Location"] == "http://testserver/followups/?page=2"
    assert not is_done(action)


@pytest.mark.parametrize("referer", ["", "https://evil.example/", "http://testserver/undo/x/"])
def test_where_one_came_from_is_followed_only_within_the_site(signed_in, url, referer):
    address = referer.replace("/undo/x/", url)

    assert signed_in.post(url, HTTP_REFERER=address)["Location"] == "/today/"


def test_a_plain_visit_asks_first(signed_in, action, url):
    response = signed_in.get(url)

    assert "Undo this?" in response.content.decode()
    assert is_done(action)


def test_signed_out_one_signs_in_first(client, action, url):
    assert client.post(url)["Location"].startswith("/account/login/?next=/undo/")
    assert is_done(action)


@pytest.mark.parametrize(("seconds", "undone"), [(600, True), (601, False)])
def test_ten_minutes_are_the_limit(signed_in, action, url, seconds, undone):
    with time_machine.travel(make.NOW + timedelta(seconds=seconds), tick=False):
        response = signed_in.post(url, follow=True)

    assert is_done(action) is not undone
    expected = (
        "Undone. Still to do."
        if undone
        else "Ten minutes have passed, so this can no longer be undone"
    )
    assert said(response) == [expected]


def test_nobody_undoes_what_somebody_else_did(client, school, action, url):
    client.force_login(make.make_staff(school, "senco"))

    assert said(client.post(url, follow=True)) == ["Only the person who did this can undo it"]
    assert is_done(action)


@pytest.mark.parametrize(
    "token",
    [
        "nonsense",
        signing.dumps(["tick", "x", 1, 0.0], salt="another"),
        signing.dumps(["tick"], salt=SALT),
    ],
    ids=["nonsense", "another salt", "too short"],
)
def test_an_altered_address_undoes_nothing(signed_in, action, token):
    assert said(signed_in.post(f"/undo/{token}/", follow=True)) == ["This cannot be undone"]
    assert is_done(action)


def test_an_unknown_kind_or_record_is_missing(signed_in, action, key_worker):
    unknown = undo_url("call", action, by=key_worker, now=make.NOW)
    action.ref = "0000000000"
    gone = undo_url("tick", action, by=key_worker, now=make.NOW)

    assert (signed_in.post(unknown).status_code, signed_in.post(gone).status_code) == (404, 404)


def test_what_went_out_of_sight_meanwhile_is_missing(signed_in, student, key_worker):
    planned = plan_session(
        student=student,
        key_worker=key_worker,
        held_on=make.TODAY,
        starts_at=None,
        minutes=20,
        venue="",
        focus="",
        by=key_worker,
        now=make.NOW,
    )
    cancelled = cancel_session(keywork_session=planned, reason="Trip", by=key_worker, now=make.NOW)
    assignment = student.assignments.get()
    assignment.end = make.TODAY - timedelta(days=1)
    assignment.save()

    url = undo_url("cancellation", cancelled, by=key_worker, now=make.NOW)

    assert signed_in.post(url).status_code == 404
    cancelled.refresh_from_db()
    assert cancelled.withdrawn_at == make.NOW


def test_a_refusal_of_the_service_is_said(signed_in, student, key_worker):
    plan = {"held_on": make.TODAY, "starts_at": None, "minutes": 20, "venue": "", "focus": ""}
    who = {"student": student, "key_worker": key_worker, "by": key_worker, "now": make.NOW}
    cancelled = cancel_session(
        keywork_session=plan_session(**plan, **who), reason="x", by=key_worker, now=make.NOW
    )
    plan_session(**plan, **who)
    url = undo_url("cancellation", cancelled, by=key_worker, now=make.NOW)

    (message,) = said(signed_in.post(url, follow=True))

    assert message.startswith("There is a session with Kit")


def test_a_token_says_what_to_undo(action, url, key_worker):
    token = url.split("/")[2]

    found = read_token(token, by=key_worker, now=make.NOW)

    assert (found.kind, found.ref) == ("tick", action.ref)
    with pytest.raises(UndoError):
        read_token(token + "x", by=key_worker, now=make.NOW)
