"""What older commits wrote is read, divided and answered as it was then.

The files are of cf2c3b7 (make_golden_files.py) and of f30324c (make_files_of_f30324c.py), which
had neither the setting `constant_field` nor `weight_averaging`, and tables of version 1.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import numpy as np
import pandas as pd
import pytest

from nfm.files.reading import read_table_file
from nfm.inference.bundle import load_bundle
from nfm.inference.uploaded_bundle import load_uploaded_bundle
from nfm.lesson_links.lesson import read_lesson
from nfm.store.records import Dataset
from nfm.store.store import Store
from nfm.training.train_table import SplitTable
from tests.golden.golden_tables import from_state, to_state

FOLDER = Path(__file__).parent
TABLES = json.loads((FOLDER / "bundle_tables.json").read_text(encoding="utf-8"))
ANSWERS = json.loads((FOLDER / "bundle_answers.json").read_text(encoding="utf-8"))
STORED = json.loads((FOLDER / "store.json").read_text(encoding="utf-8"))
OLDER = json.loads((FOLDER / "of_f30324c.json").read_text(encoding="utf-8"))
LINKS = json.loads((FOLDER / "links.json").read_text(encoding="utf-8"))
RUNS = [(workspace, run) for workspace, kept in STORED.items() for run in kept["runs"]]
DATASETS = [(workspace, one) for workspace, kept in STORED.items() for one in kept["datasets"]]


def answer(bundle: Any, frame: pd.DataFrame) -> np.ndarray:
    regression = bundle.target.task == "regression"
    return bundle.predict(frame) if regression else bundle.predict_proba(frame)


def outputs(bundle: Any, frame: pd.DataFrame) -> np.ndarray:
    return bundle.outputs(bundle.encoder.transform(frame))


def same(found: np.ndarray, expected: list[Any]) -> None:
    np.testing.assert_allclose(found, np.array(expected), rtol=1e-6, atol=1e-6)


def holds(found: Any, expected: Any) -> None:
    """Everything that was there then is there now, at any depth; newer releases may add fields."""
    if isinstance(expected, dict):
        for name, value in expected.items():
            holds(found[name], value)
    elif isinstance(expected, list) and expected and isinstance(expected[0], dict):
        assert len(found) == len(expected)
        for one, other in zip(found, expected, strict=True):
            holds(one, other)
    else:
        assert found == expected


@pytest.mark.parametrize("name", ANSWERS)
def test_a_bundle_answers_as_then(name: str):
    task, expected = name.split("-")[0], ANSWERS[name]

    bundle = load_bundle(FOLDER / f"{name}.nfm")

    typed, text = from_state(TABLES[task]["typed"]), from_state(TABLES[task]["text"])
    same(answer(bundle, typed), expected["typed"])
    same(answer(bundle, text), expected["text"])
    same(answer(bundle, text.head(5)), expected["first_five_text_rows"])
    same(outputs(bundle, typed), expected["outputs"])
    holds(bundle.settings.model_dump(mode="json"), expected["settings"])
    holds([epoch.to_dict() for epoch in bundle.history], expected["history"])
    assert (task == "regression") or bundle.classes.tolist() == expected["classes"]


@pytest.mark.parametrize("name", ANSWERS)
def test_a_bundle_answers_as_then_when_it_is_uploaded_and_saved_anew(name: str):
    uploaded = load_uploaded_bundle((FOLDER / f"{name}.nfm").read_bytes())

    again = load_bundle(uploaded.to_bytes())

    table = from_state(TABLES[name.split("-")[0]]["typed"])
    same(answer(again, table), ANSWERS[name]["typed"])


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A copy of the database of then."""
    path = tmp_path_factory.mktemp("golden") / "store.sqlite3"
    shutil.copyfile(FOLDER / "store.sqlite3", path)
    opened = Store(f"sqlite:///{path}")
    yield opened
    opened.close()


def rows_of(store: Store, dataset: Dataset) -> pd.DataFrame:
    content = store.content(dataset.workspace, dataset.id)
    return read_table_file(content, dataset.name, dataset.options).frame


@pytest.mark.parametrize("workspace", STORED)
def test_all_data_sets_and_runs_of_the_database_are_listed(store: Store, workspace: str):
    expected = STORED[workspace]
    assert [one.id for one in store.datasets(workspace)] == [
        one["id"] for one in expected["datasets"]
    ]
    assert [run.id for run in store.runs(workspace)] == [run["id"] for run in expected["runs"]]
    for key, value in expected.get("remembered", {}).items():
        assert store.get_preference(workspace, key) == value


@pytest.mark.parametrize(("workspace", "expected"), DATASETS)
def test_a_data_set_is_read_to_the_same_table(store: Store, workspace: str, expected: dict):
    dataset = store.dataset(workspace, expected["id"])

    frame = rows_of(store, dataset)

    assert to_state(frame) == expected["frame"]
    assert (dataset.name, dataset.content_hash) == (expected["name"], expected["content_hash"])
    holds(dataset.options.model_dump(mode="json"), expected["options"])
    holds(dataset.schema.model_dump(mode="json"), expected["schema"])
    holds(dataset.split.model_dump(mode="json"), expected["split"])


@pytest.mark.parametrize(("workspace", "expected"), RUNS)
def test_a_run_is_what_it_was(store: Store, workspace: str, expected: dict):
    run = store.run(workspace, expected["id"])

    for name in ("number", "name", "note", "status", "reason", "dataset_id", "has_model"):
        assert getattr(run, name) == expected[name]
    assert run.models_made == expected["models_made"]
    holds([epoch.to_dict() for epoch in run.epochs], expected["history"])
    assert (run.test_metrics is None) == (expected["test_metrics"] is None)
    if run.test_metrics is not None:
        holds(vars(run.test_metrics), expected["test_metrics"])
    for name in ("settings", "schema", "split"):
        holds(getattr(run, name).model_dump(mode="json"), expected[name])


@pytest.mark.parametrize(("workspace", "expected"), [one for one in RUNS if one[1]["dataset_id"]])
def test_the_rows_of_a_run_are_divided_as_then(store: Store, workspace: str, expected: dict):
    run = store.run(workspace, expected["id"])
    frame = rows_of(store, store.dataset(workspace, run.dataset_id))

    split = SplitTable.of(frame, run.schema, run.split).split

    for part, rows in expected["rows"].items():
        assert getattr(split, part).tolist() == rows, part


@pytest.mark.parametrize(("workspace", "expected"), [one for one in RUNS if one[1].get("answers")])
def test_the_model_of_a_run_answers_as_then(store: Store, workspace: str, expected: dict):
    run = store.run(workspace, expected["id"])
    bundle = load_bundle(store.bundle(workspace, run.id) or b"")
    frame = rows_of(store, store.dataset(workspace, run.dataset_id))

    same(answer(bundle, frame), expected["answers"])
    same(outputs(bundle, frame), expected["outputs"])
    rows = np.array(expected["rows"]["test"])
    metrics = bundle.evaluate(frame.iloc[rows], frame[run.schema.target].iloc[rows])
    for name, value in expected["test_metrics"].items():
        assert getattr(metrics, name) == (value if value is None else pytest.approx(value, 1e-6))


@pytest.fixture
def older_store(tmp_path: Path) -> Iterator[Store]:
    """A copy of the database of f30324c."""
    path = tmp_path / "older.sqlite3"
    shutil.copyfile(FOLDER / "store_of_f30324c.sqlite3", path)
    opened = Store(f"sqlite:///{path}")
    yield opened
    opened.close()


@pytest.mark.parametrize("task", OLDER)
def test_a_run_from_before_a_setting_answers_as_then(older_store: Store, task: str):
    expected, workspace = OLDER[task], "golden-workspace"

    run = older_store.run(workspace, expected["run"])
    bundle = load_bundle(older_store.bundle(workspace, run.id) or b"")
    again = load_bundle(bundle.to_bytes())
    frame = rows_of(older_store, older_store.dataset(workspace, run.dataset_id))

    assert run in older_store.runs(workspace)
    assert (run.settings.constant_field, run.settings.weight_averaging) == (False, False)
    assert bundle.settings == run.settings
    assert to_state(frame) == expected["frame"]
    for model in (bundle, again):
        same(outputs(model, frame), expected["outputs"])
    holds([epoch.to_dict() for epoch in run.epochs], expected["history"])
    holds(vars(run.test_metrics), expected["test_metrics"])
    split = SplitTable.of(frame, run.schema, run.split).split
    for part, rows in expected["rows"].items():
        assert getattr(split, part).tolist() == rows, part


@pytest.mark.slow
def test_a_run_from_before_a_setting_goes_on_as_the_network_that_it_was(older_store: Store):
    expected, workspace = OLDER["binary"], "golden-workspace"
    run = older_store.continue_run(workspace, expected["run"], 1)
    frame = rows_of(older_store, older_store.dataset(workspace, run.dataset_id))

    trainer = SplitTable.of(frame, run.schema, run.split).trainer(run.settings)
    stored = load_bundle(older_store.bundle(workspace, run.id) or b"")
    trainer.loop.resume(stored.weights, stored.history)
    before = outputs(trainer.bundle(), frame)
    list(trainer.loop.epochs(count=1))

    same(before, expected["outputs"])
    assert len(trainer.loop.history) == len(expected["history"]) + 1


@pytest.mark.parametrize("link", LINKS, ids=[link["query"][:60] for link in LINKS])
def test_a_link_sets_what_it_set_then(link: dict):
    lesson, problems = read_lesson(parse_qs(link["query"], keep_blank_values=True))

    holds(lesson.model_dump(mode="json"), link["lesson"])
    assert len(problems) == len(link["problems"])  # their words may become better
