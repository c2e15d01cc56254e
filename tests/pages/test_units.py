"""The unit of a predicted number: asked for once, on Data, and shown wherever the number is."""

from __future__ import annotations

import re

import numpy as np

WORKSPACE = "w" * 43
RANDOM = np.random.default_rng(0)
ROOMS, AREA = RANDOM.integers(1, 6, 240), RANDOM.normal(80, 20, 240).round(1)
PRICES = "rooms,area,price\n" + "".join(
    f"{rooms},{area},{int(40_000 * rooms + 1_500 * area)}\n"
    for rooms, area in zip(ROOMS, AREA, strict=True)
)
UNIT = "$ <b>"  # what Markdown and Plotly would read as something else


def prices(lab):
    return lab.add(PRICES.encode(), "prices.csv", "price")


def stored(lab):
    return lab.store.dataset(WORKSPACE, lab.store.get_preference(WORKSPACE, "dataset")).schema


def test_unit_is_asked_for_with_a_number_and_survives(lab):
    prices(lab)
    app = lab.open("data")
    lab.find(app, "Unit of the target").set_value(" € ").run()
    assert not app.exception
    assert stored(lab).unit == "€"
    again = lab.open("data")
    assert lab.find(again, "Unit of the target").value == "€"
    labels = [field.label for field in lab.open("data").text_input]
    assert "Unit of the target" in labels


def test_classes_have_no_unit(lab):
    labels = [field.label for field in lab.open("data").text_input]
    assert "Unit of the target" not in labels


def test_numbers_of_a_model_carry_the_unit_of_its_run_and_no_exponent(lab, texts):
    dataset = prices(lab)
    schema = stored(lab).with_unit("€")
    lab.store.update_dataset(WORKSPACE, dataset.id, schema=schema)
    lab.trained(dataset)
    # What Data says later is for the next run.
    lab.store.update_dataset(WORKSPACE, dataset.id, schema=schema.with_unit("km"))
    for page in ("evaluate", "predict", "interactions", "train"):
        app = lab.open(page)
        assert not app.exception
        said = texts(app) + " ".join(f"{one.value} {one.delta or ''}" for one in app.metric)
        assert "€" in said, page
        assert " km" not in said, page
        assert not re.search(r"\d(?:\.\d+)?e[+-]?\d", said), page
    evaluate = {metric.label: metric.value for metric in lab.open("evaluate").metric}
    assert re.fullmatch(r"[\d,]+ €", evaluate["Mean error (MAE)"])


def test_unit_is_shown_as_its_characters(lab, texts):
    dataset = prices(lab)
    schema = stored(lab).with_unit(UNIT)
    lab.store.update_dataset(WORKSPACE, dataset.id, schema=schema)
    lab.trained(dataset)
    app = lab.open("evaluate")
    assert not app.exception
    said = texts(app)
    assert UNIT not in said.replace(r"\$", "").replace(r"\<", "")
    assert r"\$ \<b" in said
