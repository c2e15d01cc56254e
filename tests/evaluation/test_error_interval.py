"""Error intervals: their coverage, in rows of little and of much noise alike."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from nfm.evaluation.error_interval import PredictionInterval, error_interval, fit_error_scale
from nfm.evaluation.scored_table import score_table
from nfm.tabular.encoded_table import EncodedTable
from tests.inference.explaining import make_reference_data

# A model that is right but for noise: it says z, and sees x, z and a level.
MODEL = SimpleNamespace(
    encoder=SimpleNamespace(
        layout=SimpleNamespace(level_counts=(4,)),
        transform=lambda frame: EncodedTable(
            frame[["level"]].to_numpy(np.int32), frame[["x", "z"]].to_numpy(np.float32)
        ),
    ),
    outputs=lambda table: table.values[:, 1:2].astype(np.float64),
    target=SimpleNamespace(decode=lambda outputs: outputs),
)
NOISE = {
    "equal": lambda frame: np.ones(len(frame)),
    "in halves": lambda frame: np.where(frame["x"] < 0.5, 0.2, 1.0),
    "growing": lambda frame: 0.1 + frame["x"].to_numpy(),
    "by level": lambda frame: np.where(frame["level"] > 1, 1.0, 0.2),
    "by prediction": lambda frame: np.where(frame["z"] < 0, 0.2, 1.0),
}


def draw(random: np.random.Generator, rows: int, kind: str) -> tuple[pd.DataFrame, np.ndarray]:
    frame = pd.DataFrame(
        {"x": random.random(rows), "z": random.normal(size=rows).astype(np.float32)}
    )
    frame["level"] = random.integers(0, 4, rows)
    return frame, frame["z"].to_numpy() + NOISE[kind](frame) * random.normal(size=rows)


def is_quiet(frame: pd.DataFrame, kind: str) -> np.ndarray:
    if kind == "by level":
        return (frame["level"] <= 1).to_numpy()
    return (frame["z"] < 0 if kind == "by prediction" else frame["x"] < 0.5).to_numpy()


def test_a_column_without_any_number_changes_no_margin() -> None:
    random = np.random.default_rng(5)
    frame, observed = draw(random, 400, "in halves")
    with_blank = SimpleNamespace(
        encoder=SimpleNamespace(
            layout=MODEL.encoder.layout,
            transform=lambda frame: EncodedTable(
                frame[["level"]].to_numpy(np.int32),
                frame.assign(blank=np.nan)[["x", "z", "blank"]].to_numpy(np.float32),
            ),
        ),
        outputs=MODEL.outputs,
        target=MODEL.target,
    )
    scales = [
        fit_error_scale(model, frame, observed).of(
            model.encoder.transform(frame), model.outputs(model.encoder.transform(frame))
        )
        for model in (MODEL, with_blank)
    ]
    np.testing.assert_allclose(scales[0], scales[1], rtol=1e-6)


def coverage(seed: int, kind: str, train: int, held_out: int) -> tuple[float, float]:
    """Return how often new rows lie within, in the quiet half and in the noisy half."""
    random = np.random.default_rng([seed, 17])
    scale = fit_error_scale(MODEL, *draw(random, train, kind))
    found = error_interval(MODEL, *draw(random, held_out, kind), 0.8, scale)
    frame, observed = draw(random, 4_000, kind)
    table = MODEL.encoder.transform(frame)
    margins = found.margins(table, MODEL.outputs(table))
    inside = np.abs(observed - frame["z"].to_numpy()) <= margins
    quiet = is_quiet(frame, kind)
    return float(inside[quiet].mean()), float(inside[~quiet].mean())


@pytest.mark.parametrize("kind", NOISE)
def test_quiet_and_noisy_rows_are_covered_alike(kind: str) -> None:
    # With one margin for all rows it is 98% of the quiet and 58% of the noisy ones.
    shares = np.array([coverage(seed, kind, 384, 216) for seed in range(10)])  # of 600 rows
    assert 0.76 <= shares[:, 0].mean() <= 0.84
    assert 0.76 <= shares[:, 1].mean() <= 0.84
    assert 0.77 <= shares.mean() <= 0.83


@pytest.mark.parametrize("kind", ["in halves", "growing"])
def test_six_hundred_held_out_rows_cover_both_halves_every_time(kind: str) -> None:
    shares = np.array([coverage(seed, kind, 600, 600) for seed in range(3)])
    assert (shares >= 0.74).all()
    assert (shares <= 0.86).all()


def test_one_margin_for_all_would_not() -> None:
    random = np.random.default_rng(0)
    frame, observed = draw(random, 600, "in halves")
    found = error_interval(MODEL, frame, observed)
    inside = np.abs(observed - frame["z"].to_numpy()) <= found.margin
    quiet = is_quiet(frame, "in halves")
    assert inside[quiet].mean() > 0.95
    assert inside[~quiet].mean() < 0.7


def test_coverage_is_exact_however_wrong_the_scale_is() -> None:
    inside = []
    for seed in range(40):
        random = np.random.default_rng(seed)
        frame, observed = draw(random, 100, "equal")
        scale = fit_error_scale(MODEL, frame, observed * np.where(frame["x"] < 0.5, 1, 9))
        found = error_interval(MODEL, *draw(random, 60, "equal"), 0.8, scale)
        frame, observed = draw(random, 500, "equal")
        table = MODEL.encoder.transform(frame)
        apart = np.abs(observed - frame["z"].to_numpy())
        inside.append((apart <= found.margins(table, MODEL.outputs(table))).mean())
    # ⌈61 · 0.8⌉ / 61 is 0.803; the mean of 40 such shares strays by 0.009.
    assert np.mean(inside) == pytest.approx(0.803, abs=0.025)


def test_few_rows_or_none_wrong_have_one_margin() -> None:
    random = np.random.default_rng(0)
    assert fit_error_scale(MODEL, *draw(random, 59, "growing")) is None
    frame, _ = draw(random, 100, "growing")
    assert fit_error_scale(MODEL, frame, frame["z"]) is None
    assert fit_error_scale(MODEL, frame, np.full(100, np.nan)) is None


def test_table_and_single_row_get_the_same_margins() -> None:
    reference = make_reference_data("regression")
    bundle, frame = reference.bundle, reference.frame
    labels = frame["fare"].fillna(20.0).to_numpy()
    scale = fit_error_scale(bundle, frame, labels)
    found = error_interval(bundle, frame, labels, scale=scale)
    assert found is not None
    scored = score_table(bundle, frame)
    predictions = scored.predictions(interval=found)
    margins = (predictions["label_to"] - predictions["label_from"]) / 2
    assert margins.nunique() > 5
    for row in (0, 7, 50):
        assert found.margin_of(bundle, frame.iloc[[row]]) == pytest.approx(margins[row], rel=1e-4)
    head = scored.head(8).predictions(interval=found)
    pd.testing.assert_frame_equal(head, predictions.iloc[:8])
    assert margins.min() <= found.margin <= margins.max()


def test_interval_without_a_scale_has_the_same_margin_everywhere() -> None:
    found = PredictionInterval(0.8, 2.5, 40)
    empty = EncodedTable(np.empty((3, 0), np.int32), np.empty((3, 0), np.float32))
    np.testing.assert_array_equal(found.margins(empty, np.zeros((3, 1))), [2.5, 2.5, 2.5])
