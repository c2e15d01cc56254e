"""After a run has gone on, every page speaks of its new model."""

from __future__ import annotations

import dataclasses

import pytest

from nfm.inference.bundle import load_bundle
from nfm.store.records import RunOutcome

WORKSPACE = "w" * 43


@pytest.fixture
def run(lab):
    """A trained run on the Titanic."""
    lab.open("data")
    return lab.trained(lab.store.dataset(WORKSPACE, lab.store.get_preference(WORKSPACE, "dataset")))


def go_on(lab, run) -> None:
    """Let the run go on to a model that answers quite differently."""
    old = load_bundle(lab.store.bundle(WORKSPACE, run.id))
    weights = {name: -3 * values for name, values in old.weights.items()}
    for name in weights:
        if name.endswith("_variance"):
            weights[name] = old.weights[name]
    again = lab.store.continue_run(WORKSPACE, run.id, 2)
    lab.engine.submit(again)
    new = dataclasses.replace(old, weights=weights)
    lab.store.finish_run(
        WORKSPACE, run.id, RunOutcome("completed", epochs=again.epochs, bundle=new.to_bytes())
    )


@pytest.mark.parametrize("page", ["predict", "evaluate", "interactions"])
def test_page_shows_the_new_model(lab, run, page):
    app = lab.open(page)
    before = [metric.value for metric in app.metric]
    assert before
    go_on(lab, run)
    app.run()
    assert not app.exception
    assert [metric.value for metric in app.metric] != before
