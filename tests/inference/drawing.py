"""Random networks and tables of every kind that the builder can build."""

from __future__ import annotations

import numpy as np

from nfm.network_architecture import NetworkArchitecture
from nfm.settings import Settings
from nfm.tabular.encoded_table import EncodedShape, EncodedTable


def draw_settings(random: np.random.Generator) -> Settings:
    depth = int(random.integers(0, 3))
    return Settings(
        interaction=random.choice(["linear", "fm", "nfm", "nfm"]),
        numeric=random.choice(["concat", "value", "piecewise"]),
        linear_term=random.choice(["own", "shared"]),
        constant_field=bool(random.random() < 0.5),
        embedding_dim=int(random.integers(1, 9)),
        hidden_units=tuple(int(units) for units in random.integers(1, 20, depth)),
        activation=random.choice(["relu", "tanh", "sigmoid", "gelu"]),
        hidden_batch_norm=bool(random.random() < 0.5),
        bi_batch_norm=bool(random.random() < 0.5),
        dropout=0.2,
        bi_dropout=0.2,
        members=int(random.integers(1, 4)),
    )


def draw_layout(random: np.random.Generator, settings: Settings) -> EncodedShape:
    categorical, numeric = (int(count) for count in random.integers(0, 5, 2))
    if categorical + numeric == 0:
        categorical = 1
    most_bins = 6 if settings.numeric == "piecewise" else 1
    with_missing = settings.numeric != "concat"
    return EncodedShape(
        categorical=tuple(f"level {i}" for i in range(categorical)),
        level_counts=tuple(int(n) for n in random.integers(1, 9, categorical)),
        numeric=tuple(f"number {i}" for i in range(numeric)),
        bin_counts=tuple(int(n) for n in random.integers(1, most_bins + 1, numeric)),
        has_missing=tuple(bool(with_missing and random.random() < 0.5) for _ in range(numeric)),
    )


def draw_table(
    random: np.random.Generator, layout: EncodedShape, settings: Settings, rows: int
) -> EncodedTable:
    """Draw rows; numbers also lie on the edges of bins, outside them, and are missing."""
    codes = [random.integers(0, count, rows) for count in layout.level_counts]
    values = []
    for bins, has_missing in zip(layout.bin_counts, layout.has_missing, strict=True):
        numbers = random.normal(size=rows) * 2
        if settings.numeric == "piecewise":
            numbers = random.uniform(-0.5, bins + 0.5, rows)
            whole = random.random(rows) < 0.3
            numbers = np.where(whole, numbers.round(), numbers)
        if has_missing or random.random() < 0.2:
            numbers = np.where(random.random(rows) < 0.2, np.nan, numbers)
        values.append(numbers)
    return EncodedTable(
        codes=np.array(codes, dtype=np.int32).reshape(len(codes), rows).T.copy(),
        values=np.array(values, dtype=np.float32).reshape(len(values), rows).T.copy(),
    )


def draw_weights(
    random: np.random.Generator, layout: EncodedShape, settings: Settings, output_count: int
) -> dict[str, np.ndarray]:
    """Draw weights far from a fresh network's, whose zeros and ones would hide errors."""
    weights = {}
    for name, shape in NetworkArchitecture(layout, settings, output_count).weight_shapes.items():
        if name.endswith(("_gamma", "_variance")):
            array = random.uniform(0.3, 2, shape)
        elif name.endswith("_kernel"):
            array = random.normal(size=shape) / np.sqrt(shape[0])
        else:
            array = random.normal(size=shape) * 0.5
        weights[name] = array.astype(np.float32)
    return weights
