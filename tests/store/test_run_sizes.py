"""Runs that would be too large are refused before they start, and space is kept for the others."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nfm.errors import JobError
from nfm.files.options import ReadingOptions
from nfm.inference.archive import BundleLimits
from nfm.settings import Settings
from nfm.store.records import RunOutcome
from nfm.store.repository import StoreLimits
from nfm.store.store import Store
from nfm.tabular.infer_schema import infer_schema
from nfm.tabular.run_size import estimated_run_size
from nfm.tabular.schema import Column, Schema
from nfm.tabular.splitting import SplitOptions
from tests.inference.bundles import make_bundle  # noqa: F401

MODEL = 200_000
CONTENT = b"x" * 1_000


@pytest.fixture
def dataset(store: Store, schema):
    return store.add_dataset("ann", "t.csv", CONTENT, ReadingOptions(), schema, SplitOptions())


def wide(levels: int) -> Schema:
    columns = [Column(name="id", kind="categorical", role="feature", level_count=levels)]
    columns.append(Column(name="y", kind="categorical", role="target", level_count=2))
    return Schema(columns=tuple(columns), task="binary")


@pytest.mark.parametrize(
    ("values", "changes"),
    [
        ("binary", {}),
        ("binary", {"numeric": "concat", "linear_term": "shared"}),
        ("binary", {"interaction": "fm", "bi_batch_norm": True}),
        ("multiclass", {"hidden_units": (64, 32), "embedding_dim": 16}),
        ("regression", {"numeric": "value"}),
    ],
)
def test_the_estimate_is_what_a_model_takes_or_a_little_more(request, values: str, changes: dict):
    make = request.getfixturevalue("make_bundle")
    target = np.arange(60) % 5 if values == "multiclass" else None
    bundle = make(values, target, **changes)
    actual = sum(array.nbytes for array in bundle.weights.values())
    size = estimated_run_size(bundle.schema, bundle.settings)
    assert actual <= size.weights_bytes <= 2 * actual + 1_000
    assert len(bundle.to_bytes()) <= size.model_bytes


def test_dates_count_with_all_their_parts():
    days = pd.DataFrame(
        {"day": pd.date_range("2026-01-01", periods=50, freq="9h"), "y": [0, 1] * 25}
    )
    size = estimated_run_size(infer_schema(days, "y"), Settings(interaction="fm"))
    assert size.level_numbers >= (12 + 7 + 24) * (Settings().embedding_dim + 1)


@pytest.mark.parametrize(
    ("settings", "levels", "setting"),
    [
        ({"embedding_dim": 512, "hidden_units": (4096,) * 10}, 10, "Hidden layers"),
        ({"embedding_dim": 512, "min_level_count": 1}, 1_000_000, "Embedding size"),
    ],
)
def test_a_model_too_large_to_be_opened_is_refused_by_its_setting(
    store: Store, dataset, settings: dict, levels: int, setting: str
):
    with pytest.raises(JobError, match=f"allowed: change {setting}"):
        store.add_run("ann", dataset.id, Settings(**settings), schema=wide(levels))
    assert store.runs("ann") == ()


def test_what_was_refused_is_what_cannot_be_opened():
    assert StoreLimits().model <= BundleLimits().weights_bytes


def test_the_memory_to_train_is_limited_as_well(store: Store, dataset):
    store.limits = StoreLimits(memory=1_000_000)
    with pytest.raises(JobError, match=r"memory to train it .* change Hidden layers"):
        store.add_run("ann", dataset.id, Settings(hidden_units=(1_000, 1_000)))


def test_rare_levels_do_not_count(store: Store, dataset):
    store.add_run("ann", dataset.id, Settings(), schema=wide(2_000_000))


def test_a_run_that_waits_keeps_the_space_of_its_model(store: Store, dataset):
    size = estimated_run_size(dataset.schema, Settings()).model_bytes
    store.limits = StoreLimits(size=len(CONTENT) + 2 * size - 1)
    first = store.add_run("ann", dataset.id, Settings())
    with pytest.raises(JobError, match="make room"):
        store.add_run("ann", dataset.id, Settings())
    store.finish_run("ann", first.id, RunOutcome("completed", bundle=b"model"))
    store.add_run("ann", dataset.id, Settings())


def test_space_for_everybody_is_kept_too(store: Store, dataset):
    size = estimated_run_size(dataset.schema, Settings()).model_bytes
    store.limits = StoreLimits(total=len(CONTENT) + 2 * size - 1)
    store.add_run("ann", dataset.id, Settings())
    other = store.add_dataset(
        "bob", "t.csv", CONTENT, ReadingOptions(), dataset.schema, SplitOptions()
    )
    with pytest.raises(JobError, match="NFM_KEEP_MEGABYTES"):
        store.add_run("bob", other.id, Settings())


def test_deleted_runs_count_until_the_space_is_needed(store: Store, dataset):
    size = estimated_run_size(dataset.schema, Settings()).model_bytes
    store.limits = StoreLimits(size=len(CONTENT) + MODEL + size - 1)
    first = store.add_run("ann", dataset.id, Settings())
    store.finish_run("ann", first.id, RunOutcome("completed", bundle=b"m" * MODEL))
    with pytest.raises(JobError, match="make room"):
        store.add_run("ann", dataset.id, Settings())
    store.delete_run("ann", first.id)
    store.restore_run("ann", first.id)
    store.delete_run("ann", first.id)

    store.add_run("ann", dataset.id, Settings())

    with pytest.raises(JobError, match="no such run"):
        store.restore_run("ann", first.id)


def test_a_model_is_kept_even_if_the_limit_was_lowered_meanwhile(store: Store, dataset):
    run = store.add_run("ann", dataset.id, Settings())
    store.limits = StoreLimits(size=1)
    assert store.finish_run("ann", run.id, RunOutcome("completed", bundle=b"m" * MODEL))
    assert store.bundle("ann", run.id) == b"m" * MODEL


def test_a_run_that_continues_needs_space_for_what_its_model_grows(store: Store, dataset):
    size = estimated_run_size(dataset.schema, Settings(epochs=9_000)).model_bytes
    run = store.add_run("ann", dataset.id, Settings(epochs=1))
    store.finish_run("ann", run.id, RunOutcome("completed", bundle=b"m" * MODEL))
    assert size > MODEL
    store.limits = StoreLimits(size=len(CONTENT) + size - 1)
    with pytest.raises(JobError, match="make room"):
        store.continue_run("ann", run.id, 9_000)
    assert store.run("ann", run.id).status == "completed"
    store.limits = StoreLimits(size=len(CONTENT) + size)
    assert store.continue_run("ann", run.id, 9_000).status == "queued"
