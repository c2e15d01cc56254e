"""Global importance, the margin of error, and the vectors' map."""

from __future__ import annotations

import numpy as np
import pytest

from nfm.errors import NFMError
from nfm.evaluation.error_interval import error_interval
from nfm.explanation.embedding_map import Plane, embedding_vectors
from nfm.explanation.importance import (
    loss_deltas,
    loss_unit,
    permutation_importance,
    shapley_importance,
    shown_loss,
)
from nfm.explanation.shapley import explain
from nfm.metrics import evaluate, losses_of_rows
from nfm.tabular.target import Target
from tests.inference.explaining import ask, make_reference_data


def _labels(reference, task: str) -> np.ndarray:
    if task == "regression":
        return reference.frame["fare"].fillna(20.0).to_numpy()
    return np.arange(len(reference.frame)) % (3 if task == "multiclass" else 2)


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_shuffling_a_column_is_the_models_loss_on_shuffled_rows(task: str) -> None:
    reference = make_reference_data(task)
    frame, labels = reference.frame, _labels(reference, task)
    found = permutation_importance(reference, frame, labels, repeats=1, seed=4)
    assert found.loss == pytest.approx(_loss(reference, frame, labels))
    shuffled = frame.copy()
    order = np.random.default_rng(4).permutation(len(frame))  # the first column's
    shuffled["port"] = frame["port"].to_numpy()[order]
    expected = _loss(reference, shuffled, labels) - found.loss
    assert found.mean[0] == pytest.approx(expected, abs=1e-6)  # labels are float32
    assert found.intervals[0, 0] <= found.mean[0] <= found.intervals[0, 1]


def _loss(reference, frame, labels) -> float:
    """Return the log loss, or the root of the mean squared error in the target's own unit."""
    bundle = reference.bundle
    if bundle.target.task == "regression":
        return float(np.sqrt(np.square(bundle.predict(frame) - labels).mean()))
    return bundle.evaluate(frame, labels).loss


def test_what_the_model_does_not_look_at_does_not_matter() -> None:
    reference = make_reference_data("regression", interaction="linear")
    frame = reference.frame.assign(port="never seen")  # the same in every row
    found = permutation_importance(reference, frame, ask(reference, frame)[:, 0])
    assert (found.rows, found.increases.shape) == (len(frame), (5, 5))
    np.testing.assert_allclose(found.increases[reference.columns.index("port")], 0, atol=1e-12)
    fare = reference.columns.index("fare")
    assert found.mean[fare] > 0
    assert found.matters[fare]
    assert not found.matters[reference.columns.index("port")]


def test_permutation_needs_rows() -> None:
    reference = make_reference_data()
    with pytest.raises(ValueError, match="at least one row"):
        permutation_importance(reference, reference.frame.iloc[:0], [])


def test_mean_contributions_are_those_of_the_rows() -> None:
    reference = make_reference_data()
    found = shapley_importance(reference, rows=4)
    assert found.contributions.shape == (4, 5, 1)
    row = reference.frame[
        np.all(
            (reference.coordinates == found.coordinates[0])
            | (np.isnan(reference.coordinates) & np.isnan(found.coordinates[0])),
            axis=1,
        )
    ].iloc[[0]]
    expected = explain(reference, reference.read(row)).contributions
    np.testing.assert_allclose(found.contributions[0], expected)
    np.testing.assert_allclose(found.mean, np.abs(found.contributions).mean(axis=0))
    assert found.margin.shape == found.mean.shape
    assert (found.margin > 0).any()


def test_contributions_are_those_of_the_rows_that_are_given() -> None:
    reference = make_reference_data()
    frame = reference.frame.iloc[[5, 9, 2]]
    found = shapley_importance(reference, 8, frame)
    np.testing.assert_array_equal(found.coordinates, reference.coordinates[[5, 9, 2]])
    assert shapley_importance(reference, 2, frame).contributions.shape == (2, 5, 1)
    with pytest.raises(ValueError, match="at least one row"):
        shapley_importance(reference, 2, frame.iloc[:0])


def test_the_margin_covers_its_share_of_the_rows() -> None:
    reference = make_reference_data("regression")
    frame, labels = reference.frame, _labels(reference, "regression")
    found = error_interval(reference.bundle, frame, labels, 0.8)
    assert found is not None
    inside = np.abs(reference.bundle.predict(frame) - labels) <= found.margin
    assert 0.8 <= inside.mean() <= 0.82


def test_too_few_rows_give_no_margin() -> None:
    reference = make_reference_data("regression")
    labels = _labels(reference, "regression")
    assert error_interval(reference.bundle, reference.frame[:8], labels[:8], 0.9) is None
    assert error_interval(reference.bundle, reference.frame[:9], labels[:9], 0.9) is not None
    assert error_interval(reference.bundle, reference.frame[:0], labels[:0]) is None


@pytest.mark.parametrize("numeric", ["concat", "value", "piecewise"])
def test_vectors_are_the_trained_tables(numeric: str) -> None:
    bundle = make_reference_data(numeric=numeric).bundle
    found = embedding_vectors(bundle)
    field = bundle.encoder.categorical[0]
    place = [row for row, name in enumerate(found.fields) if name == field.name][1]
    code = field.names.index(found.texts[place])
    np.testing.assert_allclose(found.vectors[place], bundle.weights["embedding"][code])
    assert found.counts[place] == field.counts[code - 1]
    assert found.is_number.any() == (numeric != "concat")
    assert set(found.of([field.name]).fields) == {field.name}
    assert len(found.levels.texts) + len(found.numbers.texts) == len(found.texts)
    assert field.name in found.levels.fields
    assert field.name not in found.numbers.fields
    if numeric == "piecewise":
        fare = found.of(["fare"])
        assert fare.texts[-1] == "(missing)"
        steps = np.diff(fare.vectors[:-1], axis=0)
        own = bundle.weights["numeric_embedding"]
        np.testing.assert_allclose(steps, own[: len(steps)], atol=1e-6)


def test_a_linear_model_has_no_vectors() -> None:
    with pytest.raises(NFMError, match="no embeddings"):
        embedding_vectors(make_reference_data(interaction="linear").bundle)


def test_the_plane_keeps_distances_of_vectors_that_lie_in_it() -> None:
    random = np.random.default_rng(0)
    flat = random.normal(size=(20, 2)) @ random.normal(size=(2, 6))
    plane = Plane.fit(flat)
    places = plane.project(flat)
    apart = np.linalg.norm(flat[:, None] - flat[None], axis=2)
    np.testing.assert_allclose(np.linalg.norm(places[:, None] - places[None], axis=2), apart)
    assert sum(plane.shares) == pytest.approx(1)
    assert plane.shares[0] >= plane.shares[1]


@pytest.mark.parametrize("vectors", [np.ones((3, 4)), np.arange(5.0)[:, None]])
def test_a_plane_with_fewer_directions_is_flat(vectors: np.ndarray) -> None:
    plane = Plane.fit(vectors)
    assert (plane.project(vectors)[:, 1] == 0).all()
    assert np.isfinite(plane.project(vectors)).all()


TARGETS = {
    "binary": Target(name="t", task="binary", classes=(0, 1)),
    "multiclass": Target(name="t", task="multiclass", classes=("a", "b", "c")),
    "regression": Target(name="price", task="regression", scale=3.0),
}


@pytest.mark.parametrize("task", TARGETS)
def test_their_mean_is_the_loss_of_the_evaluation(task: str) -> None:
    random = np.random.default_rng(0)
    target = TARGETS[task]
    labels = random.normal(size=40) if task == "regression" else np.arange(40) % len(target.classes)
    scores = 5 * random.normal(size=(40, target.output_count))
    losses = losses_of_rows(target.task, labels, scores)
    assert losses.mean() == pytest.approx(evaluate(target, labels, scores).loss)


def test_numbers_are_compared_in_their_own_unit() -> None:
    target = TARGETS["regression"]
    before, after = np.full(50, 4.0), np.stack([np.full(50, 9.0), np.full(50, 4.0 + 1e-14)], axis=1)
    values, intervals = loss_deltas(target, before, after)
    np.testing.assert_allclose(values, [3.0, 0.0])  # 3 (√9 - √4), and nothing
    np.testing.assert_allclose(intervals, [[3.0, 3.0], [0.0, 0.0]])
    assert shown_loss(target, np.float64(4.0)) == pytest.approx(6.0)
    assert "price" in loss_unit(target)


def test_what_is_noise_has_an_interval_around_zero_and_what_is_not_has_none() -> None:
    random = np.random.default_rng(1)
    before = random.random(300)
    after = before[:, None] + random.normal(0, 0.2, (300, 2)) + np.array([0.0, 0.1])
    _, intervals = loss_deltas(TARGETS["binary"], before, after)
    assert intervals[0, 0] < 0 < intervals[0, 1]
    assert intervals[1, 0] > 0


def test_intervals_that_hold_together_are_wider() -> None:
    random = np.random.default_rng(2)
    before, after = random.random(200), random.random((200, 20))
    values, alone = loss_deltas(TARGETS["binary"], before, after)
    same, together = loss_deltas(TARGETS["binary"], before, after, together=True)
    np.testing.assert_array_equal(values, same)
    ratio = np.diff(together, axis=1) / np.diff(alone, axis=1)
    # Bonferroni: the quantile of 1 - 0.025 / 20 instead of 1 - 0.025.
    np.testing.assert_allclose(ratio, 3.02 / 1.96, rtol=0.12)
