"""How a worker notices that an engine is gone."""

from __future__ import annotations

import pytest

from nfm.jobs.worker import engine_lease
from nfm.jobs.worker.engine_lease import Lease


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, which the test moves."""
    clock = [100.0]
    monkeypatch.setattr(engine_lease.time, "monotonic", lambda: clock[0])
    return clock


def ask(one: Lease, now: list[float], seconds: int) -> bool:
    """Ask every second, as a training does."""
    for _ in range(seconds):
        now[0] += 1
        ended = one.ended
    return ended


def test_a_lease_ends_after_a_minute_without_a_renewal(now):
    one = Lease(60)
    assert not ask(one, now, 60)
    assert ask(one, now, 1)


def test_a_renewal_starts_another_minute(now):
    one = Lease(60)
    assert not ask(one, now, 59)
    one.renew()
    assert not ask(one, now, 60)
    assert ask(one, now, 1)


def test_a_worker_that_was_frozen_first_hears_what_it_has_missed(now):
    one = Lease(60)
    assert not ask(one, now, 10)
    now[0] += 10_000
    assert not one.ended
    one.renew()
    assert not ask(one, now, 60)
