"""The figures of one row's explanation, which the browser updates in place."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from nfm.explanation import ice_curves
from nfm.explanation.reference_data import ReferenceData
from nfm.explanation.shapley import Explanation, explain
from nfm.figures import waterfall, what_if
from nfm.figures.labels import prediction_axis
from nfm.tabular.wording import Wording
from nfm.text import shorten
from tests.figures.axes import first_axis
from tests.inference.explaining import HOSTILE, make_reference_data

TASKS = ["binary", "multiclass", "regression"]
WORDS = Wording(columns={"port": "Harbour"}, levels={"port": {"S": "South"}}, row="journey")


def axis_of(reference: ReferenceData, output: int = 0):
    return prediction_axis(reference.bundle.target, output, escape=shorten)


def explained(reference: ReferenceData) -> Explanation:
    return explain(reference, reference.read(reference.frame.iloc[[3]]))


@pytest.mark.parametrize("task", TASKS)
def test_waterfall_goes_from_the_average_to_the_answer_step_by_step(task: str) -> None:
    reference = make_reference_data(task)
    output = reference.predictions.shape[1] - 1
    axis = axis_of(reference, output)
    explanation = explained(reference)
    first, *steps, last = waterfall.waterfall_steps(explanation, axis, output)
    assert first.end == pytest.approx(axis.factor * explanation.average[output])
    assert len(steps) == 5
    for before, after in zip([first, *steps[:-1]], steps, strict=True):
        assert after.start == before.end
    assert steps[-1].end == pytest.approx(last.end)
    assert last.end == pytest.approx(axis.factor * explanation.prediction[output])
    sizes = [abs(step.end - step.start) for step in steps]
    assert sizes == sorted(sizes, reverse=True)


@pytest.mark.parametrize("task", TASKS)
def test_bars_of_the_waterfall_lie_between_their_ends(task: str) -> None:
    reference = make_reference_data(task)
    explanation, axis = explained(reference), axis_of(reference)
    steps = waterfall.waterfall_steps(explanation, axis)
    option = waterfall.waterfall(steps, axis)
    below, raises, lowers = (series["data"] for series in option["series"][:3])
    for step, low, up, down in list(zip(steps, below, raises, lowers, strict=True))[1:-1]:
        assert low == pytest.approx(min(step.start, step.end))
        assert low + up + down == pytest.approx(max(step.start, step.end))
        assert (up if step.end < step.start else down) == 0
    assert first_axis(option["xAxis"])["name"] == axis.title
    json.dumps(option)


def moved(explanation: Explanation, by: float) -> Explanation:
    """The same contributions on top of another average."""
    average, prediction = explanation.average + by, explanation.prediction + by
    return replace(explanation, average=average, prediction=prediction)


def test_totals_are_bars_from_zero_or_marks_where_the_axis_has_none() -> None:
    reference = make_reference_data("regression")
    explanation, axis = explained(reference), axis_of(reference)
    around_zero = moved(explanation, -float(explanation.average[0]))
    near = waterfall.waterfall(waterfall.waterfall_steps(around_zero, axis), axis)
    across = first_axis(near["xAxis"])
    assert across["min"] <= 0 <= across["max"]
    assert near["series"][3]["type"] == "bar"
    steps = waterfall.waterfall_steps(moved(explanation, 1e6), axis)
    far = waterfall.waterfall(steps, axis)
    assert far["xAxis"]["min"] > 0
    marks = far["series"][3]
    assert marks["type"] == "scatter"
    assert [x for x, _ in marks["data"]] == [steps[0].end, steps[-1].end]


def printed(text: str) -> Decimal:
    number = text.split(" ")[0].removesuffix("%").replace(",", "").replace("−", "-")
    return Decimal(number)


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("number", range(12))
def test_printed_contributions_add_up_as_printed(task: str, number: int) -> None:
    reference = make_reference_data(task, more=9 if number % 2 else 0)
    output = reference.predictions.shape[1] - 1
    row = reference.read(reference.frame.iloc[[number]])
    explanation = moved(explain(reference, row), 0.0 if task != "regression" else 20_872.3)
    first, *parts, last = waterfall.waterfall_steps(explanation, axis_of(reference, output), output)
    total = printed(first.text) + sum(printed(part.text) for part in parts)
    assert total == printed(last.text)
    for part in parts:
        assert abs(float(printed(part.text)) - (part.end - part.start)) < 2 * 10**-part.decimals


def test_every_kind_of_bar_is_in_the_legend() -> None:
    reference = make_reference_data()
    axis = axis_of(reference)
    option = waterfall.waterfall(waterfall.waterfall_steps(explained(reference), axis), axis)
    assert option["legend"]["data"] == [series["name"] for series in option["series"][1:]]


def test_many_columns_share_a_bar_and_show_their_errors() -> None:
    reference = make_reference_data(more=15)
    steps = waterfall.waterfall_steps(explained(reference), axis_of(reference))
    assert len(steps) == waterfall.COLUMNS + 2
    assert steps[-2].name == "9 other columns"
    assert "±" in steps[1].text
    assert waterfall.waterfall_height(steps) > 400


def test_waterfall_is_told_in_words() -> None:
    reference = make_reference_data()
    explanation, axis = explained(reference), axis_of(reference)
    steps = waterfall.waterfall_steps(explanation, axis, 0, WORDS)
    assert any(step.name.startswith("Harbour = ") for step in steps)
    assert steps[-1].name == "This journey"
    said = waterfall.describe_waterfall(steps)
    assert said.startswith(f"Average: {axis.text(explanation.average[0])}")


def panels(reference: ReferenceData, row, output: int = 0):
    found = ice_curves.ice_curves(reference, row)
    axis = axis_of(reference, output)
    limits = what_if.prediction_limits(found, axis, output)
    return found, [what_if.what_if_panel(one, axis, limits, output, WORDS) for one in found]


@pytest.mark.parametrize("task", TASKS)
def test_what_if_marks_the_row_in_every_panel(task: str) -> None:
    reference = make_reference_data(task)
    row = reference.read(reference.frame.iloc[[3]].assign(port="never seen", fare=None))
    _, options = panels(reference, row)
    factor = 1 if task == "regression" else 100
    for option in options:
        mark = option["series"][-1]
        assert mark["symbol"] == "diamond"
        assert mark["data"][0][1] == pytest.approx(factor * row.predictions[0])
        up = first_axis(option["yAxis"])
        assert up["min"] <= mark["data"][0][1] <= up["max"]
    port = next(option for option in options if option["title"]["text"].startswith("Harbour"))
    assert port["xAxis"]["data"][-1] == "(other)"
    assert port["series"][-1]["data"][0][0] == len(port["xAxis"]["data"]) - 1
    assert "South" in port["xAxis"]["data"]
    json.dumps(options)


def test_what_if_draws_all_it_has() -> None:
    reference = make_reference_data()
    found, options = panels(reference, reference.read(reference.frame.iloc[[3]]))
    drawn = [y for option in options for series in option["series"] for _, y in series["data"]]
    expected = [100 * value for one in found for value in one.predictions[:, 0]]
    expected += [100 * one.current_prediction[0] for one in found]
    np.testing.assert_allclose(sorted(drawn), sorted(expected))


def test_missing_number_stands_beside_the_line_and_says_so() -> None:
    reference = make_reference_data()
    row = reference.read(reference.frame.iloc[[3]].assign(fare=None))
    _, options = panels(reference, row)
    fare = next(option for option in options if option["title"]["text"].startswith("fare"))
    line, missing, mark = fare["series"]
    assert missing["label"]["formatter"] == "missing"
    assert mark["data"][0][0] == missing["data"][0][0] > max(x for x, _ in line["data"])


def test_dates_have_an_axis_of_time() -> None:
    reference = make_reference_data()
    _, options = panels(reference, reference.read(reference.frame.iloc[[3]]))
    start = next(option for option in options if option["title"]["text"].startswith("start"))
    assert start["xAxis"]["type"] == "time"
    days = np.datetime64("2020-01-01"), np.datetime64("2022-01-01")
    low, high = (day.astype("datetime64[ms]").astype(float) for day in days)
    assert all(low <= x <= high for x, _ in start["series"][0]["data"])


def test_panels_are_told_in_words() -> None:
    reference = make_reference_data()
    found, _ = panels(reference, reference.read(reference.frame.iloc[[3]]))
    said = what_if.describe_panel(found[0], axis_of(reference), 0, WORDS)
    assert said.startswith("Harbour: from ")
    assert said.endswith("now")


def test_no_text_of_a_table_becomes_a_template() -> None:
    reference = make_reference_data()
    _, options = panels(reference, reference.read(reference.frame.iloc[[3]]))
    axis = axis_of(reference)
    steps = waterfall.waterfall_steps(explained(reference), axis)
    for option in [*options, waterfall.waterfall(steps, axis)]:
        for series in option["series"]:
            assert HOSTILE not in json.dumps(series)
