"""Asking teachers, asking once more, taking answers: on fixed dates."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts.errors import ContactsError
from contacts.models import Checkup, CheckupAnswer, CheckupLink, FollowUp
from contacts.services.checkups import (
    answer_all_fine,
    answer_checkup,
    chase_checkups,
    send_checkups,
)
from contacts.services.followups import answer_follow_up
from keywork.home.duties import duties_of
from keywork.models import ClosedDay, HalfTerm, KeyWorkModel, OutboxMessage, StaffMember
from keywork.school_calendar import calendar_of
from students.models import Assignment
from tests import factories as make
from tests.contacts.checkups import (
    MONDAY,
    TUESDAY,
    WEDNESDAY,
    ask,
    make_fold,
    morning,
    teach,
)
from tests.factories import StudentFactory

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def fold():
    return make_fold()


def send(fold, on=MONDAY):
    return send_checkups(school=fold.school, on=on, now=morning(on))


def chase(fold, on=WEDNESDAY):
    return chase_checkups(school=fold.school, on=on, now=morning(on))


def written_to(kind="checkup"):
    return sorted(OutboxMessage.objects.filter(kind=kind).values_list("user__first_name", "title"))


def close(school, first, last=None):
    ClosedDay(school=school, kind="closure", name="Snow", start=first, end=last or first).save()


# Sending


def test_each_teacher_gets_one_message_for_all_their_students(fold):
    teach(fold.zayn, fold.ann, subject="Tutor time")  # twice his teacher, still asked once

    assert send(fold) == (2, 2)

    assert written_to() == [("Ann", "Check-up: 2 students"), ("Bob", "Check-up: 1 student")]
    asked = CheckupAnswer.objects.values_list("checkup__student__legal_first_name", "teacher")
    assert set(asked) == {("Zayn", fold.ann.pk), ("Zayn", fold.bob.pk), ("Mia", fold.ann.pk)}
    assert set(Checkup.objects.values_list("sent_on", "week_starting")) == {(MONDAY, MONDAY)}
    told = Checkup.objects.get(student=fold.zayn).history.get()
    assert (told.history_change_reason, told.history_user) == ("Sent to the teachers", None)


def test_twice_sends_nothing_twice(fold):
    send(fold)
    assert send(fold) == (0, 0)
    assert send(fold, TUESDAY) == (0, 0)
    assert OutboxMessage.objects.count() == 2
    assert CheckupLink.objects.count() == 2


def test_it_settles_the_duty(fold):
    def owed(on):
        duties = duties_of(fold.school, on, calendar=calendar_of(fold.school))
        return [duty for duty in duties if duty.kind == "teacher_checkup"]

    assert [duty.due_on for duty in owed(TUESDAY)] == [MONDAY, MONDAY]
    send(fold, TUESDAY)
    assert owed(TUESDAY) == []
    assert len(owed(MONDAY)) == 2  # on Monday it had not been sent
    assert len(owed(MONDAY + timedelta(weeks=1))) == 2


def test_a_missed_run_is_made_up_for_and_a_day_without_school_sends_nothing(fold):
    close(fold.school, MONDAY)
    assert send(fold, MONDAY) == (0, 0)
    assert send(fold, date(2026, 11, 15)) == (0, 0)  # a Sunday
    assert send(fold, date(2026, 10, 28)) == (0, 0)  # half term
    assert send(fold, TUESDAY) == (2, 2)


def test_schools_with_other_calendars_are_asked_on_their_own_days(fold):
    other = make_fold("Elsewhere School", "999102")
    half = HalfTerm.objects.get(school=other.school, name="Autumn 2")
    half.start = TUESDAY
    half.save()

    assert (send(fold, MONDAY), send(other, MONDAY)) == ((2, 2), (0, 0))
    assert (send(fold, TUESDAY), send(other, TUESDAY)) == ((0, 0), (2, 2))


@pytest.mark.parametrize("monday", [date(2026, 10, 19), date(2026, 11, 2), date(2027, 3, 22)])
def test_weeks_beside_a_change_of_the_clocks_are_ordinary(fold, monday):
    assert send(fold, monday) == (2, 2)
    link = CheckupLink.objects.filter(teacher=fold.ann).get()
    # Clocks change on Sundays, so midnight after them is in the new time.
    local = monday + timedelta(weeks=1)
    hour = timedelta(hours=1 if monday == date(2027, 3, 22) else 0)
    assert link.expires_at == datetime(local.year, local.month, local.day, tzinfo=UTC) - hour


def test_who_joins_in_the_week_is_asked_about_then_with_the_link_there_is(fold):
    send(fold)
    late = StudentFactory(school=fold.school, on_roll_from=WEDNESDAY)
    teach(late, fold.bob)

    assert send(fold, TUESDAY) == (0, 0)
    assert send(fold, WEDNESDAY) == (1, 1)
    assert CheckupLink.objects.filter(teacher=fold.bob).count() == 1
    assert written_to()[-1] == ("Bob", "Check-up: 1 student")


def test_only_models_with_check_ups_and_students_on_roll(fold):
    fold.zayn.key_work_model = KeyWorkModel.objects.get(school=fold.school, code="special_day")
    fold.zayn.save()
    fold.mia.left_on = date(2026, 11, 6)
    fold.mia.save()
    assert send(fold) == (0, 0)


def test_teachers_who_left_are_not_asked_and_nobody_leaves_it_owed(fold):
    StaffMember.objects.get(user=fold.bob).delete()
    ann = StaffMember.objects.get(user=fold.ann)
    ann.starts_on, ann.ends_on = date(2026, 9, 1), date(2026, 11, 6)
    ann.save()
    assert send(fold) == (0, 0)
    assert Checkup.objects.count() == 0


def test_an_imported_check_up_without_its_day_is_the_one_that_is_sent(fold):
    Checkup(student=fold.zayn, week_starting=MONDAY).save()
    send(fold)
    assert Checkup.objects.get(student=fold.zayn).sent_on == MONDAY


def test_queries_do_not_grow_with_the_students(fold):
    def run(on):
        with CaptureQueriesContext(connection) as captured:
            send(fold, on)
            chase(fold, on + timedelta(days=2))
        return len(captured)

    few = run(MONDAY)
    for _ in range(6):
        student = StudentFactory(school=fold.school)
        teach(student, fold.ann, fold.bob, make.make_staff(fold.school, "teacher"))
    assert run(MONDAY + timedelta(weeks=1)) == few


# Chasing


def test_who_has_not_answered_is_asked_once_more_on_wednesday(fold):
    send(fold)
    fine = CheckupAnswer.objects.get(teacher=fold.bob)
    answer_checkup(answer=fine, given="fine", by=fold.bob, now=morning(TUESDAY))

    assert chase(fold, TUESDAY) == (0, 0)
    assert chase(fold) == (2, 1)
    assert chase(fold) == (0, 0)
    assert chase(fold, date(2026, 11, 12)) == (0, 0)

    assert written_to("checkup_chase") == [("Ann", "Check-up: 2 students")]
    chased = CheckupAnswer.objects.filter(chased_on=WEDNESDAY)
    assert {each.teacher for each in chased} == {fold.ann}
    assert chased[0].history.first().history_change_reason == "Asked once more"
    # the same link as before
    links = {each.data["link"] for each in OutboxMessage.objects.filter(user=fold.ann)}
    assert len(links) == 1


def test_a_missed_chase_is_made_up_for_but_not_in_the_next_week(fold):
    send(fold)
    close(fold.school, WEDNESDAY)
    assert chase(fold, WEDNESDAY) == (0, 0)
    assert chase(fold, date(2026, 11, 16)) == (0, 0)
    assert chase(fold, date(2026, 11, 13)) == (2, 2)


def test_who_teaches_the_student_no_more_is_not_chased(fold):
    send(fold)
    fold.mia.timetable.get().delete()
    fold.zayn.left_on = TUESDAY
    fold.zayn.save()
    assert chase(fold) == (0, 0)


# Answering


def flag(answer, note, at=TUESDAY):
    return answer_checkup(
        answer=answer, given="flag", note=note, by=answer.teacher, now=morning(at)
    )


def actions():
    return list(FollowUp.objects.standing().values_list("text", "owner__first_name", "due_on"))


def test_a_flag_is_an_action_of_the_key_worker_and_follows_its_changes(fold):
    answer = ask(fold.zayn, fold.ann)

    flag(answer, "  Sleeps in\nlessons ")
    # five school days after Tuesday: 11, 12, 13, 16, 17 November
    assert actions() == [("Sleeps in lessons", "Priya", date(2026, 11, 17))]
    action = FollowUp.objects.get()
    assert (action.raised_by, action.raiser_name) == ("staff", fold.ann.full_name)
    assert action.source_ref == answer.ref

    flag(answer, "Sleeps in every lesson", WEDNESDAY)
    assert [text for text, *_ in actions()] == ["Sleeps in every lesson"]

    answer_checkup(answer=answer, given="fine", by=fold.ann, now=morning(WEDNESDAY))
    assert actions() == []
    answer.refresh_from_db()
    assert (answer.answer, answer.note) == ("fine", "")
    who = answer.history.first()
    assert (who.history_user, who.history_change_reason) == (fold.ann, "Answered")


def test_what_the_key_worker_has_answered_stays_and_more_is_a_new_action(fold):
    answer = ask(fold.zayn, fold.ann)
    flag(answer, "Sleeps in lessons")
    answer_follow_up(
        follow_up=FollowUp.objects.get(), answer="Rang home", by=fold.priya, now=morning(TUESDAY)
    )

    answer_checkup(answer=answer, given="fine", by=fold.ann, now=morning(WEDNESDAY))
    assert len(actions()) == 1
    flag(answer, "No pen", WEDNESDAY)
    assert [text for text, *_ in sorted(actions())] == ["No pen", "Sleeps in lessons"]


def test_without_a_primary_key_worker_the_secondary_sees_to_it_else_whoever_comes(fold):
    Assignment.objects.get(student=fold.zayn).delete()
    first = ask(fold.zayn, fold.ann)
    flag(first, "No pen")
    assert FollowUp.objects.get().who == "The next key worker"

    make.assign(fold.mia, fold.bob, role="secondary")
    assignment = Assignment.objects.get(student=fold.mia, role="primary")
    assignment.end = MONDAY
    assignment.save()
    flag(ask(fold.mia, fold.ann), "No brush")
    assert FollowUp.objects.get(text="No brush").owner == fold.bob


def test_the_same_answer_again_changes_nothing(fold):
    answer = ask(fold.zayn, fold.ann)
    flag(answer, "No pen")
    flag(answer, "No pen", WEDNESDAY)
    assert (answer.history.count(), len(actions())) == (2, 1)


def test_a_flag_needs_its_sentence_and_nothing_is_taken_after_the_sunday(fold):
    answer = ask(fold.zayn, fold.ann)
    with pytest.raises(ContactsError) as problem:
        flag(answer, "   ")
    assert problem.value.field == "note"

    late = datetime(2026, 11, 15, 23, 59, tzinfo=UTC)
    answer_checkup(answer=answer, given="fine", by=fold.ann, now=late)
    with pytest.raises(ContactsError, match="over"):
        flag(answer, "No pen", date(2026, 11, 16))


def test_all_fine_leaves_a_flag_alone(fold):
    flagged, other = ask(fold.zayn, fold.ann), ask(fold.mia, fold.ann)
    flag(flagged, "No pen")
    answers = list(CheckupAnswer.objects.filter(pk__in=[flagged.pk, other.pk]))

    assert answer_all_fine(answers=answers, by=fold.ann, now=morning(TUESDAY)) == 1

    assert set(CheckupAnswer.objects.values_list("answer", flat=True)) == {"flag", "fine"}
