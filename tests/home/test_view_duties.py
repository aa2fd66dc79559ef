"""The school-wide due list, on Thursday 12 November 2026."""

from datetime import date
from urllib.parse import parse_qs

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from keywork.home.views import due as due_view
from tests import factories as make
from tests.factories import NOW, SessionFactory, StudentFactory, TargetFactory

pytestmark = pytest.mark.django_db
URL = "/overview/duties/"


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
def osei(school):
    return make.make_staff(school, "key_worker", first_name="Kofi", last_name="Osei")


@pytest.fixture
def signed_in(client, school):
    client.force_login(make.make_staff(school, "senco"))
    return client


def a_student(school, person, name, seen, form):
    first, _, last = name.partition(" ")
    student = StudentFactory(
        school=school, legal_first_name=first, legal_last_name=last, reg_form=form
    )
    if person:
        make.assign(student, person)
    if seen:
        SessionFactory(student=student, held_on=seen)
    make.log_contact(student)  # home was spoken to this week
    return student


@pytest.fixture
def students(school, priya, osei):
    """A session late since the 10th, one due on the 17th with a review today, and an unassigned.

    The last joined without a key worker today and was never seen.
    """
    late = a_student(school, priya, "Amelia Frost", date(2026, 10, 20), "8C")
    later = a_student(school, osei, "Noah Pike", date(2026, 11, 3), "7A")
    TargetFactory(student=later, review_on=date(2026, 11, 12))
    alone = a_student(school, None, "Zofia Nowak", None, "7A")
    alone.on_roll_from = date(2026, 11, 12)
    alone.save()
    return late, later, alone


def shown(client, query=""):
    """(student, what is owed, chip) of each row."""
    response = client.get(URL + query)
    assert response.status_code == 200
    return [
        (row.student.name.split()[0], row.kind, row.status_words)
        for row in response.context["rows"]
    ]


def words(response):
    return " ".join(response.content.decode().split())


LATE = ("Amelia", "Session", "2 days late")
REVIEW = ("Noah", "Target review", "Today")
UNASSIGNED = ("Zofia", "Key worker to assign", "Today")
SESSION = ("Noah", "Session", "Tue 17 Nov")


@pytest.mark.parametrize("role", ["key_worker", "teacher", "admin", "moderator", "dsl"])
def test_roles_that_do_not_oversee_duties_are_refused(client, school, role):
    client.force_login(make.make_staff(school, role))
    assert client.get(URL).status_code == 403


def test_signed_out_goes_to_sign_in(client):
    assert client.get(URL).url.startswith("/account/login/")


@pytest.mark.parametrize("role", ["senco", "head_of_care", "slt", "head"])
def test_everything_due_the_earliest_first(client, school, students, role):
    client.force_login(make.make_staff(school, role))

    assert shown(client) == [LATE, REVIEW, UNASSIGNED, SESSION]


def test_another_schools_duties_are_not_there(signed_in, students):
    elsewhere = make.make_school("Elsewhere School", "999102")
    a_student(elsewhere, None, "Far Away", None, "7A")

    assert len(shown(signed_in)) == 4


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?kind=session", [LATE, SESSION]),
        ("?kind=target_review", [REVIEW]),
        ("?status=overdue", [LATE]),
        ("?status=due", [REVIEW, UNASSIGNED]),
        ("?status=at_risk", []),
        ("?status=upcoming&kind=session", [SESSION]),
        ("?form=7A", [REVIEW, UNASSIGNED, SESSION]),
        ("?key_worker=none", [UNASSIGNED]),
        ("?form=7A&kind=session&status=upcoming", [SESSION]),
        # What is not understood is left out.
        (
            "?kind=weather&status=&form=12Z&key_worker=me&sort=colour",
            [LATE, REVIEW, UNASSIGNED, SESSION],
        ),
        ("?sort=student", [LATE, REVIEW, SESSION, UNASSIGNED]),
        ("?sort=kind", [UNASSIGNED, LATE, SESSION, REVIEW]),
        ("?sort=key_worker", [UNASSIGNED, REVIEW, SESSION, LATE]),
    ],
)
def test_narrowing_and_sorting(signed_in, students, query, expected):
    assert shown(signed_in, query) == expected


def test_one_key_workers_duties_by_their_address(signed_in, students, osei):
    assert shown(signed_in, f"?key_worker={osei.ref}") == [REVIEW, SESSION]


def test_the_counts_say_what_they_count(signed_in, students):
    html = words(signed_in.get(URL))

    assert "1 <small>of 3 students on roll</small>" in html
    assert "1 <small>of 4 duties listed</small>" in html
    for chip in ("All 4", "Late 1", "Due today 2", "Tight 0", "Coming 1"):
        assert f">{chip}</a>" in html
    assert "Lateness counts school days." in html


def test_the_counts_stay_when_a_status_is_chosen_and_keep_the_other_filters(signed_in, students):
    response = signed_in.get(f"{URL}?form=7A&status=due&page=1")
    chips = response.context["chips"]

    assert [chip["label"] for chip in chips] == [
        *("All 3", "Late 0", "Due today 2", "Tight 0", "Coming 1"),
    ]
    assert [chip["current"] for chip in chips] == [False, False, True, False, False]
    assert parse_qs(chips[1]["url"].removeprefix("?")) == {"form": ["7A"], "status": ["overdue"]}


def test_a_school_that_owes_nothing_prints_zeros(signed_in):
    html = words(signed_in.get(URL))

    assert "0 <small>of 0 students on roll</small>" in html
    assert "Nothing is due within the next 14 days." in html


def test_nothing_found_offers_everything(signed_in, students):
    html = words(signed_in.get(f"{URL}?status=at_risk"))

    assert "Nothing of this kind is due." in html
    assert f'href="{URL}"' in html


def test_each_row_offers_the_act_the_viewer_may_do(client, school, students):
    late, noah, zofia = students

    def acts(role):
        client.force_login(make.make_staff(school, role))
        rows = client.get(URL).context["rows"]
        return [(row.act.label, row.act.url) for row in rows]

    opened = [("Open", f"/students/{each.ref}/") for each in (late, noah, zofia, noah)]
    prepare = ("Prepare", f"/students/{late.ref}/sessions/new/")
    prepare_noah = ("Prepare", f"/students/{noah.ref}/sessions/new/")
    assign = ("Assign", "/assignments/")
    assert acts("senco") == [prepare, *opened[1:3], prepare_noah]
    assert acts("slt") == [*opened[:2], assign, opened[3]]


def test_long_lists_come_in_pages(signed_in, students, monkeypatch):
    monkeypatch.setattr(due_view, "DUTIES_PER_PAGE", 3)

    first = signed_in.get(f"{URL}?sort=act_by")

    assert shown(signed_in) == [LATE, REVIEW, UNASSIGNED]
    assert shown(signed_in, "?page=2") == [SESSION]
    assert "Page 1 of 2, 4 in all" in words(first)
    assert "sort=act_by&amp;page=2" in words(first)


def test_as_many_queries_for_three_students_as_for_one(signed_in, school, priya):
    counted = []
    signed_in.get(URL)
    for name in ("One First", "Two Second", "Three Third"):
        student = a_student(school, priya, name, date(2026, 10, 20), name[:2])
        TargetFactory(student=student)
        with CaptureQueriesContext(connection) as queries:
            assert signed_in.get(URL).status_code == 200
        counted.append(len(queries))
    assert counted == [12, 12, 12]
