"""No page scrolls sideways at 320 px or 400 % zoom, and nothing to press is too small."""

import pytest

from tests.site_pages import EMPTY_THE_FORM, MAIN_ROLES, OPEN_PAGES, forms_of, pages_of

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

PHONE, ZOOMED = {"width": 320, "height": 640}, {"width": 320, "height": 225}
# Tables may scroll in a frame of their own; nothing else may reach beyond the edge.
SIDEWAYS = """() => {
  const root = document.documentElement;
  if (root.scrollWidth <= root.clientWidth) return [];
  const beyond = [...document.querySelectorAll("body *")].filter(
    (each) => each.getBoundingClientRect().right > root.clientWidth + 1);
  return [`${root.scrollWidth} px wide`, ...beyond.slice(0, 3).map(
    (each) => each.outerHTML.slice(0, 120))];
}"""
STUCK = """() => [...document.querySelectorAll("body *")]
  .filter((each) => ["sticky", "fixed"].includes(getComputedStyle(each).position))
  .filter((each) => each.checkVisibility() && each.getBoundingClientRect().height > 4)
  .filter((each) => !each.matches(".visually-hidden-focusable, .visually-hidden"))
  .map((each) => each.outerHTML.slice(0, 120))"""
# A link in a sentence is as high as its line (WCAG 2.5.8, inline); a box counts with its label.
SMALL = """() => [...document.querySelectorAll(
    "a[href], button, input, select, textarea, summary")]
  .filter((each) => each.checkVisibility({visibilityProperty: true, opacityProperty: true}))
  .filter((each) => !each.closest(".visually-hidden, .visually-hidden-focusable"))
  .filter((each) => !(each.matches("a") && getComputedStyle(each).display === "inline"))
  .filter((each) => {
    const {width} = each.getBoundingClientRect();
    return width > 0 && ![each, ...each.labels ?? []].some((target) => {
      const box = target.getBoundingClientRect();
      return box.width >= 23.5 && box.height >= 23.5;
    });
  })
  .map((each) => each.outerHTML.slice(0, 120))"""


def problems(page):
    found = []
    for viewport in (ZOOMED, PHONE):
        page.set_viewport_size(viewport)
        found += [f"sideways: {each}" for each in page.evaluate(SIDEWAYS)]
        if viewport == ZOOMED:
            found += [f"sticky: {each}" for each in page.evaluate(STUCK)]
    found += [f"small: {each}" for each in page.evaluate(SMALL)]
    return [f"{page.url}: {each}" for each in found]


def test_what_is_wrong_is_seen(page):
    page.set_content(
        "<meta name=viewport content='width=device-width'><p style='position: sticky; top: 0'>Bar"
        "</p><button style='width: 20px'>x</button><div style='width: 400px'>Wide</div>"
    )
    kinds = [each.split(": ")[1] for each in problems(page)]
    assert set(kinds) == {"sideways", "sticky", "small"}


@pytest.mark.parametrize("role", MAIN_ROLES)
def test_every_page_and_every_form_with_errors(role, as_role):
    world, page = as_role(role)
    found = []
    for url in pages_of(world, role):
        page.goto(url)
        found += problems(page)
    for url in forms_of(world, role):
        page.goto(url)
        with page.expect_navigation():
            page.evaluate(EMPTY_THE_FORM)
        found += problems(page)
    assert found == []


def test_pages_of_somebody_signed_out(page, on_the_day):
    found = []
    for url in sorted(OPEN_PAGES):
        page.goto(url)
        found += problems(page)
    assert found == []
