"""Adults at home: who reads and changes what, and who must not be contacted."""

import re
from datetime import date

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts.models import Contact, StudentContact
from tests import factories as make
from tests.factories import NOW, TODAY, StudentFactory, add_contact

pytestmark = pytest.mark.django_db
LOCKED = ("contacts_studentcontact", "contacts_contact")


@pytest.fixture(autouse=True)
def _thursday():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def school():
    return make.make_school()


@pytest.fixture
def jay(school):
    return StudentFactory(school=school, legal_first_name="Jayden", legal_last_name="Thorne")


@pytest.fixture
def office(client, school):
    client.force_login(make.make_staff(school, "admin", first_name="Lena", last_name="Nuttall"))
    return client


def page(client, student):
    return " ".join(client.get(f"/students/{student.ref}/people/").content.decode().split())


def typed(**more):
    return {
        "title": "Ms",
        "first_name": "Dawn",
        "last_name": "Thorne",
        "relationship": "Mother",
        "priority": "1",
        "parental_responsibility": "true",
        "lives_with": "true",
        "receives_reports": "",
        "phone": "07700 900111",
        **more,
    }


def test_the_office_adds_an_adult_and_a_siblings_parent_stays_one(office, jay, school):
    sister = StudentFactory(school=school)
    for student in (jay, sister):
        office.post(f"/students/{student.ref}/people/new/", typed(phone="+44 7700 900111"))
    assert Contact.objects.count() == 1
    assert StudentContact.objects.count() == 2
    html = page(office, jay)
    assert "Ms Dawn Thorne" in html
    assert "Parental responsibility: yes" in html
    assert "Receives reports: not known" in html
    again = office.post(f"/students/{jay.ref}/people/new/", typed(phone="+44 7700 900111"))
    assert "This adult is a contact of the student already" in again.content.decode()


def test_what_is_known_of_a_siblings_parent_stays_known(office, jay, school):
    url = f"/students/{jay.ref}/people/new/"
    known = typed(email="dawn@mail.example.com", interpreter="true", language="Polish")
    office.post(url, known | {"address": "1 High Street", "address_confidential": "on"})
    sister = StudentFactory(school=school)

    office.post(f"/students/{sister.ref}/people/new/", typed(title="Mrs", interpreter="false"))

    mother = Contact.objects.get()
    assert mother.students.count() == 2
    assert (mother.address, mother.address_confidential) == ("1 High Street", True)
    assert (mother.email, mother.language) == ("dawn@mail.example.com", "Polish")
    assert (mother.title, mother.interpreter) == ("Mrs", False)


def test_forbidding_contact_keeps_who_said_so_and_when(office, jay):
    link = add_contact(jay, phone="07700 900111")
    url = f"/people/{link.ref}/edit/"
    answer = office.post(url, typed(do_not_contact="on")).content.decode()
    assert "Say why they must not be contacted" in answer
    office.post(url, typed(do_not_contact="on", do_not_contact_reason="Court order seen"))
    link.refresh_from_db()
    assert (link.do_not_contact_by.full_name, link.do_not_contact_on) == ("Lena Nuttall", TODAY)
    assert "Must not contact: Ms Dawn Thorne.</strong> Court order seen" in page(office, jay)
    assert link.history.first().history_user.full_name == "Lena Nuttall"

    office.post(url, typed())
    link.refresh_from_db()
    assert (link.do_not_contact, link.do_not_contact_by, link.do_not_contact_reason) == (
        *(False, None, ""),
    )


@pytest.mark.parametrize(
    "forbidden",
    [
        {"do_not_contact": "on", "do_not_contact_reason": "She fears him"},
        {"court_order": "non_molestation", "court_order_forbids": "on"},
    ],
)
def test_no_report_goes_to_who_must_not_be_contacted(office, jay, forbidden):
    link = add_contact(jay, receives_reports=True, phone="07700 900111")
    url = f"/people/{link.ref}/edit/"
    answer = office.post(url, typed(receives_reports="true", **forbidden)).content.decode()
    assert "They must not be contacted, so no report may go to them." in answer
    link.refresh_from_db()
    assert (link.do_not_contact, link.court_order) == (False, "")
    office.post(url, typed(receives_reports="false", **forbidden))
    html = page(office, jay)
    assert "Receives reports: no" in html
    assert "07700 900111" in html
    assert "tel:" not in html
    new = f"/students/{jay.ref}/people/new/"
    other = typed(last_name="Other", receives_reports="true", **forbidden)
    assert "so no report may go to them" in office.post(new, other).content.decode()
    assert StudentContact.objects.count() == Contact.objects.count() == 1


def test_a_court_order_says_what_it_is_and_who_saw_it(office, jay):
    link = add_contact(jay)
    order = {
        "court_order": "prohibited_steps",
        "court_order_from": "1/9/26",
        "court_order_until": "1/9/27",
        "court_order_forbids": "on",
        "court_order_seen_on": "today",
        "court_order_says": "Not to collect from school",
    }
    office.post(f"/people/{link.ref}/edit/", typed(**order))
    html = page(office, jay)
    assert "A court order forbids it: prohibited steps." in html
    assert "Seen by Lena Nuttall, 12 Nov 2026" in html
    wrong = {**order, "court_order_until": "1/8/26"}
    answer = office.post(f"/people/{link.ref}/edit/", typed(**wrong)).content.decode()
    assert "An order ends after it was made" in answer


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"last_name": ""}, "Enter a last name"),
        ({"phone": "ring her"}, "Enter a telephone number, like 07700 900123"),
        ({"email": "dawn"}, "Enter an e-mail address, like name@example.org"),
        ({"court_order_forbids": "on"}, "Choose which order forbids it"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field(office, jay, changed, error):
    answer = office.post(f"/students/{jay.ref}/people/new/", typed() | changed)
    assert error in answer.content.decode()
    assert not StudentContact.objects.exists()


def test_two_people_changing_one_adult_lose_nothing(office, jay):
    link = add_contact(jay)
    seen = office.get(f"/people/{link.ref}/edit/").context["form"]["seen"].value()
    link.contact.phone = "07700 900999"
    link.contact.save()
    values = typed(phone="07700 900111", seen=seen)
    answer = office.post(f"/people/{link.ref}/edit/", values).content.decode()
    assert "Changed meanwhile by somebody else: “07700 900999”" in answer
    link.contact.refresh_from_db()
    assert link.contact.phone == "07700 900999"


def test_an_adult_ends_with_why_and_that_can_be_undone(office, jay):
    link = add_contact(jay)
    url = f"/people/{link.ref}/end/"
    assert "Say why" in office.post(url, {}).content.decode()
    answer = office.post(url, {"reason": "Moved abroad"}, follow=True)
    assert "No longer contacts (1)" in answer.content.decode()
    undo = next(each for each in answer.context["messages"]).extra_tags.split()[0]
    office.post(undo)
    link.refresh_from_db()
    assert link.ended_on is None


def test_an_adult_who_comes_back_is_a_contact_again(office, jay):
    new = f"/students/{jay.ref}/people/new/"
    order = {"court_order": "prohibited_steps", "court_order_says": "No collecting"}
    forbids = {"do_not_contact": "on", "do_not_contact_reason": "Asked for"}
    office.post(new, typed(**order, **forbids, lives_with="false"))
    link = StudentContact.objects.get()
    office.post(f"/people/{link.ref}/end/", {"reason": "Moved abroad"})

    refused = office.post(new, typed(receives_reports="true", priority="3"))
    assert "They must not be contacted, so no report may go to them" in refused.content.decode()
    assert StudentContact.objects.get().ended_on == TODAY
    office.post(new, typed(priority="3", lives_with=""))

    back = StudentContact.objects.get()
    assert (back.pk, back.ended_on, back.ended_reason) == (link.pk, None, "")
    assert (back.priority, back.lives_with, back.court_order) == (3, False, "prohibited_steps")
    assert (back.do_not_contact, back.do_not_contact_reason) == (True, "Asked for")
    assert back.history.count() == 3


BANS = [
    {"do_not_contact": "on", "do_not_contact_reason": "Asked for"},
    {"court_order": "non_molestation", "court_order_forbids": "on", "court_order_until": "1/9/27"},
]


@pytest.mark.parametrize("ban", BANS)
@pytest.mark.parametrize(
    "told",
    [
        {"phone": "07700 900222", "email": "new@mail.example.com"},
        {"phone": ""},
        {"first_name": "dawn", "last_name": "THORNE", "phone": "07700 900222"},
        {"court_order": "non_molestation"},
        {"court_order": "care", "court_order_until": "13/11/26", "phone": ""},
    ],
)
def test_who_must_not_be_contacted_stays_so_under_another_number(office, jay, ban, told):
    new = f"/students/{jay.ref}/people/new/"
    office.post(new, typed(**ban))
    link = StudentContact.objects.get()
    why = link.why_not(TODAY)
    office.post(f"/people/{link.ref}/end/", {"reason": "Moved abroad"})

    answer = office.post(new, typed(**told), follow=True).content.decode()

    back = StudentContact.objects.get()
    assert (back.pk, back.ended_on, back.why_not(date(2027, 6, 1))) == (link.pk, None, why)
    assert f"must not be contacted. {why}" in answer
    assert Contact.objects.count() == 1
    assert back.contact.phone == (told.get("phone") or "07700 900111")


def test_a_new_order_that_forbids_has_its_own_days(office, jay):
    new = f"/students/{jay.ref}/people/new/"
    order = {"court_order": "non_molestation", "court_order_forbids": "on"}
    office.post(new, typed(**order, court_order_until="1/9/26"))
    link = StudentContact.objects.get()
    assert link.why_not(TODAY) == ""
    office.post(f"/people/{link.ref}/end/", {"reason": "Moved abroad"})

    office.post(new, typed(**order))

    back = StudentContact.objects.get()
    assert back.court_order_until is None
    assert back.why_not(TODAY) == "A court order forbids it: non-molestation."


def test_two_adults_of_one_name_are_told_apart(office, jay):
    new = f"/students/{jay.ref}/people/new/"
    forbids = {"do_not_contact": "on", "do_not_contact_reason": "Asked for"}
    office.post(new, typed(**forbids))
    again = office.post(new, typed(phone="07700 900222", relationship="Aunt")).content.decode()
    assert "is a contact of the student already: change them under People" in again
    assert StudentContact.objects.count() == 1
    office.post(new, typed(first_name="Dawn (aunt)", phone="07700 900222", relationship="Aunt"))
    assert StudentContact.objects.count() == 2


def test_of_several_who_ended_the_one_forbidden_comes_back(office, jay):
    forbidden = add_contact(jay, do_not_contact=True, ended_on=date(2026, 9, 3))
    add_contact(jay, ended_on=date(2026, 10, 3), phone="07700 900111")
    office.post(f"/students/{jay.ref}/people/new/", typed())
    assert StudentContact.objects.current(TODAY).get() == forbidden


def test_adding_and_changing_lock_in_one_order(office, jay):
    """The link, then the person: otherwise two of the office stop each other."""
    link = add_contact(jay, phone="07700 900111")
    read = {}
    for act, url in (
        ("change", f"/people/{link.ref}/edit/"),
        ("end", f"/people/{link.ref}/end/"),
        ("add", f"/students/{jay.ref}/people/new/"),
    ):
        with CaptureQueriesContext(connection) as queries:
            office.post(url, typed(phone="07700 900333", reason="Moved abroad"))
        tables = [re.search(r'FROM "(\w+)"', each["sql"]) for each in queries]
        read[act] = [m[1] for m in tables if m and m[1] in LOCKED]
    assert read["add"][-2:] == list(LOCKED)
    assert read["change"][-2:] == list(LOCKED)


def test_details_are_asked_for_each_term_until_somebody_checked(client, school, jay):
    priya = make.make_staff(school, "key_worker", first_name="Priya", last_name="Raman")
    make.assign(jay, priya)
    link = add_contact(jay)
    link.contact.checked_on = date(2026, 7, 1)
    link.contact.save()
    client.force_login(priya)
    assert "Not checked this term: Ms Dawn Thorne." in page(client, jay)
    client.post(f"/students/{jay.ref}/people/checked/")
    html = page(client, jay)
    assert "Not checked this term" not in html
    assert "Checked 12 Nov 2026 by Priya Raman" in html


def test_a_confidential_address_is_the_offices(client, school, jay, office):
    link = add_contact(jay)
    office.post(f"/people/{link.ref}/edit/", typed(address="1 Elm Row", address_confidential="on"))
    assert "1 Elm Row" in page(office, jay)
    priya = make.make_staff(school, "key_worker")
    make.assign(jay, priya)
    client.force_login(priya)
    html = page(client, jay)
    assert "The address is confidential." in html
    assert "1 Elm Row" not in html
    assert "1 Elm Row" not in client.get(f"/history/contact/{link.ref}/").content.decode()


@pytest.mark.parametrize(
    ("roles", "status"),
    [(("senco",), 200), (("key_worker",), 403), (("teacher",), 403), (("moderator",), 403)],
)
def test_who_may_change_adults(client, school, jay, roles, status):
    client.force_login(make.make_staff(school, *roles))
    assert client.get(f"/students/{jay.ref}/people/new/").status_code == status


def test_another_schools_adults_are_not_there(client, jay):
    link = add_contact(jay)
    elsewhere = make.make_school("Elsewhere School", "999102")
    client.force_login(make.make_staff(elsewhere, "admin"))
    for url in (f"/students/{jay.ref}/people/new/", f"/people/{link.ref}/edit/"):
        assert client.get(url).status_code == 404


def test_the_page_costs_the_same_for_three_adults(office, jay, django_assert_max_num_queries):
    for number in range(3):
        add_contact(jay, f"Adult{number}", priority=number + 1)
        with django_assert_max_num_queries(15):
            page(office, jay)
