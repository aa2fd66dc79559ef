import re
from datetime import date, time, timedelta

import pytest
import time_machine
from django.urls import reverse

from keywork.models import ClosedDay
from sessions.models import DropInSlot, KeyworkSession, SessionGroup
from tests import factories as make
from tests.sessions.fold import RECORDING, asks_to_sign_in, make_fold, queries_of, statuses

pytestmark = pytest.mark.django_db

PLAN = {
    "held_on": "mon",
    "starts_at": "13:40",
    "minutes": "20",
    "venue": "Library nook",
    "focus": "student_voice",
}


@pytest.fixture(autouse=True)
def _thursday():
    with time_machine.travel(make.NOW, tick=False):
        yield


@pytest.fixture
def fold():
    return make_fold()


@pytest.fixture
def page(fold):
    return reverse("sessions:plan", args=[fold.student.ref])


@pytest.fixture
def signed_in(client, fold):
    client.force_login(fold.key_worker)
    return client


@pytest.fixture
def planned(fold):
    return make.SessionFactory(
        student=fold.student,
        key_worker=fold.key_worker,
        status="planned",
        held_on=date(2026, 11, 16),
        starts_at=time(13, 40),
    )


def words(response):
    main = response.content.decode().split("<main", 1)[1].split("</main>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


# Planning


def test_who_plans(client, fold, page):
    assert statuses(client, fold, page) == RECORDING
    assert asks_to_sign_in(client, page)


def test_the_form_starts_from_the_last_session_and_what_the_half_term_lacks(signed_in, fold, page):
    fold.student.sen_status = "E"
    fold.student.save()
    for focus, day in [("ehcp", 3), ("iep", 5)]:
        make.SessionFactory(
            student=fold.student,
            focus=focus,
            held_on=date(2026, 11, day),
            starts_at=time(9, day),
            venue=f"Room {day}",
        )

    assert signed_in.get(page).context["form"].initial == {
        "held_on": date(2026, 11, 13),
        "starts_at": time(9, 5),
        "venue": "Room 5",
        "minutes": 20,
        "focus": "student_voice",
    }


def test_one_session_is_planned(signed_in, fold, page):
    response = signed_in.post(page, PLAN, follow=True)

    planned = KeyworkSession.objects.get()
    assert response.redirect_chain == [("/calendar/", 302)]
    assert (planned.held_on, planned.starts_at, planned.status) == (
        date(2026, 11, 16),
        time(13, 40),
        "planned",
    )
    assert (planned.key_worker, planned.student) == (fold.key_worker, fold.student)
    assert "Session with Jayden planned for Monday 16 November 2026 at 13:40." in words(response)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"held_on": "14/11/26"}, "on Saturday 14 November it is a weekend"),
        ({"held_on": "11/11/26"}, "Choose a day from today on"),
        ({"held_on": "soon"}, "Enter a date, like 12/11/2026"),
        ({"starts_at": "late"}, "Enter a time, like 13:40"),
        ({"starts_at": ""}, "Enter a time, like 13:40"),
        ({"minutes": "45"}, "A session is 20 minutes at most"),
        ({"minutes": "x"}, "Enter the number of minutes, like 20"),
        ({"focus": "football"}, "Select a valid choice"),
    ],
)
def test_what_does_not_fit_is_said_and_what_was_typed_stays(signed_in, page, changes, message):
    response = signed_in.post(page, {**PLAN, **changes})

    assert message in words(response)
    assert "There is 1 thing to fix" in words(response)
    assert 'value="Library nook"' in response.content.decode()
    assert not KeyworkSession.objects.exists()


def test_a_clash_names_the_other_session(signed_in, fold, page, planned):
    response = signed_in.post(page, PLAN)

    assert "There is a session with Jayden planned on Monday 16 November at 13:40" in words(
        response
    )
    assert KeyworkSession.objects.get() == planned


def test_a_series_is_shown_before_anything_is_saved(signed_in, fold, page, planned):
    inset = date(2026, 11, 30)
    ClosedDay(school=fold.school, kind="inset", name="INSET", start=inset, end=inset).save()

    response = signed_in.post(page, {**PLAN, "repeat": "on"})

    text = words(response)
    assert "Plan 3 sessions with Jayden?" in text
    assert "Mon 16 Nov Left out. There is a session with Jayden planned" in text
    assert "Mon 30 Nov Left out. Choose a school day: on Monday 30 November it is an INSET" in text
    assert re.findall(r'name="days" value="([^"]+)"', response.content.decode()) == [
        "2026-11-23",
        "2026-12-07",
        "2026-12-14",
    ]
    assert KeyworkSession.objects.count() == 1


def test_the_dates_ticked_are_planned(signed_in, fold, page):
    confirmed = {**PLAN, "repeat": "on", "confirmed": "1", "days": ["2026-11-23", "2026-12-07"]}

    response = signed_in.post(page, confirmed, follow=True)

    assert "2 sessions with Jayden planned." in words(response)
    assert [
        (each.held_on, each.starts_at, each.minutes, each.venue, each.focus)
        for each in KeyworkSession.objects.order_by("held_on")
    ] == [
        (date(2026, 11, 23), time(13, 40), 20, "Library nook", "student_voice"),
        (date(2026, 12, 7), time(13, 40), 20, "Library nook", "student_voice"),
    ]


@pytest.mark.parametrize(
    ("days", "message"),
    [
        ([], "Choose at least one date"),
        (["2026-11-24"], "Choose from the dates shown"),
        (["2026-11-16", "2026-11-23"], "There is a session with Jayden planned"),
    ],
)
def test_a_series_that_does_not_fit_is_shown_again_and_plans_nothing(
    signed_in, page, planned, days, message
):
    response = signed_in.post(page, {**PLAN, "repeat": "on", "confirmed": "1", "days": days})

    assert message in words(response)
    assert "<title>Error:" in " ".join(response.content.decode().split())
    assert KeyworkSession.objects.get() == planned


def test_from_the_dates_one_goes_back_to_the_form_as_it_was(signed_in, page):
    response = signed_in.post(page, {**PLAN, "repeat": "on", "again": "1"})

    assert response.context["form"]["venue"].value() == "Library nook"
    assert response.context["form"]["repeat"].value() is True
    assert not KeyworkSession.objects.exists()


def test_a_series_in_a_calendar_that_ends_offers_nothing(signed_in, page):
    response = signed_in.post(page, {**PLAN, "held_on": "1/6/2027", "repeat": "on"})

    assert "No free date with Jayden" in words(response)


# Moving and cancelling


@pytest.mark.parametrize("name", ["move", "cancellation"])
def test_who_moves_and_cancels(client, fold, planned, name):
    url = reverse(f"sessions:{name}", args=[planned.ref])

    assert statuses(client, fold, url) == {**RECORDING, "colleague": 404}
    assert asks_to_sign_in(client, url)


@pytest.mark.parametrize("name", ["move", "cancellation"])
def test_only_planned_sessions_are_moved_and_cancelled(signed_in, fold, name):
    held = make.SessionFactory(student=fold.student)

    assert signed_in.get(reverse(f"sessions:{name}", args=[held.ref])).status_code == 404


def test_a_session_is_moved(signed_in, planned):
    url = reverse("sessions:move", args=[planned.ref])
    assert signed_in.get(url).context["form"]["held_on"].value() == date(2026, 11, 16)

    response = signed_in.post(
        url, {"held_on": "17/11/26", "starts_at": "09:15", "minutes": "15", "venue": "Hut"}
    )

    planned.refresh_from_db()
    assert response["Location"] == "/calendar/"
    assert (planned.held_on, planned.starts_at, planned.minutes, planned.venue) == (
        date(2026, 11, 17),
        time(9, 15),
        15,
        "Hut",
    )


def test_a_session_is_not_moved_to_a_closed_day(signed_in, planned):
    url = reverse("sessions:move", args=[planned.ref])

    response = signed_in.post(
        url, {"held_on": "25/12/26", "starts_at": "09:15", "minutes": "15", "venue": "Hut"}
    )

    assert "on Friday 25 December it is a bank holiday" in words(response)
    planned.refresh_from_db()
    assert planned.held_on == date(2026, 11, 16)


def test_a_session_is_cancelled_with_a_reason_and_can_be_undone(signed_in, planned):
    url = reverse("sessions:cancellation", args=[planned.ref])
    assert "Say why it is cancelled" in words(signed_in.post(url, {"reason": " "}))

    response = signed_in.post(url, {"reason": "Trip"}, follow=True)

    assert "Session of Monday 16 November 2026 at 13:40 cancelled. Undo" in words(response)
    planned.refresh_from_db()
    assert planned.withdrawn_at == make.NOW
    undo = re.search(r'action="(/undo/[^"]+)"', response.content.decode())[1]

    response = signed_in.post(undo, follow=True)

    planned.refresh_from_db()
    assert planned.withdrawn_at is None
    assert "Undone. The session is planned again." in words(response)


# Drop-in times


@pytest.fixture
def drop_in_page(fold):
    return reverse("sessions:drop_in", args=[fold.student.ref])


AGREE = {"weekday": "1", "starts_at": "15:15", "ends_at": "15:30", "venue": "Hub"}


def test_who_agrees_drop_in_times(client, fold, drop_in_page):
    assert statuses(client, fold, drop_in_page) == RECORDING
    assert asks_to_sign_in(client, drop_in_page)


def test_a_drop_in_time_is_agreed_and_removed_and_comes_back(signed_in, fold, drop_in_page):
    response = signed_in.post(drop_in_page, AGREE, follow=True)
    assert "Tuesday 15:15 to 15:30, Hub Priya Raman" in words(response)
    slot = DropInSlot.objects.get()

    removed = signed_in.post(reverse("sessions:drop_in_withdrawal", args=[slot.ref]), follow=True)

    assert "None agreed yet." in words(removed)
    undo = re.search(r'action="(/undo/[^"]+)"', removed.content.decode())[1]
    assert "Tuesday 15:15 to 15:30" in words(
        signed_in.post(undo, HTTP_REFERER=f"http://testserver{drop_in_page}", follow=True)
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"ends_at": "15:15"}, "Choose a time after the start"),
        ({"weekday": ""}, "Choose a day"),
        ({"weekday": "6"}, "Select a valid choice"),
        ({"starts_at": "x"}, "Enter a time, like 13:40"),
    ],
)
def test_a_drop_in_time_that_does_not_fit_is_refused(signed_in, drop_in_page, changes, message):
    assert message in words(signed_in.post(drop_in_page, {**AGREE, **changes}))
    assert not DropInSlot.objects.exists()


def test_who_removes_a_drop_in_time(client, fold):
    found = {}
    for name in RECORDING:
        slot = DropInSlot(
            student=fold.student,
            key_worker=fold.key_worker,
            weekday=1,
            starts_at=time(15),
            ends_at=time(16),
        )
        slot.save()
        client.force_login(getattr(fold, name))
        url = reverse("sessions:drop_in_withdrawal", args=[slot.ref])
        found[name] = client.post(url).status_code
    assert found == {**RECORDING, "key_worker": 302, "senco": 302}
    assert DropInSlot.objects.exclude(withdrawn_at=None).count() == 2


def test_the_drop_in_page_takes_as_many_queries_for_one_time_as_for_three(
    signed_in, fold, drop_in_page, django_assert_max_num_queries
):
    def agree(weekday):
        DropInSlot(
            student=fold.student,
            key_worker=make.UserFactory(),
            weekday=weekday,
            starts_at=time(15),
            ends_at=time(16),
        ).save()

    agree(0)
    one = queries_of(signed_in, drop_in_page, django_assert_max_num_queries)
    agree(1)
    agree(2)

    assert queries_of(signed_in, drop_in_page, django_assert_max_num_queries) == one
    assert one <= 15


# The calendar

CALENDAR = "/calendar/"


def test_who_has_a_calendar(client, fold):
    assert statuses(client, fold, CALENDAR) == {
        "key_worker": 200,
        "colleague": 200,
        "senco": 200,
        "moderator": 403,
        "admin": 403,
        "teacher": 403,
        "stranger": 200,
    }
    assert asks_to_sign_in(client, CALENDAR)


def entries(response):
    return [
        (f"{day.day:%a}", day.closed, [entry.chip or "drop-in" for entry in day.entries])
        for day in response.context["days"]
    ]


def test_a_week_shows_ones_own_sessions_drop_in_times_and_closed_days(client, fold):
    inset = date(2026, 11, 13)
    ClosedDay(school=fold.school, kind="inset", name="INSET", start=inset, end=inset).save()
    mine = {"student": fold.student, "key_worker": fold.key_worker}
    make.SessionFactory(**mine, held_on=date(2026, 11, 9), status="planned")
    make.SessionFactory(**mine, held_on=date(2026, 11, 10), starts_at=time(9, 0))
    make.SessionFactory(
        **mine,
        held_on=date(2026, 11, 10),
        starts_at=time(8, 0),
        status="missed",
        missed_reason="declined",
    )
    make.SessionFactory(**mine, held_on=make.TODAY, starts_at=time(13, 40), status="planned")
    make.SessionFactory(
        **mine,
        held_on=make.TODAY,
        status="planned",
        withdrawn_at=make.NOW,
        withdrawn_by=fold.key_worker,
    )
    make.SessionFactory(student=fold.student, key_worker=fold.senco, held_on=make.TODAY)
    make.SessionFactory(**mine, held_on=date(2026, 11, 16), status="planned")
    for weekday in (3, 4):
        DropInSlot(
            student=fold.student,
            key_worker=fold.key_worker,
            weekday=weekday,
            starts_at=time(12),
            ends_at=time(13),
        ).save()
    client.force_login(fold.key_worker)

    response = client.get(CALENDAR)

    assert entries(response) == [
        ("Mon", "", ["Not logged yet"]),
        ("Tue", "", ["Missed", "Held"]),
        ("Wed", "", []),
        ("Thu", "", ["drop-in", "Planned"]),
        ("Fri", "INSET day", []),
    ]
    text = words(response)
    assert "Autumn 2, week 2 of 7 My week, 9 November to 15 November 2026" in text
    assert "13:40 –14:00 Jayden Thorne 9B" in text
    assert "Plan sessions with Jayden Thorne 9B" in text


def test_plans_for_the_same_time_are_marked_but_not_those_of_one_group(client, fold):
    other = make.StudentFactory(school=fold.school, legal_first_name="Mia", legal_last_name="Ost")
    make.assign(other, fold.key_worker)
    group = SessionGroup(school=fold.school)
    group.save()

    def plan(student, day, at, **more):
        values = {"status": "planned", "held_on": date(2026, 11, day), "starts_at": at, **more}
        return make.SessionFactory(student=student, key_worker=fold.key_worker, **values)

    plan(fold.student, 9, time(13, 40))
    plan(other, 9, time(13, 50))
    for student in (fold.student, other):
        plan(student, 10, time(13, 40), group=group)
    plan(fold.student, 11, time(13, 40))
    plan(other, 11, time(14, 0))
    plan(other, 11, time(13, 40), status="held")
    client.force_login(fold.key_worker)

    response = client.get(CALENDAR)

    marked = [
        (day.day.day, entry.session.student.name, entry.clash.name)
        for day in response.context["days"]
        for entry in day.entries
        if entry.clash
    ]
    assert marked == [(9, "Jayden Thorne", "Mia Ost"), (9, "Mia Ost", "Jayden Thorne")]
    assert "Clash At the same time as Mia Ost. Move one of them." in words(response)


def test_other_weeks_have_their_address(signed_in, planned):
    response = signed_in.get(CALENDAR, {"week": "2026-11-18"})

    assert entries(response)[0] == ("Mon", "", ["Planned"])
    assert (response.context["earlier"], response.context["later"]) == (
        "/calendar/?week=2026-11-09",
        "/calendar/?week=2026-11-23",
    )


@pytest.mark.parametrize("asked", ["", "soon", "9999-12-31", "0001-01-01", "2026-13-01"])
def test_an_address_that_is_no_week_shows_this_week(signed_in, asked):
    assert signed_in.get(CALENDAR, {"week": asked}).context["week"].start == date(2026, 11, 9)


def test_an_empty_week_a_closed_week_and_a_session_at_the_weekend(signed_in, fold):
    assert "Nothing planned this week." in words(signed_in.get(CALENDAR))

    holiday = signed_in.get(CALENDAR, {"week": "2026-12-23"})
    assert "School is closed all week. Nothing falls due." in words(holiday)
    assert [day.closed for day in holiday.context["days"]] == [
        *["Holiday"] * 4,
        "Bank holiday",
    ]

    make.SessionFactory(
        student=fold.student, key_worker=fold.key_worker, held_on=date(2026, 11, 14)
    )
    assert entries(signed_in.get(CALENDAR))[-1] == ("Sat", "Weekend", ["Held"])


def test_a_former_key_worker_no_longer_sees_the_sessions(client, fold, planned):
    assignment = fold.student.assignments.get()
    assignment.end = make.TODAY - timedelta(days=1)
    assignment.save()
    client.force_login(fold.key_worker)

    response = client.get(CALENDAR, {"week": "2026-11-16"})

    assert "Jayden" not in words(response)


def test_the_calendar_takes_as_many_queries_for_one_row_as_for_three(
    signed_in, fold, django_assert_max_num_queries
):
    def fill():
        student = make.StudentFactory(school=fold.school)
        make.assign(student, fold.key_worker)
        make.SessionFactory(student=student, key_worker=fold.key_worker, held_on=make.TODAY)
        DropInSlot(
            student=student,
            key_worker=fold.key_worker,
            weekday=1,
            starts_at=time(15),
            ends_at=time(16),
        ).save()

    fill()
    one = queries_of(signed_in, CALENDAR, django_assert_max_num_queries)
    fill()
    fill()

    assert queries_of(signed_in, CALENDAR, django_assert_max_num_queries) == one
    assert one <= 15
