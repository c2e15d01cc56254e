"""Losses row by row, and what they grow by."""

from __future__ import annotations

import numpy as np
import pytest

from nfm.explanation.loss_delta import (
    loss_deltas,
    loss_unit,
    losses_of_rows,
    shown_loss,
)
from nfm.metrics import evaluate
from nfm.tabular.target import Target

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
    losses = losses_of_rows(target, labels, scores)
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
