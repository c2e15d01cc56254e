"""The Predict page."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nfm.settings import Settings
from nfm.store.records import DecisionRule

WORKSPACE = "w" * 43
NUMBERS = b"kind,weight,price\n" + b"a,1.5,10.25\nb,2.5,20.5\na,3.5,31.75\nb,,44.0\n" * 8


def titanic(lab):
    lab.open("data")
    return lab.trained(lab.store.dataset(WORKSPACE, lab.store.get_preference(WORKSPACE, "dataset")))


def field(app, label):
    widgets = [*app.selectbox, *app.number_input, *app.text_input]
    return next(widget for widget in widgets if widget.label.split(" ")[0] == label)


def probability(app):
    return float(app.metric[0].value.removesuffix("%"))


def test_form_starts_with_a_named_passenger(lab):
    titanic(lab)
    app = lab.open("predict")
    assert lab.find(app, "Start from").options[0] == "Braund, Mr. Owen Harris"
    assert field(app, "Age").value == 22
    assert field(app, "Cabin").options[-2:] == ["(missing)", "(other)"]
    assert app.metric[0].label == "Probability of survival"
    assert 0 <= probability(app) <= 100
    assert app.metric[0].delta == "as in the table"


def test_edit_changes_the_probability_and_shows_the_difference(lab, texts):
    titanic(lab)
    app = lab.open("predict")
    before = probability(app)
    sex = field(app, "Sex")
    sex.set_value(3 - sex.value)
    app.run()
    assert not app.exception
    assert probability(app) != before
    change = float(app.metric[0].delta.split(" ")[0].replace("−", "-"))
    assert change == pytest.approx(probability(app) - before, abs=0.11)
    assert "1 change: Sex: male → **female**" in texts(app)
    # The label is what a screen reader says: without the note, which stands below the field.
    assert field(app, "Sex").label == "Sex"
    assert [text.value for text in app.markdown if "was " in text.value] == [
        ":small[:orange-badge[was male]]"
    ]


def test_fields_have_plain_names_with_their_range_below(lab, texts):
    titanic(lab)
    app = lab.open("predict")
    for widget in (*app.number_input, *app.selectbox):
        assert not set(widget.label) & set(":[]\\*"), widget.label
    assert ":small[:gray[0.42 to 80]]" in texts(app).replace("\\", "")


def test_changed_answer_is_said_to_screen_readers(lab):
    titanic(lab)
    app = lab.open("predict")
    sex = field(app, "Sex")
    sex.set_value(3 - sex.value)
    app.run()
    (said,) = [text.value for text in app.markdown if 'role="status"' in text.value]
    assert 'aria-live="polite"' in said
    assert f"{app.metric[0].value}, " in said
    assert f"({app.metric[0].delta} against the original row)." in said


def test_every_field_of_the_form_moves_the_answer(lab):
    titanic(lab)
    app = lab.open("predict")
    for label in ("Class", "Sex", "Age", "Siblings", "Parents", "Fare", "Cabin", "Embarked"):
        before = app.metric[0].value, app.metric[0].delta
        widget = field(app, label)
        is_choice = widget.type == "selectbox"
        widget.set_value((1 if widget.value != 1 else 2) if is_choice else 60)
        app.run()
        assert (app.metric[0].value, app.metric[0].delta) != before, label


def test_reset_brings_the_row_back(lab, texts):
    titanic(lab)
    app = lab.open("predict")
    field(app, "Age").set_value(70)
    app.run()
    app.button(key="reset_row").click().run()
    assert field(app, "Age").value == 22
    assert "as it stands" in texts(app)


def test_other_passenger_fills_the_form(lab):
    titanic(lab)
    app = lab.open("predict")
    lab.find(app, "Start from").set_value(1).run()
    assert field(app, "Age").value == 38
    assert field(app, "Sex").options[field(app, "Sex").value - 1] == "female"


def test_random_passenger_fills_the_form(lab, monkeypatch):
    monkeypatch.setattr("random.randrange", lambda count: count - 1)
    titanic(lab)
    app = lab.open("predict")
    app.button(key="random_row").click().run()
    assert lab.find(app, "Start from").value == 890
    assert field(app, "Age").value == 32


def test_missing_and_other_are_answered(lab):
    titanic(lab)
    app = lab.open("predict")
    field(app, "Age").set_value(None)
    field(app, "Cabin").set_value(0)
    app.run()
    assert not app.exception
    assert not app.error
    assert 0 <= probability(app) <= 100


def test_edits_of_one_passenger_do_not_stick_to_the_next(lab, texts):
    titanic(lab)
    app = lab.open("predict")
    field(app, "Age").set_value(70)
    app.run()
    lab.find(app, "Start from").set_value(1).run()
    assert "as it stands" in texts(app)
    lab.find(app, "Start from").set_value(0).run()
    assert field(app, "Age").value == 22
    assert "as it stands" in texts(app)


def test_edits_survive_a_page_switch(lab):
    titanic(lab)
    app = lab.open("predict")
    field(app, "Age").set_value(70)
    app.run()
    lab.go(app, "train")
    lab.go(app, "predict")
    assert field(app, "Age").value == 70


def test_number_is_predicted_for_a_regression(lab):
    lab.trained(lab.add(NUMBERS, target="price"))
    app = lab.open("predict")
    assert app.metric[0].label == "Predicted price"
    assert not [chart for chart in app.get("echarts_chart") if "probabilities" in chart.proto.id]
    field(app, "weight").set_value(9.0)
    app.run()
    assert not app.exception
    assert app.metric[0].delta


def test_model_answers_although_its_table_was_deleted(lab, texts):
    dataset = lab.add(NUMBERS, target="price")
    lab.trained(dataset)
    lab.store.delete_dataset(WORKSPACE, dataset.id)
    app = lab.open("predict")
    assert not app.exception
    assert "was deleted" in texts(app)
    assert app.metric[0].value


def test_model_stays_while_the_next_run_trains(lab):
    first = titanic(lab)
    opened = lab.store.dataset(WORKSPACE, first.dataset_id)
    second = lab.store.add_run(WORKSPACE, opened.id, first.settings)
    lab.store.set_preference(WORKSPACE, "run", second.id)
    lab.engine.submit(second)
    app = lab.open("predict")
    assert not app.exception
    assert app.metric[0].value


def test_edits_are_undone_one_by_one(lab, texts):
    titanic(lab)
    app = lab.open("predict")
    assert app.button(key="undo_edit").disabled
    field(app, "Age").set_value(70)
    app.run()
    field(app, "Parents").set_value(2)
    app.run()
    app.button(key="undo_edit").click().run()
    assert (field(app, "Age").value, field(app, "Parents").value) == (70, 0)
    app.button(key="undo_edit").click().run()
    assert field(app, "Age").value == 22
    assert "as it stands" in texts(app)
    assert app.button(key="undo_edit").disabled


def test_reset_can_be_undone(lab):
    titanic(lab)
    app = lab.open("predict")
    assert app.button(key="reset_row").disabled
    field(app, "Age").set_value(70)
    app.run()
    app.button(key="reset_row").click().run()
    app.button(key="undo_edit").click().run()
    assert field(app, "Age").value == 70


def test_undo_does_not_go_back_to_another_passenger(lab):
    titanic(lab)
    app = lab.open("predict")
    field(app, "Age").set_value(70)
    app.run()
    lab.find(app, "Start from").set_value(1).run()
    assert app.button(key="undo_edit").disabled


def test_random_row_among_those_that_the_model_gets_wrong(lab, monkeypatch):
    monkeypatch.setattr("random.randrange", lambda count: 0)
    run = titanic(lab)
    app = lab.open("predict")
    menu = app.menu_button(key="random_among")
    assert any(option.startswith("wrong (") for option in menu.options)
    menu.click("wrong").run()
    assert not app.exception
    row = lab.find(app, "Start from").value
    survived = lab.store_frame(run)["Survived"].iloc[row]
    assert (probability(app) >= 50) != bool(survived)


def test_decision_uses_the_threshold_of_the_evaluate_page(lab, texts):
    run = titanic(lab)
    app = lab.open("predict")
    assert "at a threshold of 50%" in texts(app)
    lab.store.set_decision_rule(run.workspace, run.id, DecisionRule(threshold=0.0))
    app.run()
    assert "survived, at a threshold of 0%" in texts(app)


def test_answer_is_explained_and_the_sum_is_checked(lab, texts):
    titanic(lab)
    app = lab.open("predict")
    why = next(heading.value for heading in app.header if heading.value.startswith("Why"))
    assert f"Why {app.metric[0].value}, and not the average of " in why
    said = texts(app)
    assert "**The contributions add up:**" in said
    assert "Exact Shapley values over all 256 subsets" in said
    charts = [chart for chart in app.get("echarts_chart") if "waterfall" in chart.proto.id]
    assert "This passenger: " + app.metric[0].value in charts[0].proto.alt


def test_factorization_machine_shows_its_own_sum(lab):
    lab.open("data")
    dataset = lab.store.dataset(WORKSPACE, lab.store.get_preference(WORKSPACE, "dataset"))
    lab.trained(dataset, Settings(interaction="fm", epochs=3))
    app = lab.open("predict")
    assert not app.exception
    assert app.expander[0].label == "The model's own sum"
    terms = app.expander[0].dataframe[0].value
    assert {"Bias", "Class", "Class × Sex"} <= set(terms["Term"])
    total = float(app.expander[0].markdown[-1].value.split("**")[1])
    assert terms["Adds"].sum() == pytest.approx(total, rel=1e-3)


def test_unusual_row_is_warned_about(lab, texts):
    titanic(lab)
    app = lab.open("predict")
    assert not app.warning
    field(app, "Age").set_value(150)
    app.run()
    assert any("above the largest value in training, 80" in one.value for one in app.warning)


def test_without_its_table_nothing_is_explained_and_that_is_said(lab):
    dataset = lab.add(NUMBERS, target="price")
    lab.trained(dataset)
    lab.store.delete_dataset(WORKSPACE, dataset.id)
    app = lab.open("predict")
    assert "so they need a table" in app.info[0].value
    assert not app.get("echarts_chart")


def test_number_comes_with_an_interval(lab, texts):
    lab.trained(lab.add(NUMBERS + b"a,2.0,12.5\n" * 30, target="price"))
    app = lab.open("predict")
    assert "80% of rows like this one lie between" in texts(app)


def test_interval_is_wider_where_rows_vary_more(lab, texts):
    generator = np.random.default_rng(5)
    weight = generator.uniform(0, 1, 600).round(3)
    price = 100 + np.where(weight < 0.5, 1, 30) * generator.normal(size=600)
    frame = pd.DataFrame({"kind": generator.choice(["a", "b"], 600), "weight": weight})
    content = frame.assign(price=price.round(2)).to_csv(index=False).encode()
    lab.trained(lab.add(content, target="price"))
    app = lab.open("predict")
    widths = []
    for value in (0.2, 0.8):
        field(app, "weight").set_value(value)
        app.run()
        assert not app.exception
        said = texts(app)
        assert "the errors on 216 rows that the model was not trained on" in said
        low, high = said.split("lie between ")[1].split(". This range")[0].split(" and ")
        widths.append(float(high) - float(low))
    assert widths[1] > 3 * widths[0]
