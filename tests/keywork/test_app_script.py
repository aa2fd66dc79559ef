"""static/js/app.js in a real browser, against a small server that answers as told."""

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

SCRIPT = (Path(__file__).resolve().parents[2] / "static" / "js" / "app.js").read_text()
SITE = "http://localhost:9"
FORM_PAGE = """<!doctype html><title>Log</title>
<style>#search-results { position: absolute; right: 0 }</style>
<script src="/app.js" type="module"></script>
<body data-hide-url="/hide/" data-today-url="/today/" data-sign-in-url="/sign-in/"
      data-stay-url="/stay/" data-session-seconds="1800" BODY>
<form class="search" action="/search/"><input id="q" name="q">
  <div id="search-results"><a href="/a/">A</a><a href="/b/">B</a></div></form>
<form data-hide method="post" action="/hide/"><button>Hide screen</button></form>
<details class="more"><summary>More</summary><a href="/x/">X</a></details>
<div id="notices" role="status"></div>
<main>SUMMARY
<form id="log" method="post" action="/log/" data-draft-url="/draft/">
  <input type="hidden" name="csrfmiddlewaretoken" value="token">
  <input type="hidden" name="version" value="4">
  <label><input type="radio" name="held" value="yes" checked>It happened</label>
  <label><input type="radio" name="held" value="no">It did not</label>
  <p data-show-when="held=no">Why not?</p>
  <textarea id="notes" name="notes"></textarea>
  <select name="method"><option>one_to_one</option></select>
  <ul><li id="specific" data-met-by="notes">Specific</li></ul>
  <details id="fold"><summary>When</summary><input id="on" name="on" data-echo="/dates/"></details>
  <span role="status" data-draft-status></span>
  <button name="action" value="draft">Save and leave</button>
  <button name="action" value="finish" data-primary>Finish</button>
</form></main><dialog id="keys-dialog"><button>Close</button></dialog>"""
SUMMARY = '<div class="error-summary" tabindex="-1"><a href="#on">Enter a date</a></div>'


class Server:
    """Answers the page's requests and remembers what was posted."""

    def __init__(self):
        self.posts = []
        self.draft_answer = (200, {"saved_at": "13:52", "version": 5})
        self.slow = None  # a list takes the requests that are answered later
        self.body = ""
        self.summary = ""

    def handle(self, route):
        path = urlsplit(route.request.url).path
        if route.request.method == "POST":
            self.posts.append((path, parse_qs(route.request.post_data or "")))
        if path == "/app.js":
            route.fulfill(body=SCRIPT, content_type="text/javascript")
        elif path == "/draft/" and self.slow is not None:
            self.slow.append(route)
        elif path == "/draft/":
            status, answer = self.draft_answer
            route.fulfill(status=status, json=answer) if status else route.abort()
        elif path == "/dates/":
            route.fulfill(body="Thursday 12 November", content_type="text/plain")
        elif path == "/form/":
            html = FORM_PAGE.replace("BODY", self.body).replace("SUMMARY", self.summary)
            route.fulfill(body=html, content_type="text/html")
        else:
            route.fulfill(body=f"<title>{path}</title>", content_type="text/html")

    def drafts(self):
        return [fields for path, fields in self.posts if path == "/draft/"]


@pytest.fixture
def server():
    return Server()


@pytest.fixture
def tab(browser, server):
    """A tab whose clock the test moves."""
    context = browser.new_context(timezone_id="Europe/London")
    context.set_default_timeout(10_000)
    context.route("**/*", server.handle)
    page = context.new_page()
    page.clock.install(time="2026-11-12T13:50:00Z")
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("dialog", lambda dialog: dialog.accept())
    yield page
    context.close()
    assert errors == []


@pytest.fixture
def form_page(tab):
    tab.goto(f"{SITE}/form/")
    return tab


def type_and_wait(page, text, milliseconds=2100):
    page.fill("#notes", text)
    page.clock.run_for(milliseconds)


def expect_notice(page, words):
    page.locator("#notices", has_text=words).wait_for()


def test_a_draft_is_saved_two_seconds_after_typing_stops(form_page, server):
    # Stopped, so that no moment of a slow machine's counts beside those that pass here.
    form_page.clock.pause_at("2026-11-12T13:50:30Z")
    type_and_wait(form_page, "He said", 1900)
    assert server.drafts() == []
    form_page.clock.run_for(200)
    form_page.locator("[data-draft-status]", has_text="Draft saved at 13:52").wait_for()
    [draft] = server.drafts()
    assert (draft["notes"], draft["version"]) == (["He said"], ["4"])
    assert form_page.input_value("[name=version]") == "5"


def test_nothing_is_sent_while_nothing_changes(form_page, server):
    form_page.clock.run_for(60_000)
    assert server.drafts() == []


def test_without_a_network_it_says_so_and_tries_again(form_page, server):
    server.draft_answer = (0, None)
    type_and_wait(form_page, "He said")
    expect_notice(form_page, "Not saved since 13:50. Keep this page open.")
    server.draft_answer = (200, {"saved_at": "13:53", "version": 6})
    form_page.clock.run_for(5000)
    form_page.locator("[data-draft-status]", has_text="Draft saved at 13:53").wait_for()
    assert form_page.inner_text("#notices") == ""
    assert server.drafts()[-1]["notes"] == ["He said"]


def test_a_draft_changed_elsewhere_is_not_overwritten(form_page, server):
    server.draft_answer = (409, {"message": "Changed in another tab.", "url": "/compare/"})
    type_and_wait(form_page, "Mine")
    expect_notice(form_page, "Changed in another tab.")
    assert form_page.get_attribute("#notices a", "href") == "/compare/"
    type_and_wait(form_page, "Mine again", 60_000)
    assert len(server.drafts()) == 1
    assert form_page.input_value("#notes") == "Mine again"


def test_signed_out_keeps_the_text(form_page, server):
    server.draft_answer = (401, {})
    type_and_wait(form_page, "Mine")
    expect_notice(form_page, "You are signed out. Your text is still here")
    assert form_page.input_value("#notes") == "Mine"


def test_control_s_saves_at_once(form_page, server):
    form_page.fill("#notes", "Now")
    form_page.keyboard.press("Control+s")
    form_page.locator("[data-draft-status]", has_text="Draft saved").wait_for()
    assert server.drafts()[0]["notes"] == ["Now"]


@pytest.fixture
def under_way(form_page, server):
    """A draft is being saved, and more is typed meanwhile."""
    server.slow = []
    with form_page.expect_request("**/draft/"):
        type_and_wait(form_page, "He said")
    form_page.fill("#notes", "He said more")
    return form_page


def sent(server):
    found = [fields for path, fields in server.posts if path == "/log/"]
    return [(each["notes"], each["version"], each["action"]) for each in found]


def test_a_form_sent_while_its_draft_is_being_saved_waits_for_that(under_way, server):
    under_way.evaluate("""() => {
        const button = document.querySelector("[data-primary]");
        button.click();
        button.click();
    }""")
    under_way.clock.run_for(500)
    assert sent(server) == []
    server.slow[0].fulfill(json={"saved_at": "13:52", "version": 5})
    under_way.wait_for_url("**/log/")
    assert sent(server) == [(["He said more"], ["5"], ["finish"])]
    assert len(server.drafts()) == 1


def test_a_form_is_sent_though_its_draft_is_never_answered(under_way, server):
    under_way.click("[data-primary]")
    under_way.clock.run_for(3100)
    under_way.wait_for_url("**/log/")
    assert sent(server) == [(["He said more"], ["4"], ["finish"])]
    assert len(server.drafts()) == 1


def test_a_form_is_sent_after_its_draft_could_not_be_saved(under_way, server):
    under_way.click("[data-primary]")
    server.slow[0].abort()
    under_way.wait_for_url("**/log/")
    assert sent(server) == [(["He said more"], ["4"], ["finish"])]


def test_three_shifts_save_the_draft_and_leave_no_way_back_to_the_page(tab, server):
    tab.goto(f"{SITE}/before/")
    tab.goto(f"{SITE}/form/")
    tab.fill("#notes", "Private")
    for _ in range(3):
        tab.keyboard.press("Shift")
    tab.wait_for_url("**/hide/")
    assert [path for path, _ in server.posts] == ["/draft/", "/hide/"]
    assert server.drafts()[0]["notes"] == ["Private"]
    tab.go_back()
    assert tab.url == f"{SITE}/before/"


def test_shift_in_ordinary_typing_does_not_hide(form_page):
    for key in ("Shift", "a", "Shift", "b", "Shift"):
        form_page.keyboard.press(key)
    assert form_page.url == f"{SITE}/form/"
    assert form_page.is_visible("#log")


def test_a_double_click_sends_once_with_the_buttons_value(form_page, server):
    form_page.evaluate("document.querySelector('[value=finish]').click()")
    form_page.wait_for_url("**/log/")
    form_page.goto(f"{SITE}/form/")
    server.posts.clear()
    form_page.evaluate(
        "() => { const b = document.querySelector('[value=finish]'); b.click(); b.click(); }"
    )
    form_page.wait_for_url("**/log/")
    assert [(path, fields["action"]) for path, fields in server.posts] == [("/log/", ["finish"])]


def test_control_enter_presses_the_primary_button(form_page, server):
    form_page.focus("#notes")
    form_page.keyboard.press("Control+Enter")
    form_page.wait_for_url("**/log/")
    assert server.posts[0][1]["action"] == ["finish"]


def test_plain_keys_rest_while_somebody_types(form_page):
    form_page.focus("#notes")
    form_page.keyboard.type("/gt?")
    assert form_page.input_value("#notes") == "/gt?"
    assert form_page.url == f"{SITE}/form/"


def test_slash_goes_to_the_search_and_arrows_walk_the_results(form_page):
    form_page.keyboard.press("/")
    assert form_page.evaluate("document.activeElement.id") == "q"
    for expected in ("A", "B", "B"):
        form_page.keyboard.press("ArrowDown")
        assert form_page.evaluate("document.activeElement.textContent") == expected
    form_page.keyboard.press("Escape")
    assert form_page.evaluate("document.activeElement.id") == "q"
    assert form_page.inner_html("#search-results") == ""


def test_g_then_t_goes_to_today(form_page):
    form_page.keyboard.press("g")
    form_page.keyboard.press("t")
    form_page.wait_for_url("**/today/")


def test_keys_can_be_switched_off(tab, server):
    server.body = 'data-keys="off"'
    tab.goto(f"{SITE}/form/")
    tab.keyboard.press("?")
    tab.keyboard.press("/")
    assert tab.evaluate("document.activeElement.tagName") == "BODY"
    assert tab.locator("dialog[open]").count() == 0


def test_question_mark_lists_the_keys(form_page):
    form_page.keyboard.press("?")
    assert form_page.locator("dialog[open]").count() == 1


def test_menus_close_on_escape_and_on_a_click_elsewhere(form_page):
    for leave in (lambda: form_page.keyboard.press("Escape"), lambda: form_page.click("#notes")):
        form_page.click("details.more summary")
        assert form_page.locator("details.more[open]").count() == 1
        leave()
        assert form_page.locator("details.more[open]").count() == 0


def test_the_end_of_the_sign_in_is_announced_and_can_be_put_off(form_page, server):
    form_page.clock.run_for(27 * 60_000)
    assert form_page.inner_text("#notices") == ""
    form_page.clock.run_for(70_000)
    expect_notice(form_page, "You will be signed out at 14:20.")
    form_page.click("text=Stay signed in")
    form_page.locator("[data-banner=session]").wait_for(state="detached")
    assert [path for path, _ in server.posts] == ["/stay/"]


def test_focus_goes_to_the_errors_and_on_to_a_folded_field(tab, server):
    server.summary = SUMMARY
    tab.goto(f"{SITE}/form/")
    assert tab.evaluate("document.activeElement.className") == "error-summary"
    tab.click(".error-summary a")
    assert tab.evaluate("document.activeElement.id") == "on"
    assert tab.locator("#fold[open]").count() == 1


def test_a_date_is_said_back(form_page):
    form_page.click("#fold summary")
    form_page.fill("#on", "12/11")
    form_page.keyboard.press("Tab")
    form_page.locator("#on_echo", has_text="Thursday 12 November").wait_for()


def test_parts_follow_a_choice_and_checks_follow_the_text(form_page):
    assert form_page.is_hidden("[data-show-when]")
    assert form_page.get_attribute("#specific", "class") == "unmet"
    form_page.check("[value=no]")
    form_page.fill("#notes", "Show the card")
    assert form_page.is_visible("[data-show-when]")
    assert form_page.get_attribute("#specific", "class") == "met"


def test_a_second_click_sends_nothing_more(form_page, server):
    form_page.fill("#notes", "Once")
    form_page.evaluate("""() => {
        const button = document.querySelector("[data-primary]");
        button.click();
        button.click();
    }""")
    form_page.wait_for_url("**/log/")
    assert [path for path, _ in server.posts].count("/log/") == 1
