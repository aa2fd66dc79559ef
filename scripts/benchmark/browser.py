"""What a browser fetches on a first visit and on the next one, counted by the browser."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chromium import find_chromium
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from benchmark.client import BenchError

FIRST_BYTES, FIRST_REQUESTS, REPEAT_BYTES = 80_000, 10, 15_000
QUIET = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
QUIET += ["--disable-component-update", "--disable-sync"]


@dataclass(frozen=True, slots=True)
class Visit:
    """Requests that reached the server, and bytes that came back, headers included."""

    requests: int
    size: int


@dataclass(frozen=True, slots=True)
class Visits:
    """A page's first visit, with nothing cached, and its next."""

    label: str
    first: Visit
    repeat: Visit

    @property
    def missed(self) -> list[str]:
        """Give the budgets missed, in words."""
        pairs = (
            (self.first.size > FIRST_BYTES, "first visit too large"),
            (self.first.requests > FIRST_REQUESTS, "too many requests"),
            (self.repeat.size > REPEAT_BYTES, "repeat visit too large"),
        )
        return [words for is_missed, words in pairs if is_missed]


def visit_pages(port: int, cookies: Mapping[str, str], paths: Mapping[str, str]) -> list[Visits]:
    """Visit each page twice in a fresh browser profile that holds these cookies alone."""
    program = find_chromium()
    if not program:
        raise BenchError("no Chromium: install the package chromium")
    arguments = [*QUIET, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=Path(program), args=arguments)
        try:
            return [_visit(browser, port, cookies, *page) for page in paths.items()]
        finally:
            browser.close()


def _visit(
    browser: Browser, port: int, cookies: Mapping[str, str], label: str, path: str
) -> Visits:
    site = f"http://127.0.0.1:{port}"
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.add_cookies(
        [{"name": name, "value": value, "url": site} for name, value in cookies.items()]
    )
    visits = Visits(label, _count(context, site + path), _count(context, site + path))
    context.close()
    return visits


def _count(context: BrowserContext, url: str) -> Visit:
    """Open the page in a new tab, and count what comes over the network until it rests."""
    page = context.new_page()
    network = context.new_cdp_session(page)
    cached: set[str] = set()
    sizes: dict[str, float] = {}

    def finished(event: dict[str, Any]) -> None:
        sizes[event["requestId"]] = event["encodedDataLength"]

    def from_cache(event: dict[str, Any]) -> None:
        if event["response"].get("fromDiskCache") or event["response"].get("fromPrefetchCache"):
            cached.add(event["requestId"])

    network.on("Network.loadingFinished", finished)
    network.on("Network.responseReceived", from_cache)
    network.on("Network.requestServedFromCache", lambda event: cached.add(event["requestId"]))
    network.send("Network.enable")
    answer = page.goto(url, wait_until="networkidle")
    if answer is None or answer.status != 200:
        raise BenchError(f"the browser could not open {url}")
    page.close()
    fetched = [size for request, size in sizes.items() if request not in cached and size > 0]
    return Visit(len(fetched), int(sum(fetched)))
