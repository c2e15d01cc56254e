"""How often pages refresh the live state of a run."""

from __future__ import annotations

from nfm.ui.state.workspace_runs import POLL_SECONDS, poll_seconds


def test_one_viewer_sees_every_step_and_thirty_do_not_keep_the_server_from_its_clicks():
    assert poll_seconds(0) == poll_seconds(1) == POLL_SECONDS <= 0.3
    # A tenth of a core for a look every 0.3 seconds.
    assert 30 * 0.1 * POLL_SECONDS / poll_seconds(30) <= 0.25
    assert poll_seconds(4) < 1
