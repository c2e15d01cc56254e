"""The Evaluate page."""

from __future__ import annotations

import json
from concurrent.futures import Executor, Future

import pytest

from nfm.errors import NFMError
from nfm.store.records import DecisionRule
from nfm.tabular.splitting import SplitOptions
from nfm.ui.escaping import literal
from nfm.ui.evaluate import baselines

WORKSPACE = "w" * 43
NUMBERS = b"kind,weight,price\n" + b"".join(
    b"%s,%d.5,%d\n" % (b"ab"[row % 2 : row % 2 + 1], row % 7, 10 + row % 11) for row in range(120)
)
THREE = b"colour,size,sort\n" + b"".join(
    b"%s,%d,%s\n" % ([b"red", b"blue"][row % 2], row % 9, [b"x", b"y", b"<b>z</b>"][row % 3])
    for row in range(120)
)


def titanic(lab, split=None):
    lab.open("data")
    dataset = lab.store.dataset(WORKSPACE, lab.store.get_preference(WORKSPACE, "dataset"))
    if split is not None:
        lab.store.update_dataset(WORKSPACE, dataset.id, split=split)
    return lab.trained(dataset)


def figures(app):
    return {metric.label: metric.value for metric in app.metric}


def chart(app, place):
    return json.loads(app.get("echarts_chart")[place].proto.spec)


def texts_of_plots(app):
    specs = [json.loads(element.proto.spec) for element in app.get("plotly_chart")]
    return [json.dumps(spec, ensure_ascii=False) for spec in specs]


def threshold(app):
    return next(slider for slider in app.slider if slider.label.startswith("Threshold"))


def test_headlines_are_figures_of_the_test_rows_with_intervals(lab, texts):
    titanic(lab)
    app = lab.open("evaluate")
    assert "Measured on **178 test rows**, used neither for training nor for choosing" in texts(app)
    assert [metric.label for metric in app.metric[:4]] == [
        "Accuracy",
        "AUC",
        "Log loss",
        "Brier score",
    ]
    assert app.metric[0].value.endswith("%")
    assert " to " in app.metric[0].delta
    assert "always guessing **died**, the majority, is correct for 61.8%" in texts(app)


def test_threshold_moves_figures_and_charts(lab, texts):
    titanic(lab)
    app = lab.open("evaluate")
    before, matrix = figures(app), chart(app, 0)
    threshold(app).set_value(0.0).run()
    assert not app.exception
    assert figures(app)["Recall"] == "100.0%"
    assert figures(app)["Specificity"] == "0.0%"
    assert figures(app)["AUC"] == before["AUC"]
    assert chart(app, 0) != matrix
    assert "predicts **survived** for 178 rows" in texts(app)
    threshold(app).set_value(1.0).run()
    assert "the model never predicts survived" in texts(app)
    assert figures(app)["Precision"] == "–"


def test_costs_imply_a_threshold_that_one_click_takes_over(lab, texts):
    titanic(lab)
    app = lab.open("evaluate")
    lab.find(app, "Cost of a false negative").set_value(4.0).run()
    button = app.button(key="use_implied")
    assert button.label == "Use the threshold that these costs imply: 0.20"
    button.click().run()
    assert threshold(app).value == pytest.approx(0.2)
    assert app.button(key="use_implied").disabled
    assert "The wrong decisions cost" in texts(app)


def test_threshold_of_rare_events_is_set_to_four_decimals(lab, texts):
    titanic(lab)
    app = lab.open("evaluate")
    lab.find(app, "Cost of a false negative").set_value(400.0).run()
    button = app.button(key="use_implied")
    assert button.label == "Use the threshold that these costs imply: 0.0025"
    button.click().run()
    assert threshold(app).value == pytest.approx(0.0025)
    assert lab.find(app, "Exact threshold").value == pytest.approx(0.0025)
    assert app.button(key="use_implied").disabled
    assert "At a threshold of 0.0025" in texts(app)
    assert "At threshold 0.0025" in json.dumps(chart(app, 2))
    lab.find(app, "Exact threshold").set_value(0.4321).run()
    assert threshold(app).value == pytest.approx(0.4321)
    assert "At a threshold of 0.4321" in texts(app)
    threshold(app).set_value(0.25).run()
    assert lab.find(app, "Exact threshold").value == pytest.approx(0.25)
    lab.go(app, "predict")
    assert "at a threshold of 25%" in texts(app)


def test_threshold_survives_a_page_switch(lab):
    titanic(lab)
    app = lab.open("evaluate")
    threshold(app).set_value(0.3).run()
    lab.go(app, "train")
    lab.go(app, "evaluate")
    assert threshold(app).value == pytest.approx(0.3)


def test_threshold_and_costs_survive_a_refresh_and_belong_to_the_run(lab):
    run = titanic(lab)
    app = lab.open("evaluate")
    lab.find(app, "Cost of a false negative").set_value(19.0).run()
    app.button(key="use_implied").click().run()
    again = lab.open("evaluate")
    assert threshold(again).value == pytest.approx(0.05)
    assert lab.find(again, "Cost of a false negative").value == 19.0
    kept = lab.store.run(run.workspace, run.id).decision_rule()
    assert (kept.threshold, kept.false_alarm_cost, kept.miss_cost) == (0.05, 1.0, 19.0)
    titanic(lab)
    assert threshold(lab.open("evaluate")).value == pytest.approx(0.5)


def test_threshold_that_is_changed_elsewhere_is_shown_and_not_changed_back(lab):
    run = titanic(lab)
    app = lab.open("evaluate")
    threshold(app).set_value(0.3).run()
    lab.store.set_decision_rule(run.workspace, run.id, DecisionRule(threshold=0.0625))
    app.run()
    assert threshold(app).value == pytest.approx(0.0625)
    assert lab.store.run(run.workspace, run.id).decision_rule().threshold == 0.0625


def test_number_of_bins_changes_the_calibration(lab):
    run = titanic(lab)
    app = lab.open("evaluate")
    before = texts_of_plots(app)
    app.get_by_key(f"evaluate.bins.{run.id}").set_value(10).run()
    assert not app.exception
    after = texts_of_plots(app)
    assert before[0] != after[0]
    assert before[1] == after[1]


def test_slices_of_any_column_also_of_ignored_ones(lab):
    run = titanic(lab)
    app = lab.open("evaluate")
    column = app.selectbox(key=f"evaluate.column.{run.id}")
    assert {"Name", "PassengerId", "Survived"} <= set(column.options)
    column.set_value("Sex").run()
    assert not app.exception
    assert "male (" in texts_of_plots(app)[1]
    table = app.dataframe[0].value
    assert table["Value"].tolist() == ["male", "female"]
    assert table["Rows"].sum() == 178
    app.get_by_key(f"evaluate.error.{run.id}").set_value("loss").run()
    assert not app.exception
    assert "Log loss (nats)" in app.dataframe[0].value.columns


class AtOnce(Executor):
    """Carries out what it is given before it returns."""

    def submit(self, function, /, *arguments, **keywords):
        future = Future()
        try:
            future.set_result(function(*arguments, **keywords))
        except NFMError as error:
            future.set_exception(error)
        return future


class Never(Executor):
    """Has not begun yet."""

    def submit(self, function, /, *arguments, **keywords):
        return Future()


def test_simpler_models_are_learned_on_request_and_compared(lab, texts, monkeypatch):
    monkeypatch.setattr(baselines, "_executor", AtOnce)
    titanic(lab)
    app = lab.open("evaluate")
    assert len(app.dataframe) == 1
    app.button(key="compare").click().run()
    assert not app.exception
    assert not app.warning
    table = app.dataframe[0].value.set_index("Model")
    assert list(table.index) == [
        "This model",
        "Logistic regression",
        "Gradient boosting",
        "Constant prediction",
    ]
    assert table.loc["This model", "Accuracy"].startswith(figures(app)["Accuracy"][:4])
    # The model of these tests has random weights.
    assert "worse than logistic regression by" in texts(app)


def test_page_waits_for_the_simpler_models_and_stays_usable(lab, monkeypatch):
    monkeypatch.setattr(baselines, "_executor", Never)
    titanic(lab)
    app = lab.open("evaluate")
    app.button(key="compare").click().run()
    assert "Logistic regression is training" in app.get("progress")[0].text
    threshold(app).set_value(0.3).run()
    assert not app.exception


def test_simpler_model_that_cannot_learn_says_why(lab, monkeypatch):
    def refuse(name, *rest):
        raise NFMError("It has **no** rows.")

    monkeypatch.setattr(baselines, "_executor", AtOnce)
    monkeypatch.setattr(baselines, "learn_baseline", refuse)
    titanic(lab)
    app = lab.open("evaluate")
    app.button(key="compare").click().run()
    assert not app.exception
    assert literal("It has **no** rows.") in app.warning[0].value
    assert app.dataframe[0].value["Model"].tolist() == ["This model", "Constant prediction"]


def test_without_test_rows_the_validation_rows_are_shown_with_a_caution(lab, texts):
    titanic(lab, SplitOptions(test_fraction=0.0))
    app = lab.open("evaluate")
    assert not app.exception
    assert "no test rows were kept" in app.warning[0].value
    assert "They were also used to choose the best epoch" in app.warning[0].value
    assert "used neither for training" not in texts(app)


def test_without_any_held_out_row_a_sentence_says_so(lab):
    titanic(lab, SplitOptions(test_fraction=0.0, validation_fraction=0.0))
    app = lab.open("evaluate")
    assert not app.exception
    assert "No rows were held out" in app.warning[0].value
    assert not app.metric


def test_deleted_table_leaves_a_sentence(lab):
    dataset = lab.add(NUMBERS, target="price")
    lab.trained(dataset)
    lab.store.delete_dataset(WORKSPACE, dataset.id)
    app = lab.open("evaluate")
    assert not app.exception
    assert "is not available" in app.warning[0].value


def test_numbers_have_residuals_and_no_threshold(lab, texts):
    run = lab.trained(lab.add(NUMBERS, target="price"))
    app = lab.open("evaluate")
    assert not app.exception
    assert [metric.label for metric in app.metric] == ["Mean error (MAE)", "RMSE", "R²"]
    assert not app.slider
    assert "always guessing the mean" in texts(app)
    assert len(texts_of_plots(app)) == 4
    assert any("24 rows are very few" in each.value for each in app.warning)
    app.get_by_key(f"evaluate.error.{run.id}").set_value("residual").run()
    assert not app.exception


def test_several_classes_are_shown_one_by_one_and_averaged(lab, texts):
    run = lab.trained(lab.add(THREE, target="sort"))
    app = lab.open("evaluate")
    assert not app.exception
    table = app.dataframe[0].value
    assert table["class"].tolist()[-2:] == ["Mean over classes", "Mean over rows"]
    assert len(table) == 5
    choice = app.selectbox(key=f"evaluate.class.{run.id}")
    choice.set_value(1).run()
    assert not app.exception
    assert "predicts x" in threshold(app).label
    assert "&lt;b&gt;z&lt;/b&gt;" in texts_of_plots(app)[0]
    assert "<b>z</b>" not in texts_of_plots(app)[0].replace("&lt;b&gt;z&lt;/b&gt;", "")


HOSTILE = ["<script>alert(1)</script>", "**x**", "$x$", ":red[x]", "![a](http://b.c/d.png)"]


def test_hostile_names_reach_markdown_and_plotly_escaped_only(lab):
    header = ",".join([*HOSTILE, "<i>target</i>"])
    rows = [
        ",".join([*(HOSTILE[(row + place) % 5] for place in range(5)), answer])
        for row in range(60)
        for answer in ("**yes**", "[no](http://b.c)")
    ]
    lab.trained(lab.add("\n".join([header, *rows]).encode(), target="<i>target</i>"))
    app = lab.open("evaluate")
    assert not app.exception
    said = [
        each.value for elements in (app.markdown, app.caption, app.warning) for each in elements
    ]
    for elements in (app.button, app.slider, app.number_input, app.selectbox, app.metric):
        for element in elements:
            said += [element.label, getattr(element, "help", None) or ""]
    text = "\n".join(said)
    for name in [*HOSTILE, "**yes**", "[no](http://b.c)", "<i>target</i>"]:
        assert name not in text.replace(literal(name), ""), name
    for spec in texts_of_plots(app):
        assert "<script" not in spec
        assert "<i>" not in spec


def test_page_of_a_small_table_with_one_class_held_out_works(lab, texts):
    content = b"a,b,t\n" + b"".join(b"%d,x,%s\n" % (row, b"yes") for row in range(30))
    content += b"40,y,no\n41,y,no\n"
    lab.trained(lab.add(content, target="t"))
    app = lab.open("evaluate")
    assert not app.exception
    assert app.metric[0].label == "Accuracy"
