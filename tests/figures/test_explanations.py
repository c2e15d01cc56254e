"""The figures of explanations: they show the numbers, name their axes, and no text is markup."""

from __future__ import annotations

import json

import numpy as np
import pytest

from nfm.explanation import embedding_map as vectors
from nfm.explanation import ice_curves
from nfm.explanation import importance as measured
from nfm.explanation import pair_strengths as strengths
from nfm.explanation.reference_data import ReferenceData
from nfm.figures import (
    embedding_map,
    importance,
    pair_strengths,
    partial_dependence,
    two_column_map,
)
from nfm.figures.labels import label, prediction_axis
from nfm.figures.palette import BLUE, FIELD_COLORS, GREEN, GREY, ORANGE, PINK
from nfm.tabular.wording import Wording
from tests.inference.explaining import HOSTILE, make_reference_data

TASKS = ["binary", "multiclass", "regression"]
TITLED_AXES = {
    "map": ("x", "y"),
    "level table": ("x", "y"),
    "permutation": ("x",),
    "ranking": ("x",),
    "mean contribution": ("x",),
    "embeddings": ("x", "y"),
    "dependence of a number": ("x", "y"),
    "dependence of levels": ("x", "y"),
    "dependence of a date": ("x", "y"),
}


def _draw(reference: ReferenceData, number: int = 3) -> dict:
    """Draw every figure of a row."""
    target = reference.bundle.target
    output = reference.predictions.shape[1] - 1
    axis = prediction_axis(target, output)
    row = reference.read(reference.frame.iloc[[number]])
    found = strengths.pair_strengths(reference)
    table = strengths.level_pair_table(reference, "port", HOSTILE)
    labels = np.arange(len(reference.frame)) % len(target.classes or "xxxxx")
    shuffled = measured.permutation_importance(reference, reference.frame, labels, repeats=2)
    all_vectors = vectors.embedding_vectors(reference.bundle)
    plane = vectors.Plane.fit(all_vectors.vectors)
    pair = ice_curves.heatmap_2d(reference, row, HOSTILE, "start")
    return {
        "map": two_column_map.two_column_map(pair, axis, output),
        "heat map": pair_strengths.pair_heat_map(found, output),
        "network": pair_strengths.pair_network(found, output),
        "ranking": pair_strengths.pair_ranking(found, output),
        "level table": pair_strengths.level_table(table, output),
        "permutation": importance.permutation_bars(shuffled),
        "mean contribution": importance.shapley_bars(
            measured.shapley_importance(reference, 3), axis, output
        ),
        "embeddings": embedding_map.embedding_map(all_vectors, plane),
        **{
            f"dependence of {name}": partial_dependence.partial_dependence(
                ice_curves.partial_dependence(reference, column), axis, output
            )
            for name, column in {"a number": "fare", "levels": "port", "a date": "start"}.items()
        },
    }


@pytest.mark.parametrize("task", TASKS)
def test_every_figure_says_what_to_see_and_names_its_axes(task: str) -> None:
    for name, figure in _draw(make_reference_data(task)).items():
        layout = figure.to_dict()["layout"]
        assert len(layout["title"]["text"]) > 10, name
        assert "paper_bgcolor" not in layout, name
        assert "plot_bgcolor" not in layout, name
        titles = {
            axis: [
                value["title"]["text"]
                for key, value in layout.items()
                if key.startswith(f"{axis}axis") and value.get("title", {}).get("text")
            ]
            for axis in "xy"
        }
        for axis in TITLED_AXES.get(name, ()):
            assert titles[axis], (name, axis)
        json.loads(figure.to_json())


@pytest.mark.parametrize("task", TASKS)
def test_hostile_names_are_shown_literally(task: str) -> None:
    shown = []
    for name, figure in _draw(make_reference_data(task)).items():
        text = figure.to_json()
        assert HOSTILE not in text, name
        assert "$x$" not in text, name
        layout = figure.to_dict()
        for trace in layout["data"]:
            for template in ("hovertemplate", "texttemplate"):
                assert "x&#36;" not in (trace.get(template) or ""), (name, template)
        shown.append(json.dumps(layout, default=str).count(label(HOSTILE, 20)[:9]))
    assert sum(count > 0 for count in shown) >= 6


def test_the_map_marks_the_row_and_where_rows_are() -> None:
    reference = make_reference_data()
    row = reference.read(reference.frame.iloc[[3]])
    found = ice_curves.heatmap_2d(reference, row, "port", "cabin")
    heat, seen, here = two_column_map.two_column_map(
        found, prediction_axis(reference.bundle.target)
    ).data
    np.testing.assert_allclose(np.array(heat.z), 100 * found.predictions[..., 0].T)
    assert len(seen.x) == (found.counts > 0).sum()
    assert found.first.texts[int(here.x[0])] == row.texts[0]
    assert found.second.texts[int(here.y[0])] == row.texts[1]


def test_the_map_counts_every_training_row_although_numbers_are_thinned() -> None:
    reference = make_reference_data()
    row = reference.read(reference.frame.iloc[[3]])
    found = ice_curves.heatmap_2d(reference, row, "fare", "start")
    assert len(found.first) > two_column_map.LEVELS
    words = Wording(columns={"fare": "Price"}, row="journey")
    figure = two_column_map.two_column_map(
        found, prediction_axis(reference.bundle.target), wording=words
    )
    rows = [int(count) for line in figure.data[0].customdata for _, count in line]
    assert sum(rows) == len(reference.frame)
    assert figure.layout.xaxis.title.text == "Price"
    assert [trace.name for trace in figure.data[1:]] == ["Training rows", "This journey"]


def test_each_pair_stands_once_in_the_heat_map() -> None:
    found = strengths.pair_strengths(make_reference_data())
    figure = pair_strengths.pair_heat_map(found)
    drawn = [value for line in figure.data[0].z for value in line if value is not None]
    assert len(drawn) == 10
    assert max(drawn) == pytest.approx(found.strengths.max())


def test_the_strongest_pair_has_the_thickest_line() -> None:
    found = strengths.pair_strengths(make_reference_data())
    *lines, nodes = pair_strengths.pair_network(found).data
    first, second, _ = found.strongest(count=1)[0]
    thickest = max(lines, key=lambda line: line.line.width)
    assert label(first) in thickest.text[0]
    assert label(second) in thickest.text[0]
    assert len(nodes.x) == 5


def test_a_model_without_pairs_draws_no_lines() -> None:
    found = strengths.PairStrengths(("a", "b"), np.zeros((2, 2, 1)), "log odds")
    assert len(pair_strengths.pair_network(found).data) == 1
    alone = strengths.PairStrengths(("a",), np.zeros((1, 1, 1)), "log odds")
    pair_strengths.pair_heat_map(alone)
    pair_strengths.pair_network(alone)


def test_cells_without_rows_stay_blank() -> None:
    reference = make_reference_data(rows=30)
    table = strengths.level_pair_table(reference, "port", "start")
    figure = pair_strengths.level_table(table)
    drawn = figure.data[0].z
    blanks = sum(value is None for line in drawn for value in line)
    assert blanks == (table.counts == 0).sum() > 0


def test_bars_stand_in_order() -> None:
    reference = make_reference_data()
    found = measured.shapley_importance(reference, 3)
    bars = importance.shapley_bars(found, prediction_axis(reference.bundle.target)).data[0]
    assert list(bars.x) == sorted(bars.x, reverse=True)
    assert bars.x[0] == pytest.approx(100 * found.mean.max())


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<b>x</b>", "&lt;b&gt;x&lt;/b&gt;"),
        ("&lt;", "&amp;lt;"),
        ("$5 to $9", "&#36;5 to &#36;9"),
        ("a\n  b", "a b"),
        ("x" * 99, "x" * 27 + "…"),
        (3, "3"),
    ],
)
def test_labels_are_escaped_and_short(text: object, shown: str) -> None:
    assert label(text) == shown


def test_answers_are_written_in_their_unit() -> None:
    share = prediction_axis(make_reference_data().bundle.target)
    assert (share.text(0.382), share.change(-0.031), share.change(1e-9)) == (
        "38.2%",
        "−3.1 points",
        "0.0 points",
    )
    assert share.title == "Probability of label = 1 (%)"
    assert share.span(0.25) == "25.0 points"
    number = prediction_axis(make_reference_data("regression").bundle.target)
    assert (number.text(12345.6), number.change(0.5), number.title) == (
        "12,346",
        "+0.5",
        "Predicted label",
    )
    target = make_reference_data("regression").bundle.target
    euros = prediction_axis(target, wording=Wording(unit="€"))
    assert euros.title == "Predicted label (€)"
    assert (euros.text(-4_600), euros.change(86_000), euros.span(-1.5)) == (
        "−4,600 €",
        "+86,000 €",
        "1.5 €",
    )
    third = prediction_axis(make_reference_data("multiclass").bundle.target, 2)
    assert third.name == "Probability of label = 2"


def _luminance(color: str) -> float:
    channels = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("color", [BLUE, ORANGE, GREEN, PINK, GREY])
@pytest.mark.parametrize("page", ["#FFFFFF", "#0B0F15"])
def test_colours_stand_out_on_light_and_dark(color: str, page: str) -> None:
    light, dark = sorted((_luminance(color), _luminance(page)), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 2.9


def test_fields_have_colours_of_their_own() -> None:
    assert len(set(FIELD_COLORS)) == len(FIELD_COLORS)


def test_pairs_that_are_not_beyond_noise_are_grey() -> None:
    found = strengths.pair_strengths(make_reference_data())
    (first, second, most), (third, fourth, _) = found.strongest(count=2)
    bars = pair_strengths.pair_ranking(found, 0, 2, {(third, fourth)}).data[0]
    assert list(bars.marker.color) == [GREY, BLUE]
    assert bars.x[0] == pytest.approx(most)
    assert label(first) in bars.customdata[0]
    assert label(second) in bars.customdata[0]
    weaker, stronger, *_ = pair_strengths.pair_network(found, 0, 2, {(third, fourth)}).data
    assert (stronger.line.color, stronger.line.dash) == (GREY, "dot")
    assert (weaker.line.color, weaker.line.dash) == (BLUE, "solid")
    assert list(pair_strengths.pair_ranking(found, 0, 2).data[0].marker.color) == [BLUE, BLUE]


def test_columns_within_the_noise_are_grey() -> None:
    reference = make_reference_data("regression", interaction="linear")
    frame = reference.frame.assign(port="never seen")
    labels = reference.bundle.predict(frame)
    found = measured.permutation_importance(reference, frame, labels)
    bars = importance.permutation_bars(found, 5).data[0]
    assert bars.marker.color[0] == BLUE
    assert bars.marker.color[-1] == GREY
    assert len(importance.permutation_bars(found, 2).data[0].x) == 2


def test_the_most_frequent_of_many_levels_are_named() -> None:
    count = 30
    found = vectors.EmbeddingVectors(
        fields=("f",) * count,
        texts=tuple(f"level {number}" for number in range(count)),
        counts=np.arange(count),
        vectors=np.random.default_rng(0).normal(size=(count, 3)),
        is_number=np.zeros(count, dtype=bool),
    )
    drawn = embedding_map.embedding_map(found, vectors.Plane.fit(found.vectors)).data[0]
    named = [text for text in drawn.text if text]
    assert named == [f"level {number}" for number in range(count - 12, count)]
    assert len(drawn.x) == count
