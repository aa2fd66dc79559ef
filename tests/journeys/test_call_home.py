"""A call home from the slip to the duty answered; a second person is told that it was made."""

import pytest

from contacts.models import ContactLogEntry
from tests import factories as make
from tests.factories import NOW

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without"])
def test_from_the_slip_to_the_answer_and_a_second_person(script, fold, new_context, sign_in):
    mum = make.add_contact(fold.jayden, phone="07700 900111")
    make.add_contact(fold.jayden, "Gil", priority=2, do_not_contact=True)
    make.slip(fold.jayden, NOW)
    kofi = make.make_staff(
        fold.school, "senco", username="kofi", first_name="Kofi", last_name="Osei"
    )
    page = new_context(java_script_enabled=script).new_page()
    sign_in(page, "priya")
    row = page.locator("ol.ledger > li", has_text="Call home").first
    assert "High-level slip: Left the room at 10:00 today." in row.inner_text()
    row.get_by_role("link", name="Log call").click()

    assert "Must not contact: Ms Gil Thorne." in page.inner_text("#call")
    assert page.get_by_label("Left the room on 12/11/2026").is_checked()
    page.get_by_label("Spoke", exact=True).check()
    page.get_by_label("Note").fill("He came back by himself after ten minutes.")
    page.get_by_role("button", name="Save call").last.click()
    page.wait_for_url("**/today/")
    assert page.get_by_text("Call saved. Home knows. Answered: today’s call home").is_visible()
    assert not page.locator("ol.ledger > li", has_text="Call home").count()

    second = new_context(java_script_enabled=script).new_page()
    sign_in(second, "kofi")
    second.goto(f"/students/{fold.jayden.ref}/home/new/")
    told = second.inner_text("main")
    assert "Priya Raman already spoke to Ms Dawn Thorne about this" in told
    entry = ContactLogEntry.objects.get(made_by=fold.priya)
    assert entry.adult == mum
    assert kofi != entry.made_by
