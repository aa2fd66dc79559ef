"""The demo's check-ups, on a small school: answers, a flag, a chase, one left to answer."""

import pytest

from contacts.models import Checkup, CheckupAnswer, FollowUp
from keywork.home.demo.checkups import MODEL_NAME, add_checkups
from keywork.models import OutboxMessage
from tests.contacts.checkups import MONDAY, make_fold
from tests.factories import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def test_the_demo_shows_every_state_of_a_check_up():
    fold = make_fold(model="special_day")
    for person, name in ((fold.priya, "nakhtar"), (fold.ann, "pmidgley")):
        person.username = name
        person.save()
    Checkup(student=fold.zayn, week_starting=MONDAY).save()

    add_checkups(fold.school, NOW)

    # Zayn had check-ups before; Mia, not first by name, is not the key worker's first student.
    under_it = fold.school.students.filter(key_work_model__name=MODEL_NAME)
    assert [student.first_name for student in under_it] == ["Zayn"]
    answers = CheckupAnswer.objects.order_by("checkup__week_starting", "teacher__first_name")
    # 26 October is in the half term: the weeks of 19 October, 2 and 9 November.
    assert [each.answer for each in answers] == ["fine", "", "fine", "", "", "flag"]
    chased = [each.chased_on is not None for each in answers]
    assert chased == [False, True, False, True, True, False]
    assert FollowUp.objects.get().owner == fold.priya
    assert OutboxMessage.objects.count() == 0
