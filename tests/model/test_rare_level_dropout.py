"""Rare levels are dropped at the rate at which their own rows say nothing."""

from __future__ import annotations

import numpy as np
import pytest

from nfm.model.rare_level_dropout import RareLevelDropout, credibility_coefficient
from nfm.model.training_loop import TrainingLoop
from nfm.settings import Settings
from nfm.tabular.encoded_table import EncodedTable
from tests.model.drawing import make_layout
from tests.model.plain_training import make_target

LEVELS, ROWS = 400, 20_000


def draw(spread: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Codes from 1, and labels with a variance of 1 within the levels."""
    generator = np.random.default_rng(seed)
    codes = generator.integers(1, LEVELS + 1, ROWS).astype(np.int32)
    means = generator.normal(0, spread, LEVELS + 1)
    return codes, (means[codes] + generator.normal(size=ROWS)).astype(np.float32)


def dropout(codes: np.ndarray, labels: np.ndarray, strength: float = 1.0) -> RareLevelDropout:
    return RareLevelDropout(codes[:, None], (LEVELS + 1,), labels, 1, strength, seed=3)


@pytest.mark.parametrize("spread", [0.2, 0.5, 2.0])
def test_the_coefficient_is_the_variance_within_over_that_between(spread: float) -> None:
    assert credibility_coefficient(*draw(spread)) == pytest.approx(1 / spread**2, rel=0.2)


def test_the_coefficient_of_classes_adds_their_variances() -> None:
    codes, numbers = draw(0.5)
    labels = (numbers > 0).astype(np.int32)
    as_numbers = credibility_coefficient(codes, labels.astype(np.float32))
    assert credibility_coefficient(codes, labels, class_count=2) == pytest.approx(as_numbers)


def test_the_coefficient_of_three_classes_is_that_of_their_indicators() -> None:
    codes, numbers = draw(0.5)
    labels = np.digitize(numbers, (-0.5, 0.8)).astype(np.int32)
    indicators = np.eye(3)[labels]
    counts = np.bincount(codes, minlength=LEVELS + 1)[1:]
    sums = np.stack([np.bincount(codes, column)[1:] for column in indicators.T], axis=1)
    means = sums / counts[:, None]
    within = ((indicators - means[codes - 1]) ** 2).sum() / (ROWS - LEVELS)
    between = (counts[:, None] * (means - indicators.mean(axis=0)) ** 2).sum() / (LEVELS - 1)
    mean_count = (ROWS - (counts**2).sum() / ROWS) / (LEVELS - 1)
    expected = within / ((between - within) / mean_count)
    assert credibility_coefficient(codes, labels, class_count=3) == pytest.approx(expected)


def test_levels_without_differences_are_dropped_most_and_few_levels_hardly() -> None:
    codes, _ = draw(0.0)
    alike = np.tile([0.0, 1.0], ROWS // 2).astype(np.float32)[np.argsort(np.argsort(codes))]
    assert credibility_coefficient(codes, alike) == LEVELS / 2
    assert credibility_coefficient((codes % 2).astype(np.int32), alike) <= 1


@pytest.mark.parametrize("codes", [[2, 2, 2], [1]])
def test_a_single_level_is_never_dropped(codes: list[int]) -> None:
    labels = np.arange(len(codes), dtype=np.float32)
    assert credibility_coefficient(np.array(codes, np.int32), labels) == 0


def test_levels_with_a_row_each_have_the_largest_coefficient() -> None:
    codes, labels = np.arange(6, dtype=np.int32), np.arange(6, dtype=np.float32)
    assert credibility_coefficient(codes, labels) == 3


def test_a_constant_label_gives_no_error() -> None:
    codes, labels = draw(0.0)
    assert 0 <= credibility_coefficient(codes, np.zeros_like(labels)) <= 300


def test_a_level_is_replaced_at_its_rate_and_other_stays() -> None:
    codes, labels = draw(0.2)
    codes[:2] = 0
    one = dropout(codes, labels, strength=2.0)
    coefficient = 2 * credibility_coefficient(codes, labels)
    count = int((codes == 7).sum())
    ids = np.full((1, 100_000), 7, np.int32)
    ids[0, ::2] = 0
    one.start_epoch(0)
    replaced = one.apply(ids)
    assert replaced.dtype == np.int32
    assert (replaced[0, ::2] == 0).all()
    expected = coefficient / (coefficient + count)
    assert (replaced[0, 1::2] == 0).mean() == pytest.approx(expected, abs=0.01)


def test_numbers_depend_on_the_epoch_and_not_on_the_calls() -> None:
    codes, labels = draw(0.2)
    one = dropout(codes, labels)
    ids = codes[None, :1001]
    one.start_epoch(4)
    whole = one.apply(ids)
    one.start_epoch(4)
    parts = [one.apply(ids[:, :333]), one.apply(ids[:, 333:334]), one.apply(ids[:, 334:])]
    np.testing.assert_array_equal(whole, np.concatenate(parts, axis=1))
    one.start_epoch(5)
    assert (one.apply(ids) != whole).any()


@pytest.mark.parametrize("strength", [0.0, 1.0])
def test_other_is_trained_by_rows_without_any_rare_level(strength: float) -> None:
    codes, labels = draw(1.0)
    settings = Settings(
        epochs=1, embedding_dim=2, early_stopping=False, rare_level_dropout=strength, l2_linear=0.0
    )
    layout = make_layout((LEVELS + 1,))
    table = EncodedTable(codes[:, None], np.zeros((ROWS, 0), np.float32))
    training = TrainingLoop(layout, settings, make_target("regression"), table, labels)
    list(training.epochs())
    other = training.weights()["linear"][0]
    assert bool(np.any(other != 0)) == (strength > 0)


def test_a_column_of_many_levels_that_says_nothing_does_little_harm() -> None:
    generator = np.random.default_rng(1)
    rows = 4000
    number = generator.integers(1, 9, rows).astype(np.int32)
    labels = (number - 4.5 + generator.normal(0, 2, rows)).astype(np.float32)
    labels /= labels.std()
    nothing = generator.integers(1, 401, rows).astype(np.int32)
    codes = np.stack([number, nothing], axis=1)
    table = EncodedTable(codes, np.zeros((rows, 0), np.float32))
    train, valid = slice(0, 3000), slice(3000, None)

    noise = 4.0 / (4.0 + 63 / 12)  # share of the labels' variance: what remains at best

    def harm(strength: float) -> float:
        settings = Settings(epochs=25, rare_level_dropout=strength, early_stopping=False)
        training = TrainingLoop(
            make_layout((9, 401)),
            settings,
            make_target("regression"),
            table.take(train),
            labels[train],
            validation=(table.take(valid), labels[valid]),
        )
        losses = [epoch.validation.loss for epoch in training.epochs() if epoch.validation]
        return losses[-1] - noise

    assert harm(1.0) < 0.7 * harm(0.0)
