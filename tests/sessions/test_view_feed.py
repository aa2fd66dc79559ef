import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from icalendar import Calendar

from sessions.ical import FeedEntry, feed_file
from sessions.models import CalendarFeed
from sessions.services.planning import cancel_session, move_session
from tests import factories as make
from tests.sessions.fold import asks_to_sign_in, make_fold, statuses

pytestmark = pytest.mark.django_db

SETTINGS = "/calendar/feed/"
LONDON = ZoneInfo("Europe/London")


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


def make_address(client):
    page = client.post("/calendar/feed/new/").content.decode()
    return re.search(r'value="http://localhost:8000(/calendar/feed/[^"]+\.ics)"', page)[1]


def read(client, address):
    client.logout()
    response = client.get(address)
    assert response.status_code == 200
    return response


def events(response):
    return Calendar.from_ical(response.content).walk("VEVENT")


def plan(fold, day, start=time(13, 40), **more):
    return make.SessionFactory(
        student=fold.student,
        held_on=day,
        starts_at=start,
        **{
            "key_worker": fold.key_worker,
            "status": "planned",
            "venue": "Library nook",
            **more,
        },
    )


def test_who_has_a_feed(client, fold):
    expected = {
        "key_worker": 200,
        "colleague": 200,
        "senco": 200,
        "moderator": 403,
        "admin": 403,
        "teacher": 403,
        "stranger": 200,
    }
    assert statuses(client, fold, SETTINGS) == expected
    assert statuses(client, fold, "/calendar/feed/new/", "post") == expected
    assert CalendarFeed.objects.count() == 4
    assert asks_to_sign_in(client, SETTINGS)


def test_the_address_is_shown_once_and_not_kept_anywhere(signed_in):
    address = make_address(signed_in)
    again = signed_in.get(SETTINGS)

    assert len(address.split("/")[3].removesuffix(".ics")) == 43
    assert "Switched on" in again.content.decode()
    assert "Not read yet." in again.content.decode()
    assert ".ics" not in again.content.decode()
    assert "no-store" in signed_in.post("/calendar/feed/new/")["Cache-Control"]


def test_making_and_revoking_are_posted(signed_in):
    assert signed_in.get("/calendar/feed/new/").status_code == 405
    assert signed_in.get("/calendar/feed/revocation/").status_code == 405


def test_the_file_names_no_student(signed_in, client, fold):
    planned = plan(fold, date(2026, 11, 16), focus="ehcp", details="secret")

    response = read(client, make_address(signed_in))

    (event,) = events(response)
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert response["Cache-Control"] == "private, max-age=900"
    assert response["X-Robots-Tag"] == "noindex"
    assert str(event["SUMMARY"]) == "Session J.T."
    assert str(event["LOCATION"]) == "Library nook"
    assert str(event["UID"]) == f"{planned.ref}@localhost"
    text = response.content.decode()
    assert not re.search("jayden|thorne|ehc|secret", text, re.IGNORECASE)


def test_times_are_londons_on_both_sides_of_the_change_of_clocks(signed_in, client, fold):
    plan(fold, date(2026, 10, 23))  # summer time
    plan(fold, date(2026, 11, 16))
    plan(fold, date(2027, 3, 25))
    plan(fold, date(2027, 4, 12))  # summer time again

    response = read(client, make_address(signed_in))

    starts = [event["DTSTART"].dt for event in events(response)]
    assert [start.astimezone(UTC) for start in starts] == [
        datetime(2026, 10, 23, 12, 40, tzinfo=UTC),
        datetime(2026, 11, 16, 13, 40, tzinfo=UTC),
        datetime(2027, 3, 25, 13, 40, tzinfo=UTC),
        datetime(2027, 4, 12, 12, 40, tzinfo=UTC),
    ]
    text = response.content.decode()
    assert "DTSTART;TZID=Europe/London:20261116T134000" in text
    assert "BEGIN:VTIMEZONE\r\nTZID:Europe/London" in text


def test_a_session_ends_after_its_minutes_and_one_without_a_time_lasts_all_day(
    signed_in, client, fold
):
    plan(fold, date(2026, 11, 16), minutes=15)
    plan(fold, date(2026, 11, 17), start=None)

    timed, whole = events(read(client, make_address(signed_in)))

    assert timed["DTEND"].dt - timed["DTSTART"].dt == timedelta(minutes=15)
    assert (whole["DTSTART"].dt, whole["DTEND"].dt) == (date(2026, 11, 17), date(2026, 11, 18))


def test_a_session_moved_is_the_same_entry_with_a_higher_number(signed_in, client, fold):
    planned = plan(fold, date(2026, 11, 16))
    address = make_address(signed_in)
    (before,) = events(read(client, address))

    later = make.NOW + timedelta(hours=1)
    with time_machine.travel(later, tick=False):
        move_session(
            keywork_session=planned,
            held_on=date(2026, 11, 17),
            starts_at=time(9, 0),
            minutes=20,
            venue="Hut",
            by=fold.key_worker,
            now=later,
        )
        (after,) = events(read(client, address))

    assert before["UID"] == after["UID"]
    assert (before["SEQUENCE"], after["SEQUENCE"]) == (0, 1)
    assert after["LAST-MODIFIED"].dt == later
    assert after["DTSTART"].dt == datetime(2026, 11, 17, 9, 0, tzinfo=LONDON)


def test_only_ones_own_sessions_of_the_weeks_around_today(signed_in, client, fold):
    wanted = [
        plan(fold, make.TODAY - timedelta(days=28)),
        plan(fold, date(2026, 11, 3), status="held"),
        plan(fold, make.TODAY + timedelta(days=182)),
    ]
    plan(fold, make.TODAY - timedelta(days=29))
    plan(fold, make.TODAY + timedelta(days=183))
    plan(fold, date(2026, 11, 4), status="missed", missed_reason="declined")
    plan(fold, date(2026, 11, 18), key_worker=fold.senco)
    cancel_session(
        keywork_session=plan(fold, date(2026, 11, 19)),
        reason="Trip",
        by=fold.key_worker,
        now=make.NOW,
    )
    # A student who is somebody else's now.
    make.SessionFactory(
        student=fold.foreign, key_worker=fold.key_worker, held_on=make.TODAY, status="planned"
    )

    found = {str(event["UID"]) for event in events(read(client, make_address(signed_in)))}

    assert found == {f"{each.ref}@localhost" for each in wanted}


def test_an_empty_feed_is_a_calendar_too(signed_in, client):
    response = read(client, make_address(signed_in))

    assert Calendar.from_ical(response.content)["X-WR-CALNAME"] == "Keywork"
    assert events(response) == []


def test_a_wrong_or_revoked_address_is_missing(signed_in, client):
    address = make_address(signed_in)
    wrong = address.replace(".ics", "x.ics")
    assert client.get(wrong).status_code == 404

    response = signed_in.post("/calendar/feed/revocation/", follow=True)

    assert "The address no longer works." in response.content.decode()
    assert "Switched off" in response.content.decode()
    client.logout()
    assert client.get(address).status_code == 404
    assert client.post(address).status_code == 405


def test_a_new_address_ends_the_old_one(signed_in, client):
    first, second = make_address(signed_in), make_address(signed_in)
    client.logout()

    assert (client.get(first).status_code, client.get(second).status_code) == (404, 200)


def test_the_feed_ends_with_the_account_and_with_the_post(signed_in, client, fold):
    address = make_address(signed_in)
    client.logout()
    record = fold.key_worker.staff_records.get()
    record.ends_on = make.TODAY
    record.save()
    assert client.get(address).status_code == 200

    record.ends_on = make.TODAY - timedelta(days=1)
    record.save()
    assert client.get(address).status_code == 404

    record.ends_on = None
    record.save()
    fold.key_worker.is_active = False
    fold.key_worker.save()
    assert client.get(address).status_code == 404


def test_the_last_read_is_shown_to_the_hour(signed_in, client, fold):
    address = make_address(signed_in)
    read(client, address)
    with time_machine.travel(make.NOW + timedelta(minutes=30), tick=False):
        read(client, address)
    client.force_login(fold.key_worker)

    assert "Last read Thursday 12 November 2026, 10:00." in client.get(SETTINGS).content.decode()


def test_reading_takes_the_same_number_of_queries_however_much_is_planned(
    signed_in, client, fold, django_assert_num_queries
):
    address = make_address(signed_in)
    plan(fold, date(2026, 11, 16))
    read(client, address)

    with django_assert_num_queries(3):  # the feed, the owner's roles, the sessions
        client.get(address)
    plan(fold, date(2026, 11, 17))
    plan(fold, date(2026, 11, 18))
    with django_assert_num_queries(3):
        client.get(address)


def test_a_file_is_folded_and_escaped_as_the_standard_says():
    entry = FeedEntry(
        ref="abc",
        initials="AF",
        day=date(2026, 11, 16),
        starts_at=time(9, 0),
        minutes=20,
        venue="Hall; past the long corridor, second door on the left after the library stairs",
        changes=0,
        changed_at=make.NOW,
    )

    text = feed_file([entry], name="Keywork", host="keywork.example").decode()

    assert max(len(line.encode()) for line in text.split("\r\n")) <= 75
    assert r"LOCATION:Hall\; past the long corridor\, second door" in text.replace("\r\n ", "")
    assert "CLASS:PRIVATE" in text
    assert "DESCRIPTION" not in text
