"""The Train page."""

from __future__ import annotations

import json
from dataclasses import replace

import pyarrow as pa
import pytest

WORKSPACE = "w" * 43


def charts(app):
    """The two live charts, loss first: specification and data."""
    protos = [element.proto for element in app.get("vega_lite_chart")]
    data = [proto.datasets[0].data.data for proto in protos]
    tables = [pa.ipc.open_stream(one).read_pandas() for one in data]
    return [(json.loads(proto.spec), table) for proto, table in zip(protos, tables, strict=True)]


def drawn(app, chart, part):
    """The epochs of a curve: chart 0 is the loss, 1 the score."""
    data = charts(app)[chart][1]
    return data.loc[(data["part"] == part) & (data["text"] != "none"), "epoch"].tolist()


def train(app):
    app.button(key="train").click().run()
    assert not app.exception
    return app


def test_first_visit_offers_train_and_empty_curves(lab, texts):
    app = lab.open("train")
    assert not app.button(key="train").disabled
    assert app.button(key="stop").disabled
    assert "**Survived**" in texts(app)
    assert drawn(app, 0, "Training") == []


def test_train_queues_a_run_with_the_settings_of_the_form(lab):
    app = lab.open("train")
    app.number_input(key="settings.0.epochs").set_value(7)
    app.text_input(key="settings.0.hidden_units").set_value("32 16")
    train(app)
    run = lab.engine.submitted[0]
    assert (run.settings.epochs, run.settings.hidden_units) == (7, (32, 16))
    assert run.schema.target == "Survived"
    assert app.button(key="train").disabled
    assert not app.button(key="stop").disabled


def test_warming_workers_are_named_while_the_run_waits(lab, texts):
    lab.engine.ready = False
    app = lab.open("train")
    assert "warming up" in texts(app)
    assert not app.button(key="train").disabled
    assert "warming up" in texts(train(app))


def test_absent_workers_are_named_with_their_reason(lab, texts):
    lab.engine.ready, lab.engine.reason = False, "No scheduler answers at tcp://x."
    assert "No scheduler answers" in texts(train(lab.open("train")))


def test_place_in_the_queue_is_shown(lab, texts):
    app = train(lab.open("train"))
    run = lab.engine.submitted[0]
    lab.engine.states[run.id] = type(lab.engine.states[run.id])(run.id, "queued", queue_position=3)
    assert "2 runs ahead" in texts(app.run())


def test_curves_and_progress_follow_the_run(lab, texts):
    app = train(lab.open("train"))
    lab.engine.progress(4)
    app.run()
    assert not app.exception
    assert "Epoch 4 of 100" in texts(app)
    assert drawn(app, 0, "Validation") == [1, 2, 3, 4]
    lab.engine.progress(9)
    app.run()
    assert len(drawn(app, 1, "Training")) == 9


def test_new_session_comes_back_to_the_same_run(lab, texts):
    train(lab.open("train"))
    lab.engine.progress(5)
    again = lab.open("train")
    assert "Epoch 5 of 100" in texts(again)
    assert len(drawn(again, 0, "Training")) == 5


def test_another_workspace_does_not_see_the_run(lab, texts):
    train(lab.open("train"))
    lab.engine.progress(5)
    other = lab.open("data")
    other.session_state["services.workspace"] = "x" * 43
    other.run()
    lab.go(other, "train")
    assert "Epoch 5" not in texts(other)
    assert not other.button(key="train").disabled


def test_stop_asks_the_engine_to_stop_this_run(lab):
    app = train(lab.open("train"))
    lab.engine.progress(3)
    app.run()
    app.button(key="stop").click().run()
    assert not app.exception
    assert lab.engine.stopped == [lab.engine.submitted[0].id]


@pytest.mark.parametrize(
    ("status", "reason", "said"),
    [
        ("completed", None, "**Completed** after 12 epochs."),
        ("early_stopped", None, "**Stopped early**, after 12 epochs"),
        ("stopped", None, "**Stopped** by you after 12 epochs."),
        ("diverged", "The learning rate is too high.", "**Diverged** after 12 epochs."),
        ("failed", "Its process was killed.", "**Failed** after 12 epochs."),
        ("interrupted", "The server was shut down.", "**Interrupted** after 12 epochs."),
    ],
)
def test_ends_are_told_apart(lab, texts, status, reason, said):
    app = train(lab.open("train"))
    model = status in ("completed", "early_stopped", "stopped")
    lab.engine.finish(status, epochs=12, best=5, reason=reason, model=model)
    app.run()
    assert not app.exception
    assert said in texts(app)
    assert reason is None or reason in texts(app)
    assert app.button(key="stop").disabled
    assert app.button(key="train").label == "Train again"


def test_result_is_compared_with_the_most_frequent_class(lab, texts):
    app = train(lab.open("train"))
    lab.engine.finish("completed")
    app.run()
    accuracy = next(metric for metric in app.metric if metric.label == "Accuracy")
    assert accuracy.value == "82.0%"
    assert accuracy.delta == "+20.2 points"
    assert "178 test rows" in texts(app)
    assert "correct for 61" in texts(app)


def test_finished_run_leads_to_prediction(lab):
    app = train(lab.open("train"))
    lab.engine.finish("completed")
    app.run()
    app.button(key="to_predict").click().run()
    assert not app.exception
    assert app.title[0].value == "Predict"


def test_preset_fills_the_form_and_a_change_makes_it_custom(lab):
    app = lab.open("train")
    lab.find(app, "Preset").select("article").run()
    assert lab.find(app, "Embedding size").value == 64
    assert lab.find(app, "Hidden layers").value == "128, 128"
    lab.find(app, "Embedding size").set_value(8).run()
    assert lab.find(app, "Preset").value == "custom"
    app.button(key="settings.reset").click().run()
    assert lab.find(app, "Preset").value == "recommended"
    assert lab.find(app, "Embedding size").value == 32
    assert not app.exception


def test_article_preset_announces_its_35782_parameters_without_a_test_share(lab):
    app = lab.open("data")
    lab.find(app, "Test rows (%)").set_value(0).run()
    lab.go(app, "train")
    lab.find(app, "Preset").select("article").run()
    app.multiselect[0].set_value(
        ["Pclass", "Sex", "Cabin", "Embarked", "Age", "SibSp", "Parch", "Fare"]
    )
    app.run()
    assert not app.exception
    assert any("35,782 parameters" in expander.label for expander in app.expander)


def test_setting_without_effect_is_disabled(lab):
    app = lab.open("train")
    assert not app.number_input(key="settings.0.dropout").disabled
    app.selectbox(key="settings.0.interaction").select("fm").run()
    assert app.number_input(key="settings.0.dropout").disabled
    assert app.text_input(key="settings.0.hidden_units").disabled
    assert not app.number_input(key="settings.0.embedding_dim").disabled


def test_task_of_the_table_decides_which_settings_can_be_changed(lab):
    app = lab.open("train")
    assert app.selectbox(key="settings.0.regression_loss").disabled
    assert not app.selectbox(key="settings.0.class_weight").disabled
    lab.go(app, "data")
    lab.find(app, "Target").select("Fare").run()
    lab.go(app, "train")
    loss = app.selectbox(key="settings.0.regression_loss")
    assert not loss.disabled
    assert loss.options == ["Squared error", "Huber"]
    assert app.selectbox(key="settings.0.class_weight").disabled
    loss.select("huber").run()
    app.button(key="train").click().run()
    assert lab.engine.submitted[-1].settings.regression_loss == "huber"
    titles = [chart.proto.spec for chart in app.get("vega_lite_chart")]
    assert any("Huber loss (standardised)" in title for title in titles)


def test_wrong_setting_is_said_in_a_sentence_and_stops_train(lab):
    app = lab.open("train")
    app.text_input(key="settings.0.hidden_units").set_value("many").run()
    assert not app.exception
    assert "whole numbers" in app.error[0].value
    assert app.button(key="train").disabled


def test_settings_survive_a_page_switch(lab):
    app = lab.open("train")
    app.number_input(key="settings.0.epochs").set_value(77).run()
    lab.go(app, "predict")
    lab.go(app, "train")
    assert app.number_input(key="settings.0.epochs").value == 77


def test_new_session_starts_with_the_settings_of_the_last_run(lab):
    app = lab.open("train")
    app.number_input(key="settings.0.epochs").set_value(9)
    train(app)
    assert lab.open("train").number_input(key="settings.0.epochs").value == 9


def test_features_are_the_roles_of_the_data_page(lab):
    app = lab.open("train")
    app.multiselect[0].unselect("Cabin").run()
    assert not app.exception
    opened = lab.store.dataset(WORKSPACE, lab.store.get_preference(WORKSPACE, "dataset"))
    assert opened.schema.column("Cabin").role == "ignored"


def test_without_features_train_is_disabled(lab):
    app = lab.open("train")
    app.multiselect[0].set_value([]).run()
    assert not app.exception
    assert app.button(key="train").disabled


def test_full_workspace_is_said_in_a_sentence(lab):
    lab.store.limits = type(lab.store.limits)(runs=0)
    app = train(lab.open("train"))
    assert "delete one to make room" in app.error[0].value.replace("\\", "")


def commands_of(lab):
    return lab.engine.states[lab.engine.submitted[-1].id].commands


def test_pause_step_resume_ask_the_engine(lab, texts):
    app = train(lab.open("train"))
    lab.engine.progress(3)
    app.run()
    assert app.button(key="pause").label == "Pause"
    app.button(key="pause").click().run()
    assert commands_of(lab).pauses_at(3)
    assert "Pausing" in texts(app)
    assert app.button(key="pause").label == "Resume"
    state = lab.engine.states[lab.engine.submitted[-1].id]
    lab.engine.states[state.id] = replace(state, paused=True)
    assert app.run().button(key="train").label == "Paused"
    app.button(key="step").click().run()
    assert not commands_of(lab).pauses_at(3)
    assert commands_of(lab).pauses_at(4)
    assert "Training epoch 4, then pausing" in texts(app)
    app.button(key="pause").click().run()
    assert not commands_of(lab).pauses_at(1000)
    assert app.button(key="pause").label == "Pause"
    assert not app.exception


def test_speed_is_taken_by_the_next_run_and_by_the_one_that_trains(lab):
    app = lab.open("train")
    app.select_slider[0].set_value(2.0).run()
    train(app)
    assert commands_of(lab).epochs_per_second == 2
    lab.engine.progress(3)
    app.run()
    app.select_slider[0].set_value(10.0).run()
    assert not app.exception
    assert commands_of(lab).epochs_per_second == 10


def test_learning_rate_changes_during_the_run_and_a_second_tab_shows_it(lab):
    app = train(lab.open("train"))
    lab.engine.progress(3)
    app.run()
    rate = lab.find(app, "Current learning rate")
    assert rate.value == 0.001
    rate.set_value(0.01).run()
    assert not app.exception
    assert commands_of(lab).learning_rate == 0.01
    assert lab.engine.submitted[-1].settings.learning_rate == 0.001
    second = lab.open("train")
    assert lab.find(second, "Current learning rate").value == 0.01
    assert lab.find(second, "Learning rate").value == 0.001


def test_big_numbers_count_along(lab):
    app = train(lab.open("train"))
    lab.engine.progress(4)
    app.run()
    shown = {metric.label: metric.value for metric in app.metric}
    assert shown["Epoch"] == "4"
    assert shown["Best epoch"] == "4"
    assert shown["Validation accuracy"] == "70.0%"
    assert shown["Rows/s"] == "5,000"


def test_waiting_run_is_cancelled_by_the_stop_button(lab):
    app = train(lab.open("train"))
    assert app.button(key="stop").label == "Cancel"
    app.button(key="stop").click().run()
    assert lab.engine.stopped == [lab.engine.submitted[-1].id]


def test_curves_are_looked_at_in_other_ways(lab):
    app = train(lab.open("train"))
    lab.engine.progress(40)
    app.run()
    app.get_by_key("curve_view.score.accuracy").set_value("auc").run()
    app.get_by_key("curve_view.last").set_value(10).run()
    app.toggle(key="curve_view.logarithmic").set_value(True).run()
    assert not app.exception
    assert charts(app)[1][0]["title"]["text"] == "AUC"
    assert charts(app)[0][0]["encoding"]["y"]["scale"]["type"] == "log"
    assert drawn(app, 0, "Validation") == list(range(31, 41))
    lab.engine.progress(41)
    app.run()
    assert drawn(app, 0, "Validation") == list(range(32, 42))

    app.get_by_key("curve_view.last").set_value(-1).run()
    app.number_input(key="curve_view.first").set_value(25).run()
    app.number_input(key="curve_view.until").set_value(35).run()
    for trained in (42, 50):
        lab.engine.progress(trained)
        app.run()
        assert drawn(app, 0, "Validation") == list(range(25, 36))
    app.number_input(key="curve_view.first").set_value(60).run()
    assert not app.exception
    assert drawn(app, 0, "corner") == [60, 61]


def graph(app):
    return app.get("graphviz_chart")[0].proto.spec


def test_networks_picture_changes_with_the_settings_before_training(lab):
    app = lab.open("train")
    assert "Hidden 1\\n128 ReLU" in graph(app)
    app.text_input(key="settings.0.hidden_units").set_value("48, 24").run()
    assert "Hidden 2\\n24 ReLU" in graph(app)
    app.selectbox(key="settings.0.interaction").select("fm").run()
    assert "Hidden" not in graph(app)
    assert "Bi-interaction" in graph(app)
    app.multiselect[0].set_value(["Sex"]).run()
    assert "Cabin" not in graph(app)
    assert not app.exception


def test_finished_run_goes_on_for_more_epochs(lab, texts):
    app = train(lab.open("train"))
    lab.engine.finish("completed", epochs=12)
    app.run()
    lab.find(app, "More epochs").set_value(5).run()
    app.button(key="continue").click().run()
    assert not app.exception
    run = lab.engine.submitted[-1]
    assert (run.settings.epochs, len(run.epochs), run.number) == (17, 12, 1)
    assert app.button(key="train").disabled
    assert lab.find(app, "Epochs").value == 100


@pytest.mark.parametrize("times", [1, 2])
def test_going_on_with_a_run_leaves_the_settings_of_the_next_training(lab, times):
    app = lab.open("train")
    app.number_input(key="settings.0.epochs").set_value(60)
    train(app)
    lab.engine.finish("early_stopped", epochs=12)
    for time in range(times):
        app.run()
        app.button(key="continue").click().run()
        lab.engine.finish("completed", epochs=22 + 10 * time)
    run = lab.engine.submitted[-1]
    assert (run.settings.epochs, run.first_settings.epochs) == (12 + 10 * times, 60)
    assert lab.find(lab.open("train"), "Epochs").value == 60


def test_run_without_a_model_cannot_go_on(lab):
    app = train(lab.open("train"))
    lab.engine.finish("diverged", model=False)
    app.run()
    assert all(button.key != "continue" for button in app.button)


def test_networks_picture_is_drawn_only_while_it_is_unfolded(lab):
    app = train(lab.open("train"))
    lab.engine.progress(3)
    app.run()
    assert not app.get("graphviz_chart")
    labels = [box.label for box in app.expander]
    assert any("The network:" in label for label in labels)


def lamp_values(app) -> tuple[list[float | None], list[float]]:
    """The truth table on the page: what the model says, and what is best."""
    option = next(
        json.loads(element.proto.spec)
        for element in app.get("echarts_chart")
        if "Probability that the lamp is on" in element.proto.spec
    )
    model, best = option["series"]
    return model["data"], best["data"]


def test_truth_table_of_xor_fills_in_while_the_model_learns(lab, texts):
    app = lab.open("data")
    app.button(key="sample_xor").click().run()
    lab.go(app, "train")
    assert "Best possible accuracy: 92.3%" in texts(app)
    assert lamp_values(app) == ([None] * 4, [7.9, 92.6, 93.9, 9.2])
    train(app)
    for answers in ((0.5, 0.52, 0.49, 0.5), (0.1, 0.9, 0.8, 0.2)):
        lab.engine.progress(2)
        run = lab.engine.submitted[-1]
        lab.engine.states[run.id] = replace(lab.engine.states[run.id], lamp=answers)
        app.run()
        assert lamp_values(app)[0] == [100 * answer for answer in answers]
    assert "4 of 4 positions are right" in texts(app)
    lab.engine.finish("completed")
    app.run()
    # The stored model answers now: one of random weights.
    assert lamp_values(app)[0] != [10, 90, 80, 20]
    assert "ceiling" in set(charts(app)[1][1]["part"])


def test_other_tables_have_no_truth_table(lab, texts):
    app = lab.open("train")
    assert "Best possible accuracy" not in texts(app)
    assert not app.get("echarts_chart")
    assert "ceiling" not in set(charts(app)[1][1]["part"])
