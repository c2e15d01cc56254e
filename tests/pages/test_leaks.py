"""A result that is close to perfect is explained where people see it."""

from __future__ import annotations

import pytest

from nfm.evaluation.perfect_score import ColumnScore, PerfectScore
from nfm.ui.state import model_rows

WORKSPACE = "w" * 43


def explained(monkeypatch, cause, *names):
    """Let every result be close to perfect, for one reason."""
    columns = tuple(ColumnScore(name, 1.0, cause == "columns") for name in names)
    found = PerfectScore(cause, "Survived", False, columns, 178, 178, "test")
    monkeypatch.setattr(model_rows, "perfect_score", lambda model: found)


def trained(lab):
    lab.open("data")
    return lab.trained(lab.store.dataset(WORKSPACE, lab.store.get_preference(WORKSPACE, "dataset")))


@pytest.mark.parametrize("page", ["train", "evaluate", "interactions"])
def test_the_column_is_named_and_ignored_at_a_click(lab, texts, monkeypatch, page):
    run = trained(lab)
    explained(monkeypatch, "columns", "Fare")
    app = lab.open(page)
    assert "**Fare** alone determines Survived" in texts(app)
    app.button(key="ignore_leak").click().run()
    assert not app.exception
    assert app.title[0].value == "Train"
    assert lab.store.dataset(WORKSPACE, run.dataset_id).schema.column("Fare").role == "ignored"
    assert "Fare" not in lab.find(app, "Features").value
    assert "It is ignored when you train again" in texts(app)
    assert "ignore it" not in texts(app)
    assert "ignore_leak" not in {button.key for button in app.button}
    app.button(key="train").click().run()
    assert "Fare" not in [column.name for column in lab.engine.submitted[-1].schema.features]


@pytest.mark.parametrize(
    ("cause", "said"),
    [("copies", "178 of 178 test rows are equal to a training row"), ("together", "No single")],
)
def test_without_a_culprit_no_column_is_to_be_ignored(lab, texts, monkeypatch, cause, said):
    trained(lab)
    explained(monkeypatch, cause, "Fare")
    app = lab.open("evaluate")
    assert said in texts(app)
    assert "ignore_leak" not in {button.key for button in app.button}


def test_a_usual_result_is_not_explained(lab, texts):
    trained(lab)
    assert "Close to perfect" not in texts(lab.open("evaluate"))


def test_buttons_that_ignore_a_column_do_not_share_a_label(lab, monkeypatch):
    rows = "\n".join(f"{'ab'[i % 2]},{'yn'[i % 2]},{i % 7}" for i in range(120))
    lab.trained(lab.add(f"cause,outcome,other\n{rows}".encode(), target="outcome"))
    explained(monkeypatch, "columns", "cause")
    app = lab.open("train")
    labels = [button.label for button in app.button if button.label.startswith("Ignore")]
    assert sorted(labels) == ["Ignore cause", "Ignore cause in the next run"]
