"""What is put into the store comes out again, and only for whom it is."""

from __future__ import annotations

import json
import sqlite3
import threading
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
import pytest
from scripted_training import epoch

from nfm.compatibility import DATABASE_VERSION
from nfm.epoch import Metrics
from nfm.errors import JobError
from nfm.files.reading import ReadingOptions
from nfm.inference.bundle import Bundle, load_bundle
from nfm.network_architecture import NetworkArchitecture
from nfm.settings import PRESETS, Settings, make_settings
from nfm.store.records import Dataset, DecisionRule, Run, RunOutcome
from nfm.store.repository import StoreLimits
from nfm.store.store import Store
from nfm.tabular.encoding import Encoder
from nfm.tabular.splitting import SplitOptions
from nfm.tabular.target import Target
from nfm.version import __version__

CONTENT = b"sex,fare,survived\nmale,7.25,0\nfemale,71.28,1\n"


@pytest.fixture
def add(store: Store, schema):
    """Add a data set with little to say."""

    def add(workspace: str = "ann", content: bytes = CONTENT, name: str = "t.csv") -> Dataset:
        return store.add_dataset(workspace, name, content, ReadingOptions(), schema, SplitOptions())

    return add


@pytest.fixture
def run(store: Store, add) -> Run:
    """A run of Ann's that waits."""
    return store.add_run("ann", add().id, Settings())


def test_a_data_set_comes_back_as_it_was(store: Store, schema):
    options = ReadingOptions(encoding="cp1252", delimiter=";", decimal=",", missing=("", "?"))
    split = SplitOptions(test_fraction=0.3, random_state=7, group_column="sex")

    added = store.add_dataset("ann", "Zürich <b>.csv", CONTENT, options, schema, split)

    assert store.dataset("ann", added.id) == added
    assert (added.name, added.options, added.split) == ("Zürich <b>.csv", options, split)
    assert added.schema == schema
    assert added.size == len(CONTENT)
    assert store.content("ann", added.id) == CONTENT


def test_a_kept_file_does_not_stay_in_memory(store: Store, add):
    content = b"\n" * (48 << 20)
    memory = psutil.Process().memory_info
    before = memory().rss
    add(content=content)
    assert memory().rss - before < len(content) / 2


def test_the_newest_data_set_comes_first(store: Store, add):
    first, second = add(name="first"), add(name="second")
    assert store.datasets("ann") == (second, first)


def test_only_what_is_given_of_a_data_set_is_changed(store: Store, add, schema):
    added = add()
    changed_schema = schema.with_features(["fare"])

    store.update_dataset("ann", added.id, schema=changed_schema)
    changed = store.update_dataset("ann", added.id, name="another")

    assert changed == store.dataset("ann", added.id)
    assert changed.schema == changed_schema
    assert (changed.name, changed.options) == ("another", added.options)


def test_equal_contents_are_kept_once_and_until_the_last_one_goes(store: Store, add):
    first, second = add("ann"), add("bob")
    assert first.content_hash == second.content_hash
    assert kept_contents(store) == 1

    store.delete_dataset("ann", first.id)
    assert store.content("bob", second.id) == CONTENT

    store.delete_dataset("bob", second.id)
    assert kept_contents(store) == 1
    let_time_pass(store, "datasets")
    store.purge_deleted()
    assert kept_contents(store) == 0


def let_time_pass(store: Store, table: str) -> None:
    """Let what was deleted have been deleted two hours ago."""
    with sqlite3.connect(store.path) as connection:
        connection.execute(f"UPDATE {table} SET deleted = deleted - 7200")


def test_deleted_data_set_is_gone_and_comes_back_whole(store: Store, run: Run):
    store.finish_run("ann", run.id, RunOutcome("completed"))
    dataset = store.dataset("ann", run.dataset_id)
    store.delete_dataset("ann", dataset.id)
    assert store.datasets("ann") == ()
    with pytest.raises(JobError, match="deleted"):
        store.dataset("ann", dataset.id)
    with pytest.raises(JobError, match="deleted"):
        store.add_run("ann", dataset.id, Settings())
    assert store.run("ann", run.id).dataset_id == dataset.id
    assert store.deleted_datasets("ann") == (dataset,)
    assert store.deleted_datasets("bob") == ()
    with pytest.raises(JobError, match="no such data set"):
        store.restore_dataset("bob", dataset.id)
    assert store.restore_dataset("ann", dataset.id) == dataset
    assert store.datasets("ann") == (dataset,)
    assert store.deleted_datasets("ann") == ()


def test_data_set_that_was_deleted_long_ago_cannot_be_restored(store: Store, add):
    dataset = add()
    store.delete_dataset("ann", dataset.id)
    let_time_pass(store, "datasets")
    assert store.deleted_datasets("ann") == ()
    store.purge_deleted()
    with pytest.raises(JobError, match="deleted"):
        store.restore_dataset("ann", dataset.id)


def test_deleted_data_sets_give_way_where_there_is_no_room(store: Store, add):
    store.limits = StoreLimits(size=len(CONTENT) + 10)
    first = add()
    with pytest.raises(JobError, match="delete a data set"):
        add(content=CONTENT[:-1])
    store.delete_dataset("ann", first.id)
    assert store.deleted_datasets("ann") == (first,)
    second = add(content=CONTENT[:-1])
    assert store.datasets("ann") == (second,)
    assert store.deleted_datasets("ann") == ()
    assert kept_contents(store) == 1


def test_decision_rule_is_kept_with_the_run_for_each_class(store: Store, run: Run):
    assert store.run("ann", run.id).decision_rule() is None
    first, other = DecisionRule(1, 0.05, 1.0, 20.0), DecisionRule(2, 0.3)
    store.set_decision_rule("ann", run.id, first)
    store.set_decision_rule("ann", run.id, other)
    changed = DecisionRule(1, 0.0625, 1.0, 15.0)
    store.set_decision_rule("ann", run.id, changed)
    again = Store().run("ann", run.id)
    assert (again.decision_rule(1), again.decision_rule(2)) == (changed, other)
    assert again.decision_rule(0) is None
    with pytest.raises(JobError, match="no such run"):
        store.set_decision_rule("bob", run.id, first)


def test_table_to_examine_a_model_on_is_one_of_the_workspace(store: Store, run: Run, add):
    table, theirs = add(), add("bob")
    store.examine_on("ann", run.id, table.id)
    assert store.run("ann", run.id).examined_on == table.id
    with pytest.raises(JobError, match="no such data set"):
        store.examine_on("ann", run.id, theirs.id)
    store.examine_on("ann", run.id, None)
    assert store.run("ann", run.id).examined_on == ""


def test_only_runs_that_wait_or_train_are_active(store: Store, run: Run):
    assert store.has_active_runs("ann")
    assert not store.has_active_runs("bob")
    store.finish_run("ann", run.id, RunOutcome("completed"))
    assert not store.has_active_runs("ann")


def kept_contents(store: Store) -> int:
    with sqlite3.connect(store.path) as connection:
        return connection.execute("SELECT count(*) FROM contents").fetchone()[0]


def test_a_run_comes_back_as_it_was(store: Store, add, schema):
    dataset = add()
    settings = make_settings(PRESETS["article"])

    run = store.add_run("ann", dataset.id, settings)

    assert store.run("ann", run.id) == run
    assert (run.status, run.name, run.number) == ("queued", "Run 1", 1)
    assert (run.settings, run.schema, run.split) == (settings, schema, SplitOptions())
    assert run.active
    assert (run.epochs, run.started, run.finished, run.has_model) == ((), None, None, False)
    assert store.bundle("ann", run.id) is None


def test_a_run_keeps_the_schema_that_it_was_made_with(store: Store, add, schema):
    dataset = add()
    run = store.add_run("ann", dataset.id, Settings())
    store.update_dataset("ann", dataset.id, schema=schema.with_features(["sex"]))
    assert store.run("ann", run.id).schema == schema


def test_epochs_are_added_and_come_back_in_order(store: Store, run: Run):
    store.begin_run("ann", run.id)
    store.record_epochs("ann", run.id, [epoch(1)])
    store.record_epochs("ann", run.id, [epoch(2), epoch(3)])
    store.record_epochs("ann", run.id, [])

    kept = store.run("ann", run.id)

    assert kept.status == "running"
    assert kept.epochs == (epoch(1), epoch(2), epoch(3))
    assert kept.best_epoch == epoch(3)
    assert store.runs("ann") == (kept,)


def test_a_finished_run_has_its_model_and_figures(store: Store, run: Run):
    store.begin_run("ann", run.id)
    store.record_epochs("ann", run.id, [epoch(1)])

    store.finish_run(
        "ann",
        run.id,
        RunOutcome(
            "stopped",
            "It was stopped.",
            epochs=(epoch(1), epoch(2)),
            test_metrics=Metrics(loss=0.5, auc=0.875),
            bundle=b"model",
        ),
    )

    kept = store.run("ann", run.id)
    assert (kept.status, kept.reason, kept.has_model) == ("stopped", "It was stopped.", True)
    assert not kept.active
    assert kept.epochs == (epoch(1), epoch(2))
    assert kept.test_metrics == Metrics(loss=0.5, auc=0.875)
    assert store.bundle("ann", run.id) == b"model"


def test_a_run_ends_once(store: Store, run: Run):
    store.finish_run("ann", run.id, RunOutcome("cancelled"))
    store.begin_run("ann", run.id)
    store.finish_run("ann", run.id, RunOutcome("completed", bundle=b"model"))

    assert store.run("ann", run.id).status == "cancelled"
    assert store.bundle("ann", run.id) is None


def test_runs_are_numbered_from_one_and_a_number_is_not_given_twice(store: Store, add):
    dataset = add()
    first, second, third = (store.add_run("ann", dataset.id, Settings()) for _ in range(3))
    store.finish_run("ann", second.id, RunOutcome("cancelled"))
    store.delete_run("ann", second.id)

    fourth = store.add_run("ann", dataset.id, Settings(), name=" Mine ")

    assert [run.number for run in store.runs("ann")] == [4, 3, 1]
    assert [run.name for run in store.runs("ann")] == ["Mine", "Run 3", "Run 1"]
    assert [run.id for run in store.runs("ann")] == [fourth.id, third.id, first.id]


def test_what_still_trains_is_not_deleted(store: Store, run: Run):
    with pytest.raises(JobError, match="stop it first"):
        store.delete_run("ann", run.id)
    with pytest.raises(JobError, match="stop it first"):
        store.delete_dataset("ann", run.dataset_id)


def test_a_workspace_sees_nothing_of_another(store: Store, run: Run):
    attempts = [
        lambda: store.dataset("bob", run.dataset_id),
        lambda: store.content("bob", run.dataset_id),
        lambda: store.update_dataset("bob", run.dataset_id, name="mine"),
        lambda: store.delete_dataset("bob", run.dataset_id),
        lambda: store.add_run("bob", run.dataset_id, Settings()),
        lambda: store.run("bob", run.id),
        lambda: store.bundle("bob", run.id),
        lambda: store.rename_run("bob", run.id, "mine"),
        lambda: store.delete_run("bob", run.id),
        lambda: store.begin_run("bob", run.id),
        lambda: store.finish_run("bob", run.id, RunOutcome("failed")),
        lambda: store.record_epochs("bob", run.id, [epoch(1)]),
    ]
    for attempt in attempts:
        with pytest.raises(JobError, match="This workspace has no such"):
            attempt()
    store.set_preference("ann", "dataset", run.dataset_id)
    assert store.get_preference("bob", "dataset") is None
    assert (store.datasets("bob"), store.runs("bob")) == ((), ())
    assert store.run("ann", run.id) == run


def test_the_database_does_not_hold_the_token(store: Store, add):
    token = "a-token-that-opens-a-workspace"
    store.add_run(token, add(token).id, Settings())
    store.set_preference(token, "key", "value")
    store.close()
    assert token.encode() not in Path(store.path).read_bytes()


def test_what_is_remembered_is_recalled(store: Store):
    assert store.get_preference("ann", "open", default="titanic") == "titanic"
    store.set_preference("ann", "open", {"table": 3})
    store.set_preference("ann", "open", ["adult", None])
    assert store.get_preference("ann", "open") == ["adult", None]


@pytest.mark.parametrize(
    ("limits", "sentence"),
    [
        (StoreLimits(datasets=1), "already has 1 data sets"),
        (StoreLimits(size=2 * len(CONTENT) - 1), "delete a data set or a run to make room"),
    ],
)
def test_a_full_workspace_takes_no_more_data(store: Store, add, limits: StoreLimits, sentence: str):
    store.limits = limits
    first = add()
    with pytest.raises(JobError, match=sentence):
        add()
    add("bob")
    store.delete_dataset("ann", first.id)
    add()


@pytest.mark.parametrize(
    ("limits", "sentence"),
    [
        (StoreLimits(runs=1), "already has 1 runs"),
        (StoreLimits(waiting=1), "already wait or train"),
    ],
)
def test_a_full_workspace_takes_no_more_runs(
    store: Store, run: Run, limits: StoreLimits, sentence: str
):
    store.limits = limits
    with pytest.raises(JobError, match=sentence):
        store.add_run("ann", run.dataset_id, Settings())
    store.finish_run("ann", run.id, RunOutcome("cancelled"))
    store.delete_run("ann", run.id)
    store.add_run("ann", run.dataset_id, Settings())


def test_models_count_as_well(store: Store, run: Run):
    store.limits = StoreLimits(size=len(CONTENT) + 4)
    store.finish_run("ann", run.id, RunOutcome("completed", bundle=b"model"))
    with pytest.raises(JobError, match="make room"):
        store.add_run("ann", run.dataset_id, Settings())


def test_another_start_finds_everything_and_interrupts_what_was_left(data_folder: Path, schema):
    before = Store()
    dataset = before.add_dataset("ann", "t.csv", CONTENT, ReadingOptions(), schema, SplitOptions())
    running, waiting, ended = (before.add_run("ann", dataset.id, Settings()) for _ in range(3))
    before.begin_run("ann", running.id)
    before.record_epochs("ann", running.id, [epoch(1)])
    before.finish_run("ann", ended.id, RunOutcome("completed", bundle=b"model"))
    before.close()

    after = Store()
    after.heartbeat()

    for run in (running, waiting):
        assert after.run("ann", run.id).status == "interrupted"
        assert "server ended" in after.run("ann", run.id).reason
    assert after.run("ann", running.id).epochs == (epoch(1),)
    assert after.run("ann", ended.id).status == "completed"
    assert after.dataset("ann", dataset.id) == dataset
    assert after.bundle("ann", ended.id) == b"model"
    after.close()


def test_runs_of_another_server_that_lives_are_left_alone(store: Store, run: Run):
    other = Store()
    other.heartbeat()
    assert store.run("ann", run.id).status == "queued"
    other.close()


def test_a_silent_server_elsewhere_is_taken_for_gone(store: Store, run: Run):
    other = Store()
    with sqlite3.connect(store.path) as connection:
        connection.execute("UPDATE servers SET host = 'elsewhere' WHERE id = ?", [store.server])
    other.heartbeat()
    assert store.run("ann", run.id).status == "queued"

    with sqlite3.connect(store.path) as connection:
        connection.execute("UPDATE servers SET seen = seen - 61 WHERE id = ?", [store.server])
    other.heartbeat()
    assert store.run("ann", run.id).status == "interrupted"
    other.close()


def test_a_database_of_a_newer_program_is_refused(store: Store):
    with sqlite3.connect(store.path) as connection:
        connection.execute("UPDATE meta SET version = version + 1")
    with pytest.raises(JobError, match="Start a newer release"):
        Store()


def test_a_database_of_a_newer_program_is_named_with_its_versions_and_left_as_it_is(store: Store):
    with sqlite3.connect(store.path) as connection:
        connection.execute("UPDATE meta SET version = 987")
        connection.execute("DROP TABLE visits")  # a newer program may have other tables
        before = connection.execute("SELECT sql FROM sqlite_master").fetchall()
    with pytest.raises(JobError) as refused:
        Store()
    for word in (
        store.path,
        "version 987",
        f"version {DATABASE_VERSION}",
        f"NFM Lab {__version__}",
    ):
        assert word in str(refused.value)
    with sqlite3.connect(store.path) as connection:
        assert connection.execute("SELECT sql FROM sqlite_master").fetchall() == before


@pytest.mark.parametrize(
    "content", [b"no database, but a text\n" * 50, None], ids=["text", "folder"]
)
def test_a_database_that_is_none_is_refused_in_a_sentence(tmp_path: Path, content: bytes | None):
    path = tmp_path / "nfm.sqlite3"
    path.mkdir() if content is None else path.write_bytes(content)
    with pytest.raises(JobError, match=r"cannot be used: .*NFM_DATA_DIR") as refused:
        Store(f"sqlite:///{path}")
    assert str(path) in str(refused.value)
    assert len(str(refused.value)) < 400


def test_several_threads_write_at_once(store: Store, add):
    dataset = add()
    failures: list[Exception] = []

    def work() -> None:
        try:
            for _ in range(5):
                run = store.add_run("ann", dataset.id, Settings())
                store.begin_run("ann", run.id)
                store.record_epochs("ann", run.id, [epoch(1)])
                store.finish_run("ann", run.id, RunOutcome("completed", bundle=b"model"))
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert [run.number for run in store.runs("ann")] == list(range(20, 0, -1))


def test_the_folder_is_the_users_own(data_folder: Path):
    Store().close()
    assert (data_folder.stat().st_mode & 0o077) == 0


def opened_model(schema):
    """A bundle that came from elsewhere."""
    frame = pd.DataFrame(
        {"sex": ["male", "female"] * 20, "fare": range(40), "survived": [0, 1] * 20}
    )
    settings = Settings(interaction="linear", numeric="concat")
    encoder = Encoder.fit(frame, schema.features, settings)
    weights = {
        name: np.zeros(shape, np.float32)
        for name, shape in NetworkArchitecture(encoder.layout, settings, 1).weight_shapes.items()
    }
    target = Target.fit(frame["survived"], "binary", "survived")
    return Bundle(schema, encoder, target, settings, weights, (epoch(1), epoch(2)), 2)


def test_a_model_from_elsewhere_is_a_run_that_has_ended(store: Store, schema, run: Run):
    bundle = opened_model(schema)
    added = store.add_model("ann", "mine <b>.nfm", bundle, SplitOptions())
    kept = store.run("ann", added.id)
    assert kept == added
    assert (kept.status, kept.name, kept.number) == ("opened", "mine <b>.nfm", run.number + 1)
    assert not kept.active
    assert kept.epochs == bundle.history
    assert kept.settings == bundle.settings
    assert load_bundle(store.bundle("ann", added.id)).to_bytes() == bundle.to_bytes()
    assert store.runs("ann")[0] == added
    assert store.find_run(added.id).status == "opened"
    with pytest.raises(JobError):
        store.dataset("ann", kept.dataset_id)
    with pytest.raises(JobError):
        store.run("bob", added.id)
    store.delete_run("ann", added.id)
    assert store.runs("ann") == (run,)


def test_a_model_from_elsewhere_needs_room(data_folder: Path, schema):
    store = Store(limits=StoreLimits(size=100))
    with pytest.raises(JobError, match="MB of files and models"):
        store.add_model("ann", "mine.nfm", opened_model(schema), SplitOptions())
    store.close()


def test_a_deleted_run_is_gone_until_it_is_brought_back(store: Store, run: Run):
    store.finish_run("ann", run.id, RunOutcome("completed", epochs=(epoch(1),), bundle=b"model"))
    kept = store.run("ann", run.id)

    store.delete_run("ann", run.id)
    for look in (store.run, store.bundle, store.delete_run):
        with pytest.raises(JobError, match="no such run"):
            look("ann", run.id)
    with pytest.raises(JobError, match="no such run"):
        store.find_run(run.id)
    with pytest.raises(JobError, match="no such run"):
        store.restore_run("bob", run.id)

    store.restore_run("ann", run.id)
    assert store.run("ann", run.id) == kept
    assert store.bundle("ann", run.id) == b"model"


def test_a_run_that_was_deleted_long_ago_is_forgotten(store: Store, run: Run, add):
    store.finish_run("ann", run.id, RunOutcome("completed", epochs=(epoch(1),), bundle=b"model"))
    store.delete_run("ann", run.id)
    with sqlite3.connect(store.path) as connection:
        connection.execute("UPDATE runs SET deleted = deleted - 3601")
    lately = store.add_run("ann", add().id, Settings())
    store.finish_run("ann", lately.id, RunOutcome("cancelled"))
    store.delete_run("ann", lately.id)
    store.heartbeat()

    with pytest.raises(JobError, match="no such run"):
        store.restore_run("ann", run.id)
    store.restore_run("ann", lately.id)
    with sqlite3.connect(store.path) as connection:
        for table in ("bundles", "epochs"):
            assert connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone() == (0,)


def test_a_note_is_kept(store: Store, run: Run):
    assert run.note == ""
    store.set_run_note("ann", run.id, "  for the talk ")
    assert store.run("ann", run.id).note == "for the talk"


def test_a_database_of_an_older_program_gets_what_it_lacks(store: Store, run: Run):
    with sqlite3.connect(store.path) as connection:
        connection.execute("ALTER TABLE runs DROP COLUMN note")
        connection.execute("ALTER TABLE runs DROP COLUMN deleted")
        connection.execute("ALTER TABLE runs DROP COLUMN models_made")
        connection.execute("UPDATE meta SET version = 1")
    newer = Store()
    assert newer.run("ann", run.id) == run
    newer.set_run_note("ann", run.id, "seen")
    assert store.run("ann", run.id).note == "seen"
    newer.close()


def test_what_was_stored_before_copies_stayed_together_divides_as_it_did(store: Store, run: Run):
    stored = SplitOptions(test_fraction=0.3).model_dump()
    del stored["keep_copies_together"]
    with sqlite3.connect(store.path) as connection:
        connection.execute("UPDATE datasets SET split = ?", [json.dumps(stored)])
        connection.execute("UPDATE runs SET split = ?", [json.dumps(stored)])
    former = SplitOptions(test_fraction=0.3, keep_copies_together=False)
    assert store.run("ann", run.id).split == former
    assert store.dataset("ann", run.dataset_id).split == former
    assert store.add_run("ann", run.dataset_id, Settings()).split == former
    store.update_dataset("ann", run.dataset_id, split=SplitOptions())
    assert store.dataset("ann", run.dataset_id).split.keep_copies_together == "auto"


def test_a_database_of_version_2_keeps_opening(store: Store, run: Run):
    with sqlite3.connect(store.path) as connection:
        connection.execute("ALTER TABLE runs DROP COLUMN decision_rules")
        connection.execute("ALTER TABLE runs DROP COLUMN examined_on")
        connection.execute("ALTER TABLE datasets DROP COLUMN deleted")
        connection.execute("UPDATE meta SET version = 2")
    newer = Store()
    assert newer.run("ann", run.id) == run
    assert [table.id for table in newer.datasets("ann")] == [run.dataset_id]
    newer.set_decision_rule("ann", run.id, DecisionRule(threshold=0.05))
    newer.finish_run("ann", run.id, RunOutcome("stopped"))
    newer.delete_dataset("ann", run.dataset_id)
    assert newer.run("ann", run.id).decision_rules == (DecisionRule(threshold=0.05),)
    assert len(newer.deleted_datasets("ann")) == 1
    newer.close()
