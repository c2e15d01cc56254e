from __future__ import annotations

import numpy as np
import pytest

from nfm.model.divergence_advice import divergence, largest_number
from nfm.settings import Settings


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
