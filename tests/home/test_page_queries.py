"""How many queries each page that is open all day takes: as many for much data as for little."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from keywork.refs import new_ref
from sessions.models import SessionAction, TargetReview
from students.models import Strategy
from students.services.change_notices import tell_colleagues
from tests.factories import (
    NOW,
    TODAY,
    SessionFactory,
    StudentFactory,
    TargetFactory,
    assign,
    make_school,
    make_staff,
)
from tests.students.marks import give_marks
from tests.students.slips_of_fold import a_slip, at

pytestmark = pytest.mark.django_db
AT_MOST = 15
# page → queries, on SQLite without Redis as on PostgreSQL
OF_A_KEY_WORKER = {
    "/today/": 15,
    "/caseload/": 14,
    "/students/{ref}/": 15,
    "/students/{ref}/?show=sessions": 15,
    "/students/{ref}/sessions/new/?another=1": 14,
    "/students/{ref}/briefing/": 12,
    "/students/{ref}/attendance/": 10,
    "/students/{ref}/behaviour/": 14,
    "/students/{ref}/targets/": 10,
    "/calendar/": 7,
    "/search/?q=sam": 4,
}
OF_A_SENCO = {"/overview/duties/": 12, "/slips/": 11, "/attendance/": 14, "/students/": 8}


@pytest.fixture(autouse=True)
def _thursday(monkeypatch):
    # The one place that reads the clock.
    monkeypatch.setattr("keywork.clock.now", lambda: NOW)


def a_full_student(school, person, number):
    """A student with something of every kind; the more, the higher the number."""
    student = StudentFactory(school=school, reg_form=f"{number}A")
    assign(student, person)
    for day in range(3, 4 + number):
        held = SessionFactory(student=student, key_worker=person, held_on=date(2026, 11, day))
        SessionAction(keywork_session=held, text="Tell maths", owner=person).save()
        target = TargetFactory(student=student, keywork_session=held, set_by=person)
        review = {"reviewed_on": date(2026, 11, 10), "reviewed_by": person, "outcome": "partly"}
        TargetReview(target=target, **review).save()
        a_slip(student, at(11, day), description="Kind words, Kit Sample", staff=person)
        a_slip(student, at(11, day), level="reward", points=1, category="Effort")
        Strategy(student=student, text=f"Card {day}", added_on=TODAY).save()
    SessionFactory(student=student, key_worker=person, status="planned", held_on=TODAY)
    author = make_staff(school, "senco")
    for _ in range(number):
        tell_colleagues(
            student=student, text="Gran collects", until=TODAY, told=[person], ref=new_ref(),
            by=author, now=NOW,
        )  # fmt: skip
    days = [date(2026, 11, day) for day in range(2, 6 + number)]
    give_marks((student, days[0], "AM", "O"), days=days, student=student)
    return student


def counted(client, pages, ref):
    """Give page → queries of its second request: the first also renews the sign-in."""
    found = {}
    for page in pages:
        client.get(page.format(ref=ref))
        with CaptureQueriesContext(connection) as captured:
            assert client.get(page.format(ref=ref)).status_code == 200, page
        found[page] = len(captured)
    return found


@pytest.mark.parametrize(
    ("role", "pages"), [("key_worker", OF_A_KEY_WORKER), ("senco", OF_A_SENCO)]
)
def test_a_page_takes_as_many_queries_for_much_as_for_little(client, role, pages):
    school = make_school()
    person = make_staff(school, "key_worker")
    client.force_login(person if role == "key_worker" else make_staff(school, role))
    first = a_full_student(school, person, 1)
    StudentFactory(school=school)  # a search that finds one alone leads to them
    little = counted(client, pages, first.ref)
    for number in (2, 3, 4):
        full = a_full_student(school, person, number)
        make_staff(school, "key_worker")
    assert little == pages
    assert counted(client, pages, full.ref) == little
    assert max(pages.values()) <= AT_MOST
