"""The command that does a day's reminders by hand."""

import json
from datetime import date
from io import StringIO

import pytest
from django.core import mail
from django.core.management import CommandError, call_command

from keywork.models import OutboxMessage
from tests.factories import StudentFactory, TargetFactory, assign, make_school, make_staff

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def school():
    return make_school()


@pytest.fixture(autouse=True)
def pat(school):
    pat = make_staff(school, "key_worker", username="pat")
    student = StudentFactory(school=school)
    assign(student, pat)
    TargetFactory(student=student, review_on=date(2026, 11, 12))
    return pat


def run(on="2026-11-12", **options):
    out = StringIO()
    call_command("send_reminders", on=on, stdout=out, **options)
    return out.getvalue()


def test_it_sends_the_days_reminders_and_a_second_run_nothing_more():
    answer = json.loads(run(format="json"))
    assert answer == {
        "on": "2026-11-12",
        "schools": [{"school": "999101", "school_day": True, "queued": {"digest": 1}}],
        "sent": 1,
        "failed": 0,
        "given_up": 0,
    }
    again = json.loads(run(format="json"))
    assert (again["schools"][0]["queued"], again["sent"]) == ({}, 0)
    assert len(mail.outbox) == 1


def test_in_words(school):
    make_school("Elsewhere", "999102")
    text = run()
    assert "Fold School (999101), 2026-11-12: digest 1\n" in text
    assert "Elsewhere (999102), 2026-11-12: nothing new\n" in text
    assert "Outbox: sent 1, failed 0" in text


def test_on_a_day_without_school_it_sends_nothing():
    assert "999101), 2026-11-14: not a school day" in run(on="2026-11-14")
    assert mail.outbox == []


def test_one_school_alone():
    other = make_school("Elsewhere", "999102")
    student = StudentFactory(school=other)
    assign(student, make_staff(other, "key_worker", username="robin"))
    TargetFactory(student=student, review_on=date(2026, 11, 12))
    run(school="999102")
    assert [one.to for one in mail.outbox] == [["robin@fold.example.org"]]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"on": "12/11/2026"}, "--on: write a date"),
        ({"school": "111111"}, "--school: there is no"),
    ],
)
def test_wrong_arguments_are_errors_and_change_nothing(options, said):
    with pytest.raises(CommandError, match=said):
        run(**options)
    assert not OutboxMessage.objects.exists()


def test_a_mail_server_that_is_down_is_an_error_and_nothing_is_lost(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    with pytest.raises(CommandError, match="cannot be reached.*What waits is sent later"):
        run()
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert "sent 1" in run()
