"""Nothing is wrong with any page, its errors and its empty states: each is opened once for all.

axe finds nothing at 1280 and 390 px, light and dark: all rules, best practice and WCAG 2.2's
target size among them, run once at each width; the colours are looked at in both schemes at both
widths. No page scrolls sideways at 320 px or 400 % zoom, and nothing to press is too small.
"""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests import factories as make
from tests.browsers import DESKTOP, PHONE
from tests.site_pages import EMPTY_THE_FORM, MAIN_ROLES, OPEN_PAGES, forms_of, pages_of, sign_in

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

# Style sheets are the site's own, so axe need not fetch them a second time.
EVERYTHING = {"resultTypes": ["violations"], "preload": False}
COLOURS = {**EVERYTHING, "runOnly": ["color-contrast", "link-in-text-block"]}
HEIGHT = "Math.max(document.documentElement.scrollHeight, innerHeight)"
LOOKS = (
    (DESKTOP, "light", EVERYTHING),
    (DESKTOP, "dark", COLOURS),
    (PHONE, "dark", EVERYTHING),
    (PHONE, "light", COLOURS),
)
NARROW, ZOOMED = {"width": 320, "height": 640}, {"width": 320, "height": 225}
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


def violations(page, *, covered=False):
    """What axe finds on the page as it stands, in every look: readable lines.

    covered: something lies open over the page; what is half below it is not too small for that.
    """
    page.evaluate(Axe().axe_script)
    found = []
    for viewport, scheme, options in LOOKS:
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size(viewport)
        # as high as the page, so that nothing is half below a bar that sticks to the bottom
        page.set_viewport_size({**viewport, "height": page.evaluate(HEIGHT)})
        rules = {"target-size": {"enabled": not covered}} if options == EVERYTHING else {}
        answer = page.evaluate("(options) => axe.run(options)", {**options, "rules": rules})
        for each in answer["violations"]:
            place = f"{page.url} {viewport['width']} {scheme}: {each['id']}"
            found += [f"{place}: {node['html'][:160]}" for node in each["nodes"]]
    page.set_viewport_size(DESKTOP)
    return found


def misfits(page):
    """What does not fit a narrow or enlarged page as it stands: readable lines."""
    found = []
    for viewport in (ZOOMED, NARROW):
        page.set_viewport_size(viewport)
        found += [f"sideways: {each}" for each in page.evaluate(SIDEWAYS)]
        if viewport == ZOOMED:
            found += [f"sticky: {each}" for each in page.evaluate(STUCK)]
    found += [f"small: {each}" for each in page.evaluate(SMALL)]
    page.set_viewport_size(DESKTOP)
    return [f"{page.url}: {each}" for each in found]


def visit(page, addresses):
    found = []
    for url in addresses:
        response = page.goto(url)
        assert response.status < 500, url
        found += violations(page) + misfits(page)
    return found


def test_axe_sees_what_is_wrong(page, live_server):
    page.set_content(
        "<html lang=en><title>Bad</title><main><h1>Bad</h1><p style='color: #ccc'>Faint</p>"
        "<input><h4>Skipped</h4></main>"
    )
    rules = {each.split(": ")[1] for each in violations(page)}
    assert rules == {"color-contrast", "label", "heading-order"}


def test_what_does_not_fit_is_seen(page):
    page.set_content(
        "<meta name=viewport content='width=device-width'><p style='position: sticky; top: 0'>Bar"
        "</p><button style='width: 20px'>x</button><div style='width: 400px'>Wide</div>"
    )
    kinds = [each.split(": ")[1] for each in misfits(page)]
    assert set(kinds) == {"sideways", "sticky", "small"}


@pytest.mark.parametrize("half", [0, 1])
@pytest.mark.parametrize("role", MAIN_ROLES)
def test_every_page(role, half, as_role):
    world, page = as_role(role)
    assert visit(page, pages_of(world, role)[half::2]) == []


@pytest.mark.parametrize("role", MAIN_ROLES)
def test_every_form_with_its_errors(role, as_role):
    world, page = as_role(role)
    found = []
    for url in forms_of(world, role):
        page.goto(url)
        with page.expect_navigation():
            page.evaluate(EMPTY_THE_FORM)
        assert page.locator(".error-summary").count() == 1, f"no error summary: {url}"
        assert page.title().startswith("Error: "), url
        found += violations(page) + misfits(page)
    assert found == []


def test_pages_of_somebody_signed_out(page, on_the_day, live_server):
    found = visit(page, sorted(OPEN_PAGES))
    page.goto("/account/login/")
    page.fill("#id_login", "nobody")
    page.fill("#id_password", "wrong")
    page.get_by_role("button", name="Sign in").click()
    page.locator(".error-summary").wait_for()
    assert found + violations(page) == []


def test_a_school_where_nothing_happened_yet(new_context, on_the_day, live_server):
    school = make.make_school(calendar=False)
    found = []
    pages = {
        "key_worker": (
            "/today/", "/caseload/", "/students/", "/calendar/", "/followups/", "/drafts/",
            "/log/", "/calendar/feed/",
        ),
        "senco": ("/today/", "/overview/duties/"),
        "teacher": ("/students/",),
        "admin": ("/assignments/", "/imports/", "/settings/calendar/", "/staff/"),
        "trust_lead": ("/me/", "/today/"),
    }  # fmt: skip
    for role, addresses in pages.items():
        context = new_context()
        sign_in(context, make.make_staff(school, role), live_server.url)
        found += visit(context.new_page(), addresses)
    assert found == []


def test_the_hidden_screen_and_a_menu_left_open(as_role):
    _, page = as_role("key_worker")
    page.goto("/today/")
    found = []
    page.locator(".row-actions details.more summary").first.click()
    found += violations(page, covered=True)
    page.goto("/today/")
    page.keyboard.press("?")
    page.locator("#keys-dialog[open]").wait_for()
    found += violations(page, covered=True)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Hide").click()
    page.wait_for_url("**/hide/")
    assert found + violations(page) == []
