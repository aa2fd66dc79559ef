"""Find the Chromium that the browser tests drive; prints its path."""

import os
import shutil
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_chromium() -> str | None:
    """The path of a browser: KEYWORK_TEST_CHROMIUM, the system's, or Playwright's own."""
    named = os.environ.get("KEYWORK_TEST_CHROMIUM")
    if named:
        return named if os.access(named, os.X_OK) else None
    for name in NAMES:
        if path := shutil.which(name):
            return path
    return _playwright_chromium()


def _playwright_chromium() -> str | None:
    # Imported late: asking Playwright starts its driver, which takes a second.
    from playwright.sync_api import sync_playwright  # noqa: PLC0415

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


if __name__ == "__main__":
    found = find_chromium()
    if not found:
        sys.exit("no Chromium found: install the package chromium or set KEYWORK_TEST_CHROMIUM")
    print(found)
