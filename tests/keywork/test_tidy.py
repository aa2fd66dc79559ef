"""The nightly tidy-up removes what is stale, and runs twice with one effect."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.sessions.models import Session

from keywork.home.tasks import tidy_up as tidy_up_task
from keywork.models import Draft, OutboxMessage, ParkedForm
from keywork.outbox import NewMessage, queue
from keywork.tidy import DRAFT_KEPT_DAYS, Tidied, as_text, tidy_up
from tests.factories import NOW, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def leavings():
    """One stale and one fresh row of each kind."""
    owner = UserFactory()
    for name, age in (("stale", DRAFT_KEPT_DAYS + 1), ("fresh", DRAFT_KEPT_DAYS - 1)):
        then = NOW - timedelta(days=age)
        Draft.objects.create(owner=owner, key=name, title=name, url="/", updated_at=then)
    for name, ahead in (("stale", 0), ("fresh", 1)):
        end = NOW + timedelta(minutes=ahead)
        ParkedForm.objects.create(token=name, owner=owner, path="/", body=b"", expires_at=end)
        Session.objects.create(session_key=name, session_data="", expire_date=end)
    for about, days in (("stale", 101), ("fresh", 99), ("waits", 101)):
        then = NOW - timedelta(days=days)
        day = then.date()
        message = NewMessage(
            kind="password_reset", user=owner, about=about, title=about, due_on=day
        )
        queue(message, now=then)
    OutboxMessage.objects.exclude(about="waits").update(state="sent", sent_at=NOW)


def test_stale_rows_go_and_fresh_ones_stay(leavings):
    assert tidy_up(now=NOW) == Tidied(drafts=1, parked_forms=1, sign_ins=1, messages=1)
    assert [draft.key for draft in Draft.objects.all()] == ["fresh"]
    assert [form.token for form in ParkedForm.objects.all()] == ["fresh"]
    assert {row.about for row in OutboxMessage.objects.all()} == {"fresh", "waits"}
    assert [session.session_key for session in Session.objects.all()] == ["fresh"]


def test_a_second_run_removes_nothing(leavings):
    tidy_up(now=NOW)
    assert tidy_up(now=NOW) == Tidied(drafts=0, parked_forms=0, sign_ins=0, messages=0)


def test_the_log_line_holds_counts_alone():
    assert as_text(Tidied(1, 2, 3, 4)) == "drafts 1, parked_forms 2, sign_ins 3, messages 4"


@time_machine.travel(NOW, tick=False)
def test_the_task_delegates(leavings, caplog):
    caplog.set_level("INFO")
    tidy_up_task()
    assert "tidied up: drafts 1, parked_forms 1" in caplog.text
