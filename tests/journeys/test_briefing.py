"""The briefing in a browser: it agrees with hand-counted numbers; what may upset stays closed."""

import re

import pytest

from tests.factories import NOW, PASSWORD
from tests.sessions.briefed import OTHERS, TABLE, UPSETTING, Briefed

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def planted(transactional_db, monkeypatch):
    # The server answers from a thread of this process, so it takes this for the time.
    monkeypatch.setattr("keywork.clock.now", lambda: NOW)
    return Briefed()


def signed_in(page):
    page.goto("/account/login/")
    page.locator("input[name=login]").fill("priya")
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main form button").first.click()
    page.wait_for_url(re.compile(r"/(today|caseload)/"))
    return page


def rows_of(page):
    rows = page.locator("#b-since tbody tr")
    return [tuple(row.locator("th, td").all_inner_texts()) for row in rows.all()]


def test_the_briefing_agrees_with_numbers_counted_by_hand(planted, page, axe_violations):
    signed_in(page).goto(f"/students/{planted.kit.ref}/sessions/new/")
    assert rows_of(page) == TABLE
    assert axe_violations(page) == []


def test_what_may_upset_is_hidden_until_it_is_opened(planted, page):
    signed_in(page).goto(f"/students/{planted.kit.ref}/sessions/new/")
    upsetting = page.get_by_text(UPSETTING)
    assert page.get_by_text("Read before you show the screen.").is_visible()
    assert not upsetting.is_visible()
    page.get_by_text("Open the slip of 12 November").click()
    assert upsetting.is_visible()
    shown = page.locator("body").inner_text()
    assert [name for name in OTHERS if name in shown] == []


def test_without_javascript_on_a_phone_too(planted, new_context):
    context = new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    page = signed_in(context.new_page())
    page.goto(f"/students/{planted.kit.ref}/sessions/new/")
    assert rows_of(page) == TABLE
    assert not page.get_by_text(UPSETTING).is_visible()
    wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    assert not wide
    page.get_by_label("I read this before the session").check()


def test_the_paper_is_one_page_of_a4(planted, page):
    signed_in(page).goto(f"/students/{planted.kit.ref}/briefing/")
    assert rows_of(page) == TABLE
    drawn = page.pdf(format="A4", margin=dict.fromkeys(("top", "bottom", "left", "right"), "12mm"))
    assert len(re.findall(rb"/Type\s*/Page\b", drawn)) == 1
    page.emulate_media(media="print")
    assert page.get_by_text("Confidential · Fold School").is_visible()
    assert not page.get_by_text(UPSETTING).is_visible()
