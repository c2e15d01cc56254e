"""When checkpoints are made, and who gets them."""

from __future__ import annotations

import pytest

from nfm.jobs.worker import checkpoints
from nfm.jobs.worker.checkpoints import Checkpoint, CheckpointTimer, LatestCheckpoints


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, which the test moves."""
    clock = [100.0]
    monkeypatch.setattr(checkpoints.time, "monotonic", lambda: clock[0])
    return clock


def test_the_first_comes_after_a_second_and_the_next_four_seconds_later(now):
    timer = CheckpointTimer()
    assert not timer.due
    now[0] = 101.0
    assert timer.due
    assert timer.make(lambda: b"model", 3) == Checkpoint(3, b"model")
    assert not timer.due
    now[0] = 104.9
    assert not timer.due
    now[0] = 105.0
    assert timer.due


def test_a_model_that_takes_long_to_write_is_written_less_often(now):
    timer = CheckpointTimer()

    def slow() -> bytes:
        now[0] += 2
        return b"large"

    now[0] = 101.0
    timer.make(slow, 1)
    now[0] = 103.0 + 39.9
    assert not timer.due
    now[0] = 103.0 + 40.1
    assert timer.due


def test_every_engine_gets_the_last_checkpoint_of_its_own_runs_once():
    latest = LatestCheckpoints()
    latest.put("ours", "a", Checkpoint(1, b"1"))
    latest.put("ours", "a", Checkpoint(2, b"2"))
    latest.put("ours", "ended", Checkpoint(2, b"2"))
    latest.put("theirs", "b", Checkpoint(5, b"5"))
    latest.discard("ours", "ended")
    latest.discard("ours", "never seen")
    assert latest.take_all("ours") == {"a": Checkpoint(2, b"2")}
    assert latest.take_all("ours") == {}
    assert latest.take_all("theirs") == {"b": Checkpoint(5, b"5")}
