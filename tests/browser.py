"""A headless Chromium for the tests of pages, driven by Playwright, and a handler of files for
their servers.

The tests are skipped where either is missing.
"""

import shutil
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler

import pytest


class Quiet(SimpleHTTPRequestHandler):
    """Hands out files without writing a line about each."""

    def log_message(self, *args):
        pass


@contextmanager
def chromium():
    """A browser; the test is skipped, with a reason, where there is none."""
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="playwright is not installed (seqlabel-rnn[test])"
    )
    program = (
        shutil.which("chromium")
        or shutil.which("chromium-browser")
        or shutil.which("google-chrome")
    )
    if program is None:
        pytest.skip("no chromium is installed (Debian: apt install chromium)")
    with playwright.sync_playwright() as driver:
        # Without a sandbox, which root has not; the page is the test's own.
        browser = driver.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()
