"""Random networks of every kind, and what a network answers, worked out pair by pair."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping

import numpy as np

from nfm.settings import Settings, Task
from nfm.tabular.encoded_table import EncodedShape, EncodedTable

TASKS: tuple[tuple[Task, int], ...] = (("binary", 1), ("multiclass", 3), ("regression", 1))

TITANIC = EncodedShape(
    categorical=("Pclass", "Sex", "Cabin", "Embarked"),
    level_counts=(4, 3, 149, 5),
    numeric=("Age", "SibSp", "Parch", "Fare"),
    bin_counts=(1, 1, 1, 1),
    has_missing=(False, False, False, False),
)


def make_layout(
    level_counts: tuple[int, ...] = (),
    bin_counts: tuple[int, ...] = (),
    has_missing: tuple[bool, ...] | None = None,
) -> EncodedShape:
    """Make a layout whose names do not matter."""
    return EncodedShape(
        categorical=tuple(f"category {i}" for i in range(len(level_counts))),
        level_counts=level_counts,
        numeric=tuple(f"number {i}" for i in range(len(bin_counts))),
        bin_counts=bin_counts,
        has_missing=(False,) * len(bin_counts) if has_missing is None else has_missing,
    )


def model_inputs(table: EncodedTable) -> dict[str, np.ndarray]:
    """Return a table as the Keras model takes it."""
    inputs = {"codes": table.codes, "values": table.values}
    return {name: array for name, array in inputs.items() if array.shape[1]}


def plain_logits(
    layout: EncodedShape,
    settings: Settings,
    output_count: int,
    weights: Mapping[str, np.ndarray],
    table: EncodedTable,
) -> np.ndarray:
    """Work out the logits row by row, field by field and pair by pair, as the formulas read.

    Args:
        layout: The fields.
        settings: Of the network.
        output_count: C.
        weights: As `export_weights` names them.
        table: The rows.

    Returns:
        float64 (rows, C).
    """
    weights = {name: array.astype(np.float64) for name, array in weights.items()}
    rows = zip(table.codes, table.values.astype(np.float64), strict=True)
    return np.array(
        [_row(layout, settings, output_count, weights, codes, values) for codes, values in rows]
    )


def _row(layout, settings, output_count, weights, codes, values) -> np.ndarray:
    logits = np.zeros(output_count) + weights["bias"] + weights.get("linear_bias", 0.0)
    vectors = []
    for code, offset in zip(codes, layout.level_offsets, strict=True):
        if "embedding" in weights:
            vectors.append(weights["embedding"][offset + code])
        if "linear" in weights:
            logits += weights["linear"][offset + code]
    if settings.numeric == "concat":
        values = np.where(np.isnan(values), 0, values)
        for value, row in zip(values, weights.get("dense_linear", ()), strict=False):
            logits += value * row
    else:
        for features, rows in _numeric_features(layout, settings, values):
            if "numeric_embedding" in weights:
                vectors.append(features @ weights["numeric_embedding"][rows])
            if "numeric_linear" in weights:
                logits += features @ weights["numeric_linear"][rows]
    if settings.linear_term == "shared":
        logits += sum(float(vector.sum()) for vector in vectors)
    if settings.interaction == "linear":
        return logits
    head = np.zeros(0)
    if vectors:
        constant = settings.constant_field and settings.interaction == "nfm"
        pairs = itertools.combinations([*vectors, *[np.ones(_vector_size(settings))] * constant], 2)
        head = sum((a * b for a, b in pairs), np.zeros(_vector_size(settings)))
        head = _normalised(weights, "bi", head)
    if settings.interaction == "fm":
        kernel = weights.get("output_kernel", np.ones((len(head), 1)))
        return logits + head @ kernel
    if settings.numeric == "concat":
        head = np.concatenate([head, values])
    for i in range(len(settings.hidden_units)):
        head = head @ weights[f"hidden_{i}_kernel"] + weights[f"hidden_{i}_bias"]
        head = _ACTIVATIONS[settings.activation](_normalised(weights, f"hidden_{i}", head))
    return logits + head @ weights["output_kernel"]


def _numeric_features(layout, settings, values):
    """Yield the features of every numeric field, and its rows of the numeric tables."""
    first = 0
    fields = zip(values, layout.bin_counts, layout.has_missing, strict=True)
    for value, bins, has_missing in fields:
        missing = math.isnan(value)
        if settings.numeric == "piecewise":
            features = [0.0 if missing else min(max(value - t, 0), 1) for t in range(bins)]
        else:
            features = [0.0 if missing else value]
        features += [float(missing)] * has_missing
        yield np.array(features), slice(first, first + len(features))
        first += len(features)


def _normalised(weights, owner: str, x: np.ndarray) -> np.ndarray:
    if f"{owner}_gamma" not in weights:
        return x
    gamma, beta, mean, variance = (
        weights[f"{owner}_{part}"] for part in ("gamma", "beta", "mean", "variance")
    )
    return gamma * (x - mean) / np.sqrt(variance + 1e-3) + beta


_ACTIVATIONS = {
    "relu": lambda x: np.maximum(x, 0),
    "tanh": np.tanh,
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "gelu": lambda x: x * np.array([0.5 * (1 + math.erf(v / math.sqrt(2))) for v in x]),
}


def _vector_size(settings: Settings) -> int:
    """Length of a field's vector: those of all members stand side by side."""
    one = settings.interaction == "linear" or settings.linear_term == "shared"
    return settings.embedding_dim * (1 if one else settings.members)
