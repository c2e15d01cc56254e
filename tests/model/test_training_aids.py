from __future__ import annotations

import numpy as np
import pytest

from nfm.model.training_aids import (
    BestEpoch,
    CallBudget,
    automatic_batch_size,
    batch_bounds,
    divergence,
    largest_number,
)
from nfm.settings import Settings


@pytest.mark.parametrize(
    ("rows", "expected"),
    [(1, 32), (712, 32), (20_000, 128), (200_000, 512), (10**6, 1024), (10**8, 4096)],
)
def test_automatic_batch_size_grows_with_the_table(rows: int, expected: int) -> None:
    assert automatic_batch_size(rows) == expected


def test_last_batch_takes_what_is_left() -> None:
    assert batch_bounds(70, 32).tolist() == [0, 32, 64, 70]
    assert batch_bounds(64, 32).tolist() == [0, 32, 64]
    assert batch_bounds(5, 32).tolist() == [0, 5]


def test_a_trailing_row_joins_the_batch_before_it_where_two_are_needed() -> None:
    assert batch_bounds(65, 32, smallest=2).tolist() == [0, 32, 65]
    assert batch_bounds(66, 32, smallest=2).tolist() == [0, 32, 64, 66]
    assert batch_bounds(1, 32, smallest=2).tolist() == [0, 1]


def test_batches_of_one_row_become_batches_of_two_where_two_are_needed() -> None:
    assert batch_bounds(5, 1, smallest=2).tolist() == [0, 2, 5]


def test_calls_grow_until_they_take_about_half_a_second() -> None:
    bounds = batch_bounds(10**6, 100)
    pace = CallBudget()
    first, lengths = 0, []
    for _ in range(6):
        last = pace.last_batch(bounds, first)
        rows = int(bounds[last] - bounds[first])
        pace.record(rows, rows / 200_000)
        lengths.append(rows / 200_000)
        first = last
    assert lengths[0] < 0.1
    assert lengths[-1] == pytest.approx(0.4, rel=0.05)


def test_calls_shrink_when_the_machine_slows_down() -> None:
    bounds = batch_bounds(10**6, 100)
    pace = CallBudget()
    pace.record(8000, 4.0)
    assert pace.last_batch(bounds, 0) == 8


def test_a_call_takes_at_least_one_batch_and_ends_with_the_epoch() -> None:
    bounds = batch_bounds(50_000, 20_000)
    pace = CallBudget()
    assert pace.last_batch(bounds, 0) == 1
    pace.record(8000, 1e-4)
    assert pace.last_batch(bounds, 1) == 3


def test_bounds_are_32_bit_integers() -> None:
    assert batch_bounds(100, 10).dtype == np.int32


def judge(best: BestEpoch, losses: list[float]) -> list[bool]:
    return [best.update(loss) for loss in losses]


def test_only_a_lower_loss_is_better() -> None:
    assert judge(BestEpoch(3), [0.7, 0.5, 0.5, 0.6, 0.4]) == [True, True, False, False, True]


def test_the_patience_is_exhausted_after_so_many_epochs_without_a_better_one() -> None:
    best = BestEpoch(2)
    judge(best, [0.7, 0.8])
    assert not best.patience_exhausted
    best.update(0.9)
    assert best.patience_exhausted


def test_a_better_epoch_starts_the_wait_again() -> None:
    best = BestEpoch(2)
    judge(best, [0.7, 0.8, 0.6, 0.8])
    assert not best.patience_exhausted


def test_waiting_anew_keeps_the_best_loss() -> None:
    best = BestEpoch(1)
    judge(best, [0.5, 0.6])
    best.reset_patience()
    assert not best.patience_exhausted
    assert not best.update(0.55)


def say(largest_value: float = 1.0, learning_rate: float | None = None, **settings: object) -> str:
    made = Settings(**settings)
    rate = made.learning_rate if learning_rate is None else learning_rate
    return str(divergence(made, 3, learning_rate=rate, largest_value=largest_value))


def test_a_high_rate_is_named_with_the_usual_one() -> None:
    message = say(optimizer="adam", learning_rate=1.0)
    assert "epoch 3" in message
    assert "learning_rate = 1: try 0.001" in message


def test_unscaled_numbers_are_named() -> None:
    message = say(512.3, numeric="concat", numeric_scaling="none")
    assert "numeric_scaling = none with numbers up to 512" in message


def test_an_outlier_among_scaled_numbers_is_named() -> None:
    assert 'numeric = "piecewise"' in say(9000.0, numeric="value")


def test_positions_among_bins_are_no_outliers() -> None:
    assert "learning_rate = 0.001: try 0.0001" in say(200.0, numeric="piecewise")


def test_the_rate_is_named_when_nothing_else_is_conspicuous() -> None:
    assert "learning_rate = 0.01: try 0.001" in say(learning_rate=0.01)


@pytest.mark.parametrize(
    ("values", "expected"),
    [([[1.0, -7.5]], 7.5), ([[np.nan, 2.0]], 2.0), ([[np.nan]], 0.0), (np.empty((3, 0)), 0.0)],
)
def test_largest_number_passes_over_missing_ones(values: object, expected: float) -> None:
    assert largest_number(np.array(values, np.float32)) == expected
