"""A workspace moves into another one as a whole."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from nfm.errors import JobError
from nfm.files.reading import ReadingOptions
from nfm.settings import Settings
from nfm.store.records import Dataset, RunOutcome
from nfm.store.repository import StoreLimits
from nfm.store.store import Store
from nfm.tabular.schema import Schema
from nfm.tabular.splitting import SplitOptions


@pytest.fixture
def add(store: Store, schema: Schema) -> Callable[..., Dataset]:
    def add(workspace: str, name: str = "t.csv") -> Dataset:
        return store.add_dataset(
            workspace, name, name.encode(), ReadingOptions(), schema, SplitOptions()
        )

    return add


def finished(store: Store, workspace: str, dataset: Dataset):
    run = store.add_run(workspace, dataset.id, Settings())
    store.finish_run(workspace, run.id, RunOutcome("completed", bundle=b"model"))
    return run


def test_everything_moves_and_what_was_there_stays(store: Store, add):
    mine, theirs = add("ann", "mine.csv"), add("browser", "theirs.csv")
    deleted = add("browser", "deleted.csv")
    store.delete_dataset("browser", deleted.id)
    own = [finished(store, "ann", mine) for _ in range(2)]
    moved = [finished(store, "browser", theirs) for _ in range(2)]
    store.set_preference("ann", "dataset", mine.id)
    store.set_preference("ann", "tour", "over")
    store.set_preference("browser", "dataset", theirs.id)
    store.visit("browser")

    store.move_workspace("browser", "ann")

    assert [one.name for one in store.datasets("ann")] == ["theirs.csv", "mine.csv"]
    assert [one.name for one in store.deleted_datasets("ann")] == ["deleted.csv"]
    runs = store.runs("ann")
    assert [run.id for run in runs] == [run.id for run in [*own, *moved]][::-1]
    assert [run.number for run in runs] == [4, 3, 2, 1]
    assert {store.bundle("ann", run.id) for run in runs} == {b"model"}
    assert store.get_preference("ann", "dataset") == theirs.id
    assert store.get_preference("ann", "tour") == "over"
    assert store.datasets("browser") == store.runs("browser") == ()
    assert store.get_preference("browser", "dataset") is None
    assert finished(store, "ann", theirs).number == 5


def test_nothing_moves_while_a_run_waits_or_trains(store: Store, add):
    run = store.add_run("browser", add("browser").id, Settings())
    with pytest.raises(JobError, match="still waits or trains"):
        store.move_workspace("browser", "ann")
    assert store.runs("ann") == ()
    assert [one.id for one in store.runs("browser")] == [run.id]
    assert len(store.datasets("browser")) == 1


def test_nothing_moves_that_would_exceed_a_limit(store: Store, add):
    store.limits = StoreLimits(datasets=2)
    for workspace in ("ann", "browser"):
        add(workspace, "a.csv")
    store.move_workspace("browser", "ann")
    add("browser", "b.csv")
    with pytest.raises(JobError, match="may have 2 data sets"):
        store.move_workspace("browser", "ann")
    assert (len(store.datasets("ann")), len(store.datasets("browser"))) == (2, 1)


def test_nothing_moves_that_would_take_too_many_bytes(store: Store, add):
    store.limits = StoreLimits(size=11)
    add("ann", "12.csv")
    kept, deleted = add("browser", "45.csv"), add("browser", "6.csv")
    with pytest.raises(JobError, match="may keep"):
        store.move_workspace("browser", "ann")
    assert {one.id for one in store.datasets("browser")} == {kept.id, deleted.id}
    assert len(store.datasets("ann")) == 1
    # What is deleted makes room first, as everywhere.
    store.delete_dataset("browser", kept.id)
    store.move_workspace("browser", "ann")
    assert [one.name for one in store.datasets("ann")] == ["6.csv", "12.csv"]
    assert store.deleted_datasets("ann") == ()
