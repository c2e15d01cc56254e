"""Counterfactuals: few changes, small ones, real values, locks respected."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
import pytest

from nfm.explanation.column_moves import ColumnLimit
from nfm.explanation.counterfactual import find_counterfactuals, immutable_columns, nearest_row
from nfm.explanation.reference_data import ReferenceData
from nfm.explanation.target_outcome import TargetOutcome, opposite_outcome
from nfm.inference.bundle import Bundle
from nfm.settings import Settings
from nfm.tabular.encoding import Encoder
from nfm.tabular.infer_schema import infer_schema
from nfm.tabular.target import Target
from tests.inference.drawing import draw_weights
from tests.inference.explaining import COMBINATIONS, ask, make_reference_data


def _changed(reference: ReferenceData, number: int, changes: tuple) -> np.ndarray:
    """Ask the model about a row after the changes."""
    row = reference.frame.iloc[[number]].copy()
    for change in changes:
        dtype = reference.frame[change.column].dtype
        row[change.column] = pd.Series([change.cell], index=row.index, dtype=dtype)
    return ask(reference, row)[0]


@pytest.mark.parametrize("changes", COMBINATIONS, ids=str)
def test_what_is_found_reaches_the_goal(changes: dict) -> None:
    reference = make_reference_data(**changes)
    for number in range(4):
        row = reference.read(reference.frame.iloc[[number]])
        goal = opposite_outcome(reference, row.predictions)
        assert not goal.reached(row.predictions)
        result = find_counterfactuals(reference, row, goal)
        assert result.description.endswith(".")
        for each in result.found:
            prediction = _changed(reference, number, each.changes)
            np.testing.assert_allclose(prediction, each.prediction, rtol=1e-6, atol=1e-9)
            assert goal.reached(each.prediction)
            assert each.distance == pytest.approx(sum(c.distance for c in each.changes))
            assert all(change.before != change.after for change in each.changes)


def _fewest(reference: ReferenceData, number: int, goal: TargetOutcome) -> tuple[int, float]:
    """Try every combination of values of three columns by brute force."""
    row = reference.read(reference.frame.iloc[[number]])
    best = (99, np.inf)
    values = [range(-1, len(choices)) for choices in reference.candidates]
    for chosen in product(*values):
        sums = row.parts.sum(axis=0)
        count = 0
        for place, value in enumerate(chosen):
            if value >= 0:
                sums = sums - row.parts[place] + reference.candidates[place].parts[value]
                count += reference.candidates[place].texts[value] != row.texts[place]
        if goal.reached(reference.predictions_of_sums(sums[None]))[0]:
            best = min(best, (count, 0.0))
    return best


def test_no_fewer_changes_would_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nfm.explanation.column_values.CANDIDATE_NUMBERS", 4)
    reference = make_reference_data()
    predictions = reference.predictions[:, 0]
    limit = float(np.quantile(predictions, 0.98))
    goal = TargetOutcome("at_least", 0, limit)
    number = int(predictions.argmin())
    found = find_counterfactuals(
        reference, reference.read(reference.frame.iloc[[number]]), goal
    ).found
    assert found
    assert len(found[0].changes) == _fewest(reference, number, goal)[0] > 1


def test_smaller_changes_come_first() -> None:
    reference = make_reference_data("regression", interaction="linear")
    row = reference.read(reference.frame.iloc[[0]])
    goal = TargetOutcome("at_least", 0, float(row.predictions[0]) + 1e-3)
    found = find_counterfactuals(reference, row, goal).found
    distances = [each.distance for each in found]
    assert distances == sorted(distances)
    assert all(len(each.changes) == 1 for each in found)


def test_locked_columns_stay() -> None:
    reference = make_reference_data()
    row = reference.read(reference.frame.iloc[[0]])
    goal = opposite_outcome(reference, row.predictions, threshold=float(row.predictions[0]) + 0.01)
    free = find_counterfactuals(reference, row, goal)
    first = free.found[0].changes[0].column
    kept = find_counterfactuals(reference, row, goal, locked=[first])
    assert all(change.column != first for each in kept.found for change in each.changes)
    nothing = find_counterfactuals(reference, row, goal, locked=reference.columns)
    assert nothing.found == ()
    assert "nothing can be changed" in nothing.description


def test_where_nothing_needs_to_change_nothing_does() -> None:
    reference = make_reference_data()
    row = reference.read(reference.frame.iloc[[0]])
    result = find_counterfactuals(reference, row, TargetOutcome("at_least", 0, 0.0))
    assert (result.found, "already meets" in result.description) == ((), True)


def test_what_cannot_be_reached_is_not_found() -> None:
    reference = make_reference_data()
    row = reference.read(reference.frame.iloc[[0]])
    result = find_counterfactuals(reference, row, TargetOutcome("at_least", 0, 2.0))
    assert result.found == ()
    assert "one change after another" in result.description


def test_beyond_the_exhaustive_search_changes_are_made_one_by_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("nfm.explanation.counterfactual._EXHAUSTIVE_CHANGES", 0)
    reference = make_reference_data()
    predictions = reference.predictions[:, 0]
    goal = TargetOutcome("at_least", 0, float(np.quantile(predictions, 0.98)))
    number = int(predictions.argmin())
    found = find_counterfactuals(
        reference, reference.read(reference.frame.iloc[[number]]), goal
    ).found
    assert len(found) == 1
    assert goal.reached(_changed(reference, number, found[0].changes))


def test_with_many_columns_the_search_says_what_it_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("nfm.explanation.counterfactual._EVALUATIONS", 3_000)
    reference = make_reference_data(more=4)
    row = reference.read(reference.frame.iloc[[0]])
    result = find_counterfactuals(reference, row, TargetOutcome("at_least", 0, 2.0))
    assert "most promising columns" in result.description


def _row_after(reference: ReferenceData, number: int, change, cell: object) -> np.ndarray:
    """Ask the model about a row with another cell in one column."""
    row = reference.frame.iloc[[number]].copy()
    dtype = reference.frame[change.column].dtype
    row[change.column] = pd.Series([cell], index=row.index, dtype=dtype)
    return ask(reference, row)[0]


@pytest.mark.parametrize("numeric", ["piecewise", "value", "concat"])
@pytest.mark.parametrize("number", range(6))
def test_no_smaller_change_of_a_number_would_do(numeric: str, number: int) -> None:
    reference = make_reference_data("regression", numeric=numeric, more=1)
    number = int(reference.frame["fare"].dropna().index[number])
    row = reference.read(reference.frame.iloc[[number]])
    locked = [column for column in reference.columns if column != "fare"]
    spread = np.ptp(reference.predictions[:, 0])
    goal = TargetOutcome("at_least", 0, float(row.predictions[0] + 0.02 * spread))
    (found, *_) = find_counterfactuals(reference, row, goal, locked=locked).found or (None,)
    own = reference.frame["fare"].iloc[number]
    low, high = reference.frame["fare"].min(), reference.frame["fare"].max()
    grid = pd.DataFrame([reference.frame.iloc[number]] * 20_001)
    grid["fare"] = np.linspace(low, high, 20_001)
    reached = goal.reached(ask(reference, grid))
    if found is None or np.isnan(found.changes[0].cell):  # only a missing number reaches it
        assert not reached.any()
        return
    (change,) = found.changes
    scale = reference.scales[reference.columns.index("fare")]
    from_own = np.abs(scale.ranks(grid["fare"].to_numpy()) - scale.ranks(np.array([own])))
    step = (high - low) / 20_000
    slack = float(np.abs(np.diff(from_own)).max())
    assert change.distance <= from_own[reached].min() + 1e-9 + slack * (step > 0)
    # Not the nearest of forty quantiles: a little less would not do.
    less = change.cell - np.sign(change.cell - own) * step
    assert not goal.reached(_row_after(reference, number, change, less))
    assert goal.reached(_row_after(reference, number, change, change.cell))


def test_whole_numbers_stay_whole_and_numbers_keep_their_decimals() -> None:
    random = np.random.default_rng(4)
    frame = pd.DataFrame({"rooms": random.integers(1, 400, 300), "size": random.normal(size=300)})
    frame["size"] = frame["size"].round(2)
    reference = _reference_of(frame)
    goal = TargetOutcome("at_least", 0, float(np.quantile(reference.predictions, 0.6)))
    number = int(reference.predictions[:, 0].argmin())
    row = reference.read(reference.frame.iloc[[number]])
    found = find_counterfactuals(reference, row, goal, count=10).found
    assert {change.column for each in found for change in each.changes} == {"rooms", "size"}
    for each in found:
        for change in each.changes:
            decimals = 0 if change.column == "rooms" else 2
            assert change.cell == round(change.cell, decimals)
            assert change.after == f"{change.cell:.6g}"
            step = 10.0**-decimals * np.sign(change.cell - frame[change.column][number])
            if len(each.changes) == 1 and change.cell - step != frame[change.column][number]:
                less = round(change.cell - step, decimals)
                assert not goal.reached(_row_after(reference, number, change, less))


def _reference_of(frame: pd.DataFrame) -> ReferenceData:
    """Build a model of a regression with random weights on a table of numbers."""
    settings = Settings(hidden_units=(6,), embedding_dim=3)
    labels = frame.iloc[:, 0].astype(float)
    schema = infer_schema(frame.assign(label=labels), "label", "regression")
    encoder = Encoder.fit(frame, schema.features, settings)
    weights = draw_weights(np.random.default_rng(3), encoder.layout, settings, 1)
    target = Target.fit(labels, "regression", "label")
    return ReferenceData.build(Bundle(schema, encoder, target, settings, weights), frame)


def test_in_several_changes_no_number_could_change_less() -> None:
    checked = 0
    for number in range(8):
        reference = make_reference_data("regression", more=2)
        row = reference.read(reference.frame.iloc[[number]])
        goal = TargetOutcome("at_least", 0, float(np.quantile(reference.predictions, 0.97)))
        for each in find_counterfactuals(reference, row, goal, locked=["start"]).found:
            for place, change in enumerate(each.changes):
                own = row.coordinates[reference.columns.index(change.column)]
                if not isinstance(change.cell, float) or np.isnan(own + change.cell):
                    continue
                spread = np.ptp(reference.frame[change.column].dropna())
                less = change.cell - np.sign(change.cell - own) * spread / 2_000
                if (less - own) * (change.cell - own) <= 0:
                    continue
                nearer = replace(change, cell=less)
                changes = (*each.changes[:place], nearer, *each.changes[place + 1 :])
                assert not goal.reached(_changed(reference, number, changes))
                checked += len(each.changes) > 1
    assert checked


@pytest.mark.parametrize("direction", ["up", "down"])
def test_limits_of_range_and_direction_are_kept(direction: str) -> None:
    reference = make_reference_data("regression", more=2)
    limits = {
        "fare": ColumnLimit(10.0, 40.0, direction),
        "more 0": ColumnLimit(direction=direction),
        "start": ColumnLimit(minimum=18_500.0, direction=direction),
        "port": ColumnLimit(levels=("S", "C")),
    }
    seen = set()
    for number in range(12):
        row = reference.read(reference.frame.iloc[[number]])
        for quantile in (0.6, 0.9):
            goal = TargetOutcome("at_least", 0, float(np.quantile(reference.predictions, quantile)))
            result = find_counterfactuals(reference, row, goal, limits=limits, count=20)
            for each in [*result.found, *([result.nearest_miss] if result.nearest_miss else [])]:
                for change in each.changes:
                    own = reference.frame[change.column].iloc[number]
                    seen.add(change.column)
                    if change.column == "port":
                        assert change.cell in ("S", "C")
                        continue
                    if change.column == "fare":
                        assert 10 <= change.cell <= 40
                    if change.column == "start":
                        assert change.cell >= "2020-08-26"
                    if change.column in limits and not pd.isna(own):
                        assert (change.cell > own) == (direction == "up")
    assert {"fare", "more 0", "port"} <= seen


def test_limit_between_two_training_values_leaves_something_to_try() -> None:
    reference = make_reference_data("regression", interaction="linear")
    row = reference.read(reference.frame.iloc[[0]])
    limits = {"fare": ColumnLimit(30.01, 30.02)}
    locked = [column for column in reference.columns if column != "fare"]
    for kind in ("at_least", "below"):
        goal = TargetOutcome(
            kind, 0, float(row.predictions[0]) + (1e-6 if kind == "at_least" else -1e-6)
        )
        for each in find_counterfactuals(reference, row, goal, locked=locked, limits=limits).found:
            assert 30.01 <= each.changes[0].cell <= 30.02
            return
    raise AssertionError("Neither goal was reached.")


def test_number_of_changes_is_limited() -> None:
    reference = make_reference_data()
    predictions = reference.predictions[:, 0]
    goal = TargetOutcome("at_least", 0, float(np.quantile(predictions, 0.98)))
    row = reference.read(reference.frame.iloc[[int(predictions.argmin())]])
    free = find_counterfactuals(reference, row, goal)
    needed = len(free.found[0].changes)
    assert needed > 1
    result = find_counterfactuals(reference, row, goal, most_changes=needed - 1)
    assert result.found == ()
    assert result.description.endswith("changes of one column.")
    in_two = find_counterfactuals(reference, row, TargetOutcome("at_least", 0, 1e9), most_changes=2)
    assert "up to 2 columns" in in_two.description
    miss = result.nearest_miss
    assert miss is not None
    assert len(miss.changes) <= needed - 1
    assert row.predictions[0] < miss.prediction[0] < goal.limit


def test_one_change_that_was_tried_is_called_one() -> None:
    reference = make_reference_data()
    row = reference.read(reference.frame.iloc[[0]])
    place = next(k for k, scale in enumerate(reference.scales) if scale.field is not None)
    column = reference.columns[place]
    level = next(text for text in reference.frame[column] if text != row.texts[place])
    result = find_counterfactuals(
        reference,
        row,
        TargetOutcome("at_least", 0, 1e9),
        locked=[other for other in reference.columns if other != column],
        limits={column: ColumnLimit(levels=(level,))},
        most_changes=1,
    )
    assert result.description == "Tried the 1 change of one column."


def test_nearest_miss_is_the_best_of_all_single_changes() -> None:
    reference = make_reference_data("regression", interaction="linear")
    row = reference.read(reference.frame.iloc[[0]])
    goal = TargetOutcome("at_least", 0, 1e9)
    result = find_counterfactuals(reference, row, goal, most_changes=1)
    assert "up to" not in result.description
    assert result.description.endswith("changes of one column.")
    miss = result.nearest_miss
    assert miss is not None
    total = row.parts.sum(axis=0)
    best = max(
        reference.predictions_of_sums(total - row.parts[place] + choices.parts).max()
        for place, choices in enumerate(reference.candidates)
    )
    assert miss.prediction[0] == pytest.approx(best)


def test_the_nearest_row_with_the_opposite_answer() -> None:
    reference = make_reference_data()
    row = reference.read(reference.frame.iloc[[0]])
    goal = opposite_outcome(reference, row.predictions)
    found = nearest_row(reference, row, goal)
    assert found is not None
    assert goal.reached(found.prediction)
    apart = reference.distances(row).sum(axis=1)
    apart[~goal.reached(reference.predictions)] = np.inf
    assert found.distance == apart.min()
    differing = {change.column for change in found.changes}
    for place, column in enumerate(reference.columns):
        same = np.array_equal(
            reference.coordinates[found.row, place], row.coordinates[place], equal_nan=True
        )
        assert (column in differing) != same


def test_without_an_opposite_row_there_is_none() -> None:
    reference = make_reference_data()
    row = reference.read(reference.frame.iloc[[0]])
    assert nearest_row(reference, row, TargetOutcome("at_least", 0, 2.0)) is None


@pytest.mark.parametrize(
    ("predictions", "expected"),
    [([0.7], TargetOutcome("below", 0, 0.5)), ([0.3], TargetOutcome("at_least", 0, 0.5))],
)
def test_two_classes_flip_at_the_threshold(predictions: list, expected: TargetOutcome) -> None:
    assert opposite_outcome(make_reference_data(), np.array(predictions)) == expected


def test_exactly_at_the_threshold_is_the_positive_class() -> None:
    assert TargetOutcome("at_least", 0, 0.5).reached(np.array([0.5]))
    assert not TargetOutcome("below", 0, 0.5).reached(np.array([0.5]))


def test_another_class_is_to_win() -> None:
    reference = make_reference_data("multiclass")
    predictions = np.array([0.2, 0.5, 0.3])
    assert opposite_outcome(reference, predictions).output == 2
    goal = opposite_outcome(reference, predictions, wanted=0)
    assert not goal.reached(predictions)
    assert goal.reached(np.array([0.5, 0.1, 0.4]))


def test_columns_that_a_person_cannot_change_are_known_by_name() -> None:
    columns = ("Age", "Sex", "birthDate", "customer_gender", "wage", "Sextant", "Fare", "AGE")
    assert immutable_columns(columns) == ("Age", "Sex", "birthDate", "customer_gender", "AGE")
