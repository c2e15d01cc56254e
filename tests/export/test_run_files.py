"""The Python code of a run, carried out: to the same figures as the engine's."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from nfm.export.run_files import changed_by_hand, run_code, run_record
from nfm.files.options import ReadingOptions
from nfm.files.reading import read_table_file
from nfm.inference.bundle import load_bundle
from nfm.settings import PRESETS, Settings, make_settings
from nfm.tabular.data_dictionary import ColumnEntry, DataDictionary
from nfm.tabular.infer_schema import infer_schema
from nfm.tabular.samples import sample_bytes
from nfm.tabular.splitting import SplitOptions
from nfm.training.train_table import run_metrics

pytestmark = pytest.mark.slow

NAMES = DataDictionary(
    columns={
        "code": ColumnEntry(levels={"0": "'); import os; os.mkdir('harm') #"}),
        "price": ColumnEntry(name="Price", unit="€"),
    }
)
HOSTILE = "\"); import os; os.mkdir('harm') #\n'''"


def hostile_table() -> bytes:
    """Numbers to predict, from a column whose name would like to be code; dates, a group."""
    random = np.random.default_rng(4)
    rows = 300
    frame = pd.DataFrame(
        {
            HOSTILE: random.choice(["a", "b", "'''c"], rows),
            "日付 (date)": pd.date_range("2024-01-01", periods=rows).strftime("%d/%m/%Y"),
            "group": random.integers(0, 40, rows),
            "size": random.normal(5, 2, rows).round(2),
            "code": random.integers(0, 4, rows),
        }
    )
    frame["price"] = (frame["size"] * 3 + frame["code"] + random.normal(0, 1, rows)).round(3)
    text = frame.to_csv(index=False, sep=";", decimal=",")
    return text.encode("utf-16")


@pytest.fixture(scope="module")
def trained(shared_desk):
    """Two runs of the engine, with all that the code is made of."""
    store, engine = shared_desk.store, shared_desk.engine
    found = {}
    for name, content, target, settings, split in (
        ("titanic", sample_bytes("titanic"), "Survived", PRESETS["article"], SplitOptions()),
        (
            "hostile",
            hostile_table(),
            "price",
            {"epochs": 4, "dropout": 0.1, "random_state": 5},
            SplitOptions(random_state=9, test_fraction=0.3, group_column="group"),
        ),
    ):
        table = read_table_file(content, HOSTILE, ReadingOptions(has_header=True))
        schema = infer_schema(table.frame, target)
        if name == "titanic":
            schema = schema.with_column("Ticket", kind="categorical")
            schema = schema.with_column("SibSp", kind="categorical").with_positive("0", table.frame)
        else:
            schema = schema.with_column("code", kind="categorical").with_dictionary(NAMES)
            schema = schema.with_column("group", role="ignored")
        dataset = store.add_dataset("coder", HOSTILE, content, table.options, schema, split)
        run = store.add_run("coder", dataset.id, make_settings(settings))
        engine.submit(run)
        ended = shared_desk.end(run)
        assert ended.status == "completed", ended.reason
        kept = store.run("coder", run.id)
        bundle = load_bundle(store.bundle("coder", run.id))
        found[name] = kept, dataset, table.frame, bundle, content
    return found


def write(parts, **more) -> str:
    run, dataset, frame, bundle, _content = parts
    return run_code(run, dataset, frame, bundle, **more)


def test_scripts_print_the_figures_of_the_engine_to_every_digit(trained, tmp_path, repository):
    calls = []
    for name, parts in trained.items():
        data_file = f"{name}.csv"
        (tmp_path / data_file).write_bytes(parts[4])
        code = write(parts, data_file=data_file, model_file=f"{name}.nfm")
        (tmp_path / f"{name}.py").write_text(code, encoding="utf-8")
        calls.append(f"runpy.run_path({name + '.py'!r})")
    # One process for both: importing TensorFlow takes longer than they do.
    done = subprocess.run(
        [sys.executable, "-c", "import runpy; " + "; ".join(calls)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(repository)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    expected = [
        f"{name:>20}  {value:.6g}"
        for run, _dataset, _frame, bundle, _content in trained.values()
        for name, value in run_metrics(bundle, run.test_metrics).items()
    ]
    assert done.stdout.splitlines() == expected
    assert sum("test" in line for line in expected) == 6
    assert not (tmp_path / "harm").exists()
    for name, parts in trained.items():
        again = load_bundle(tmp_path / f"{name}.nfm")
        for key, array in parts[3].weights.items():
            np.testing.assert_allclose(again.weights[key], array, atol=1e-6)


def test_names_become_literals_and_never_code(trained):
    code = write(trained["hostile"], data_file=HOSTILE, model_file="x.nfm")
    texts = {node.value for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Constant)}
    assert HOSTILE in texts
    called = {
        node.func.id
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert called == {
        "ColumnFormat",
        "ReadingOptions",
        "Settings",
        "SplitOptions",
        "infer_schema",
        "print",
        "read_table",
        "train_table",
    }


def test_code_says_what_differs_from_the_defaults_only(trained):
    code = write(trained["titanic"], data_file="data/titanic.csv", model_file="x.nfm")
    assert 'schema.with_column("Ticket", kind="categorical")' in code
    assert 'with_column("Pclass"' not in code
    assert "patience" not in code
    assert 'linear_term="shared"' in code
    assert "missing=" not in code
    sample = write(trained["titanic"], data_file="", model_file="x.nfm", sample="xor")
    assert 'frame = load_sample("xor")' in sample


def test_runs_that_were_changed_by_hand_say_so(trained):
    run, dataset, frame, bundle, _content = trained["titanic"]
    assert not changed_by_hand(run)
    slower = replace(run.epochs[-1], learning_rate=1e-5)
    late = tuple(replace(epoch, best=epoch.number == 1) for epoch in run.epochs)
    patient = run.settings.model_copy(update={"early_stopping": True, "patience": 4})
    assert not changed_by_hand(replace(run, epochs=late, settings=patient))
    impatient = run.settings.model_copy(update={"early_stopping": True, "patience": 3})
    for changed in (
        replace(run, status="stopped"),
        replace(run, reason="It went on with a fresh optimiser."),
        replace(run, epochs=late, settings=impatient),
        replace(run, settings=Settings(epochs=2, learning_rate=1e-3)),
        replace(run, epochs=(*run.epochs[:-1], slower)),
    ):
        assert changed_by_hand(changed)
        code = run_code(changed, dataset, frame, bundle, data_file="x.csv", model_file="x.nfm")
        assert "changed by hand" in code
        assert "The app shows" not in code


def test_record_holds_all_that_was_asked(trained):
    import json

    run, dataset, _frame, bundle, _content = trained["hostile"]
    record = json.loads(run_record(run, dataset, bundle))
    assert make_settings(record["settings"]) == run.settings
    assert SplitOptions.model_validate(record["split"]) == run.split
    assert ReadingOptions.model_validate(record["table"]["reading"]) == dataset.options
    assert record["features"] == [column.name for column in run.schema.features]
    assert record["test_metrics"]["mae"] == run.test_metrics.mae
    assert len(record["epochs"]) == 4
    assert json.loads(run_record(run, None, bundle))["table"] is None
