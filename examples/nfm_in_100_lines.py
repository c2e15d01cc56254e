"""The article's Neural Factorization Machine on the Titanic, in NumPy alone.

    python examples/nfm_in_100_lines.py

z = b + w·x + Σᵢ Σₖ vᵢₖ + h·ReLU(W₂ ReLU(W₁ [B, x] + b₁) + b₂),  B = ½[(Σᵢ vᵢ)² − Σᵢ vᵢ²]

σ(z) is the probability, vᵢ a vector of k numbers for the level of categorical column i, x the
numbers (He and Chua 2017, equations 3, 4 and 7). Trained by Adam on the log loss, no dropout.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

CATEGORICAL = ["Pclass", "Sex", "Cabin", "Embarked"]
NUMERIC = ["Age", "SibSp", "Parch", "Fare"]
Weights = dict[str, np.ndarray]


def read_titanic() -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    """Return codes (rows, 4), numbers (rows, 4), labels (rows,), and how many codes there are."""
    path = Path(__file__).parent.parent / "data" / "titanic.csv"
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    known: dict[tuple[str, str], int] = {}
    codes = [[known.setdefault((c, row[c]), len(known)) for c in CATEGORICAL] for row in rows]
    numbers = np.array([[float(row[name] or "nan") for name in NUMERIC] for row in rows])
    numbers = np.where(np.isnan(numbers), np.nanmedian(numbers, axis=0), numbers)
    return np.array(codes), numbers, np.array([float(row["Survived"]) for row in rows]), len(known)


def start(random: np.random.Generator, levels: int, numbers: int, k: int, units: int) -> Weights:
    """Draw the first weights: small vectors, and Glorot's uniform kernels."""

    def glorot(inputs: int, outputs: int) -> np.ndarray:
        limit = np.sqrt(6 / (inputs + outputs))
        return random.uniform(-limit, limit, (inputs, outputs))

    return {
        "embedding": random.normal(0, 1e-4, (levels, k)),
        "dense_linear": glorot(numbers, 1),
        "linear_bias": np.zeros(1),
        "hidden_0_kernel": glorot(k + numbers, units),
        "hidden_0_bias": np.zeros(units),
        "hidden_1_kernel": glorot(units, units),
        "hidden_1_bias": np.zeros(units),
        "output_kernel": glorot(units, 1),
        "bias": np.zeros(1),
    }


def forward(w: Weights, codes: np.ndarray, x: np.ndarray) -> tuple[np.ndarray, ...]:
    """Return the log odds (rows,), and what the backward pass needs of every layer."""
    v = w["embedding"][codes]  # (rows, fields, k)
    total = v.sum(axis=1)
    pooled = 0.5 * (total**2 - (v**2).sum(axis=1))
    joined = np.concatenate([pooled, x], axis=1)
    first = np.maximum(joined @ w["hidden_0_kernel"] + w["hidden_0_bias"], 0)
    second = np.maximum(first @ w["hidden_1_kernel"] + w["hidden_1_bias"], 0)
    linear = w["linear_bias"] + x @ w["dense_linear"] + v.sum(axis=(1, 2))[:, None]
    z = w["bias"] + linear + second @ w["output_kernel"]
    return z[:, 0], v, total, joined, first, second


def gradients(w: Weights, codes: np.ndarray, x: np.ndarray, y: np.ndarray, l2: float) -> Weights:
    """Return the gradient of the mean log loss plus l2 · (Σ v² + Σ w²), by the chain rule."""
    z, v, total, joined, first, second = forward(w, codes, x)
    dz = (1 / (1 + np.exp(-z)) - y)[:, None] / len(y)
    d_second = (dz @ w["output_kernel"].T) * (second > 0)
    d_first = (d_second @ w["hidden_1_kernel"].T) * (first > 0)
    d_pooled = (d_first @ w["hidden_0_kernel"].T)[:, : v.shape[2]]
    # Of ½[(Σ v)² − Σ v²] by vᵢ: (Σ v) − vᵢ; the linear term adds 1.
    d_v = d_pooled[:, None, :] * (total[:, None, :] - v) + dz[:, :, None]
    d_embedding = 2 * l2 * w["embedding"]
    np.add.at(d_embedding, codes, d_v)
    return {
        "embedding": d_embedding,
        "dense_linear": x.T @ dz + 2 * l2 * w["dense_linear"],
        "linear_bias": dz.sum(axis=0),
        "hidden_0_kernel": joined.T @ d_first,
        "hidden_0_bias": d_first.sum(axis=0),
        "hidden_1_kernel": first.T @ d_second,
        "hidden_1_bias": d_second.sum(axis=0),
        "output_kernel": second.T @ dz,
        "bias": dz.sum(axis=0),
    }


def train(w: Weights, codes: np.ndarray, x: np.ndarray, y: np.ndarray, epochs: int, seed: int = 0,
          batch: int = 32, rate: float = 1e-3, l2: float = 1e-5) -> None:  # fmt: skip
    """Change the weights by Adam (Kingma and Ba 2015), `epochs` times over all rows."""
    m = {name: np.zeros_like(array) for name, array in w.items()}
    s = {name: np.zeros_like(array) for name, array in w.items()}
    step = 0
    for epoch in range(epochs):
        order = np.random.default_rng([seed, epoch]).permutation(len(y))
        for begin in range(0, len(y), batch):
            rows, step = order[begin : begin + batch], step + 1
            size = rate * np.sqrt(1 - 0.999**step) / (1 - 0.9**step)
            for name, gradient in gradients(w, codes[rows], x[rows], y[rows], l2).items():
                m[name] += 0.1 * (gradient - m[name])
                s[name] += 0.001 * (gradient**2 - s[name])
                w[name] -= size * m[name] / (np.sqrt(s[name]) + 1e-7)


if __name__ == "__main__":
    codes, x, y, levels = read_titanic()
    random = np.random.default_rng(0)
    test = random.permutation(len(y)) < len(y) // 5
    weights = start(random, levels, len(NUMERIC), k=64, units=128)
    train(weights, codes[~test], x[~test], y[~test], epochs=20)
    right = (forward(weights, codes[test], x[test])[0] > 0) == (y[test] > 0.5)
    print(f"Survival of {test.sum()} test passengers: {right.mean():.0%} predicted correctly.")
