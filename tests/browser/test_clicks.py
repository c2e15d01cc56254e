"""Clicks that come while the server is still drawing the page."""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from collections.abc import Iterator

import psutil
from playwright.sync_api import expect

from tests.browser.steps import key

# The server computes in one of eight slices of time, as on a machine that is eight times slower.
_SLICE_SECONDS = 0.02
_HALTED_SLICES = 7


@contextlib.contextmanager
def slowed(pid: int) -> Iterator[None]:
    """Make a process slow, whatever the machine: halt it again and again."""
    process = psutil.Process(pid)
    ended = threading.Event()

    def halt() -> None:
        while not ended.is_set():
            process.send_signal(signal.SIGSTOP)
            time.sleep(_SLICE_SECONDS * _HALTED_SLICES)
            process.send_signal(signal.SIGCONT)
            time.sleep(_SLICE_SECONDS)

    thread = threading.Thread(target=halt)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def test_next_on_learn_leads_on_while_the_card_is_still_being_drawn(page, own_server, open_app):
    server = own_server()
    open_app(page, "learn", server.url)
    heading = page.get_by_test_id("stMain").get_by_role("heading", level=2)
    seen = [heading.inner_text()]
    with slowed(server.process.pid):
        for _ in range(8):
            key(page, "step_next").get_by_role("button").click()
            expect(heading).not_to_have_text(seen[-1], timeout=40_000)
            seen.append(heading.inner_text())
    assert len(set(seen)) == 9
