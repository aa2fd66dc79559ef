"""A slip on a phone-sized screen: the taps are counted."""

import re
from datetime import date

import pytest

from students.models import BehaviourRecord, Incident
from tests import factories as make
from tests.factories import PASSWORD, StudentFactory

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


class Taps:
    """Every tap of a journey, counted."""

    def __init__(self, page):
        self.page, self.count = page, 0

    def __call__(self, locator):
        self.count += 1
        locator.tap()


@pytest.fixture
def fold(transactional_db):
    # The server's own clock runs: dates are the run's.
    school = make.make_school(calendar=False)
    priya = make.make_staff(school, "key_worker", username="priya")
    for name in ("Kit Sample", "Amelia Frost"):
        first, last = name.split()
        student = StudentFactory(
            school=school,
            legal_first_name=first,
            legal_last_name=last,
            on_roll_from=date(2020, 9, 1),
        )
        make.assign(student, priya, start=date(2020, 9, 1))
    StudentFactory(
        school=school,
        legal_first_name="Noah",
        legal_last_name="Patel",
        on_roll_from=date(2020, 9, 1),
    )
    return school


def signed_in(page):
    page.goto("/account/login/")
    page.get_by_label("Username").or_(page.locator("input[name=login]")).first.fill("priya")
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main form button").first.click()
    page.wait_for_url(re.compile(r"/(today|caseload)/"))
    return page


def test_a_low_slip_takes_at_most_seven_taps_from_log(fold, phone):
    page = signed_in(phone)
    page.goto("/log/")
    tap = Taps(page)
    tap(page.get_by_role("link", name="Slip or reward"))
    page.wait_for_url("**/slips/new/")
    tap(page.locator("label", has_text="Low level"))
    tap(page.locator("label", has_text="Kit S"))
    tap(page.locator("label", has_text="Calling out"))
    tap(page.locator("label", has_text="Reminder"))
    tap(page.get_by_role("button", name="Save slip").last)
    page.wait_for_url(re.compile(r"/slips/[0-9a-z]{10}/$"))
    assert tap.count <= 7
    assert page.get_by_text("Slip saved: Calling out, Kit Sample.").is_visible()
    record = BehaviourRecord.objects.get()
    assert (record.level, record.category, record.response) == ("low", "Calling out", "Reminder")


def test_only_what_the_level_needs_is_shown(fold, phone):
    page = signed_in(phone)
    page.goto("/slips/new/")
    assert not page.get_by_text("Calling out").is_visible()
    page.locator("label", has_text="High level").tap()
    assert page.get_by_text("Bullying").is_visible()
    assert not page.get_by_text("Calling out").is_visible()
    assert page.get_by_label("Consequence").is_visible()
    page.locator("label", has_text="Growth mindset").tap()
    assert not page.get_by_text("Bullying").is_visible()
    assert not page.get_by_label("Consequence").is_visible()


def test_several_students_found_by_letters(fold, phone):
    page = signed_in(phone)
    page.goto("/slips/new/")
    page.locator("label", has_text="Low level").tap()
    page.locator("label", has_text="Kit S").tap()
    page.get_by_label("Someone else").press_sequentially("noa")
    page.locator("label", has_text="Noah Patel").tap()
    page.get_by_label("Noah Patel").last.wait_for()
    page.locator("select[name^=part_]").first.wait_for()
    assert page.locator("select[name^=part_]").count() == 2
    page.locator("label", has_text="Unkind words").tap()
    page.get_by_role("button", name="Save slip").last.tap()
    page.wait_for_url(re.compile(r"/slips/[0-9a-z]{10}/$"))
    assert Incident.objects.get().records.count() == 2
    # The page shown is of one of them alone.
    shown = page.locator("main").inner_text()
    assert ("Noah" in shown) != ("Kit" in shown)


def test_a_slip_without_javascript(fold, new_context):
    context = new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    page = signed_in(context.new_page())
    page.goto("/slips/new/")
    page.get_by_label("Low level").check()
    page.get_by_label("Someone else").fill("noah")
    page.get_by_role("button", name="Find").click()
    page.get_by_label("Noah Patel").check()
    page.get_by_label("Phone", exact=True).check()
    page.get_by_role("button", name="Save slip").last.click()
    page.wait_for_url(re.compile(r"/slips/[0-9a-z]{10}/$"))
    assert BehaviourRecord.objects.get().student.legal_first_name == "Noah"
