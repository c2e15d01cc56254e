"""The runs of the workspace on the Train page."""

from __future__ import annotations

import json

import pytest

from nfm.jobs.runs import LiveRun
from nfm.settings import Settings

from .conftest import make_epochs

WORKSPACE = "w" * 43


@pytest.fixture
def two_runs(lab):
    """Two runs on the sample, which differ in their epochs; the second is looked at."""
    lab.open("data")
    dataset = lab.store.dataset(WORKSPACE, lab.store.get_preference(WORKSPACE, "dataset"))
    return [lab.trained(dataset, Settings(epochs=epochs, embedding_dim=8)) for epochs in (3, 5)]


def frames(app):
    return [element.value for element in app.dataframe]


def runs_table(app):
    return next(frame for frame in frames(app) if "Differs in" in frame)


def test_first_visit_has_no_runs(lab):
    app = lab.open("train")
    assert not any("Differs in" in frame for frame in frames(app))


def test_all_runs_are_listed_the_newest_first(lab, two_runs):
    table = runs_table(lab.open("train"))
    assert table["Run"].to_list() == ["Run 2", "Run 1"]
    assert table["Current"].to_list() == ["✓", ""]
    assert table["Result"].to_list() == ["82.0% test accuracy"] * 2
    assert table["Differs in"].to_list() == ["Epochs 5", "Epochs 3"]


def test_table_says_how_a_run_stands_at_this_moment(lab, two_runs):
    dataset = lab.store.dataset(WORKSPACE, two_runs[0].dataset_id)
    run = lab.store.add_run(WORKSPACE, dataset.id, Settings(epochs=9))
    lab.store.set_preference(WORKSPACE, "run", run.id)
    lab.engine.submit(run)
    app = lab.open("train")
    assert runs_table(app)["Status"].to_list() == ["Waiting", "Completed", "Completed"]
    # What the engine knows reaches the database a little later.
    lab.engine.states[run.id] = LiveRun(run.id, "running", make_epochs(4))
    app.run()
    assert runs_table(app)["Status"].to_list()[0] == "Training"
    assert runs_table(app)["Best epoch"].to_list()[0] == "4 of 4"
    lab.engine.states[run.id] = LiveRun(run.id, "running", make_epochs(4), paused=True)
    app.run()
    assert runs_table(app)["Status"].to_list()[0] == "Paused"


def test_curves_of_all_runs_are_in_one_chart(lab, two_runs):
    app = lab.open("train")
    charts = {element.key: element for element in app.get("echarts_chart")}
    series = json.loads(charts["run_list.curves"].proto.spec)["series"]
    assert [one["name"] for one in series] == ["Run 1: 3", "Run 2: 5"]


def test_losses_are_compared_only_with_the_same_loss(lab, texts):
    values = [*range(40)]
    lines = [f"{value % 7},{value * value}" for value in values]
    dataset = lab.add("\n".join(["a,b", *lines]).encode(), target="b")
    assert dataset.schema.task == "regression"
    for loss in ("squared_error", "huber"):
        lab.trained(dataset, Settings(epochs=3, regression_loss=loss))
    app = lab.open("train")

    def chart():
        charts = {element.key: element for element in app.get("echarts_chart")}
        return json.loads(charts["run_list.curves"].proto.spec)

    assert [one["name"] for one in chart()["series"]] == ["Run 2"]
    assert chart()["title"]["text"] == "Huber loss (standardised)"
    assert "R² and the mean absolute error can." in texts(app)
    assert runs_table(app)["Differs in"].to_list() == [
        "Regression loss Huber",
        "Regression loss Squared error",
    ]
    app.segmented_control(key="run_list.measure.regression").set_value("r2").run()
    assert [one["name"] for one in chart()["series"]] == ["Run 1: Squared error", "Run 2: Huber"]
    assert "another regression loss" not in texts(app)


def open_with(lab, *runs):
    """Open the Train page with these runs selected."""
    app = lab.open("data")
    app.session_state["run_list.selected"] = [run.id for run in runs]
    return lab.go(app, "train")


def test_two_selected_runs_show_what_differs(lab, two_runs):
    app = open_with(lab, *two_runs)
    difference = next(frame for frame in frames(app) if "Run 1" in frame.columns)
    assert difference.to_dict() == {"Run 2": {"Epochs": "5"}, "Run 1": {"Epochs": "3"}}


def test_run_is_renamed_and_noted(lab, two_runs):
    app = open_with(lab, two_runs[0])
    lab.find(app, "Name").set_value("**bold** & short").run()
    lab.find(app, "Note").set_value("for the talk").run()
    assert not app.exception
    kept = lab.store.run(WORKSPACE, two_runs[0].id)
    assert (kept.name, kept.note) == ("**bold** & short", "for the talk")
    assert runs_table(app)["Run"].to_list() == ["Run 2", "**bold** & short"]


def test_older_run_becomes_the_current_one(lab, two_runs, texts):
    app = open_with(lab, two_runs[0])
    app.button(key="run_list.current").click().run()
    assert not app.exception
    assert runs_table(app)["Current"].to_list() == ["", "✓"]
    assert lab.store.get_preference(WORKSPACE, "run") == two_runs[0].id
    lab.go(app, "predict")
    assert "Run 1 predicts" in texts(app)


def test_settings_and_columns_of_a_run_come_back_into_the_form(lab, two_runs):
    app = open_with(lab, two_runs[0])
    lab.find(app, "Features").unselect("Cabin").run()
    app.button(key="run_list.load").click().run()
    assert not app.exception
    assert lab.find(app, "Epochs").value == 3
    assert lab.find(app, "Embedding size").value == 8
    assert "Cabin" in lab.find(app, "Features").value


def test_deleted_run_comes_back_by_undo(lab, two_runs, texts):
    app = open_with(lab, two_runs[1])
    app.button(key="run_list.delete").click().run()
    assert not app.exception
    assert runs_table(app)["Run"].to_list() == ["Run 1"]
    assert "Run 2 was deleted." in texts(app)
    app.button(key="run_list.undo").click().run()
    assert not app.exception
    assert runs_table(app)["Run"].to_list() == ["Run 2", "Run 1"]
    assert lab.store.bundle(WORKSPACE, two_runs[1].id) is not None


def test_last_run_can_be_deleted_too(lab, two_runs):
    lab.store.delete_run(WORKSPACE, two_runs[0].id)
    app = open_with(lab, two_runs[1])
    app.button(key="run_list.delete").click().run()
    assert not app.exception
    assert app.button(key="train").label == "Train"
    assert app.button(key="run_list.undo")
