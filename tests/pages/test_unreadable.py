"""What this version cannot read is said on the pages, and takes nothing else with it."""

from __future__ import annotations

import io
import json
import sqlite3
import zipfile

import pytest

from nfm.compatibility import BUNDLE_VERSION
from nfm.settings import Settings

WORKSPACE = "w" * 43


def change(lab, statement: str, *values: object) -> None:
    with sqlite3.connect(lab.store.path) as connection:
        connection.execute(statement, values)


@pytest.fixture
def two_runs(lab):
    """Two runs on the sample; the second is looked at."""
    lab.open("data")
    dataset = lab.store.dataset(WORKSPACE, lab.store.get_preference(WORKSPACE, "dataset"))
    return [lab.trained(dataset, Settings(epochs=epochs, embedding_dim=8)) for epochs in (3, 5)]


def test_a_run_with_an_unknown_setting_is_named_beside_the_others(lab, two_runs, texts):
    newer = json.dumps(json.loads(two_runs[1].settings.model_dump_json()) | {"heads": 4})
    change(lab, "UPDATE runs SET settings = ? WHERE id = ?", newer, two_runs[1].id)

    app = lab.open("train")

    table = next(frame.value for frame in app.dataframe if "Differs in" in frame.value)
    assert table["Run"].to_list() == ["Run 1"]
    said = texts(app)
    assert "The settings of 'Run 2' are not valid at heads" in said
    assert "a newer version may have written it" in said

    app.button(key=f"run_list.delete.{two_runs[1].id}").click().run()
    assert not app.exception
    assert "The settings of" not in texts(app)
    assert "Run 2 was deleted." in texts(app)
    app.button(key="run_list.undo").click().run()
    assert "The settings of 'Run 2'" in texts(app)


@pytest.mark.parametrize("page", ["predict", "evaluate", "interactions", "learn", "data"])
def test_pages_open_beside_a_run_that_cannot_be_read(lab, two_runs, page, texts):
    change(lab, "UPDATE runs SET settings = '{' WHERE id = ?", two_runs[1].id)
    app = lab.open(page)
    assert not app.exception
    if page in ("predict", "evaluate", "interactions"):
        assert "Run 1 predicts" in texts(app)


def newer_bundle(content: bytes) -> bytes:
    """The bundle as a later release might write it."""
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as before,
        zipfile.ZipFile(packed, "w") as after,
    ):
        manifest = json.loads(before.read("manifest.json"))
        manifest |= {"version": BUNDLE_VERSION + 1, "nfm_version": "7.8.9"}
        after.writestr("manifest.json", json.dumps(manifest))
        after.writestr("weights.npz", before.read("weights.npz"))
    return packed.getvalue()


@pytest.mark.parametrize("page", ["predict", "evaluate", "interactions", "learn", "train"])
def test_a_model_of_a_newer_version_is_named_with_it(lab, two_runs, page, texts):
    content = newer_bundle(lab.store.bundle(WORKSPACE, two_runs[1].id))
    change(lab, "UPDATE bundles SET data = ? WHERE run_id = ?", content, two_runs[1].id)

    app = lab.open(page)

    assert not app.exception
    if page in ("predict", "evaluate", "interactions"):
        said = texts(app)
        assert "The model of Run 2 cannot be used." in said
        assert "written by NFM Lab 7.8.9" in said
        lab.store.set_preference(WORKSPACE, "run", two_runs[0].id)
        assert "Run 1 predicts" in texts(lab.open(page))


def test_a_table_that_cannot_be_read_is_named_beside_the_others(lab, texts):
    added = lab.add(b"a,b\n1,x\n2,y\n3,x\n", "mine.csv")
    change(lab, "UPDATE datasets SET split = '{}' WHERE id = ?", added.id)
    app = lab.open("data")
    assert not app.exception
    assert "The split options of 'mine.csv' are not valid" in texts(app)
