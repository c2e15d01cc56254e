"""The Learn page."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from nfm.explanation.forward_trace import forward_trace
from nfm.settings import Settings
from nfm.ui.learn import steps
from nfm.ui.learn.steps import STEPS

WORKSPACE = "w" * 43
NAMES = [step.name for step in STEPS]
NUMBERS = b"kind,weight,price\n" + b"a,1.5,10.25\nb,2.5,20.5\na,3.5,31.75\nb,,44.0\n" * 8
KINDS = b"<b>kind</b>,**w**,class\n" + b"a,1.5,x\nb,2.5,y\na,3.5,*z*\nb,,x\n" * 8


def open_step(lab, number: int, app=None):
    app = app or lab.open("learn")
    app.pills(key="step").set_value(NAMES[number - 1]).run()
    assert not app.exception
    return app


def titanic(lab, **changes):
    lab.open("data")
    dataset = lab.store.dataset(WORKSPACE, lab.store.get_preference(WORKSPACE, "dataset"))
    return lab.trained(dataset, Settings(**{"epochs": 3, "embedding_dim": 4, **changes}))


def tables(app) -> list[pd.DataFrame]:
    return [table.value for table in app.table]


@pytest.mark.parametrize("number", range(1, len(NAMES) + 1))
def test_every_step_opens_with_a_question(lab, number):
    app = open_step(lab, number)
    assert app.header[0].value.endswith("?")


def test_next_and_back_lead_through_all_steps(lab):
    app = lab.open("learn")
    seen = [app.header[0].value]
    for _ in NAMES[1:]:
        app.button(key="step_next").click().run()
        assert not app.exception
        seen.append(app.header[0].value)
    assert len(set(seen)) == len(NAMES)
    assert "step_next" not in [button.key for button in app.button]
    app.button(key="step_back").click().run()
    assert app.header[0].value == seen[-2]


def test_xor_is_beyond_the_linear_model_and_not_beyond_the_fm(lab, texts):
    app = open_step(lab, 1)
    assert "**Linear 0 of 4**, **FM 4 of 4**" in texts(app)
    app.pills(key="lamp_2").set_value(["↑↑"]).run()
    assert not app.exception
    assert "**Linear 4 of 4**, **FM 4 of 4**" in texts(app)


def test_titanic_shares_of_the_text_are_those_of_the_table(lab, texts, titanic_rows):
    said = texts(open_step(lab, 1))
    shares = titanic_rows.groupby(["Sex", "Pclass"])["Survived"].mean() * 100
    for sex in ("female", "male"):
        low, high = (f"{shares[sex, ticket]:.0f} %" for ticket in (3, 2))
        assert f"from {low} to {high}" in said


def test_number_of_weights_follows_the_sliders(lab):
    app = open_step(lab, 2)
    assert [metric.value for metric in app.metric] == ["499,500", "16,000"]
    app.select_slider(key="learn_features").set_value(10).run()
    assert [metric.value for metric in app.metric] == ["45", "160"]


def numbers(table):
    """A table of numbers as people read them, with minus signs that are one."""
    return table.map(lambda cell: float(str(cell).replace("−", "-")))


def test_pair_weights_are_those_of_the_lamp_that_was_wired(lab):
    app = open_step(lab, 2)
    weights = numbers(app.table[0].value)
    assert weights.loc["Switch 1 ↑", "Switch 2 ↓"] > 0 > weights.loc["Switch 1 ↑", "Switch 2 ↑"]
    open_step(lab, 1, app)
    app.pills(key="lamp_2").set_value(["↓↓", "↑↑"]).run()
    open_step(lab, 2, app)
    weights = numbers(app.table[0].value)
    assert weights.loc["Switch 1 ↑", "Switch 2 ↓"] < 0 < weights.loc["Switch 1 ↑", "Switch 2 ↑"]


def test_calculator_starts_at_the_articles_example(lab, texts):
    app = open_step(lab, 3)
    sums, pairs = tables(app)
    assert sums.loc["Square of the sum"].tolist() == ["64", "49", "100", "25"]
    assert sums.loc["Sum of the squares"].tolist() == ["26", "29", "46", "17"]
    assert sums.iloc[-1].tolist() == ["19", "10", "27", "4"]
    assert pairs.iloc[-1].tolist() == ["19", "10", "27", "4"]
    assert "Both give **[19, 10, 27, 4]**" in texts(app)
    assert "one number: **60**" in texts(app)


def test_edited_vectors_are_pooled_both_ways_and_reach_the_gradient(lab, texts):
    app = open_step(lab, 3)
    edited = pd.DataFrame([[2.0, 1, 1, 1, 1], [3.0, 1, 2, 3, 4]], columns=["x", *"abcd"])
    edited.columns = ["x", "v1", "v2", "v3", "v4"]
    app.session_state["learn_rows"] = edited
    open_step(lab, 7, app)
    table = app.table[0].value
    assert table.loc["Equation 5"].tolist() == ["6", "12", "18", "24"]
    assert [float(value) for value in table.loc["Measured with h"]] == pytest.approx(
        [6, 12, 18, 24]
    )
    open_step(lab, 3, app)
    assert "Both give **[6, 12, 18, 24]**" in texts(app)
    app.button(key="learn_rows_reset").click().run()
    assert "Both give **[19, 10, 27, 4]**" in texts(app)


@pytest.mark.parametrize(
    "rows", [[], [[None] * 5], [[1e300, 1e300, -1e300, None, 2]] * 3, [[1, 2, 3, 4, 5]] * 50]
)
def test_calculator_takes_whatever_is_in_the_table(lab, rows):
    app = open_step(lab, 3)
    app.session_state["learn_rows"] = pd.DataFrame(
        rows, columns=["x", "v1", "v2", "v3", "v4"], dtype=float
    )
    open_step(lab, 4, app)
    open_step(lab, 3, app)
    assert len(app.table) == 2
    open_step(lab, 7, app)


def test_gradient_of_the_article_is_the_sum_of_the_other_vectors(lab):
    table = open_step(lab, 7).table[0].value
    assert table.loc["Equation 5"].tolist() == ["5", "7", "9", "5"]


def test_cost_is_counted_and_measured(lab):
    app = open_step(lab, 4)
    assert app.metric[0].value == "255 ×"
    assert app.metric[1].value.endswith(" ×")
    app.button(key="measure").click().run()
    assert not app.exception


def test_three_switches_need_the_network(lab, texts):
    assert "**Linear 0 of 8**, **FM 0 of 8**, **NFM 8 of 8**" in texts(open_step(lab, 5))


def test_without_a_model_the_walk_leads_to_training(lab, texts):
    app = open_step(lab, 6)
    assert "you have not trained one yet" in texts(app)
    app.button(key="learn_to_train").click().run()
    assert app.title[0].value == "Train"


def test_walk_ends_at_the_probability_of_the_predict_page(lab):
    run = titanic(lab)
    app = open_step(lab, 6)
    app.selectbox(key=f"learn_row.{run.id}").set_value(1).run()
    assert not app.exception
    shown = app.metric[0].value
    assert app.dataframe[0].value["Value"].tolist()[:2] == ["1", "female"]
    predict = lab.open("predict")
    lab.find(predict, "Start from").set_value(1).run()
    assert predict.metric[0].value == shown


def test_walk_shows_the_scorers_numbers(lab, texts, titanic_rows):
    from nfm.inference.bundle import load_bundle

    run = titanic(lab)
    bundle = load_bundle(lab.store.bundle(WORKSPACE, run.id))
    walked = forward_trace(bundle, titanic_rows.iloc[[0]])
    app = open_step(lab, 6)
    values = [float(value.replace("−", "-")) for value in app.table[0].value["Value"]]
    expected = [walked.bias[0], walked.linear[0], walked.head[0], walked.logits[0]]
    assert values == pytest.approx(expected, abs=1e-4)
    assert f"**{walked.pooled[0]:.4f}**" in texts(app)
    active = re.search(r"(\d+) of 128 units are active", texts(app))
    assert int(active[1]) == (walked.hidden[0].after > 0).sum()


@pytest.mark.parametrize(
    "changes",
    [
        {"interaction": "linear"},
        {"interaction": "fm"},
        {"hidden_units": (), "numeric": "concat"},
        {"hidden_units": (3, 2), "bi_batch_norm": True, "activation": "tanh"},
    ],
    ids=str,
)
def test_walk_through_every_kind_of_model(lab, changes):
    titanic(lab, **changes)
    app = open_step(lab, 6)
    assert not app.error
    assert app.metric[0].value.endswith(" %")


@pytest.mark.parametrize(("content", "target"), [(NUMBERS, "price"), (KINDS, "class")])
def test_walk_for_numbers_and_several_classes_with_hostile_names(lab, content, target):
    run = lab.trained(lab.add(content, target=target))
    app = open_step(lab, 6)
    assert not app.error
    assert app.metric[0].value
    lab.store.delete_dataset(WORKSPACE, run.dataset_id)
    assert not open_step(lab, 6).exception


def test_a_large_rate_is_said_to_diverge(lab, texts):
    app = open_step(lab, 8)
    assert "leaps across" in texts(app)
    app.select_slider(key="learn_rate").set_value(0.03).run()
    assert not app.exception
    assert "leaps across" not in texts(app)


def test_dropout_and_batch_norm_change_curves_and_batch(lab, texts):
    app = open_step(lab, 9)

    def loss():
        return float(re.search(r"\*\*([\d.]+)\*\* at the end", texts(app))[1])

    bare = loss()
    app.segmented_control(key="learn_dropout").set_value(0.5).run()
    assert loss() < bare / 2
    assert (app.table[0].value.iloc[:6] == "0.00").to_numpy().any()
    before = app.table[0].value
    app.button(key="draw_again").click().run()
    assert not app.table[0].value.equals(before)
    app.segmented_control(key="learn_dropout").set_value(0.0)
    app.toggle(key="learn_norm").set_value(True).run()
    assert not app.exception
    assert set(app.table[0].value.loc["**Deviation**"]) <= {"**1.00**", "**0.99**"}
    app.segmented_control(key="learn_phase").set_value("prediction").run()
    assert "During prediction, the network keeps all factors" in texts(app)


def test_references_are_on_every_step(lab, texts):
    said = texts(open_step(lab, 1))
    for author in ("He and T.-S. Chua", "Rendle", "Gorishniy"):
        assert author in said


def test_next_leads_on_before_the_step_is_drawn(lab, monkeypatch):
    drawn: list[str] = []
    button = steps.st.button

    def note_button(label: str, **arguments):
        drawn.append(label)
        return button(label, **arguments)

    monkeypatch.setattr(steps.st, "button", note_button)
    named = [
        steps.LearnStep(step.name, lambda name=step.name: drawn.append(f"step {name}"))
        for step in steps.STEPS
    ]
    monkeypatch.setattr(steps, "STEPS", tuple(named))
    app = lab.open("learn")
    assert drawn[-2:] == ["Next: 2 Vectors", "step 1 Why pairs"]
    app.button(key="step_next").click().run()
    assert drawn[-3:] == ["Back: 1 Why pairs", "Next: 3 Pooling", "step 2 Vectors"]
