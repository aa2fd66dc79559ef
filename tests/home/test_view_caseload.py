"""The caseload, on Thursday 12 November 2026."""

from datetime import date, time

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from keywork.models import OutboxMessage, StaffMember
from tests import factories as make
from tests.factories import NOW, SessionFactory, StudentFactory, TargetFactory

pytestmark = pytest.mark.django_db
URL = "/caseload/"


@pytest.fixture(autouse=True)
def _thursday():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def school():
    return make.make_school()


@pytest.fixture
def priya(school):
    return make.make_staff(school, "key_worker", username="priya")


@pytest.fixture
def signed_in(client, priya):
    client.force_login(priya)
    return client


def a_student(school, person, name, seen=None, role="primary", **more):
    first, _, last = name.partition(" ")
    student = StudentFactory(school=school, legal_first_name=first, legal_last_name=last, **more)
    make.assign(student, person, role=role)
    if seen:
        SessionFactory(student=student, held_on=seen)
    return student


@pytest.fixture
def three(school, priya):
    """Due on the 17th, on the 10th (two school days late) and on the 13th."""
    return (
        a_student(school, priya, "Aaron Able", date(2026, 11, 3), reg_form="7A"),
        a_student(school, priya, "Bea Best", date(2026, 10, 20), reg_form="9B"),
        a_student(school, priya, "Cal Cole", date(2026, 10, 23), reg_form="9B"),
    )


def page_of(client, url=URL):
    response = client.get(url)
    assert response.status_code == 200
    return response.context["page"]


def names(rows):
    return [row.student.name for row in rows]


def words(response):
    return " ".join(response.content.decode().split())


@pytest.mark.parametrize("role", ["teacher", "senco", "slt", "admin", "head_of_care"])
def test_roles_without_a_caseload_are_refused(client, school, role):
    client.force_login(make.make_staff(school, role))
    assert client.get(URL).status_code == 403


def test_signed_out_goes_to_sign_in(client):
    assert client.get(URL).url.startswith("/account/login/")


def test_the_longest_wait_comes_first(signed_in, three):
    page = page_of(signed_in)

    assert names(page.rows) == ["Bea Best", "Cal Cole", "Aaron Able"]
    assert [row.session_words for row in page.rows] == ["2 days late", "Fri 13 Nov", "Tue 17 Nov"]
    assert page.next_up.student.name == "Bea Best"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?sort=name", ["Aaron Able", "Bea Best", "Cal Cole"]),
        ("?sort=seen", ["Bea Best", "Cal Cole", "Aaron Able"]),
        ("?sort=colour", ["Bea Best", "Cal Cole", "Aaron Able"]),
        ("?q=9b&sort=name", ["Bea Best", "Cal Cole"]),
        ("?q=%20able%20", ["Aaron Able"]),
        ("?q=nobody", []),
    ],
)
def test_sorting_and_finding(signed_in, three, query, expected):
    page = page_of(signed_in, URL + query)

    assert names(page.rows) == expected
    assert page.total == 3


def test_nobody_found_offers_everybody(signed_in, three):
    assert "Nobody here matches “nobody”." in words(signed_in.get(f"{URL}?q=nobody"))


def test_a_row_holds_what_the_key_worker_needs(signed_in, school, priya):
    kit = a_student(school, priya, "Kit Sample", date(2026, 11, 3))
    SessionFactory(student=kit, held_on=date(2026, 11, 10))
    TargetFactory(student=kit, review_on=date(2026, 11, 12))
    TargetFactory(student=kit, review_on=date(2026, 11, 30))
    TargetFactory(student=kit, status="achieved", closed_on=date(2026, 11, 10))
    for day in (20, 16):
        SessionFactory(
            student=kit,
            held_on=date(2026, 11, day),
            starts_at=time(9, 5),
            status="planned",
            key_worker=priya,
        )

    (row,) = page_of(signed_in).rows
    html = words(signed_in.get(URL))

    assert (row.quota.state.held, row.quota.state.wanted) == (2, 3)
    assert (row.open_targets, row.to_review) == (2, 1)
    assert row.planned.on == date(2026, 11, 16)
    assert row.prepare_url == f"/sessions/{row.planned.ref}/edit/"
    for text in ("2 of 3", "10 Nov", "Mon 16 Nov 09:05", "1 to review", "Tue 24 Nov"):
        assert text in html


def test_nothing_planned_offers_to_plan(signed_in, three):
    assert f'href="/students/{three[0].ref}/sessions/plan/"' in words(signed_in.get(URL))


def test_the_second_key_worker_lists_them_apart(signed_in, school, priya):
    first = make.make_staff(school, "key_worker")
    student = a_student(school, first, "Noah Pike", date(2026, 11, 3))
    make.assign(student, priya, role="secondary")

    page = page_of(signed_in)

    assert (names(page.rows), names(page.others), page.total) == ([], ["Noah Pike"], 0)
    assert "Second key worker for" in words(signed_in.get(URL))


def test_nobody_elses_students_nor_another_schools(signed_in, school, priya):
    a_student(school, make.make_staff(school, "key_worker"), "Noah Pike", date(2026, 11, 3))
    other = make.make_school("Upper School", "999102")
    make.add_roles(priya, other, "key_worker")
    a_student(other, priya, "Zofia Nowak", date(2026, 11, 3))
    left = a_student(school, priya, "Long Gone", date(2026, 9, 3))
    left.left_on = date(2026, 11, 11)
    left.save()

    page = page_of(signed_in)

    assert page.rows == page.others == []


def test_above_the_limit_of_the_model(signed_in, school, priya):
    for number in range(6):
        a_student(school, priya, f"Kit Sample{number}")

    assert "6 students; the limit is 5." in words(signed_in.get(URL))


def test_a_limit_of_ones_own_goes_before_the_models(signed_in, school, priya, three):
    assert "the limit is" not in words(signed_in.get(URL))
    post = StaffMember.objects.get(user=priya)
    post.capacity = 2
    post.save()

    assert "3 students; the limit is 2." in words(signed_in.get(URL))


def test_no_students_names_who_assigns_them(signed_in, school):
    assert "No students yet. The school’s office assigns them." in words(signed_in.get(URL))
    make.make_staff(school, "admin", first_name="Ola", last_name="Office")

    assert "No students yet. Ola Office assigns them." in words(signed_in.get(URL))


def test_as_many_queries_for_three_students_as_for_one(signed_in, school, priya):
    counted = []
    signed_in.get(URL)
    for name in ("One First", "Two Second", "Three Third"):
        student = a_student(school, priya, name, date(2026, 10, 20))
        SessionFactory(
            student=student, held_on=date(2026, 11, 16), status="planned", key_worker=priya
        )
        TargetFactory(student=student)
        with CaptureQueriesContext(connection) as queries:
            assert signed_in.get(URL).status_code == 200
        counted.append(len(queries))
    assert counted == [14, 14, 14]


ASK = "/caseload/change/"


def test_above_the_limit_one_can_ask_for_a_change(signed_in, priya, three):
    post = StaffMember.objects.get(user=priya)
    post.capacity = 2
    post.save()
    assert f'the limit is 2. <a href="{ASK}">Ask for a change</a>' in words(signed_in.get(URL))
    post.capacity = 3
    post.save()
    assert ASK not in words(signed_in.get(URL))


def test_who_assigns_reads_what_is_asked(client, signed_in, school, priya, three):
    bea = three[1]
    said = {"student": bea.ref, "text": "Six is one too many"}
    readers = [make.make_staff(school, role) for role in ("admin", "head", "slt")]
    others = [make.make_staff(school, role) for role in ("senco", "key_worker")]
    elsewhere = make.make_staff(make.make_school("Other School", urn="999102"), "admin")

    response = signed_in.post(ASK, said, follow=True)
    assert "Asked: " in words(response)
    signed_in.post(ASK, said)  # pressed twice

    for person in readers:
        client.force_login(person)
        page = words(client.get("/notices/"))
        assert page.count("asks for a change of caseload</h3>") == 1
        assert "BB: Six is one too many" in page
        assert f"/assignments/changes/new/?student={bea.ref}" in [
            each.path for each in OutboxMessage.objects.filter(user=person)
        ]
    for person in (*others, elsewhere):
        client.force_login(person)
        assert "asks for a change" not in words(client.get("/notices/"))


def test_a_change_that_is_not_said_is_not_asked_for(signed_in, school, three):
    make.make_staff(school, "admin")
    stranger = a_student(school, make.make_staff(school, "key_worker"), "Not Mine")
    page = words(signed_in.post(ASK, {"student": stranger.ref, "text": ""}))
    assert "There are 2 things to fix" in page
    assert "Say what should change" in page


def test_where_nobody_assigns_it_says_whom_to_ask(signed_in):
    page = words(signed_in.post(ASK, {"text": "Too many"}))
    assert "Ask your head of school." in page
    assert "Too many</textarea>" in page


def test_who_may_change_it_alone_is_sent_to_where_it_is_changed(signed_in, school, priya):
    make.add_roles(priya, school, "slt")
    page = words(signed_in.post(ASK, {"text": "Too many"}))
    assert "Ask your head of school." not in page
    assert '<a href="/assignments/">change it under Key workers</a>' in page
    assert "Too many</textarea>" in page


def test_what_is_typed_is_kept_for_its_own_school(signed_in, school, priya):
    other = make.make_school("Other School", urn="999102")
    make.add_roles(priya, other, "key_worker")
    kept = signed_in.get(ASK).context["form"].kept
    typed = {"text": "Too many of Fold", "draft_token": kept.token, "version": kept.version}
    assert signed_in.post(kept.save_url, typed).status_code == 200
    assert "Too many of Fold</textarea>" in words(signed_in.get(ASK))

    signed_in.post("/me/school/", {"school": other.ref})

    page = signed_in.get(ASK)
    assert page.context["viewer"].school == other
    assert "Too many of Fold" not in words(page)


def test_pages_for_all_ones_students_are_there_without_a_duty(signed_in, school, priya):
    """A second key worker has no next session to prepare."""
    student = a_student(school, priya, "Aaron Able", role="secondary")
    page = words(signed_in.get(URL))
    assert "Prepare next" not in page
    assert "Attendance</a>" in page
    assert "Agencies to update</a>" in page
    assert student.name in page


@pytest.mark.parametrize("role", ["teacher", "senco", "admin"])
def test_who_keeps_no_caseload_asks_for_none(client, school, role):
    client.force_login(make.make_staff(school, role))
    assert client.get(ASK).status_code == 403
