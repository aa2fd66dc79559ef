"""The log of a student's contacts with home."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts.models import ContactLogEntry
from tests import factories as make
from tests.factories import NOW, StudentFactory, add_contact, log_contact, slip

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _thursday():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def school():
    return make.make_school()


@pytest.fixture
def priya(school):
    return make.make_staff(school, "key_worker", first_name="Priya", last_name="Raman")


@pytest.fixture
def jay(school, priya):
    student = StudentFactory(school=school, legal_first_name="Jayden", legal_last_name="Thorne")
    make.assign(student, priya)
    return student


@pytest.fixture
def signed_in(client, priya):
    client.force_login(priya)
    return client


def html(answer):
    return " ".join(answer.content.decode().split())


def test_newest_first_with_the_balance_of_the_last_ten(signed_in, jay, priya):
    reward = slip(jay, level="reward", category="Kind act")
    for number in range(11):
        log_contact(jay, NOW - timedelta(days=number + 1), summary=f"Talk {number}")
    log_contact(jay, NOW - timedelta(hours=1), about=[reward], home_view="So proud!")
    log_contact(jay, NOW, good_news="Ten points", outcome="voicemail", made_by=priya)
    page = html(signed_in.get(f"/students/{jay.ref}/home/"))
    assert "Good news in 2 of the last 10" in page
    assert "good news in 2 of the last 10" in html(signed_in.get(f"/students/{jay.ref}/"))
    assert page.index("Ten points") < page.index("So proud!") < page.index("Talk 0")


def test_filters_keep_what_they_say(signed_in, jay):
    log_contact(jay, summary="We talked")
    log_contact(jay, outcome="voicemail", summary="Beep")
    log_contact(jay, channel="letter", outcome="sent", good_news="A prize")
    said = {"spoke": "We talked", "attempts": "Beep", "written": "A prize", "good": "A prize"}
    for show, words in said.items():
        page = html(signed_in.get(f"/students/{jay.ref}/home/", {"show": show}))
        shown = {each for each in said.values() if each in page}
        assert shown == {words}


def test_other_students_stand_as_initials_here_and_on_the_timeline(signed_in, jay, school):
    StudentFactory(school=school, legal_first_name="Femi", legal_last_name="Ade")
    entry = log_contact(jay, summary="Femi Ade was there.")
    for url in (
        f"/students/{jay.ref}/home/",
        entry.get_absolute_url(),
        f"/students/{jay.ref}/?show=home",
        f"/students/{jay.ref}/",
    ):
        page = html(signed_in.get(url))
        assert "FA was there." in page, url
        assert "Femi" not in page


def test_the_student_page_says_when_home_was_spoken_to(signed_in, jay):
    assert "Spoke to home</dt> <dd>Not yet" in html(signed_in.get(f"/students/{jay.ref}/"))
    log_contact(jay, NOW - timedelta(days=2))
    log_contact(jay, outcome="voicemail")
    assert "Spoke to home</dt> <dd>10 November" in html(signed_in.get(f"/students/{jay.ref}/"))
    assert "spoke 10 Nov" in html(signed_in.get("/caseload/"))


def test_a_contact_is_taken_back_by_its_author_with_why(signed_in, client, jay, priya, school):
    entry = log_contact(jay, made_by=priya, recorded_at=NOW)
    url = f"/contacts/{entry.ref}/withdrawal/"
    assert "Say why you take it back" in html(signed_in.post(url))
    signed_in.post(url, {"reason": "Another student’s"})
    entry.refresh_from_db()
    assert (entry.withdrawn_by, entry.withdrawn_reason) == (priya, "Another student’s")
    assert signed_in.get(f"/contacts/{entry.ref}/").status_code == 404
    others = log_contact(jay, made_by=make.make_staff(school, "slt"), recorded_at=NOW)
    assert signed_in.get(f"/contacts/{others.ref}/withdrawal/").status_code == 403


def test_who_reads_it(client, jay, school):
    entry = log_contact(jay)
    for roles, statuses in (
        (("senco",), (200, 200)),
        (("admin",), (403, 404)),
        (("key_worker",), (403, 404)),
        (("teacher",), (404, 404)),
    ):
        client.force_login(make.make_staff(school, *roles))
        urls = (f"/students/{jay.ref}/home/", entry.get_absolute_url())
        assert tuple(client.get(url).status_code for url in urls) == statuses, roles
    elsewhere = make.make_school("Elsewhere School", "999102")
    client.force_login(make.make_staff(elsewhere, "senco"))
    assert client.get(f"/students/{jay.ref}/home/").status_code == 404


def test_the_list_costs_the_same_for_three_entries(signed_in, jay, priya):
    counted = []
    signed_in.get(f"/students/{jay.ref}/home/")
    for number in range(3):
        record = slip(jay, NOW - timedelta(hours=number))
        adult = add_contact(jay, f"Adult{number}", priority=number + 1)
        log_contact(jay, about=[record], made_by=priya, adult=adult, summary="Said.")
        with CaptureQueriesContext(connection) as queries:
            signed_in.get(f"/students/{jay.ref}/home/")
        counted.append(len(queries))
    assert counted == [counted[0]] * 3
    assert counted[0] <= 15
    assert ContactLogEntry.objects.count() == 3


def test_the_briefing_holds_what_home_said_since_the_last_session(signed_in, jay, priya, school):
    StudentFactory(school=school, legal_first_name="Femi", legal_last_name="Ade")
    make.SessionFactory(student=jay, held_on=(NOW - timedelta(days=3)).date())
    log_contact(jay, NOW - timedelta(days=5), home_view="Before the session")
    log_contact(jay, NOW - timedelta(days=1), home_view="Femi Ade rang us", made_by=priya)
    log_contact(jay, outcome="voicemail", summary="Beep")
    page = html(signed_in.get(f"/students/{jay.ref}/sessions/new/"))
    assert "Home’s view: FA rang us" in page
    assert "Phone, Priya Raman, 11 Nov" in page
    assert "Before the session" not in page
    assert "Beep" not in page
