"""Who is told what, on fixed dates, by hand-counted calendars; nobody twice."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.core import mail

from keywork.home.models import ReminderStep
from keywork.home.reminders import forget_old_steps, remind_all, remind_by_hand
from keywork.home.reminders.reading import Reading
from keywork.home.reminders.schedule import steps_of
from keywork.models import ClosedDay, HalfTerm, OutboxMessage
from keywork.outbox import send_waiting
from keywork.outbox.hours import at
from keywork.school_calendar import calendar_of
from students.services.change_notices import mark_notice_read, tell_colleagues
from tests.factories import (
    SessionFactory,
    StudentFactory,
    TargetFactory,
    add_contact,
    add_roles,
    assign,
    log_contact,
    make_school,
    make_staff,
    slip,
)

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

THURSDAY = date(2026, 11, 12)


def tick(day, hour, minute=0):
    """What beat sets off at this local time: decide, then send."""
    moment = at(day, time(hour, minute))
    remind_all(now=moment)
    return send_waiting(clock=lambda: moment)


def subjects():
    """(to whom, subject) of all that was sent since the last look."""
    found = sorted((one.to[0].split("@")[0], one.subject) for one in mail.outbox)
    mail.outbox.clear()
    return found


@pytest.fixture
def school():
    return make_school()


@pytest.fixture
def pat(school):
    return make_staff(school, "key_worker", username="pat")


@pytest.fixture
def ada(school, pat):
    """A student whose session is due on Thursday 12 November: every five school days."""
    student = StudentFactory(
        school=school, legal_first_name="Ada", legal_last_name="Aldous", reg_form="8C"
    )
    model = school.key_work_models.get(code="mainstream_sen")
    model.teacher_checkup = False
    model.save()
    student.key_work_model = model
    student.save()
    assign(student, pat)
    SessionFactory(student=student, held_on=date(2026, 11, 5))
    return student


# --- the morning digest -------------------------------------------------------


def test_the_digest_comes_at_five_past_eight_once_to_who_owes_something(school, pat, ada):
    make_staff(school, "key_worker", username="idle")
    assert tick(THURSDAY, 8, 0).sent == 0
    assert tick(THURSDAY, 8, 5).sent == 1
    assert subjects() == [("pat", "1 thing for today")]
    for hour in range(8, 17):
        tick(THURSDAY, hour, 10)
    assert subjects() == []


def test_it_says_counts_by_kind_and_what_to_prepare_and_no_name(school, pat, ada):
    TargetFactory(student=ada, review_on=date(2026, 11, 9))
    TargetFactory(student=ada, review_on=THURSDAY)
    other = StudentFactory(school=school, legal_first_name="Ben", legal_last_name="Bulmer")
    planned = {"status": "planned", "key_worker": pat}
    SessionFactory(student=ada, held_on=THURSDAY, **planned)  # settles the session that is due
    SessionFactory(student=other, held_on=THURSDAY, **planned)
    SessionFactory(student=other, held_on=date(2026, 11, 13), **planned)
    SessionFactory(student=other, held_on=date(2026, 11, 16), **planned)
    tick(THURSDAY, 8, 5)
    [email] = mail.outbox
    assert email.subject == "4 things for today"
    html = email.alternatives[0].content
    for said in (
        "Target review: 1 late, 1 due today",
        "Session: 1 due today",
        "To prepare: 2 sessions today",
        "To prepare: 1 session on Friday 13 November",
        "http://localhost:8000/today/",
    ):
        assert said in email.body
        assert said in html
    for name in ("Ada", "Aldous", "Ben", "Bulmer", "Monday"):
        assert name not in email.body + html


def test_it_counts_the_changes_told_and_not_read_with_initials(school, pat, ada):
    idle, read = (make_staff(school, "teacher", username=name) for name in ("idle", "read"))
    alone = make_staff(school, "teacher", username="alone", digest=False)
    colleague = make_staff(school, "senco", username="colleague")
    notice = tell_colleagues(
        student=ada, text="Grandad collects Ada.", until=date(2026, 12, 1), ref="abcdefghj2",
        told=[pat, idle, read, alone], by=colleague, now=at(date(2026, 11, 11), time(15)),
    )  # fmt: skip
    mark_notice_read(notice=notice, by=read, now=at(THURSDAY, time(7)))
    tick(THURSDAY, 8, 5)
    said = {one.to[0].split("@")[0]: one for one in mail.outbox}
    assert "1 change to know about (A. A.)" in said["pat"].body
    assert "http://localhost:8000/notices/" in said["idle"].body
    assert not any(word in one.body for one in said.values() for word in ("Ada", "Grandad"))
    told = "1 change to know about"
    assert subjects() == [("alone", told), ("idle", told), ("pat", "1 thing for today")]
    tick(date(2026, 11, 13), 8, 5)  # told on Wednesday: no third morning
    assert subjects() == [("pat", "1 thing for today")]


def test_on_friday_tomorrow_is_monday(school, pat):
    student = StudentFactory(school=school)
    assign(student, pat)
    SessionFactory(student=student, held_on=date(2026, 11, 16), status="planned")
    SessionFactory(student=student, held_on=date(2026, 11, 3))
    log_contact(student)  # the week's call is made
    tick(date(2026, 11, 13), 8, 5)
    assert "To prepare: 1 session on Monday 16 November" in mail.outbox[0].body
    assert subjects() == [("pat", "1 thing coming up")]


def test_somebody_at_two_schools_gets_one_of_each(school, pat, ada):
    elsewhere = make_school("Elsewhere", "999102")
    add_roles(pat, elsewhere, "key_worker")
    theirs = StudentFactory(school=elsewhere)
    assign(theirs, pat)
    TargetFactory(student=theirs, review_on=THURSDAY)
    tick(THURSDAY, 8, 5)
    # At Elsewhere, Pat's student has not been seen since September either.
    assert subjects() == [("pat", "1 thing for today"), ("pat", "2 things for today")]


def test_who_has_left_or_may_not_sign_in_is_told_nothing(school, pat, ada):
    pat.staff_records.get().roles.get().delete()
    tick(THURSDAY, 8, 5)
    assert subjects() == []


def test_what_was_done_before_a_late_turn_is_not_said(school, pat, ada, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    TargetFactory(student=ada, review_on=THURSDAY)
    assert tick(THURSDAY, 8, 5).down
    SessionFactory(student=ada, held_on=THURSDAY)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert tick(THURSDAY, 9).sent == 1
    assert subjects() == [("pat", "1 thing for today")]  # of two


def test_a_digest_of_what_is_all_done_is_not_sent(school, pat, ada):
    remind_all(now=at(THURSDAY, time(8, 5)))
    SessionFactory(student=ada, held_on=THURSDAY)
    outcome = tick(THURSDAY, 9)
    assert (outcome.sent, outcome.not_needed) == (0, 1)


def test_one_not_sent_by_four_is_given_up_where_admins_see_it(school, pat, ada):
    remind_all(now=at(THURSDAY, time(8, 5)))
    tick(THURSDAY, 16, 0)
    assert (OutboxMessage.objects.get().state, subjects()) == ("given_up", [])


def test_missed_while_no_worker_ran_it_is_caught_up_with(school, pat, ada):
    tick(THURSDAY, 11, 40)
    assert subjects() == [("pat", "1 thing for today")]


def test_two_beats_at_once_tell_nobody_twice(school, pat, ada):
    moment = at(THURSDAY, time(8, 5))
    remind_all(now=moment)
    ReminderStep.objects.all().delete()  # the other machine had not seen the first one's step
    remind_all(now=moment)
    send_waiting(clock=lambda: moment)
    assert subjects() == [("pat", "1 thing for today")]


def test_a_step_done_is_not_worked_out_again(school, pat, ada, django_assert_num_queries):
    tick(THURSDAY, 8, 5)
    with django_assert_num_queries(4):  # schools, calendars to tell who is open, steps, calendars
        assert not remind_all(now=at(THURSDAY, time(8, 10)))


def test_steps_of_days_that_are_over_are_forgotten(school, pat, ada):
    tick(THURSDAY, 8, 5)
    assert forget_old_steps(now=at(date(2026, 11, 19), time(8, 0))) == 0
    assert forget_old_steps(now=at(date(2026, 11, 20), time(2, 30))) > 0
    assert not ReminderStep.objects.exists()


def test_queries_do_not_grow_with_students_or_staff(school, pat, ada):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def queries():
        ReminderStep.objects.all().delete()
        OutboxMessage.objects.all().delete()
        with CaptureQueriesContext(connection) as counted:
            remind_all(now=at(THURSDAY, time(8, 5)))
        return len(counted), OutboxMessage.objects.count()

    TargetFactory(student=_of_the_schools_own_model(school), review_on=THURSDAY)
    one, messages = queries()
    assert messages == 2
    for _ in range(2):
        TargetFactory(student=_of_the_schools_own_model(school), review_on=THURSDAY)
    three, messages = queries()
    assert (three, messages) == (one, 4)


def _of_the_schools_own_model(school):
    student = StudentFactory(school=school)
    assign(student, make_staff(school, "key_worker"))
    return student


# --- a person's choices -------------------------------------------------------


def test_somebody_chooses_the_hour(school, pat, ada):
    pat.digest_at = time(12)
    pat.save()
    tick(THURSDAY, 8, 5)
    tick(THURSDAY, 11, 55)
    assert subjects() == []
    tick(THURSDAY, 12)
    assert subjects() == [("pat", "1 thing for today")]


def test_an_hour_outside_the_schools_is_its_first(school, pat, ada):
    school.messages_from, pat.digest_at = time(9), time(8, 5)
    school.save()
    pat.save()
    tick(THURSDAY, 8, 55)
    assert subjects() == []
    tick(THURSDAY, 9)
    assert subjects() == [("pat", "1 thing for today")]


def test_single_messages_tell_of_each_thing_once(school, pat, ada):
    pat.digest = False
    pat.save()
    TargetFactory(student=ada, review_on=date(2026, 11, 16))
    SessionFactory(student=ada, held_on=THURSDAY, status="planned", key_worker=pat)
    tick(THURSDAY, 8, 5)
    assert "For A. A., 8C" in "".join(one.body for one in mail.outbox)
    assert not any("Ada" in one.body or "Aldous" in one.body for one in mail.outbox)
    assert subjects() == [("pat", "Session: due today"), ("pat", "To prepare: 1 session today")]
    tick(date(2026, 11, 13), 8, 5)
    assert subjects() == []  # the session is late by then, and was told
    tick(date(2026, 11, 16), 8, 5)
    assert subjects() == [("pat", "Target review: due today")]


def test_a_declined_kind_is_a_notice_alone(school, pat, ada):
    pat.declined_messages = ["digest"]
    pat.save()
    tick(THURSDAY, 8, 5)
    assert subjects() == []
    [row] = OutboxMessage.objects.all()
    assert (row.state, row.title) == ("notice", "1 thing for today")


# --- what stays late, what comes nearer ----------------------------------------


def test_a_session_three_school_days_late_is_told_to_the_senco_once(school, pat, ada):
    make_staff(school, "senco", username="sen")
    make_staff(school, "head", username="head")
    days = [date(2026, 11, day) for day in (13, 16, 17, 18, 19)]
    told = []
    for day in days:
        tick(day, 8, 5)
        told.append([subject for to, subject in subjects() if to == "sen"])
    # Friday is one day late, Monday two, Tuesday three.
    assert told == [[], [], ["1 duty 3 school days late or more"], [], []]


def test_without_a_senco_it_goes_to_the_next_above(school, pat, ada):
    make_staff(school, "head", username="head")
    school.escalate_after = 1
    school.save()
    tick(date(2026, 11, 13), 8, 5)
    assert ("head", "1 duty 1 school day late or more") in subjects()


def test_nobody_above_is_no_fault(school, pat, ada):
    tick(date(2026, 11, 17), 8, 5)
    assert [to for to, _ in subjects()] == ["pat"]


def test_a_review_is_told_three_school_days_ahead(school, pat):
    student = StudentFactory(school=school)
    assign(student, pat)
    SessionFactory(student=student, held_on=date(2026, 11, 3))
    for _ in range(2):
        TargetFactory(student=student, review_on=date(2026, 11, 17))
    tick(date(2026, 11, 11), 8, 5)
    assert subjects() == []
    tick(THURSDAY, 8, 5)
    assert "Target review: 2 in 3 school days" in mail.outbox[0].body
    assert subjects() == [("pat", "2 dates coming nearer")]


def test_a_kind_of_duty_that_joins_later_needs_one_line(school):
    from keywork.duties import DutyKind
    from keywork.home.duty_words import KIND_WORDS
    from keywork.home.reminders.deciding import ESCALATED, SCHOOL_DAYS_AHEAD

    assert set(KIND_WORDS) == set(DutyKind)  # whatever exists can be said
    assert DutyKind.SESSION in ESCALATED
    assert DutyKind.TARGET_REVIEW in SCHOOL_DAYS_AHEAD


# --- calls still to make ------------------------------------------------------------


@pytest.fixture
def jay(school, pat):
    """Another of Pat's, of the school's own model: a high-level slip asks for a call that day."""
    student = StudentFactory(school=school, legal_first_name="Jay", legal_last_name="Thorne")
    assign(student, pat)
    add_contact(student)
    SessionFactory(student=student, held_on=date(2026, 11, 11))
    return student


def test_the_nudge_counts_todays_calls_not_made_and_not_the_late_ones(school, pat, jay):
    make_staff(school, "key_worker", username="idle")
    other = StudentFactory(school=school)
    assign(other, pat)
    slip(jay, at(THURSDAY, time(9)))
    slip(jay, at(THURSDAY, time(10)))  # the same student: one call
    slip(other, at(date(2026, 11, 11), time(10)))  # yesterday's
    tick(THURSDAY, 8, 5)
    subjects()
    tick(THURSDAY, 14, 25)
    assert subjects() == []
    slip(other, at(THURSDAY, time(11)))
    tick(THURSDAY, 14, 30)
    [email] = mail.outbox
    assert "Jay" not in email.body
    assert "Thorne" not in email.body
    assert "List-Unsubscribe" not in email.extra_headers
    assert subjects() == [("pat", "2 calls home still to make today")]
    tick(THURSDAY, 14, 35)
    assert subjects() == []


def test_who_has_called_is_not_nudged(school, pat, jay):
    slip(jay, at(THURSDAY, time(9)))
    log_contact(jay, at(THURSDAY, time(12)))
    tick(THURSDAY, 14, 30)
    assert not OutboxMessage.objects.filter(kind="nudge").exists()


def test_a_call_made_while_the_nudge_waited_is_not_asked_for(school, pat, jay):
    slip(jay, at(THURSDAY, time(9)))
    remind_all(now=at(THURSDAY, time(14, 30)))
    log_contact(jay, at(THURSDAY, time(14, 35)))
    moment = at(THURSDAY, time(14, 45))
    send_waiting(clock=lambda: moment)
    assert OutboxMessage.objects.get(kind="nudge").state == "not_needed"


def test_a_same_day_call_three_school_days_late_is_told_to_the_senco_once(school, pat, jay):
    make_staff(school, "senco", username="sen")
    log_contact(jay, at(THURSDAY, time(8)))  # the week's call; the slip comes after it
    slip(jay, at(THURSDAY, time(9)))
    told = {}
    for day in (13, 16, 17, 18):
        remind_all(now=at(date(2026, 11, day), time(8, 5)))
        rows = OutboxMessage.objects.filter(kind="escalation", user__username="sen")
        told[day] = [line for row in rows for line in row.data["lines"]]
    assert told == {13: [], 16: [], 17: ["Call home: 1"], 18: ["Call home: 1"]}


def test_the_nudge_comes_at_half_past_two(school):
    [step] = [step for step in steps_of(school) if step.name == "nudge"]
    assert step.at == time(14, 30)
    tick(THURSDAY, 14, 25)
    assert not ReminderStep.objects.filter(step="nudge").exists()
    tick(THURSDAY, 14, 30)
    assert ReminderStep.objects.filter(step="nudge", on=THURSDAY).count() == 1


# --- never outside the school's days and hours ------------------------------------


@pytest.mark.parametrize(
    ("day", "told"),
    [
        (date(2026, 10, 23), True),  # Friday, last day before half term, summer time
        (date(2026, 10, 26), False),  # half term
        (date(2026, 10, 30), False),
        (date(2026, 10, 31), False),  # Saturday
        (date(2026, 11, 1), False),  # Sunday
        (date(2026, 11, 2), True),  # Monday, winter time
        (date(2026, 12, 18), True),
        (date(2026, 12, 21), False),  # Christmas holidays
        (date(2027, 3, 25), True),  # Thursday, still winter time
        (date(2027, 3, 26), False),  # Good Friday
    ],
)
def test_only_on_school_days(school, pat, ada, day, told):
    for hour in (7, 9, 12, 15, 16, 20):
        tick(day, hour)
    assert bool(subjects()) == told


def test_five_past_eight_is_by_the_clock_on_the_wall(school, pat, ada):
    HalfTerm(
        school=school, term="Summer 2027", start=date(2027, 3, 29), end=date(2027, 5, 28)
    ).save()
    # (the last school day before the change, the first after it, and 08:05 there by UTC)
    for day, utc in (
        (date(2026, 10, 23), time(7, 5)),
        (date(2026, 11, 2), time(8, 5)),
        (date(2027, 3, 25), time(8, 5)),
        (date(2027, 3, 30), time(7, 5)),  # after Easter Monday
    ):
        moment = datetime.combine(day, utc, UTC)
        assert not remind_all(now=moment - timedelta(minutes=1))["digest"]
        assert remind_all(now=moment)["digest"] == 1


def test_a_week_that_is_closed_on_monday_begins_on_tuesday(school, pat, ada):
    ClosedDay(
        school=school, kind="closure", start=date(2026, 11, 16), end=date(2026, 11, 16)
    ).save()
    tick(date(2026, 11, 16), 9)
    assert subjects() == []
    tick(date(2026, 11, 17), 8, 5)
    assert [to for to, _ in subjects()] == ["pat"]


def test_a_message_of_before_a_closure_waits_for_no_closed_day(school, pat, ada):
    remind_all(now=at(THURSDAY, time(8, 5)))
    ClosedDay(school=school, kind="closure", start=THURSDAY, end=THURSDAY).save()  # snow, at 8:06
    tick(THURSDAY, 8, 10)
    assert subjects() == []


def test_each_school_goes_by_its_own_calendar(school, pat, ada):
    elsewhere = make_school("Elsewhere", "999102", calendar=False)
    HalfTerm(
        school=elsewhere, term="Autumn 2026", start=date(2026, 10, 26), end=date(2026, 12, 18)
    ).save()
    robin = make_staff(elsewhere, "key_worker", username="robin")
    student = StudentFactory(school=elsewhere, on_roll_from=date(2026, 10, 26))
    assign(student, robin, start=date(2026, 10, 26))
    TargetFactory(student=student, review_on=date(2026, 10, 27), set_on=date(2026, 10, 26))
    tick(date(2026, 10, 27), 9)  # half term at Fold, school at Elsewhere
    assert [to for to, _ in subjects()] == ["robin"]
    assert OutboxMessage.objects.filter(school=school).count() == 0


def test_one_school_that_fails_does_not_keep_the_others_from_being_told(
    school, pat, ada, monkeypatch, caplog
):
    broken = make_school("Broken", "999100")
    elsewhere = make_school("Elsewhere", "999102")
    robin = make_staff(elsewhere, "key_worker", username="robin")
    student = StudentFactory(school=elsewhere)
    assign(student, robin)
    TargetFactory(student=student, review_on=THURSDAY)
    somebody = StudentFactory(school=broken)
    assign(somebody, make_staff(broken, "key_worker"))
    monkeypatch.setattr(
        "keywork.home.reminders.reading.Reading.lapses_at",
        _broken_for(broken.pk),
    )
    TargetFactory(student=somebody, review_on=THURSDAY)
    tick(THURSDAY, 8, 5)
    assert {to for to, _ in subjects()} == {"pat", "robin"}
    assert "999100" in caplog.text


def _broken_for(school_id):

    whole = Reading.lapses_at

    def lapses_at(self):
        if self.school.pk == school_id:
            raise RuntimeError("out of order")
        return whole(self)

    return lapses_at


# --- the last look ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "held_back"),
    [
        ("Ada Aldous has not been seen", True),
        ("ADA ALDOUS, 8C", True),
        ("Addie Aldous", True),  # the name she goes by
        ("A. A., 8C", False),
        ("Ada is well. Aldous Street is closed", False),
        ("Benedict Aldous", False),
    ],
)
def test_a_message_that_names_a_student_is_held_back_for_admins_to_see(
    school, pat, ada, said, held_back
):
    ada.preferred_first_name = "Addie"
    ada.save()
    remind_all(now=at(THURSDAY, time(8, 5)))
    row = OutboxMessage.objects.get()
    row.data["lines"] = [said]
    row.save()
    outcome = send_waiting(clock=lambda: at(THURSDAY, time(8, 6)))
    row.refresh_from_db()
    if held_back:
        assert (row.state, row.last_error) == ("given_up", "Held back: it names a student.")
    assert (outcome.sent, len(mail.outbox)) == ((0, 0) if held_back else (1, 1))


# --- by hand ---------------------------------------------------------------------


def test_by_hand_does_the_whole_day_once(school, pat, ada):
    calendar, now = calendar_of(school), datetime(2026, 11, 12, 21, tzinfo=UTC)
    assert remind_by_hand(school, on=THURSDAY, calendar=calendar, now=now) == {"digest": 1}
    assert not remind_by_hand(school, on=THURSDAY, calendar=calendar, now=now)
    saturday = date(2026, 11, 14)
    assert not remind_by_hand(school, on=saturday, calendar=calendar, now=now)
    assert send_waiting(clock=lambda: now, at_any_hour=True).sent == 1
    assert tick(THURSDAY, 9).sent == 0


# --- check-ups -------------------------------------------------------------------


@pytest.fixture
def taught(school, pat, ada):
    """Ada's teacher; Ada's model asks teachers every week."""
    from students.models import TimetableEntry

    ada.key_work_model.teacher_checkup = True
    ada.key_work_model.save()
    teacher = make_staff(school, "teacher", username="teacher")
    TimetableEntry(student=ada, teacher=teacher, subject="Maths").save()
    return teacher


def to_teacher():
    return [subject for to, subject in subjects() if to == "teacher"]


def test_teachers_are_asked_on_monday_and_once_more_on_wednesday(taught):
    told = []
    for day in (16, 17, 18, 19, 20):
        tick(date(2026, 11, day), 8, 5)
        assert "Teacher" not in "".join(one.body for one in mail.outbox if "pat" in one.to[0])
        told.append(to_teacher())
    asked, again = ["Check-up: 1 student"], ["Check-up: 1 student, not answered yet"]
    assert told == [asked, [], again, [], []]


def test_a_week_closed_on_monday_is_asked_on_tuesday(school, taught):
    monday = date(2026, 11, 16)
    ClosedDay(school=school, kind="closure", start=monday, end=monday).save()
    told = []
    for day in (16, 17, 18):
        tick(date(2026, 11, day), 8, 5)
        told.append(len(to_teacher()))
    assert told == [0, 1, 1]


def test_after_half_term_on_the_first_day_and_on_a_tuesday_after_inset(school, taught):
    inset = date(2026, 11, 2)
    ClosedDay(school=school, kind="inset", start=inset, end=inset).save()
    told = {}
    for day in (date(2026, 10, 26), date(2026, 10, 28), inset, date(2026, 11, 3)):
        tick(day, 9)
        told[day.day] = len(to_teacher())
    assert told == {26: 0, 28: 0, 2: 0, 3: 1}
