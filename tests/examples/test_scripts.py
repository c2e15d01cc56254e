"""The numbered scripts run as they stand, and print and write what they say."""

from __future__ import annotations

import re
import runpy
import sys
from pathlib import Path

import pytest

import nfm

FOLDER = Path(__file__).resolve().parents[2] / "examples"
SCRIPTS = sorted(FOLDER.glob("[0-9]*.py"))


def run(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict:
    """Run a script in an empty folder, and return its names."""
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "argv", [name])
    return runpy.run_path(str(FOLDER / name), run_name="__main__")


def test_scripts_are_numbered_without_gaps():
    assert [int(script.name.partition("_")[0]) for script in SCRIPTS] == [1, 2, 3, 4]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_the_first_lines_say_how_to_run_it(script: Path):
    assert f"python examples/{script.name}" in script.read_text().split('"""')[1]


@pytest.mark.slow
def test_a_csv_is_trained_and_the_saved_model_predicts(tmp_path: Path, monkeypatch, capsys):
    names = run("1_train_on_a_csv.py", tmp_path, monkeypatch)
    shown = capsys.readouterr().out
    assert "Evaluated on 178 rows." in shown
    assert len(re.findall(r"survives with a probability of \d+\.\d%", shown)) == 3
    found = nfm.evaluate(tmp_path / "titanic.nfm", names["frame"]).frame
    assert found.loc["auc", "value"] > 0.8
    assert [path.name for path in tmp_path.iterdir()] == ["titanic.nfm"]


@pytest.mark.slow
def test_a_row_is_explained_and_drawn(tmp_path: Path, monkeypatch, capsys):
    names = run("2_explain_a_row.py", tmp_path, monkeypatch)
    assert names["total"] == pytest.approx(names["prediction"], abs=1e-9)
    printed = capsys.readouterr().out
    shown = re.search(r"contributions: (\S+), the model's prediction: (\S+)", printed)
    assert shown[1] == shown[2]
    for name in ("explanation.html", "interactions.html"):
        assert "Plotly.newPlot" in (tmp_path / name).read_text()


@pytest.mark.slow
def test_a_pipeline_is_searched_and_its_last_step_evaluated(tmp_path: Path, monkeypatch, capsys):
    names = run("3_pipeline_and_grid_search.py", tmp_path, monkeypatch)
    search, shown = names["search"], capsys.readouterr().out
    score = search.score(names["X_test"], names["y_test"])
    assert f"AUC of the test rows: {score:.3f}" in shown
    assert float(re.search(r"^auc +(\S+)", shown, re.M)[1]) == pytest.approx(score, abs=5e-4)
    assert score > 0.75


@pytest.mark.slow
def test_pairs_of_ids_predict_ratings_that_a_sum_of_effects_cannot(tmp_path: Path, monkeypatch):
    names = run("4_recommend_from_ids.py", tmp_path, monkeypatch)
    errors = {name: frame.loc["rmse"] for name, frame in names["results"].items()}
    for name in ("fm", "nfm"):
        assert errors[name]["high"] < 0.6 * errors["linear"]["low"]
    rated = names["ratings"].query("user == 7")["film"]
    assert not set(names["candidates"]["film"]) & set(rated)
