"""Runs and data sets that this version cannot read: they are named, and hide no other."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable

import pytest
from scripted_training import epoch

from nfm.epoch import Metrics
from nfm.errors import JobError
from nfm.files.reading import ReadingOptions
from nfm.settings import Settings
from nfm.store.records import Dataset, DecisionRule, Run, RunOutcome
from nfm.store.store import Store
from nfm.tabular.splitting import SplitOptions

Damage = Callable[[str], str]


def _without(name: str) -> Damage:
    return lambda text: json.dumps(
        {key: one for key, one in json.loads(text).items() if key != name}
    )


def _with(**more: object) -> Damage:
    return lambda text: json.dumps(json.loads(text) | more)


def damage(store: Store, table: str, key: str, column: str, change: Damage) -> None:
    """Change what a row holds behind the store's back."""
    name = "run_id" if table == "epochs" else "id"
    with sqlite3.connect(store.path) as connection:
        before = connection.execute(f"SELECT {column} FROM {table} WHERE {name} = ?", [key])
        after = change(before.fetchone()[0])
        connection.execute(f"UPDATE {table} SET {column} = ? WHERE {name} = ?", [after, key])


@pytest.fixture
def dataset(store: Store, schema) -> Dataset:
    return store.add_dataset(
        "ann", "t.csv", b"a,b\n1,2\n", ReadingOptions(), schema, SplitOptions()
    )


@pytest.fixture
def make_run(store: Store, dataset: Dataset) -> Callable[[], Run]:
    """A run that has ended, with a model."""

    def make() -> Run:
        run = store.add_run("ann", dataset.id, Settings())
        store.finish_run(
            "ann",
            run.id,
            RunOutcome(
                "completed", epochs=(epoch(1),), test_metrics=Metrics(0.5, 0.8), bundle=b"model"
            ),
        )
        return store.run("ann", run.id)

    return make


RUN_DAMAGES = {
    "a newer setting": ("runs", "settings", _with(attention_heads=8), "attention_heads"),
    "a setting out of range": ("runs", "settings", _with(epochs=-1), "epochs"),
    "no setting that all have": ("runs", "settings", _without("hidden_batch_norm"), "hidden_batch"),
    "half a text": ("runs", "settings", lambda text: text[:40], "not JSON"),
    "a newer column": ("runs", "schema", _with(formats={}), "formats"),
    "a newer split": ("runs", "split", _with(folds=5), "folds"),
    "no figure that all have": ("runs", "test_metrics", _without("loss"), "loss"),
    "no list of rules": ("runs", "decision_rules", lambda _text: "7", "tuple"),
    "epochs that are none": ("epochs", "state", lambda _text: "[{}]", "number"),
}


@pytest.mark.parametrize("damaged", RUN_DAMAGES)
def test_a_run_that_cannot_be_read_hides_no_other(store: Store, make_run, damaged: str):
    first, second, third = make_run(), make_run(), make_run()
    table, column, change, named = RUN_DAMAGES[damaged]

    damage(store, table, second.id, column, change)

    assert store.runs("ann") == (third, first)
    listed = store.list_runs("ann")
    assert listed.items == (third, first)
    assert [(one.id, one.name, one.created) for one in listed.unreadable] == [
        (second.id, "Run 2", second.created)
    ]
    reason = listed.unreadable[0].reason
    assert "'Run 2'" in reason
    assert named in reason
    assert len(reason) < 300
    for ask in (
        lambda: store.run("ann", second.id),
        lambda: store.find_run(second.id),
        lambda: store.continue_run("ann", second.id, 3),
    ):
        with pytest.raises(JobError) as refused:
            ask()
        assert str(refused.value) == reason


def test_a_run_that_cannot_be_read_can_be_deleted_and_comes_back(store: Store, make_run):
    run = make_run()
    damage(store, "runs", run.id, "settings", _with(attention_heads=8))

    store.delete_run("ann", run.id)
    assert store.list_runs("ann").unreadable == ()
    store.restore_run("ann", run.id)
    assert [one.id for one in store.list_runs("ann").unreadable] == [run.id]
    assert store.bundle("ann", run.id) == b"model"


def test_what_cannot_be_read_is_kept_as_it_was(store: Store, make_run):
    run = make_run()
    damage(store, "runs", run.id, "settings", _with(attention_heads=8))
    damage(store, "datasets", run.dataset_id, "split", _with(folds=5))

    def stored() -> list[tuple[str, ...]]:
        with sqlite3.connect(store.path) as connection:
            runs = connection.execute("SELECT settings, split FROM runs").fetchall()
            return runs + connection.execute("SELECT split, options FROM datasets").fetchall()

    before = stored()
    store.rename_run("ann", run.id, "Another name")
    store.set_decision_rule("ann", run.id, DecisionRule(threshold=0.25))
    for refused in (
        lambda: store.update_dataset("ann", run.dataset_id, name="u.csv"),
        lambda: store.add_run("ann", run.dataset_id, Settings()),
    ):
        with pytest.raises(JobError, match=r"^The split options of .*folds"):
            refused()
    assert stored() == before


def test_a_run_that_cannot_be_read_reserves_no_storage(store: Store, dataset: Dataset):
    waiting = store.add_run("ann", dataset.id, Settings())
    damage(store, "runs", waiting.id, "settings", _with(attention_heads=8))

    assert store.add_run("ann", dataset.id, Settings()).number == 2


def test_a_run_from_before_a_setting_has_the_value_of_then(store: Store, make_run):
    run = make_run()
    damage(store, "runs", run.id, "settings", _without("constant_field"))

    assert store.list_runs("ann").unreadable == ()
    assert store.run("ann", run.id).settings == run.settings.model_copy(
        update={"constant_field": False}
    )
    # It goes on as the network that it was, and says so from then on.
    assert store.continue_run("ann", run.id, 2).settings.constant_field is False
    with sqlite3.connect(store.path) as connection:
        kept = connection.execute("SELECT settings FROM runs WHERE id = ?", [run.id]).fetchone()[0]
    assert json.loads(kept)["constant_field"] is False


@pytest.mark.parametrize(
    ("column", "named"), [("options", "reading options"), ("schema", "columns"), ("split", "split")]
)
def test_a_data_set_that_cannot_be_read_hides_no_other(
    store: Store, schema, dataset: Dataset, column: str, named: str
):
    other = store.add_dataset("ann", "u.csv", b"x", ReadingOptions(), schema, SplitOptions())
    damage(store, "datasets", dataset.id, column, _with(formats={}))

    listed = store.list_datasets("ann")

    assert listed.items == store.datasets("ann") == (other,)
    assert [(one.id, one.name) for one in listed.unreadable] == [(dataset.id, "t.csv")]
    assert f"The {named}" in listed.unreadable[0].reason
    with pytest.raises(JobError, match=r"'t\.csv'"):
        store.dataset("ann", dataset.id)
    store.delete_dataset("ann", dataset.id)
    assert store.list_datasets("ann").unreadable == ()
