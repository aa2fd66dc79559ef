"""Notices, the outbox page, and declining a message by the link in it."""

import re
from datetime import time, timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from keywork import clock
from keywork.models import Heartbeat, OutboxMessage, School
from keywork.outbox import NewMessage, queue, send_waiting
from tests import factories as make

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def school():
    return make.make_school()


@pytest.fixture
def pat(school):
    return make.make_staff(school, "key_worker", username="pat", first_name="Pat", last_name="Low")


def tell(user, school, title="2 things for today", **more):
    now = clock.now()
    day = now.date()
    data = {"on": day.isoformat(), "lines": ["Session: 2 due today"]}
    message = {"kind": "digest", "due_on": day, "title": title, "path": "/today/", "data": data}
    queue(NewMessage(user=user, school=school, **{**message, **more}), now=now)
    return OutboxMessage.objects.order_by("-pk")[0]


# --- notices -----------------------------------------------------------------


def test_notices_show_what_one_was_told_oneself_and_mark_it_read(client, school, pat):
    mine = tell(pat, school)
    tell(make.make_staff(school, "key_worker"), school, "9 things for somebody else")
    tell(pat, make.make_school("Elsewhere", "999102"), "of another school", about="x")
    client.force_login(pat)
    page = client.get("/notices/").content.decode()
    assert "2 things for today" in page
    assert "Session: 2 due today" in page
    assert "somebody else" not in page
    assert "of another school" not in page
    assert "1 new" in page
    assert client.post(f"/notices/{mine.ref}/read/")["Location"] == "/today/"
    assert "1 new" not in client.get("/notices/").content.decode()


def test_delayed_emails_are_said(client, school, pat):
    client.force_login(pat)
    now = clock.now()
    beat = Heartbeat.objects.create(name="beat", at=now)
    server = Heartbeat.objects.create(name="mail", at=now)
    assert "delayed" not in client.get("/notices/").content.decode()
    server.failing_since = now
    server.save()
    assert "E-mails are delayed since" in client.get("/notices/").content.decode()
    server.failing_since, beat.at = None, now - timedelta(minutes=6)
    server.save()
    beat.save()
    assert "E-mails are delayed since" in client.get("/notices/").content.decode()


def test_all_can_be_marked_read_ones_own_alone(client, school, pat):
    other = make.make_staff(school, "key_worker")
    theirs = tell(other, school)
    tell(pat, school)
    client.force_login(pat)
    client.post("/notices/read/")
    assert OutboxMessage.objects.filter(read_at=None).get() == theirs
    assert client.post(f"/notices/{theirs.ref}/read/").status_code == 404
    assert client.get("/notices/read/").status_code == 405


def test_what_is_about_accounts_is_no_notice(client, school, pat):
    tell(pat, school, "Choose a new password", kind="password_reset")
    client.force_login(pat)
    assert "You were told nothing in the last 30 days." in client.get("/notices/").content.decode()


def test_as_many_queries_for_three_notices_as_for_one(client, school, pat):
    client.force_login(pat)
    counted = []
    for number in range(3):
        tell(pat, school, about=str(number))
        if number == 1:
            continue
        client.get("/notices/")  # the session is renewed once a minute
        with CaptureQueriesContext(connection) as queries:
            client.get("/notices/")
        counted.append(len(queries))
    assert counted[0] == counted[1] <= 15


# --- a person's choices -----------------------------------------------------------


def test_people_choose_how_and_when_and_what(client, school, pat):
    client.force_login(pat)
    values = {"digest": "False", "digest_at": "12:00", "wanted": ["duty"], "theme": ""}
    assert client.post("/me/", values).status_code == 302
    pat.refresh_from_db()
    assert (pat.digest, pat.digest_at) == (False, time(12))
    assert set(pat.declined_messages) == {"digest", "milestones"}
    page = client.get("/me/").content.decode()
    assert re.search(r'value="12:00" selected', page)
    assert client.post("/me/", {**values, "digest_at": "03:00"}).status_code == 200


def test_an_hour_or_kind_that_does_not_exist_is_refused(client, school, pat):
    client.force_login(pat)
    for wrong in ({"digest_at": "23:00"}, {"wanted": ["nudge"]}, {"digest": "maybe"}):
        values = {"digest": "True", "digest_at": "08:05", "theme": "", **wrong}
        assert "thing to fix" in client.post("/me/", values).content.decode()


# --- the link in an e-mail ----------------------------------------------------------


def link_in_mail(user, school):
    tell(user, school)
    send_waiting(clock=clock.now, at_any_hour=True)
    [email] = mail.outbox
    address = email.extra_headers["List-Unsubscribe"].strip("<>")
    assert email.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert address in email.body
    assert address.startswith("http://localhost:8000/unsubscribe/")
    return address.removeprefix("http://localhost:8000")


def test_an_optional_message_is_declined_without_signing_in(client, school, pat):
    link = link_in_mail(pat, school)
    page = client.get(link).content.decode()
    assert "What is due, once a day" in page
    assert "Low" not in page
    pat.refresh_from_db()
    assert pat.declined_messages == []  # looking changes nothing: mail scanners look too
    # As a mail program's button does it: no cookie, no token of a form.
    client.handler.enforce_csrf_checks = True
    answer = client.post(link, {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    client.post(link)
    pat.refresh_from_db()
    assert pat.declined_messages == ["digest"]
    assert pat.history.filter(history_change_reason__contains="link in an e-mail").count() == 1


def test_an_altered_link_is_explained(client, school, pat):
    link = link_in_mail(pat, school)
    for wrong in (link[:-3] + "/", "/unsubscribe/nonsense/"):
        answer = client.post(wrong)
        assert answer.status_code == 404
        assert "This link does not work" in answer.content.decode()


def test_what_always_comes_cannot_be_declined(school, pat):
    tell(pat, school, kind="nudge")
    send_waiting(clock=clock.now, at_any_hour=True)
    assert "List-Unsubscribe" not in mail.outbox[0].extra_headers


# --- the outbox page ------------------------------------------------------------------


@pytest.fixture
def office(client, school):
    client.force_login(make.make_staff(school, "admin"))
    return client


def given_up(user, school, **more):
    row = tell(user, school, **more)
    OutboxMessage.objects.filter(pk=row.pk).update(
        state="given_up", last_error="The mail server refused (550)."
    )
    return row


def test_admins_see_queue_failures_and_what_sends_and_send_again(office, school, pat):
    tell(pat, school, about="waits")
    row = given_up(pat, school)
    now = clock.now()
    Heartbeat.objects.create(name="beat", at=now - timedelta(hours=2))
    Heartbeat.objects.create(name="worker celery@here", at=now)
    Heartbeat.objects.create(
        name="mail", at=now, failing_since=now, note="The mail server cannot be reached."
    )
    page = office.get("/settings/messages/").content.decode()
    for said in (
        "Pat Low",
        "The mail server refused (550).",
        "The clock (beat)",
        "Not seen for more than five minutes.",
        "Worker celery@here",
        "The mail server cannot be reached.",
    ):
        assert said in page
    answer = office.post(f"/settings/messages/{row.ref}/again/", follow=True)
    assert "It is in the queue again." in answer.content.decode()
    row.refresh_from_db()
    assert (row.state, row.last_error) == ("queued", "")


def test_all_of_the_week_can_be_sent_again_none_of_another_school(office, school, pat):
    rows = [given_up(pat, school, about=str(number)) for number in range(3)]
    OutboxMessage.objects.filter(pk=rows[0].pk).update(queued_at=clock.now() - timedelta(days=8))
    elsewhere = make.make_school("Elsewhere", "999102")
    theirs = given_up(make.make_staff(elsewhere, "key_worker"), elsewhere)
    answer = office.post("/settings/messages/again/", follow=True)
    assert "2 in the queue again." in answer.content.decode()
    theirs.refresh_from_db()
    assert theirs.state == "given_up"
    assert office.post(f"/settings/messages/{theirs.ref}/again/").status_code == 404
    assert office.post("/settings/messages/zzzzzzzzzz/again/").status_code == 404


@pytest.mark.parametrize("role", ["key_worker", "senco", "head", "slt", "teacher"])
def test_it_is_for_admins_alone(client, school, role):
    client.force_login(make.make_staff(school, role))
    assert client.get("/settings/messages/").status_code == 403
    assert client.post("/settings/messages/again/").status_code == 403


def test_the_hours_are_set_with_history(office, school):
    values = {"messages_from": "09:00", "messages_until": "15:30", "escalate_after": "5"}
    assert office.post("/settings/messages/", values).status_code == 302
    school = School.objects.get(pk=school.pk)
    kept = (school.messages_from, school.messages_until, school.escalate_after)
    assert kept == (time(9), time(15, 30), 5)
    assert school.history.latest().history_user is not None


@pytest.mark.parametrize(
    "wrong", [{"messages_from": "07:00"}, {"messages_until": "18:00"}, {"escalate_after": "0"}]
)
def test_no_hour_outside_the_working_day(office, school, wrong):
    values = {"messages_from": "08:00", "messages_until": "16:00", "escalate_after": "3", **wrong}
    answer = office.post("/settings/messages/", values)
    assert "There is 1 thing to fix" in answer.content.decode()


def test_as_many_queries_for_three_failures_as_for_one(office, school):
    counted = []
    for number in range(3):
        given_up(make.make_staff(school, "key_worker"), school)
        if number == 1:
            continue
        office.get("/settings/messages/")
        with CaptureQueriesContext(connection) as queries:
            office.get("/settings/messages/")
        counted.append(len(queries))
    assert counted[0] == counted[1] <= 15


HOURS = {"messages_from": "08:00", "messages_until": "16:00", "escalate_after": "3"}


def test_the_window_of_calls_is_set_and_taken_away_again_with_history(office, school):
    assert school.call_window is None
    set_to = {**HOURS, "calls_from": "15.15", "calls_until": "5pm"}
    assert office.post("/settings/messages/", set_to).status_code == 302
    school = School.objects.get(pk=school.pk)
    assert school.call_window == (time(15, 15), time(17))
    assert school.history.latest().calls_from == time(15, 15)
    assert 'value="15:15"' in office.get("/settings/messages/").content.decode()
    office.post("/settings/messages/", HOURS)
    assert School.objects.get(pk=school.pk).call_window is None


@pytest.mark.parametrize(
    ("first", "last", "told"),
    [
        ("15:15", "15:15", "Enter a time after 15:15"),
        ("17:00", "15:15", "Enter a time after 17:00"),
        ("15:15", "", "Enter both times, or leave both empty"),
        ("", "17:00", "Enter both times, or leave both empty"),
        ("afternoon", "17:00", "Enter a time, like 15:15"),
    ],
)
def test_a_window_of_calls_has_a_beginning_and_a_later_end(office, school, first, last, told):
    answer = office.post(
        "/settings/messages/", {**HOURS, "calls_from": first, "calls_until": last}
    )
    html = answer.content.decode()
    assert "There is 1 thing to fix" in html
    assert told in html
    assert School.objects.get(pk=school.pk).call_window is None
