"""How often pages refresh the live state of a run."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from nfm.jobs.runs import LiveRun
from nfm.ui.state import services
from nfm.ui.state.workspace_runs import (
    POLL_SECONDS,
    UNSTORED_SECONDS,
    WAITING_SECONDS,
    phase_of,
    poll_seconds,
    refresh_seconds,
)


def test_one_viewer_sees_every_step_and_thirty_do_not_keep_the_server_from_its_clicks():
    assert poll_seconds(0) == poll_seconds(1) == POLL_SECONDS <= 0.3
    # A tenth of a core for a look every 0.3 seconds.
    assert 30 * 0.1 * POLL_SECONDS / poll_seconds(30) <= 0.25
    assert poll_seconds(4) < 1


@dataclass
class Engine:
    ready: bool = True
    active_count: int = 1


def live(status: str, **values) -> LiveRun:
    return LiveRun("id", status, **values)


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    engine = Engine()
    monkeypatch.setattr(services, "engine", lambda: engine)
    return engine


def test_a_run_is_looked_at_often_only_while_it_trains_or_is_about_to(engine: Engine):
    assert refresh_seconds(phase_of(live("running"))) == POLL_SECONDS
    assert refresh_seconds(phase_of(live("queued", queue_position=1))) == POLL_SECONDS
    assert refresh_seconds(phase_of(live("queued", queue_position=2))) == WAITING_SECONDS
    engine.ready = False
    assert refresh_seconds(phase_of(live("queued", queue_position=1))) == WAITING_SECONDS
    assert refresh_seconds(phase_of(live("running"))) == POLL_SECONDS


def test_a_run_that_has_ended_is_looked_at_until_it_is_stored(engine: Engine):
    assert refresh_seconds(phase_of(live("completed", stored=False))) == UNSTORED_SECONDS
    assert refresh_seconds(phase_of(live("completed"))) is None
    assert refresh_seconds(phase_of(None)) is None
