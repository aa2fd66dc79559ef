"""The weekly check-up on a phone-sized screen, without signing in; a link that is over."""

import re
from datetime import UTC, datetime

import pytest
from django.core import mail

from contacts.models import CheckupAnswer, FollowUp
from contacts.services.checkups import send_checkups
from keywork import clock
from keywork.outbox import send_waiting
from tests.contacts.checkups import MONDAY, make_fold, morning
from tests.guards.test_every_page import violations

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def letter(transactional_db):
    """Ann's e-mail of Monday: the school, and the path of the link in it."""
    fold = make_fold()
    send_checkups(school=fold.school, on=MONDAY, now=morning(MONDAY))
    send_waiting(clock=lambda: morning(MONDAY))
    found = next(each for each in mail.outbox if each.to == [fold.ann.email])
    return fold, re.search(r"/c/[^/\s]+/", found.body)[0]


def test_a_teacher_answers_on_the_phone_without_signing_in(letter, phone):
    fold, path = letter
    phone.goto(path)
    assert phone.get_by_role("button", name="All fine: nothing to flag about all 2").is_visible()

    phone.get_by_role("button", name="Nothing to flag about Mia H.").tap()
    phone.get_by_text("Saved. 1 still to answer.").wait_for()
    card = phone.get_by_role("listitem").filter(has_text="Zayn C.")
    card.get_by_text("Flag something").tap()
    card.get_by_role("button", name="Send flag").tap()
    phone.get_by_text("There is 1 thing to fix").wait_for()
    assert violations(phone) == []
    card.get_by_label("What needs action?").fill("Sleeps in lessons")
    card.get_by_role("button", name="Send flag").tap()

    phone.get_by_text("Thank you. All are answered.").wait_for()
    assert violations(phone) == []
    said = CheckupAnswer.objects.filter(teacher=fold.ann).order_by("answer")
    assert list(said.values_list("answer", "note")) == [
        ("fine", ""),
        ("flag", "Sleeps in lessons"),
    ]
    assert FollowUp.objects.get().owner == fold.priya


def test_a_link_that_is_over_says_what_to_do(letter, phone, monkeypatch):
    _, path = letter
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 11, 16, 9, tzinfo=UTC))
    phone.goto(path)
    assert phone.get_by_role("heading", name="This check-up is over").is_visible()
    assert phone.get_by_text("The link worked until Sunday 15 November.").is_visible()
    assert not phone.get_by_text("Zayn").is_visible()
    phone.get_by_role("link", name="Sign in").tap()
    phone.wait_for_url("**/account/login/")
