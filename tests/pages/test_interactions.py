"""The Interactions page."""

from __future__ import annotations

import json

import numpy as np
import pytest

from nfm.settings import Settings
from nfm.tabular.samples import sample_bytes
from nfm.tabular.splitting import SplitOptions
from nfm.ui.escaping import literal

WORKSPACE = "w" * 43
HOSTILE = ["<script>alert(1)</script>", "**x**", "$x$", ":red[x]", "![a](http://b.c/d.png)"]


@pytest.fixture(autouse=True)
def few_explained_rows(monkeypatch):
    monkeypatch.setattr("nfm.ui.interactions.model_study._EXPLAINED_ROWS", 8)


def trained(lab, sample="titanic", target="Survived", **settings):
    dataset = lab.add(sample_bytes(sample), name=f"{sample}.csv", target=target)
    return lab.trained(dataset, Settings(epochs=3, **settings))


def plots(app):
    specs = [json.loads(element.proto.spec) for element in app.get("plotly_chart")]
    return {spec["layout"]["title"]["text"]: spec for spec in specs}


def plot(app, words):
    found = [spec for title, spec in plots(app).items() if words in title]
    assert len(found) == 1, (words, list(plots(app)))
    return found[0]


def cards(app):
    return {metric.label: metric.value for metric in app.metric}


def test_two_classes_have_every_figure_and_say_on_which_rows(lab, texts):
    run = trained(lab)
    app = lab.open("interactions")
    assert not app.exception
    assert set(cards(app)) == {"Matters most", "Strongest pair", "Pairs that help"}
    assert " × " in cards(app)["Strongest pair"]
    said = texts(app)
    assert "178 test rows" in said
    assert "The strongest pair is **" in said
    assert "without it the error on unseen rows would be" in said
    assert len(plots(app)) == 8
    assert len(plot(app, "moves predictions most")["data"][0]["x"]) == 8

    column = app.selectbox(key=f"interactions.first.{run.id}.0")
    column.set_value("Embarked").run()
    place = list(column.options).index("Embarked")
    app.selectbox(key=f"interactions.second.{run.id}.0.{place}").set_value("Sex").run()
    assert not app.exception
    table = plot(app, "Embarked × Sex")
    assert "rows" in json.dumps(table["data"][0]["text"])
    assert "**Embarked × Sex** acts on the log odds of Survived = survived" in texts(app)

    app.get_by_key(f"interactions.pairs.{run.id}").set_value(5).run()
    assert len(plot(app, "How strongly")["data"][0]["x"]) == 5
    app.selectbox(key=f"interactions.curve.{run.id}").set_value("Age").run()
    assert not app.exception
    assert plot(app, "Lines that cross")["layout"]["xaxis"]["title"]["text"] == "Age"


def test_embeddings_keep_their_places_whichever_columns_are_chosen(lab):
    run = trained(lab)
    app = lab.open("interactions")

    def places():
        return {trace["name"]: trace["x"] for trace in plot(app, "Embeddings")["data"]}

    before = places()
    assert {"Sex", "Pclass", "Embarked"} <= set(before)
    assert "Age" not in before
    fields = app.multiselect(key=f"interactions.fields.{run.id}.Levels")
    fields.set_value(["Sex"]).run()
    assert not app.exception
    assert list(places()) == ["Sex"]
    assert places()["Sex"] == pytest.approx(before["Sex"])
    app.multiselect(key=f"interactions.fields.{run.id}.Levels").set_value([]).run()
    assert "Choose at least one column." in [each.value for each in app.info]
    app.get_by_key(f"interactions.kind.{run.id}").set_value("Numbers").run()
    assert not app.exception
    assert "Age" in places()


def test_several_classes_are_looked_at_one_by_one(lab, texts):
    run = trained(lab, "penguins", "species")
    app = lab.open("interactions")
    assert not app.exception
    assert "score of the class" in texts(app)
    first = plot(app, "moves predictions most")
    app.selectbox(key=f"interactions.class.{run.id}").set_value(2).run()
    assert not app.exception
    assert "the score of Gentoo" in texts(app)
    assert plot(app, "moves predictions most") != first
    assert "Gentoo" in plot(app, "Lines that cross")["layout"]["yaxis"]["title"]["text"]


def test_numbers_are_measured_in_their_own_unit(lab, texts):
    trained(lab, "cars", "mpg")
    app = lab.open("interactions")
    assert not app.exception
    assert "typical error (RMSE)" in texts(app)
    assert "acts on the predicted mpg" in texts(app)
    shuffled = plot(app, "Which column does the model need")
    assert "RMSE, in mpg" in shuffled["layout"]["xaxis"]["title"]["text"]


def test_a_linear_model_has_no_pairs_and_says_so(lab, texts):
    trained(lab, interaction="linear")
    app = lab.open("interactions")
    assert not app.exception
    assert "so there are no pairs" in texts(app)
    assert "Strongest pair" not in cards(app)
    assert len(plots(app)) == 3


def test_a_model_of_one_column_has_no_pairs(lab, texts):
    lab.trained(lab.add(b"a,t\n" + b"x,1\ny,0\n" * 40, target="t"))
    app = lab.open("interactions")
    assert not app.exception
    assert "only one column" in texts(app)


@pytest.mark.parametrize("validation", [0.2, 0.0])
def test_without_test_rows_it_says_what_it_is_measured_on(lab, texts, validation):
    dataset = lab.add(sample_bytes("xor"), target="lamp")
    split = SplitOptions(test_fraction=0.0, validation_fraction=validation)
    lab.store.update_dataset(WORKSPACE, dataset.id, split=split)
    lab.trained(dataset)
    app = lab.open("interactions")
    assert not app.exception
    if validation:
        assert "No test rows were kept" in app.warning[0].value
        assert "validation rows" in texts(app)
    else:
        assert "No rows were held out" in texts(app)
        assert "8 training rows, at random, each explained" in texts(app)
        assert "Pairs that help" not in cards(app)


def test_of_a_wide_table_few_columns_are_drawn_until_more_are_asked_for(lab, texts):
    header = ",".join([f"column {number}" for number in range(30)] + ["t"])
    random = np.random.default_rng(0)
    lines = [
        ",".join([*(f"v{value}" for value in random.integers(0, 5, 30)), str(row % 2)])
        for row in range(120)
    ]
    run = lab.trained(lab.add("\n".join([header, *lines]).encode(), target="t"))
    app = lab.open("interactions")
    assert not app.exception
    assert len(plot(app, "Which column does the model need")["data"][0]["x"]) == 10
    assert "Of 30 columns, only pairs of the 16 that move the prediction most" in texts(app)
    app.get_by_key(f"interactions.columns.{run.id}").set_value(20).run()
    assert not app.exception
    assert len(plot(app, "Which column does the model need")["data"][0]["x"]) == 20


def test_hostile_names_reach_markdown_and_plotly_escaped_only(lab):
    header = ",".join([*HOSTILE, "<i>target</i>"])
    rows = [
        ",".join([*(HOSTILE[(row + place) % 5] for place in range(5)), answer])
        for row in range(60)
        for answer in ("**yes**", "[no](http://b.c)")
    ]
    lab.trained(lab.add("\n".join([header, *rows]).encode(), target="<i>target</i>"))
    app = lab.open("interactions")
    assert not app.exception
    said = [
        each.value
        for elements in (app.markdown, app.caption, app.warning, app.info)
        for each in elements
    ]
    for metric in app.metric:
        said += [metric.label, metric.value, metric.delta]
    for elements in (app.selectbox, app.multiselect):
        for element in elements:
            said += [element.label, element.help or ""]
    text = "\n".join(said)
    for name in [*HOSTILE, "**yes**", "[no](http://b.c)", "<i>target</i>"]:
        assert name not in text.replace(literal(name), ""), name
    for title, spec in plots(app).items():
        assert "<script" not in json.dumps(spec), title
        assert "<i>" not in json.dumps(spec), title


def test_a_model_whose_table_is_gone_says_so(lab):
    run = trained(lab)
    lab.store.delete_dataset(WORKSPACE, run.dataset_id)
    app = lab.open("interactions")
    assert not app.exception
    assert not plots(app)
