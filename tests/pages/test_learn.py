"""The Learn page."""

from __future__ import annotations

import itertools
import re

import pandas as pd
import pytest

from nfm.errors import StoreError
from nfm.explanation.forward_trace import forward_trace
from nfm.figures.echarts import highlight_series
from nfm.settings import Settings
from nfm.teaching.cards import STEPS
from nfm.ui.learn import (
    forward_pass,
    gradient_descent,
    overfitting,
    pooling,
    steps,
    truth_table,
    vectors,
)

WORKSPACE = "w" * 43
NAMES = [step.name for step in STEPS]
NUMBERS = b"kind,weight,price\n" + b"a,1.5,10.25\nb,2.5,20.5\na,3.5,31.75\nb,,44.0\n" * 8
KINDS = b"<b>kind</b>,**w**,class\n" + b"a,1.5,x\nb,2.5,y\na,3.5,*z*\nb,,x\n" * 8


def open_step(lab, number: int, app=None, card: int = 1):
    """Open a card of a step as a visitor does: the step, then Next."""
    app = app or lab.open("learn")
    if app.session_state["learn.open"][0] == NAMES[number - 1]:
        app.session_state["learn.open"] = NAMES[number - 1], 1
    app.pills(key="step").set_value(NAMES[number - 1]).run()
    for _ in range(card - 1):
        app.button(key="step_next").click().run()
    assert not app.exception
    assert app.session_state["learn.open"] == (NAMES[number - 1], card)
    return app


def last_card(number: int) -> int:
    return len(STEPS[number - 1].cards)


def completed(app) -> set[tuple[str, int]]:
    return app.session_state["learn.completed"]


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


def test_next_and_back_lead_through_all_cards(lab):
    app = lab.open("learn")
    headings = [card.heading for step in STEPS for card in step.cards]
    seen = [app.header[0].value]
    for _ in headings[1:]:
        app.button(key="step_next").click().run()
        assert not app.exception
        seen.append(app.header[0].value)
    assert seen == headings
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
        low, high = (f"{shares[sex, ticket]:.0f}%" for ticket in (3, 2))
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
    app = open_step(lab, 2, card=3)
    weights = numbers(app.table[0].value)
    assert weights.loc["Switch 1 ↑", "Switch 2 ↓"] > 0 > weights.loc["Switch 1 ↑", "Switch 2 ↑"]
    open_step(lab, 1, app)
    app.pills(key="lamp_2").set_value(["↓↓", "↑↑"]).run()
    open_step(lab, 2, app, card=3)
    weights = numbers(app.table[0].value)
    assert weights.loc["Switch 1 ↑", "Switch 2 ↓"] < 0 < weights.loc["Switch 1 ↑", "Switch 2 ↑"]


def test_calculator_starts_at_the_articles_example(lab, texts):
    app = open_step(lab, 3)
    (pairs,) = tables(app)
    (sums,) = tables(open_step(lab, 3, app, card=3))
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
    assert table.iloc[0].tolist() == ["6", "12", "18", "24"]
    assert [float(value) for value in table.iloc[1]] == pytest.approx([6, 12, 18, 24])
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
    assert len(app.table) == 1
    open_step(lab, 3, app, card=3)
    assert len(app.table) == 1
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
    assert app.dataframe[0].value["Value"].tolist()[:2] == ["1", "female"]
    shown = open_step(lab, 6, app, card=5).metric[0].value
    predict = lab.open("predict")
    lab.find(predict, "Start from").set_value(1).run()
    assert predict.metric[0].value == shown


def test_walk_shows_the_scorers_numbers(lab, texts, titanic_rows):
    from nfm.inference.bundle import load_bundle

    run = titanic(lab)
    bundle = load_bundle(lab.store.bundle(WORKSPACE, run.id))
    walked = forward_trace(bundle, titanic_rows.iloc[[0]])
    app = open_step(lab, 6, card=5)
    values = [float(value.replace("−", "-")) for value in app.table[0].value["Value"]]
    expected = [walked.bias[0], walked.linear[0], walked.head[0], walked.logits[0]]
    assert values == pytest.approx(expected, abs=1e-4)
    assert f"**{walked.pooled[0]:.4f}**" in texts(open_step(lab, 6, app, card=3))
    open_step(lab, 6, app, card=4)
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
    for card in range(1, 6):
        open_step(lab, 6, app, card)
        assert not app.error
    assert app.metric[0].value.endswith("%")


@pytest.mark.parametrize(("content", "target"), [(NUMBERS, "price"), (KINDS, "class")])
def test_walk_for_numbers_and_several_classes_with_hostile_names(lab, content, target):
    run = lab.trained(lab.add(content, target=target))
    app = open_step(lab, 6)
    for card in range(1, 6):
        open_step(lab, 6, app, card)
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


def test_dropout_changes_the_curves(lab, texts):
    app = open_step(lab, 9)

    def loss():
        return float(re.search(r"\*\*([\d.]+)\*\* at the end", texts(app))[1])

    bare = loss()
    app.segmented_control(key="learn_dropout").set_value(0.5).run()
    assert loss() < bare / 2


def test_dropout_and_batch_norm_change_the_batch(lab, texts):
    app = open_step(lab, 9, card=2)
    app.segmented_control(key="learn_dropout").set_value(0.5).run()
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


def test_next_leads_on_before_the_card_is_drawn(lab, monkeypatch):
    drawn: list[str] = []
    button, header = steps.st.button, steps.st.header

    def note_button(label: str, **arguments):
        drawn.append(label)
        return button(label, **arguments)

    def note_header(text: str, **arguments):
        drawn.append(text)
        return header(text, **arguments)

    monkeypatch.setattr(steps.st, "button", note_button)
    monkeypatch.setattr(steps.st, "header", note_header)
    app = lab.open("learn")
    assert drawn[-2:] == ["Next", STEPS[0].cards[0].heading]
    for _ in STEPS[0].cards[1:]:
        app.button(key="step_next").click().run()
    assert drawn[-3:] == ["Back", "Next: 2 Vectors", STEPS[0].cards[-1].heading]


def edit_rows(rows):
    def act(app):
        columns = ["x", "v1", "v2", "v3", "v4"]
        app.session_state["learn_rows"] = pd.DataFrame(rows, columns=columns, dtype=float)
        app.session_state["learn_rows.start"] = app.session_state["learn_rows"]
        app.run()

    return act


def wire(switches: int, on: str):
    return lambda app: app.pills(key=f"lamp_{switches}").set_value(on.split()).run()


def slide(name: str, value):
    return lambda app: app.select_slider(key=name).set_value(value).run()


def choose_row(app):
    box = next(box for box in app.selectbox if box.key.startswith("learn_row."))
    box.set_value(box.value + 1).run()


def draw_again(app):
    app.segmented_control(key="learn_dropout").set_value(0.5).run()
    app.button(key="draw_again").click().run()


def normalise(app):
    app.segmented_control(key="learn_dropout").set_value(0.0)
    app.toggle(key="learn_norm").set_value(True).run()


# What a visitor does in the figure to complete each card, other than answering a question.
ACTIONS = {
    "1 Why pairs": [
        wire(2, "↑↑"),
        wire(2, "↓↑ ↑↑"),
        wire(2, "↓↓ ↑↑"),
        wire(2, "↓↓ ↑↑ ↑↓"),
    ],
    "2 Vectors": [
        slide("learn_features", 1_000_000),
        slide("learn_size", 4),
        wire(2, "↓↓ ↑↑"),
    ],
    "3 Pooling": [
        edit_rows([[1, 1, 1, 1, 1], [1, 1, 2, 3, 4]]),
        edit_rows([[0, 1, 1, 1, 1], [1, 1, 2, 3, 4]]),
        edit_rows([[1, 1, 1, 1, 1], [1, 5, 2, 3, 4]]),
    ],
    "4 Cost": [
        lambda app: app.button(key="measure").click().run(),
        lambda app: app.segmented_control(key="learn_cost_size").set_value(64).run(),
    ],
    "5 Network": [
        wire(3, "↑↑↑"),
        wire(3, "↓↓↓ ↓↑↑ ↑↓↑ ↑↑↓"),
        wire(3, "↓↑↓ ↓↑↑ ↑↓↓ ↑↓↑"),
    ],
    "6 One row": [choose_row] * 4,
    "7 Gradient": [
        slide("learn_gradient_width", 0.1),
        lambda app: app.selectbox(key="learn_gradient_row_3").set_value(1).run(),
    ],
    "8 Optimisers": [
        slide("learn_rate", 0.03),
        slide("learn_steepness", 100),
        slide("learn_step_count", 160),
    ],
    "9 Overfitting": [
        lambda app: app.segmented_control(key="learn_dropout").set_value(0.5).run(),
        draw_again,
        normalise,
    ],
}


@pytest.mark.parametrize("number", range(1, len(NAMES) + 1))
def test_actions_and_the_right_answer_complete_every_card_of_a_step(lab, texts, number):
    if number == 6:
        titanic(lab)
    app = open_step(lab, number)
    step = STEPS[number - 1]
    for card, act in enumerate(ACTIONS[step.name], start=1):
        assert (step.name, card) not in completed(app), step.cards[card - 1].heading
        assert f"**Try it:** {step.cards[card - 1].action}" in texts(app)
        act(app)
        assert not app.exception
        assert (step.name, card) in completed(app), step.cards[card - 1].heading
        assert f"**Done:** {step.cards[card - 1].action}" in texts(app)
        app.button(key="step_next").click().run()
    question = step.cards[-1].question
    wrong = next(option for option in question.options if option != question.right)
    app.radio[0].set_value(wrong).run()
    assert f"**Not quite.** {question.why}" in texts(app)
    assert (step.name, len(step.cards)) not in completed(app)
    app.radio[0].set_value(question.right).run()
    assert f"**Right.** {question.why}" in texts(app)
    assert completed(app) == {(step.name, card + 1) for card in range(len(step.cards))}


def test_completed_cards_and_the_open_card_survive_a_page_change(lab, texts):
    app = open_step(lab, 2)
    app.select_slider(key="learn_features").set_value(1_000_000).run()
    app.button(key="step_next").click().run()
    lab.go(app, "data")
    lab.go(app, "learn")
    assert app.header[0].value == STEPS[1].cards[1].heading
    assert completed(app) == {("2 Vectors", 1)}
    assert "1 of 36 cards done" in texts(app)


def test_completed_cards_are_kept_for_the_next_visit(lab, texts):
    app = open_step(lab, 2)
    app.select_slider(key="learn_features").set_value(1_000_000).run()
    kept = lab.store.get_preference(WORKSPACE, "learn.completed")
    assert kept == [["2 Vectors", 1]]
    lab.store.set_preference(WORKSPACE, "learn.completed", [*kept, ["A former step", 1]])
    app = lab.open("learn")
    assert completed(app) == {("2 Vectors", 1)}
    assert "1 of 36 cards done" in texts(app)


def test_cards_that_another_tab_completes_are_kept(lab):
    app = open_step(lab, 2)
    lab.store.set_preference(WORKSPACE, "learn.completed", [["1 Why pairs", 1]])
    app.select_slider(key="learn_features").set_value(1_000_000).run()
    kept = lab.store.get_preference(WORKSPACE, "learn.completed")
    assert kept == [["1 Why pairs", 1], ["2 Vectors", 1]]
    assert completed(app) == {("1 Why pairs", 1), ("2 Vectors", 1)}


def test_cards_can_be_completed_while_the_database_is_away(lab, monkeypatch):
    app = open_step(lab, 2)

    def refuse(*_arguments):
        raise StoreError("The database is not responding.")

    monkeypatch.setattr(lab.store, "set_preference", refuse)
    app.select_slider(key="learn_features").set_value(1_000_000).run()
    assert not app.exception
    assert completed(app) == {("2 Vectors", 1)}


@pytest.mark.parametrize(("card", "opened"), [("3", 3), ("99", 4), ("0", 1), ("x", 1), ("²", 1)])
def test_address_opens_a_card(lab, card, opened):
    app = lab.open("data")
    app.query_params["step"] = NAMES[1]
    app.query_params["card"] = card
    lab.go(app, "learn")
    assert app.header[0].value == STEPS[1].cards[opened - 1].heading


def test_every_card_highlights_one_element_of_its_figure(lab, monkeypatch):
    found: list[str] = []

    def note_part(original):
        def draw(*arguments):
            if arguments[-2] == arguments[-1]:
                found.append(arguments[-1])
            return original(*arguments)

        return draw

    def note_series(option, name):
        if any(series.get("name") == name for series in option["series"]):
            found.append(name)
        return highlight_series(option, name)

    modules = (forward_pass, gradient_descent, overfitting, pooling, truth_table, vectors)
    for module, name in itertools.product(modules, ("part", "marked")):
        if hasattr(module, name):
            monkeypatch.setattr(module, name, note_part(getattr(module, name)))
    for module in (gradient_descent, overfitting, pooling, truth_table):
        monkeypatch.setattr(module, "highlight_series", note_series)
    titanic(lab)
    app = lab.open("learn")
    for card in (card for step in STEPS for card in step.cards):
        assert set(found) == {card.element}, card.heading
        found.clear()
        if card is not STEPS[-1].cards[-1]:
            app.button(key="step_next").click().run()
