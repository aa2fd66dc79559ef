"""The outbox: each message once, tried again, given up where everybody who may can see it."""

import smtplib
import socket
from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, transaction

from keywork.models import Heartbeat, OutboxMessage
from keywork.outbox import LEASE, kinds, queue, queue_all, register, send_again, send_waiting
from keywork.outbox.kinds import _kinds
from keywork.outbox.sending import in_words
from tests.factories import make_school, make_staff
from tests.keywork.outboxes import KIND, MORNING, at, kind, new_message

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture(autouse=True)
def reminder_kind():
    register(kind())
    yield
    _kinds.pop(KIND, None)


@pytest.fixture
def school():
    return make_school()


@pytest.fixture
def pat(school):
    return make_staff(school, "key_worker", username="pat", email="pat@fold.example.org")


def only():
    return OutboxMessage.objects.get()


def test_a_message_is_queued_once_and_sent_once(school, pat):
    message = new_message(pat, school)
    assert queue(message, now=MORNING)
    assert not queue(message, now=MORNING)
    assert send_waiting(clock=at()).sent == 1
    assert send_waiting(clock=at(minutes=1)).sent == 0
    [sent] = mail.outbox
    assert (sent.to, sent.subject) == (["pat@fold.example.org"], "2 things for today")
    assert only().state == "sent"
    assert only().sent_at == MORNING


def test_what_makes_a_message_another_one(school, pat):
    other = make_staff(school, "key_worker")
    messages = [
        new_message(pat, school),
        new_message(pat, school, about="x"),
        new_message(other, school),
        new_message(pat, school, due_on=MORNING.date() + timedelta(days=1)),
        new_message(pat, school, address="old@fold.example.org"),
    ]
    assert queue_all([*messages, *messages], now=MORNING) == len(messages)
    assert queue_all(messages, now=MORNING) == 0


def test_the_database_itself_refuses_the_second(school, pat):
    queue(new_message(pat, school), now=MORNING)
    row = only()
    row.pk, row.ref = None, "0123456789"
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


def test_a_message_carries_both_forms_and_a_stable_id(school, pat, smtp_server):
    queue(new_message(pat, school, data={"n": 3}, path="/today/"), now=MORNING)
    send_waiting(clock=at())
    OutboxMessage.objects.update(state="queued", sent_at=None)
    send_waiting(clock=at())
    first, again = smtp_server.messages
    assert first["Message-ID"] == again["Message-ID"] == f"<{KIND}.{only().ref}@localhost>"
    text, html = first.get_body(["plain"]).get_content(), first.get_body(["html"]).get_content()
    for body in (text, html):
        assert "3 things" in body
        assert "http://localhost:8000/today/" in body
    assert "<h1>" in html
    assert first["List-Unsubscribe"] is None
    assert first["Auto-Submitted"] == "auto-generated"


def test_nothing_goes_out_outside_school_hours_unless_it_may(school, pat):
    queue(new_message(pat, school), now=MORNING)
    for hour in (7, 16, 22):
        night = datetime(2026, 11, 12, hour, tzinfo=UTC)
        assert send_waiting(clock=lambda night=night: night).sent == 0
    register(kind(any_time=True))
    assert send_waiting(clock=at(hours=-2)).sent == 0  # its turn had not come at seven
    assert send_waiting(clock=at(hours=7)).sent == 1


def test_by_hand_it_goes_out_at_any_hour(school, pat):
    queue(new_message(pat, school), now=MORNING)
    assert send_waiting(clock=at(hours=10), at_any_hour=True).sent == 1


def test_what_is_withdrawn_before_its_turn_is_not_sent(school, pat):
    queue(new_message(pat, school, data={"withdrawn": True}), now=MORNING)
    assert send_waiting(clock=at()).not_needed == 1
    assert (only().state, mail.outbox) == ("not_needed", [])


def test_somebody_without_an_address_is_a_failure_that_shows(school):
    nobody = make_staff(school, "key_worker", email="")
    queue(new_message(nobody, school), now=MORNING)
    assert (only().state, only().last_error) == ("given_up", "No e-mail address is recorded.")


def test_an_address_taken_away_before_its_turn_is_one_too(school, pat):
    queue(new_message(pat, school), now=MORNING)
    pat.email = ""
    pat.save()
    assert send_waiting(clock=at()).given_up == 1
    assert only().state == "given_up"


def test_who_declined_an_optional_kind_is_told_in_keywork_alone(school, pat):
    register(kind(optional=True))
    pat.declined_messages = [KIND]
    pat.save()
    queue(new_message(pat, school), now=MORNING)
    assert only().state == "notice"
    register(kind())
    queue(new_message(pat, school, about="not optional"), now=MORNING)
    assert OutboxMessage.objects.get(about="not optional").state == "queued"


def test_a_message_needs_somebody_and_a_school(school, pat):
    with pytest.raises(ValueError, match="a user or an address"):
        queue(new_message(None, school), now=MORNING)
    with pytest.raises(ValueError, match="needs a school"):
        queue(new_message(pat, None), now=MORNING)
    with pytest.raises(KeyError):
        queue(new_message(pat, school, kind="unknown"), now=MORNING)


# --- what a mail server can do ------------------------------------------------


class Refusing:
    """A mailbox that answers as it is told, then keeps what comes."""

    def __init__(self, mailbox, *answers):
        self.mailbox, self.answers = mailbox, list(answers)
        self.original = mailbox.handle_DATA
        mailbox.handle_DATA = self.handle_DATA

    async def handle_DATA(self, server, session, envelope):  # noqa: N802  (aiosmtpd's name)
        if not self.answers:
            return await self.original(server, session, envelope)
        answer = self.answers.pop(0)
        if answer == "drop":
            server.transport.abort()
            return "421 gone"
        return answer


@pytest.mark.parametrize("answer", ["451 later", "554 no", "421 closing", "drop"])
def test_a_refusal_is_tried_again_after_growing_pauses(school, pat, smtp_server, answer):
    Refusing(smtp_server, answer, answer)
    queue(new_message(pat, school), now=MORNING)
    assert send_waiting(clock=at()).failed == 1
    assert (only().state, only().next_try_at) == ("failed", MORNING + timedelta(minutes=1))
    assert send_waiting(clock=at(seconds=59)).failed == 0
    assert send_waiting(clock=at(minutes=1)).failed == 1
    assert only().next_try_at == MORNING + timedelta(minutes=1 + 2)
    assert send_waiting(clock=at(minutes=3)).sent == 1
    assert len(smtp_server.messages) == 1


def test_a_refused_message_holds_up_no_other(school, smtp_server):
    Refusing(smtp_server, "554 no")
    staff = [make_staff(school, "key_worker") for _ in range(3)]
    queue_all([new_message(one, school) for one in staff], now=MORNING)
    outcome = send_waiting(clock=at())
    assert (outcome.failed, outcome.sent) == (1, 2)


def test_a_mail_server_that_is_down_costs_one_try_and_is_noted(school, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    staff = [make_staff(school, "key_worker") for _ in range(3)]
    queue_all([new_message(one, school) for one in staff], now=MORNING)
    outcome = send_waiting(clock=at())
    assert outcome.down.startswith("The mail server cannot be reached")
    assert OutboxMessage.objects.filter(state="queued", attempts=0).count() == 3
    assert Heartbeat.objects.get(name="mail").failing_since == MORNING
    send_waiting(clock=at(minutes=5))
    assert Heartbeat.objects.get(name="mail").failing_since == MORNING
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert send_waiting(clock=at(minutes=6)).sent == 3
    assert Heartbeat.objects.get(name="mail").failing_since is None


def test_a_mail_server_that_stalls_costs_its_patience_once_and_loses_nothing(school, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_TIMEOUT = 0.2
    staff = [make_staff(school, "key_worker") for _ in range(3)]
    queue_all([new_message(one, school) for one in staff], now=MORNING)
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes calls, never says a word
        settings.EMAIL_HOST, settings.EMAIL_PORT = silent.getsockname()
        outcome = send_waiting(clock=at())
    assert "did not answer in time" in outcome.down
    assert OutboxMessage.objects.filter(state="queued").count() == 3


def test_a_mail_server_that_keeps_breaking_off_is_left_alone(school, smtp_server):
    Refusing(smtp_server, *["drop"] * 10)
    staff = [make_staff(school, "key_worker") for _ in range(5)]
    queue_all([new_message(one, school) for one in staff], now=MORNING)
    outcome = send_waiting(clock=at())
    assert (outcome.failed, OutboxMessage.objects.filter(state="queued").count()) == (3, 2)
    assert outcome.down.startswith("The mail server breaks off")


def test_after_a_day_it_is_given_up_and_can_be_sent_again(school, pat, smtp_server):
    Refusing(smtp_server, "451 later")
    queue(new_message(pat, school), now=MORNING)
    send_waiting(clock=at())
    assert send_waiting(clock=at(days=1)).given_up == 1
    assert (only().state, only().last_error) == ("given_up", "The mail server refused (451).")
    assert send_again(only(), now=MORNING + timedelta(days=1))
    assert not send_again(only(), now=MORNING + timedelta(days=1))
    assert send_waiting(clock=at(days=1)).sent == 1


def test_what_never_got_a_try_says_so_when_given_up(school, pat):
    queue(new_message(pat, school), now=MORNING)
    send_waiting(clock=at(days=1, hours=1))
    assert only().last_error == "It could not be sent in time."


def test_one_in_flight_when_its_sender_stopped_is_taken_up_again_and_named(school, pat, caplog):
    queue(new_message(pat, school), now=MORNING)
    OutboxMessage.objects.update(state="claimed", lease_until=MORNING + LEASE, attempts=1)
    assert send_waiting(clock=at()).sent == 0
    caplog.set_level("INFO")
    assert send_waiting(clock=at(minutes=6)).sent == 1
    [line] = [one for one in caplog.messages if "taken up again" in one]
    assert only().ref in line


def test_who_loses_the_race_for_a_message_leaves_it(school, pat):
    """Another sender takes it between our look at the queue and our claim."""
    queue(new_message(pat, school), now=MORNING)
    plain = kind().contents

    def overtaken(rows, now):
        OutboxMessage.objects.update(state="sent", sent_at=MORNING, attempts=1)
        return plain(rows, now)

    register(kind(contents=overtaken))
    outcome = send_waiting(clock=at())
    assert (outcome.sent, outcome.failed, mail.outbox) == (0, 0, [])


def test_a_kind_that_fails_leaves_its_messages_for_later(school, pat, caplog):
    def broken(rows, now):
        raise RuntimeError("out of order")

    register(kind(contents=broken))
    queue(new_message(pat, school), now=MORNING)
    assert send_waiting(clock=at()).failed == 1
    register(kind())
    assert send_waiting(clock=at(minutes=1)).sent == 1


def test_queries_do_not_grow_but_by_the_two_of_each_message(
    school, django_assert_num_queries, django_assert_max_num_queries
):
    def queries(count):
        staff = [make_staff(school, "key_worker") for _ in range(count)]
        queue_all([new_message(one, school) for one in staff], now=MORNING)
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as counted:
            assert send_waiting(clock=at()).sent == count
        return len(counted)

    queries(1)  # notes that the mail server works
    one, three = queries(1), queries(3)
    assert three - one == 2 * 2


def test_errors_in_words_name_nobody():
    refused = smtplib.SMTPRecipientsRefused({"pat@x.org": (550, b"no such pat@x.org")})
    assert in_words(refused) == "The address was refused (550)."
    assert in_words(smtplib.SMTPDataError(552, b"pat")) == "The mail server refused (552)."
    assert in_words(TimeoutError()) == "The mail server did not answer in time."
    assert in_words(smtplib.SMTPServerDisconnected()).startswith("The connection was broken off")


def test_kinds_are_listed_by_label():
    labels = [one.label for one in kinds()]
    assert labels == sorted(labels)
