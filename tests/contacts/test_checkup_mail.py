"""The check-up's e-mail: what it says, when its turn comes."""

from datetime import date, datetime, timedelta

import pytest
from django.core import mail

from contacts.checkup_links import open_link
from contacts.models import CheckupAnswer, CheckupLink
from contacts.services.checkups import answer_all_fine, chase_checkups, send_checkups
from keywork.models import OutboxMessage, StaffMember
from keywork.outbox import send_waiting
from tests.contacts.checkups import MONDAY, WEDNESDAY, make_fold, morning

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


@pytest.fixture
def fold():
    return make_fold()


def go_out(on):
    send_waiting(clock=lambda: morning(on))
    return {message.to[0]: message for message in mail.outbox}


def test_it_names_nobody_and_carries_the_link_that_opens_their_check_ups(fold):
    send_checkups(school=fold.school, on=MONDAY, now=morning(MONDAY))

    found = go_out(MONDAY)

    assert set(found) == {fold.ann.email, fold.bob.email}
    message = found[fold.ann.email]
    assert message.subject == "Check-up: 2 students"
    html = message.alternatives[0][0]
    for text in (message.subject, message.body, html):
        assert not any(word in text for word in ("Zayn", "Mia", "Clayforth", "Holt"))
    token = message.body.partition("/c/")[2].partition("/")[0]
    assert f"/c/{token}/" in html
    assert "until Sunday 15 November" in " ".join(message.body.split())
    opened = open_link(token, now=morning(MONDAY))
    assert [each.checkup.student.first_name for each in opened.answers] == ["Mia", "Zayn"]
    # The database holds no token.
    assert token not in str(CheckupLink.objects.values()) + str(OutboxMessage.objects.values())


def test_who_answered_or_left_meanwhile_is_not_written_to(fold):
    send_checkups(school=fold.school, on=MONDAY, now=morning(MONDAY))
    answers = list(CheckupAnswer.objects.filter(teacher=fold.ann))
    answer_all_fine(answers=answers, by=fold.ann, now=morning(MONDAY))
    staff = StaffMember.objects.get(user=fold.bob)
    staff.starts_on, staff.ends_on = date(2026, 9, 1), MONDAY - timedelta(days=1)
    staff.save()

    assert go_out(MONDAY) == {}
    assert set(OutboxMessage.objects.values_list("state", flat=True)) == {"not_needed"}


def test_the_reminder_counts_what_is_left(fold):
    send_checkups(school=fold.school, on=MONDAY, now=morning(MONDAY))
    go_out(MONDAY)
    mail.outbox.clear()
    one = CheckupAnswer.objects.filter(teacher=fold.ann).first()
    answer_all_fine(answers=[one], by=fold.ann, now=morning(MONDAY))
    chase_checkups(school=fold.school, on=WEDNESDAY, now=morning(WEDNESDAY))

    message = go_out(WEDNESDAY)[fold.ann.email]

    assert message.subject == "Check-up: 1 student, not answered yet"
    assert "only reminder" in message.body


def test_its_words_are_read_in_as_many_queries_for_many_as_for_one(
    fold, django_assert_num_queries
):
    from contacts.checkup_mail import contents

    send_checkups(school=fold.school, on=MONDAY, now=morning(MONDAY))
    rows = list(OutboxMessage.objects.select_related("user", "school"))
    assert len(rows) == 2
    for some in (rows[:1], rows):
        with django_assert_num_queries(3):
            assert len(contents(some, morning(MONDAY))) == len(some)
    over = datetime.combine(MONDAY, morning(MONDAY).timetz()) + timedelta(weeks=1)
    assert contents(rows, over) == {}
