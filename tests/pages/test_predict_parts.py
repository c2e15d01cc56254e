"""The parts of the Predict page below the form: what if, what would change it, what was kept."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from nfm.ui.escaping import literal

WORKSPACE = "w" * 43
PARTS = "predict_parts"


def open_part(lab, part, content=None, target=None):
    """Open a part of the page, for the Titanic or for a table."""
    if content is None:
        lab.open("data")
        dataset = lab.store.dataset(WORKSPACE, lab.store.get_preference(WORKSPACE, "dataset"))
    else:
        dataset = lab.add(content, target=target)
    run = lab.trained(dataset)
    app = lab.open("predict")
    app.session_state[PARTS] = part
    app.run()
    assert not app.exception
    assert not app.error
    return app, run


def table(classes=(), rows=80):
    """Two columns that matter, and a number or a class that follows from them."""
    generator = np.random.default_rng(3)
    kind = generator.choice(["a", "b", "=c"], rows)
    weight = generator.normal(3, 1, rows).round(2)
    frame = pd.DataFrame({"kind": kind, "weight": weight})
    answer = (10 * weight + 5 * (kind == "a")).round(3)
    if classes:
        answer = pd.qcut(answer, len(classes), labels=classes).astype(str)
    return frame.assign(answer=answer).to_csv(index=False).encode()


def charts(app, name):
    return [chart for chart in app.get("echarts_chart") if name in chart.proto.id]


def probability(app):
    return float(app.metric[0].value.removesuffix("%"))


def test_panels_for_all_columns_and_a_map_of_two(lab, texts):
    app, run = open_part(lab, "What if?")
    assert not charts(app, "waterfall")  # only the open part is drawn
    panels = charts(app, "what_if")
    assert len(panels) == 8
    moved = []
    for panel in panels:
        low, high = panel.proto.alt.split(": from ")[1].split(";")[0].split(" to ")
        moved.append(float(high.removesuffix("%")) - float(low.removesuffix("%")))
    assert moved == pytest.approx(sorted(moved, reverse=True), abs=0.11)
    age = next(panel.proto.alt for panel in panels if panel.proto.alt.startswith("Age in years"))
    assert age.endswith("; 22 now")

    app.session_state[PARTS] = "Two columns"
    app.run()
    assert not charts(app, "what_if")
    first = app.selectbox(key=f"map_first.{run.id}")
    second = app.selectbox(key=f"map_second.{run.id}")
    assert (len(first.options), len(second.options)) == (8, 7)
    other = second.value
    first.set_value(other).run()
    assert not app.exception
    assert app.selectbox(key=f"map_second.{run.id}").value != other
    assert len(app.get("plotly_chart")) == 1


def test_many_columns_are_folded_away_at_first(lab):
    generator = np.random.default_rng(0)
    frame = pd.DataFrame({f"x{place}": generator.normal(size=60) for place in range(10)})
    frame["answer"] = np.where(frame["x0"] > 0, "yes", "no")
    app, run = open_part(lab, "What if?", frame.to_csv(index=False).encode(), "answer")
    assert len(charts(app, "what_if")) == 9
    app.toggle(key=f"all_panels.{run.id}").set_value(True).run()
    assert len(charts(app, "what_if")) == 10


def test_smallest_changes_flip_the_decision_and_can_be_tried(lab, texts):
    app, run = open_part(lab, "What would change it?")
    assert app.multiselect(key=f"locks.{run.id}").value == ["Sex", "Age"]
    survives = probability(app) >= 50
    said = texts(app)
    assert f"changes that lead to **{'died' if survives else 'survived'}**" in said
    assert "1. " in said
    assert "Tried all" in said
    app.button(key="try_0").click().run()
    assert not app.exception
    assert (probability(app) >= 50) != survives
    assert "1 change: " in texts(app) or "changes: " in texts(app)
    assert "Sex: male" not in texts(app)
    app.button(key="undo_edit").click().run()
    assert (probability(app) >= 50) == survives

    assert "The most similar passenger with the other prediction" in said
    shown = app.dataframe[0].value
    differs = shown[""].eq("≠")
    assert differs.any()
    assert differs.equals(shown["In the form"] != shown["Most similar"])
    assert differs.iloc[0]
    app.button(key="try_nearest").click().run()
    assert (probability(app) >= 50) != survives


def test_columns_can_be_locked_and_unlocked(lab, texts):
    app, run = open_part(lab, "What would change it?", table(["no", "yes"]), "answer")
    locks = app.multiselect(key=f"locks.{run.id}")
    assert locks.value == []
    locks.set_value(["kind", "weight"]).run()
    assert "Every column is kept fixed" in texts(app)
    assert app.info[0].value == "No set of changes reaches this goal."
    with pytest.raises(KeyError):
        app.button(key="try_0")


def test_range_direction_and_number_of_changes_can_be_limited(lab, texts):
    app, run = open_part(lab, "What would change it?", table(), "answer")
    before = float(app.metric[0].value.replace(",", ""))
    weight = weight_of(lab, run)
    app.number_input(key=f"limit.{run.id}").set_value(before + 0.05).run()
    limited = app.multiselect(key=f"limited.{run.id}")
    assert limited.label == "Limit how far they may change"
    limited.set_value(["weight", "kind"]).run()
    assert not app.exception
    app.selectbox(key=f"allowed_direction.{run.id}.1").set_value("up").run()
    app.number_input(key=f"allowed_maximum.{run.id}.1").set_value(float(weight) + 0.5).run()
    app.multiselect(key=f"allowed_levels.{run.id}.0").set_value([1]).run()
    app.number_input(key=f"most_changes.{run.id}").set_value(1).run()
    assert not app.exception
    said = texts(app)
    assert f"weight only higher up to {float(weight) + 0.5:.4g}" in said
    assert "kind one of " in said
    for line in said.splitlines():
        if line.startswith(("1. ", "2. ", "**Nearest miss:** ")) and "weight: " in line:
            changed = float(line.split("**")[1 if line[0].isdigit() else 3])
            assert float(weight) < changed <= float(weight) + 0.5
            assert "kind: " not in line


def test_where_nothing_is_found_the_page_says_what_was_searched_and_the_nearest_miss(lab, texts):
    app, run = open_part(lab, "What would change it?", table(), "answer")
    before = float(app.metric[0].value.replace(",", ""))
    app.number_input(key=f"limit.{run.id}").set_value(1e6).run()
    assert app.info[0].value == "No set of changes reaches this goal."
    said = texts(app)
    assert "**What was searched:** Tried all " in said
    assert "**Nearest miss:** " in said
    app.button(key="try_miss").click().run()
    assert not app.exception
    after = float(app.metric[0].value.replace(",", ""))
    assert after > before
    assert "Nearest miss" not in texts(app)  # nothing brings it nearer any more

    app.number_input(key=f"most_changes.{run.id}").set_value(1).run()
    app.multiselect(key=f"limited.{run.id}").set_value(["weight"]).run()
    app.number_input(key=f"allowed_minimum.{run.id}.1").set_value(3.0).run()
    app.number_input(key=f"allowed_maximum.{run.id}.1").set_value(2.0).run()
    assert "smallest allowed value is larger" in texts(app)


def test_dates_are_limited_by_date(lab, texts):
    days = pd.Series(pd.date_range("2024-01-01", periods=80)).dt.strftime("%Y-%m-%d")
    frame = pd.DataFrame({"start": days, "answer": np.arange(80) * 3.5})
    frame["other"] = np.random.default_rng(0).normal(size=80).round(1)
    content = frame.to_csv(index=False).encode()
    app, run = open_part(lab, "What would change it?", content, "answer")
    app.multiselect(key=f"limited.{run.id}").set_value(["start"]).run()
    assert not app.exception
    app.date_input(key=f"allowed_maximum.{run.id}.0").set_value(date(2024, 1, 20)).run()
    app.selectbox(key=f"allowed_direction.{run.id}.0").set_value("up").run()
    assert not app.exception
    assert "start only later up to 2024-01-20" in texts(app)


def test_of_several_classes_the_wanted_one_is_chosen(lab, texts):
    app, _run = open_part(lab, "What would change it?", table(["x", "y", "z"]), "answer")
    wanted = next(box for box in app.selectbox if box.label == "Target class")
    assert len(wanted.options) == 2
    goal = wanted.options[1]
    wanted.select_index(1)
    app.run()
    assert not app.exception
    assert "Tried all" in texts(app)
    assert f"Probability of answer = {goal} **" in texts(app)


def test_a_number_is_brought_to_a_limit(lab, texts):
    app, run = open_part(lab, "What would change it?", table(), "answer")
    before = float(app.metric[0].value.replace(",", ""))
    limit = app.number_input(key=f"limit.{run.id}")
    assert limit.label == "Target value of answer"
    limit.set_value(before + 0.001).run()
    assert "The most similar row that reaches the goal" in texts(app)
    app.button(key="try_0").click().run()
    assert not app.exception
    assert float(app.metric[0].value.replace(",", "")) >= before


def test_scenarios_are_kept_for_the_next_visit_brought_back_and_removed(lab, texts):
    app, run = open_part(lab, "Kept scenarios", table(["no", "yes"]), "answer")
    assert "No scenarios yet" in texts(app)
    weight = next(box for box in app.number_input if box.label.startswith("weight"))
    key = weight.key
    weight.set_value(99.0).run()
    kept_answer = app.metric[0].value
    app.button(key="keep_scenario").click().run()
    assert "Kept" in app.toast[0].value
    app.button(key="reset_row").click().run()
    assert app.metric[0].value != kept_answer or app.metric[0].delta == "as in the table"

    again = lab.open("predict")
    again.session_state[PARTS] = "Kept scenarios"
    again.run()
    listed = again.dataframe[0].value
    assert listed["Changes"].tolist() == [f"weight: {weight_of(lab, run)} → 99"]
    assert listed["Prediction"].iloc[0] == pytest.approx(
        float(kept_answer.removesuffix("%")), abs=0.06
    )
    assert again.button(key="use_scenario").disabled
    again.session_state[f"scenarios.{run.id}"] = {"selection": {"rows": [0], "columns": []}}
    again.run()
    again.button(key="use_scenario").click().run()
    assert not again.exception
    assert again.metric[0].value == kept_answer
    again.button(key="remove_scenario").click().run()
    assert "No scenarios yet" in texts(again)
    assert key


def test_scenarios_that_an_older_version_kept_are_listed(lab):
    app, run = open_part(lab, "Kept scenarios", table(["no", "yes"]), "answer")
    app.button(key="keep_scenario").click().run()
    name = f"scenarios.{run.id}"
    (state,) = lab.store.get_preference(run.workspace, name, [])
    state["answer"] = state.pop("prediction")
    lab.store.set_preference(run.workspace, name, [state])
    app.run()
    assert not app.exception
    assert len(app.dataframe[0].value) == 1


def weight_of(lab, run):
    return f"{lab.store_frame(run)['weight'].iloc[0]:.4g}"


def test_hostile_names_reach_every_part_escaped_only(lab, texts):
    name, level = "**x** $y$", "![a](http://b.c/d.png)"
    generator = np.random.default_rng(1)
    frame = pd.DataFrame({name: generator.choice([level, "plain"], 60)})
    frame["other"] = generator.normal(size=60)
    frame["answer"] = np.where(frame[name] == level, "[no](http://b.c)", "yes")
    app, _run = open_part(
        lab, "What would change it?", frame.to_csv(index=False).encode(), "answer"
    )
    app.button(key="keep_scenario").click().run()
    for part in ("What if?", "Two columns", "What would change it?", "Kept scenarios"):
        app.session_state[PARTS] = part
        app.run()
        assert not app.exception
        said = texts(app)
        for text in (name, level, "[no](http://b.c)"):
            assert text not in said.replace(literal(text), "")
