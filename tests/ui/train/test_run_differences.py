"""What tells runs apart."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import get_args

import pytest

from nfm.epoch import Epoch, Metrics
from nfm.settings import Settings
from nfm.store.records import Run, Status
from nfm.tabular.schema import Column, Schema
from nfm.tabular.splitting import SplitOptions
from nfm.ui.train.run_differences import (
    STATUS_NAMES,
    difference_texts,
    differences,
    headline,
    run_table,
    setting_text,
)

TABLES = {"t": "Titanic"}


def make_run(number: int, *, name: str | None = None, features=("Sex",), **more) -> Run:
    columns = [Column(name=one, kind="categorical", role="feature") for one in features]
    target = Column(name="Survived", kind="categorical", role="target")
    settings = Settings(**more.pop("settings", {}))
    values = {
        "id": str(number),
        "workspace": "w",
        "number": number,
        "dataset_id": "t",
        "name": name or f"Run {number}",
        "settings": settings,
        "schema": Schema(columns=[*columns, target], task="binary"),
        "split": SplitOptions(),
        "status": "completed",
        "created": datetime(2026, 1, 1, tzinfo=UTC),
        "test_metrics": Metrics(0.4, accuracy=0.81),
        "has_model": True,
    }
    return Run(**values | more)


def epochs(count: int, best: int) -> tuple[Epoch, ...]:
    return tuple(
        Epoch(n, Metrics(0.5), Metrics(0.6, r2=n / 10), 1e-3, n, 1.0, n <= best)
        for n in range(1, count + 1)
    )


def test_only_what_is_not_the_same_for_all_is_laid_out():
    runs = [
        make_run(1, settings={"epochs": 5, "hidden_units": ()}),
        make_run(2, settings={"epochs": 7, "hidden_units": (64, 32)}, features=("Sex", "Age")),
    ]
    table = differences(runs, TABLES)
    assert table["Run 1"].to_dict() == {"Features": "Sex", "Hidden layers": "None", "Epochs": "5"}
    assert table.loc["Hidden layers", "Run 2"] == "64, 32"
    assert (
        difference_texts(runs, TABLES)[1] == "Features Sex, Age · Hidden layers 64, 32 · Epochs 7"
    )


def test_equal_runs_of_equal_names_are_laid_out_too():
    runs = [make_run(1, name="x"), make_run(2, name="x")]
    assert differences(runs, TABLES).empty
    changed = make_run(3, name="x", settings={"random_state": 1})
    assert list(differences([*runs, changed], TABLES).columns) == ["x", "x (2)", "x (3)"]


def test_deleted_table_is_named_so():
    runs = [make_run(1), make_run(2, dataset_id="gone")]
    assert differences(runs, TABLES).loc["Table"].to_list() == ["Titanic", "deleted"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "On"),
        (None, "Automatic"),
        ((), "None"),
        ((128, 64), "128, 64"),
        (1e-5, "1e-05"),
        ("fm", "FM"),
        (10_000, "10,000"),
    ],
)
def test_settings_are_written_for_people(value, text):
    assert setting_text(value) == text


def test_main_figure_is_that_of_the_test_rows_else_of_the_best_epoch():
    assert headline(make_run(1)) == ("test accuracy", 0.81)
    untested = make_run(2, test_metrics=None, epochs=epochs(5, best=3))
    assert headline(untested) == ("validation R²", 0.3)
    assert headline(make_run(3, test_metrics=None)) is None


def test_a_row_for_each_run():
    table = run_table([make_run(2, note="hm", epochs=epochs(5, best=3)), make_run(1)], TABLES)
    assert table["Run"].to_list() == ["Run 2", "Run 1"]
    assert table.loc[0, ["Result", "Best epoch", "Status", "Note"]].to_list() == [
        "81.0% test accuracy",
        "3 of 5",
        "Completed",
        "hm",
    ]


def test_every_status_has_a_name():
    assert set(STATUS_NAMES) == set(get_args(Status))


def test_a_model_from_a_file_has_no_table_to_differ_by():
    opened = make_run(1, status="opened", dataset_id="")
    table = differences([opened, make_run(2)], TABLES)
    assert list(table.loc["Table"]) == ["–", "Titanic"]
    assert list(run_table([opened], TABLES)["Status"]) == ["From a file"]
