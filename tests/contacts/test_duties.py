"""Calls owed, as the list of what is due has them."""

from datetime import date, datetime, timedelta

import pytest

from contacts.models import ContactLogEntry
from keywork.duties import DutyKind
from keywork.home.duties import duties_of
from keywork.school_calendar import calendar_of
from tests.factories import (
    NOW,
    TODAY,
    StudentFactory,
    add_contact,
    assign,
    log_contact,
    make_school,
    make_staff,
    slip,
)

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
CALLS = {DutyKind.WEEKLY_CALL, DutyKind.SAME_DAY_CALL}


@pytest.fixture
def jay():
    student = StudentFactory(school=make_school(), upn="J999910121101")
    assign(student, make_staff(student.school, "key_worker", username="priya"))
    add_contact(student)
    return student


def calls(student, on=TODAY):
    found = duties_of(student.school, on, calendar=calendar_of(student.school))
    return [duty for duty in found if duty.kind in CALLS]


def days(student, on=TODAY):
    return [(duty.kind.value, str(duty.due_on), duty.status.value) for duty in calls(student, on)]


def test_the_weekly_call_is_due_on_friday_until_somebody_spoke(jay):
    assert days(jay) == [("weekly_call", "2026-11-13", "upcoming")]
    (duty,) = calls(jay)
    assert (duty.owner, duty.reason) == ("priya", "Nobody has spoken to home this week.")

    log_contact(jay, NOW - timedelta(days=1), outcome="voicemail")
    assert days(jay)
    log_contact(jay, NOW + timedelta(days=1))  # tomorrow, as seen today: not recorded
    assert days(jay)
    log_contact(jay, NOW - timedelta(days=1), channel="in_person")
    assert days(jay) == []


def test_a_call_that_was_taken_back_satisfies_nothing(jay):
    entry = log_contact(jay)
    entry.withdrawn_at, entry.withdrawn_by = NOW, make_staff(jay.school, "key_worker")
    entry.save()

    assert [each[0] for each in days(jay)] == ["weekly_call"]


def test_a_high_slip_is_due_the_same_day_and_folds_the_weekly_call(jay):
    record = slip(jay, NOW - timedelta(hours=2))

    weekly, same_day = sorted(calls(jay), key=lambda duty: duty.kind, reverse=True)

    assert (same_day.due_on, same_day.act_by, same_day.status) == (TODAY, TODAY, "due")
    assert same_day.about == record.ref
    assert same_day.reason == "High-level slip: Left the room at 08:00 today."
    assert weekly.folded_into == DutyKind.SAME_DAY_CALL
    log_contact(jay, NOW)
    assert days(jay) == []


def test_on_a_saturday_it_is_due_that_saturday(jay):
    slip(jay, datetime.fromisoformat("2026-11-14T11:00+00:00"))
    log_contact(jay)

    assert days(jay, date(2026, 11, 14)) == [("same_day_call", "2026-11-14", "due")]
    (duty,) = [d for d in calls(jay, date(2026, 11, 16)) if d.kind == DutyKind.SAME_DAY_CALL]
    assert (duty.act_by, duty.status) == (date(2026, 11, 14), "overdue")


def test_a_later_talk_answers_only_what_it_names(jay):
    monday, tuesday = NOW - timedelta(days=3), NOW - timedelta(days=2)
    first, second = slip(jay, monday), slip(jay, tuesday)
    log_contact(jay, NOW, about=[second])

    assert days(jay) == [("same_day_call", "2026-11-09", "overdue")]
    log_contact(jay, NOW, about=[first], outcome="voicemail")
    assert days(jay)
    log_contact(jay, NOW, about=[first])
    assert days(jay) == []


def test_three_low_slips_in_a_day_and_a_slip_withdrawn_counts_no_more(jay):
    log_contact(jay, NOW - timedelta(hours=9))
    records = [slip(jay, NOW - timedelta(minutes=n), "low") for n in (30, 20, 10)]
    assert days(jay) == [("same_day_call", "2026-11-12", "due")]
    assert calls(jay)[0].reason == "3 low-level slips today."

    records[0].withdrawn_at, records[0].withdrawn_by = NOW, make_staff(jay.school, "slt")
    records[0].save()
    assert days(jay) == []


def test_nobody_to_call_stays_due_and_says_so(jay):
    link = jay.contacts.get()
    link.do_not_contact, link.do_not_contact_reason = True, "Asked not to be rung"
    link.save()
    slip(jay, NOW)
    nobody = "Nobody may be called: every contact is “must not contact”."
    assert [duty.reason for duty in calls(jay)] == [
        f"High-level slip: Left the room at 10:00 today. {nobody}",
        f"Nobody has spoken to home this week. {nobody}",
    ]

    link.ended_on = TODAY
    link.save()
    assert all(duty.reason.endswith("No contact is recorded.") for duty in calls(jay))


def test_a_court_order_forbids_from_its_day_to_its_end(jay):
    link = jay.contacts.get()
    link.court_order, link.court_order_forbids = "non_molestation", True
    link.court_order_from, link.court_order_until = TODAY, TODAY + timedelta(days=1)
    link.save()

    def may(on):
        return jay.contacts.may_be_contacted(on).exists(), bool(link.why_not(on))

    after = TODAY + timedelta(days=2)
    assert [may(TODAY - timedelta(days=1)), may(TODAY), may(after)] == [
        (True, False),
        (False, True),
        (True, False),
    ]


def test_lapsed_calls_leave_the_list(jay):
    slip(jay, datetime.fromisoformat("2026-10-23T11:00+01:00"))
    log_contact(jay, datetime.fromisoformat("2026-11-09T11:00+00:00"))

    # The tenth school day after 23 October is 13 November.
    assert days(jay, date(2026, 11, 13)) == [("same_day_call", "2026-10-23", "overdue")]
    assert days(jay, date(2026, 11, 14)) == []


def test_who_reads_the_log(jay):
    log_contact(jay, made_by=make_staff(jay.school, "teacher", username="tess"))
    from tests.factories import viewer

    def seen_by(*roles, person=None):
        person = person or make_staff(jay.school, *roles)
        return ContactLogEntry.objects.visible_to(viewer(person)).count()

    tess = ContactLogEntry.objects.get().made_by
    assert [seen_by("senco"), seen_by("key_worker"), seen_by("admin"), seen_by("teacher")] == [
        *(1, 0, 0, 0),
    ]
    assert seen_by(person=tess) == 1
