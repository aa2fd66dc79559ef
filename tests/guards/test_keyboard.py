"""Everything by keyboard: each stop of Tab is seen, and nothing covers it."""

import pytest
from django.urls import reverse

from tests.browsers import DESKTOP, PHONE

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

MOST_STOPS = 150
# What is focused: "" at the end of the page, a complaint where it cannot be seen, else "ok".
LOOK = """() => {
  const stop = document.activeElement;
  if (!stop || stop === document.body) return "";
  const label = stop.closest("label") ?? stop.labels?.[0];
  const box = stop.getBoundingClientRect();
  const what = stop.outerHTML.slice(0, 140);
  const within = (x, y) => {
    const hit = document.elementFromPoint(x, y);
    return hit && (stop.contains(hit) || hit.contains(stop) && hit === label || label === hit
      || label?.contains(hit));
  };
  const points = [[0.5, 0.5], [0.1, 0.5], [0.9, 0.5], [0.5, 0.1], [0.5, 0.9]];
  const seen = points.filter(([x, y]) => within(box.x + box.width * x, box.y + box.height * y));
  if (!seen.length) return `hidden behind something: ${what}`;
  const styled = (each) => {
    const style = getComputedStyle(each);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  };
  return styled(stop) || (label && styled(label)) ? "ok" : `no focus to be seen: ${what}`;
}"""


def walk(page):
    """Tab through the whole page: (how many stops, complaints)."""
    complaints = []
    for stops in range(MOST_STOPS):
        page.keyboard.press("Tab")
        seen = page.evaluate(LOOK)
        if not seen:
            return stops, complaints
        if seen != "ok":
            complaints.append(f"{page.url}: {seen}")
    return MOST_STOPS, [*complaints, f"{page.url}: Tab never leaves the page"]


def test_what_is_wrong_is_seen(page):
    page.set_content(
        "<style>a { outline: none } div { position: fixed; inset: 0 0 auto; height: 9rem;"
        " background: white }</style><button>Below the bar</button><div>Bar</div>"
        "<p style='margin-top: 20rem'><a href='/x/'>Without an outline</a></p>"
    )
    _, found = walk(page)
    assert [each.split(": ")[1] for each in found] == [
        "hidden behind something",
        "no focus to be seen",
    ]


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desk", "phone"])
def test_every_stop_is_seen(viewport, as_role):
    world, page = as_role("key_worker", viewport=viewport)
    own = world.of["own"]
    complaints = []
    for url in (
        reverse("today"),
        reverse("caseload"),
        reverse("student", args=[own.student.ref]),
        reverse("sessions:edit", args=[own.planned.ref]),
        reverse("sessions:targets", args=[own.student.ref]),
        reverse("sessions:calendar"),
        f"{reverse('search')}?q=o",
    ):
        page.goto(url)
        stops, found = walk(page)
        assert stops > 8, url
        complaints += found
    assert complaints == []


def test_the_skip_link_comes_first_and_leads_to_the_content(as_role):
    _, page = as_role("key_worker")
    page.goto("/today/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to main content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_a_row_s_menu_opens_closes_and_gives_the_focus_back(as_role):
    _, page = as_role("key_worker")
    page.goto("/today/")
    menu = page.locator(".row-actions details.more").first
    menu.locator("summary").focus()
    page.keyboard.press("Enter")
    assert menu.get_attribute("open") is not None
    page.keyboard.press("Tab")
    assert menu.evaluate("(menu) => menu.contains(document.activeElement)")
    page.keyboard.press("Escape")
    assert menu.get_attribute("open") is None
    assert menu.locator("summary").evaluate("(each) => each === document.activeElement")


def test_the_list_of_keys_and_the_keys_on_it(as_role):
    _, page = as_role("key_worker")
    page.goto("/help/")
    page.keyboard.press("?")
    page.locator("#keys-dialog[open]").wait_for()
    page.keyboard.press("Escape")
    page.locator("#keys-dialog[open]").wait_for(state="detached")
    page.keyboard.type("gc")
    page.wait_for_url("**/caseload/")
    page.keyboard.type("gt")
    page.wait_for_url("**/today/")


def test_a_radio_group_and_a_fold_of_the_log_form(as_role):
    world, page = as_role("key_worker")
    page.goto(reverse("sessions:edit", args=[world.of["own"].planned.ref]))
    page.locator("input[name=feeling]").first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert page.locator("input[name=feeling]:checked").get_attribute("value") == "3"
    fold = page.locator("#s3 details.fold")
    fold.locator("summary").focus()
    page.keyboard.press("Enter")
    assert fold.get_attribute("open") is not None
