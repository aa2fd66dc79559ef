"""Drop-in times logged as used or not used (S1-26): the latter counts for nothing."""

from datetime import date, time, timedelta

import pytest
import time_machine
from django.urls import reverse

from keywork.duties import DutyKind
from keywork.school_calendar import calendar_of
from keywork.undo import undo_url
from sessions.duties import read_sessions, session_duties
from sessions.models import DropInSlot, KeyworkSession
from sessions.rules import EXCUSABLE_REASONS
from students.duties import read_roll
from tests import factories as make
from tests.sessions.fold import RECORDING, make_fold

pytestmark = pytest.mark.django_db
TUE_10 = date(2026, 11, 10)
NEXT_DUE = date(2026, 11, 16)  # ten school days after Monday the 2nd
CALENDAR = reverse("sessions:calendar")


@pytest.fixture(autouse=True)
def _thursday():
    with time_machine.travel(make.NOW, tick=False):
        yield


@pytest.fixture
def fold():
    return make_fold()


@pytest.fixture
def signed_in(client, fold):
    client.force_login(fold.key_worker)
    return client


@pytest.fixture
def slot(fold):
    return agreed(fold)


def agreed(fold, starts_at=time(12, 30), ends_at=time(13), days_ago=60):
    """A weekly time on Tuesdays, agreed some days before Thursday."""
    slot = DropInSlot(
        student=fold.student,
        key_worker=fold.key_worker,
        weekday=1,
        starts_at=starts_at,
        ends_at=ends_at,
        venue="Hub",
    )
    slot._history_date = make.NOW - timedelta(days=days_ago)
    slot.save()
    return slot


def unused_url(slot):
    return reverse("sessions:drop_in_unused", args=[slot.ref])


def not_used(client, slot, day="2026-11-10", **more):
    return client.post(unused_url(slot), {"day": day, **more}, follow=True)


def said(response):
    return [str(each) for each in response.context["messages"]]


def entries(client):
    """What stands on the Tuesday of this week: chip, or what may be done."""
    days = client.get(CALENDAR).context["days"]
    return [each.chip or ("to log", each.day) for each in days[1].entries]


def test_a_time_not_used_keeps_how_and_when_and_is_undone(signed_in, fold, slot):
    assert entries(signed_in) == [("to log", TUE_10)]
    week = f"{CALENDAR}?week=2026-11-09"

    answer = not_used(signed_in, slot, next=week)

    record = KeyworkSession.objects.get()
    assert (record.status, record.method, record.missed_reason) == ("missed", "drop_in", "")
    assert (record.held_on, record.starts_at, record.venue) == (TUE_10, time(12, 30), "")
    assert (record.signed_by, record.key_worker) == (fold.key_worker, fold.key_worker)
    assert answer.redirect_chain[0][0] == week
    assert said(answer) == [
        "Drop-in time of Jayden on Tuesday 10 November 2026 logged as not used."
    ]
    assert entries(signed_in) == ["Drop-in not used"]

    signed_in.post(undo_url("drop_in_unused", record, by=fold.key_worker, now=make.NOW))
    assert entries(signed_in) == [("to log", TUE_10)]


def test_it_says_so_wherever_it_is_read(signed_in, fold, slot):
    not_used(signed_in, slot)
    record = KeyworkSession.objects.get()
    page = signed_in.get(record.get_absolute_url()).content.decode()
    assert "Drop-in time not used" in page
    assert "It did not happen" not in page
    for url in (fold.student.get_absolute_url(), reverse("today")):
        text = signed_in.get(url).content.decode().lower()
        assert "drop-in time not used" in text
        assert "session missed" not in text


def session_duty(student, on):
    """The day the next session is due, and why."""
    roll = read_roll(student.school, on, calendar=calendar_of(student.school))
    found = session_duties(roll, read_sessions(roll))
    return next((e.due_on, e.reason) for e in found if e.kind == DutyKind.SESSION)


def test_it_moves_no_due_date_and_is_named_nowhere(signed_in, fold, slot):
    make.SessionFactory(student=fold.student, held_on=date(2026, 11, 2))
    before = session_duty(fold.student, NEXT_DUE)
    not_used(signed_in, slot)
    assert session_duty(fold.student, NEXT_DUE) == before
    assert before == (NEXT_DUE, "Last seen 2 November, 10 school days ago.")


def test_a_miss_without_a_reason_from_a_file_breaks_no_duty(fold):
    make.SessionFactory(student=fold.student, held_on=date(2026, 11, 2))
    make.SessionFactory(student=fold.student, held_on=TUE_10, status="missed", missed_reason="")
    due = (NEXT_DUE, "Last seen 2 November, 10 school days ago.")
    assert session_duty(fold.student, NEXT_DUE) == due


def test_the_log_form_says_it_too(signed_in, fold):
    url = reverse("sessions:new", args=[fold.student.ref])
    form = signed_in.get(url).context["form"]
    choices = dict(form.fields["missed_reason"].choices)
    assert choices["not_used"] == "Drop-in time not used"
    assert "moves" in choices["declined"]
    typed = {
        "ref": form["ref"].value(),
        "happened": "no",
        "missed_reason": "not_used",
        "held_on": "12/11/2026",
        "starts_at": "12:30",
        "method": "one_to_one",
        "version": "0",
    }
    answer = signed_in.post(url, typed, follow=True)
    record = KeyworkSession.objects.get()
    assert record.is_unused_drop_in
    assert "not_used" not in EXCUSABLE_REASONS
    assert "Saved: drop-in time not used." in answer.content.decode()


def test_a_correction_begins_with_it_and_may_change_it(signed_in, slot):
    not_used(signed_in, slot)
    record = KeyworkSession.objects.get()
    url = reverse("sessions:correction", args=[record.ref])
    form = signed_in.get(url).context["form"]
    assert (form["happened"].value(), form["missed_reason"].value()) == ("no", "not_used")
    typed = {
        "happened": "no",
        "missed_reason": "declined",
        "held_on": "10/11/2026",
        "starts_at": "12:30",
        "reason": "It was the session, not drop-in",
    }
    hidden = {each.html_name: each.value() for each in form.hidden_fields()}
    signed_in.post(url, {**hidden, **typed})
    record.refresh_from_db()
    assert record.missed_reason == "declined"
    assert not record.is_unused_drop_in


def test_a_correction_of_the_time_alone_changes_nothing_else(signed_in, slot):
    not_used(signed_in, slot)
    record = KeyworkSession.objects.get()
    url = reverse("sessions:correction", args=[record.ref])
    form = signed_in.get(url).context["form"]
    shown = {each.html_name: each.value() for each in form if each.value() is not None}
    typed = {"held_on": "10/11/2026", "starts_at": "12:35", "reason": "It was later"}
    signed_in.post(url, {**shown, **typed})
    (change,) = record.amendments.get().changes
    assert change == {"field": "start", "before": "12:30", "after": "12:35"}


def test_a_time_used_is_logged_as_a_session(signed_in, fold, slot):
    week = signed_in.get(CALENDAR).content.decode()
    url = f"{reverse('sessions:new', args=[fold.student.ref])}?drop_in={slot.ref}&day=2026-11-10"
    assert url.replace("&", "&amp;") in week
    form = signed_in.get(url).context["form"]
    offered = [form[name].value() for name in ("happened", "method", "held_on", "starts_at")]
    assert offered == ["yes", "drop_in", TUE_10, time(12, 30)]
    assert form["venue"].value() == "Hub"
    make.SessionFactory(
        student=fold.student,
        key_worker=fold.key_worker,
        held_on=TUE_10,
        starts_at=time(12, 35),
        method="drop_in",
    )
    assert entries(signed_in) == ["Held"]


def test_what_a_colleague_logged_is_not_offered_to_the_owner_again(client, fold, slot):
    client.force_login(fold.senco)
    not_used(client, slot)
    record = KeyworkSession.objects.get()
    assert (record.key_worker, record.signed_by) == (fold.key_worker, fold.senco)
    client.force_login(fold.key_worker)
    assert entries(client) == ["Drop-in not used"]


def test_a_visit_to_a_colleague_at_that_time_is_not_offered_to_the_owner(signed_in, fold, slot):
    """The SENCo logged it as used: it is no session of the owner's, and nothing to log."""
    visit = {"student": fold.student, "key_worker": fold.senco, "method": "drop_in"}
    make.SessionFactory(**visit, held_on=TUE_10, starts_at=time(12, 45))
    assert entries(signed_in) == []
    assert said(not_used(signed_in, slot)) == ["That drop-in time is logged already."]


@pytest.mark.parametrize(
    ("starts_at", "minutes", "is_logged"),
    [
        (time(12, 25), 20, True),
        (time(12, 10), 20, False),
        (time(12, 25), None, False),
        (time(12, 59), None, True),
        (time(13), 20, False),
        (None, None, True),
    ],
)
def test_a_visit_that_ran_into_the_time_was_its_use(
    signed_in, fold, slot, starts_at, minutes, is_logged
):
    visit = {"student": fold.student, "key_worker": fold.senco, "method": "drop_in"}
    make.SessionFactory(**visit, held_on=TUE_10, starts_at=starts_at, minutes=minutes)
    assert entries(signed_in) == ([] if is_logged else [("to log", TUE_10)])


@pytest.mark.parametrize("query", ["drop_in=0000000000", "drop_in=", "day=x"])
def test_an_address_that_names_no_time_offers_the_usual(signed_in, fold, query):
    url = reverse("sessions:new", args=[fold.student.ref])
    form = signed_in.get(f"{url}?{query}").context["form"]
    assert form["method"].value() == "one_to_one"


@pytest.mark.parametrize(
    ("day", "message"),
    [
        ("2026-11-17", "Choose a day of that drop-in time, today or earlier."),
        ("2026-11-11", "Choose a day of that drop-in time, today or earlier."),
        ("nonsense", "Choose a day of that drop-in time, today or earlier."),
        ("2026-10-27", "School was closed that day."),
    ],
)
def test_what_is_no_such_time_is_refused(signed_in, slot, day, message):
    assert said(not_used(signed_in, slot, day)) == [message]
    assert not KeyworkSession.objects.exists()


@pytest.mark.parametrize("elsewhere", ["foo", "https://example.org/", "//example.org/"])
def test_it_goes_on_to_a_page_of_ours_only(signed_in, fold, slot, elsewhere):
    answer = not_used(signed_in, slot, next=elsewhere)
    assert answer.redirect_chain[0][0] == reverse("sessions:drop_in", args=[fold.student.ref])


@pytest.mark.parametrize(
    ("days_ago", "on_roll_from", "began"),
    [
        (1, date(2026, 9, 1), "11 November 2026"),
        (2, date(2026, 9, 1), ""),
        (60, date(2026, 11, 11), "11 November 2026"),
        (60, TUE_10, ""),
    ],
)
def test_a_day_before_it_was_agreed_is_neither_offered_nor_logged(
    signed_in, fold, days_ago, on_roll_from, began
):
    fold.student.on_roll_from = on_roll_from
    fold.student.save()
    slot = agreed(fold, days_ago=days_ago)
    page = reverse("sessions:drop_in", args=[fold.student.ref])
    assert entries(signed_in) == ([] if began else [("to log", TUE_10)])
    assert (unused_url(slot) in signed_in.get(page).content.decode()) is not bool(began)
    later = signed_in.get(CALENDAR, {"week": "2026-11-16"}).context["days"][1].entries
    assert [each.slot for each in later] == [slot]
    answer = said(not_used(signed_in, slot))
    if began:
        assert answer == [f"That drop-in time began on {began}: choose a later day."]
    assert KeyworkSession.objects.exists() is not bool(began)


def test_a_time_is_logged_once(signed_in, slot):
    not_used(signed_in, slot)
    assert said(not_used(signed_in, slot)) == ["That drop-in time is logged already."]
    assert KeyworkSession.objects.count() == 1


def test_the_page_of_drop_in_times_says_it_of_the_last_one(signed_in, fold, slot):
    url = reverse("sessions:drop_in", args=[fold.student.ref])
    assert unused_url(slot) in signed_in.get(url).content.decode()
    not_used(signed_in, slot, next=url)
    page = signed_in.get(url).content.decode()
    assert unused_url(slot) not in page
    assert "not used</a>" in page


def test_what_was_corrected_is_not_undone(signed_in, fold, slot):
    not_used(signed_in, slot)
    record = KeyworkSession.objects.get()
    undo = undo_url("drop_in_unused", record, by=fold.key_worker, now=make.NOW)
    record.missed_reason = "declined"
    record.save()
    assert said(signed_in.post(undo, follow=True)) == ["It was corrected meanwhile"]


def test_who_logs_a_time_as_not_used(client, fold):
    found = {}
    for name in RECORDING:
        slot = agreed(fold, time(15), time(16))
        client.force_login(getattr(fold, name))
        found[name] = client.post(unused_url(slot), {"day": "2026-11-10"}).status_code
    assert found == {**RECORDING, "key_worker": 302, "senco": 302}
