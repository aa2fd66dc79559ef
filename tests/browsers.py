"""Fixtures of the browser tests: the system's Chromium, driven by Playwright."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

RESULTS = Path(__file__).resolve().parent.parent / "test-results"

DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}

ARGUMENTS = [
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",  # containers have a /dev/shm of 64 MB
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # The browser, like the tests, reaches nothing but this machine.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report


FAILED = pytest.StashKey[bool]()


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of the browser's program."""
    from scripts.chromium import find_chromium

    path = find_chromium()
    if not path:
        pytest.fail("no Chromium: install the package chromium or set KEYWORK_TEST_CHROMIUM")
    return path


@pytest.fixture(scope="session")
def browser(chromium) -> Iterator:
    """A running Chromium; most tests want `page`, `phone` or `new_context` instead."""
    from playwright.sync_api import sync_playwright

    # Playwright's blocking interface keeps an event loop "running" in this thread
    # for as long as the browser lives. Django takes that for asynchronous code and
    # refuses the ORM, though nothing here is.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=ARGUMENTS + sandbox, chromium_sandbox=not sandbox
        )
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def new_context(request, browser, live_server) -> Iterator[Callable]:
    """Open a browser context on the live server: `new_context(java_script_enabled=False)`.

    Every script error and every breach of the content security policy in one of
    its pages fails the test at its end; `context.problems` may be cleared by a
    test that provokes one on purpose.
    """
    contexts = []

    def open_context(**options):
        defaults = {
            "base_url": live_server.url,
            "viewport": DESKTOP,
            "locale": "en-GB",
            "timezone_id": "Europe/London",
            "color_scheme": "light",
            "reduced_motion": "reduce",
        }
        context = browser.new_context(**{**defaults, **options})
        context.set_default_timeout(10_000)
        context.problems = []
        context.on("weberror", lambda error: context.problems.append(str(error.error)))
        context.on("console", lambda message: _note_error(context, message))
        contexts.append(context)
        return context

    yield open_context

    if request.node.stash.get(FAILED, False):
        _photograph(request.node, contexts)
    problems = [problem for context in contexts for problem in context.problems]
    for context in contexts:
        context.close()
    _let_last_requests_end()
    assert problems == []


def _let_last_requests_end():
    # A page that closes may just have sent its draft; emptying the tables meanwhile, for the next
    # test, and saving it could wait for each other.
    from django.db import connection

    if connection.vendor != "postgresql":
        return
    give_up_at = time.monotonic() + 10
    busy = 1
    while busy and time.monotonic() < give_up_at:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                "AND pid <> pg_backend_pid() AND state <> 'idle'"
            )
            [busy] = cursor.fetchone()


def _note_error(context, message):
    # A response of 4xx or no network is what the page may be tested for; it is
    # reported here as well, and is no mistake of a script.
    if message.type == "error" and not message.text.startswith("Failed to load resource"):
        context.problems.append(message.text)


def _photograph(node, contexts):
    RESULTS.mkdir(exist_ok=True)
    name = node.nodeid.rsplit("/", 1)[-1].replace("::", "-")
    for number, page in enumerate(page for context in contexts for page in context.pages):
        page.screenshot(path=RESULTS / f"{name}-{number}.png", full_page=True)


@pytest.fixture
def page(new_context):
    """A page at a desk: 1280 × 900."""
    return new_context().new_page()


@pytest.fixture
def phone(new_context):
    """A page on a phone: 390 × 844, touch."""
    context = new_context(viewport=PHONE, has_touch=True, is_mobile=True, device_scale_factor=2)
    return context.new_page()


@pytest.fixture
def axe_violations() -> Callable:
    """Call with a page: what axe finds on it, as readable lines (none: an empty list)."""
    from axe_playwright_python.sync_playwright import Axe

    def find(page):
        violations = Axe().run(page).response["violations"]
        return [
            f"{violation['id']} ({violation['impact']}): {node['html'][:200]}"
            for violation in violations
            for node in violation["nodes"]
        ]

    return find
