"""Linear model, FM and NFM in NumPy, with gradients by hand, small enough to train at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from nfm.inference.activations import sigmoid
from nfm.teaching.optimizer_paths import PathStep, make_step

Architecture = Literal["linear", "fm", "nfm"]

_NORM_EPSILON = 1e-3
_NORM_MOMENTUM = 0.9


@dataclass(frozen=True)
class TrainConfig:
    """Settings of a small model.

    Attributes:
        kind: Architecture.
        levels: Number of levels of every field.
        size: Length k of the vectors.
        hidden: Units of the single hidden layer (tanh); for an NFM only.
        dropout: Share of the pooled factors dropped in each step, in [0, 1).
        batch_norm: Whether the pooled factors are normalised over the batch.
        learning_rate: Learning rate of Adam.
        steps: Number of training steps, each on all rows.
        start: Standard deviation of the initial vectors.
        seed: Seed of all random numbers.
    """

    kind: Architecture
    levels: int = 2
    size: int = 4
    hidden: int = 16
    dropout: float = 0.0
    batch_norm: bool = False
    learning_rate: float = 0.05
    steps: int = 300
    start: float = 0.5
    seed: int = 0


class NumpyNFM:
    """A small model with its gradient derived by hand.

    z = b + Σ w + head(½[(Σ v)² − Σ v²]), where head is nothing (linear), the sum of the
    factors (FM) or a hidden layer of tanh (NFM).

    Args:
        plan: Settings.
        field_count: Number of fields n.

    Attributes:
        weights: Weights by name, float64; the names are those of `nfm.model`.
        moments: Moving moments of batch norm by name, float64.
    """

    def __init__(self, plan: TrainConfig, field_count: int) -> None:
        self.plan = plan
        self._random = np.random.default_rng(plan.seed)
        self._offsets = plan.levels * np.arange(field_count)
        ids = plan.levels * field_count
        self.weights: dict[str, np.ndarray] = {"bias": np.zeros(1), "linear": np.zeros((ids, 1))}
        if plan.kind != "linear":
            self.weights["embedding"] = self._random.normal(0, plan.start, (ids, plan.size))
            if plan.batch_norm:
                self.weights |= {"bi_gamma": np.ones(plan.size), "bi_beta": np.zeros(plan.size)}
        if plan.kind == "nfm":
            kernel = self._random.normal(0, plan.size**-0.5, (plan.size, plan.hidden))
            output = self._random.normal(0, plan.hidden**-0.5, (plan.hidden, 1))
            self.weights |= {
                "hidden_0_kernel": kernel,
                "hidden_0_bias": np.zeros(plan.hidden),
                "output_kernel": output,
            }
        self.moments = {"bi_mean": np.zeros(plan.size), "bi_variance": np.ones(plan.size)}
        self._steps: dict[str, PathStep] = {
            name: make_step("adam", plan.learning_rate) for name in self.weights
        }

    def probabilities(self, codes: np.ndarray) -> np.ndarray:
        """Predict without dropout, and with the moving moments of batch norm.

        Args:
            codes: Level codes, int64 (rows, n).

        Returns:
            Probabilities, float64 (rows,).
        """
        return sigmoid(self._forward(codes, None)["z"])

    def loss(self, codes: np.ndarray, labels: np.ndarray, noise: np.ndarray | None = None) -> float:
        """Return the mean log loss of the predictions for rows, in nats.

        Args:
            codes: Level codes, int64 (rows, n).
            labels: 0 or 1, (rows,).
            noise: As in `gradients`, for training mode; None for prediction mode.
        """
        z = self._forward(codes, noise)["z"]
        return float(np.mean(np.logaddexp(0, z) - labels * z))

    def step(self, codes: np.ndarray, labels: np.ndarray) -> None:
        """Make one training step on all rows.

        Args:
            codes: Level codes, int64 (rows, n).
            labels: 0 or 1, (rows,).
        """
        noise = self._random.random((len(codes), self.plan.size))
        for name, gradient in self.gradients(codes, labels, noise).items():
            self.weights[name] = self._steps[name](self.weights[name], gradient)

    def gradients(
        self, codes: np.ndarray, labels: np.ndarray, noise: np.ndarray
    ) -> dict[str, np.ndarray]:
        """Return the gradient of the mean log loss in training mode.

        Args:
            codes: Level codes, int64 (rows, n).
            labels: 0 or 1, (rows,).
            noise: Uniform random numbers in [0, 1) for dropout, float64 (rows, k).

        Returns:
            The gradient of each weight, by name.
        """
        passed = self._forward(codes, noise)
        error = ((sigmoid(passed["z"]) - labels) / len(codes))[:, None]
        ids = codes + self._offsets
        gradients = {"bias": error.sum(axis=0), "linear": np.zeros_like(self.weights["linear"])}
        np.add.at(gradients["linear"], ids, error[:, None, :])
        if self.plan.kind == "linear":
            return gradients
        pooled_gradient = np.broadcast_to(error, passed["dropped"].shape)
        if self.plan.kind == "nfm":
            hidden, output = passed["hidden"], self.weights["output_kernel"]
            before = error @ output.T * (1 - np.square(hidden))
            gradients["output_kernel"] = hidden.T @ error
            gradients["hidden_0_kernel"] = passed["dropped"].T @ before
            gradients["hidden_0_bias"] = before.sum(axis=0)
            pooled_gradient = before @ self.weights["hidden_0_kernel"].T
        pooled_gradient = pooled_gradient * passed["kept"]
        if self.plan.batch_norm:
            gradients["bi_gamma"] = (pooled_gradient * passed["standard"]).sum(axis=0)
            gradients["bi_beta"] = pooled_gradient.sum(axis=0)
            pooled_gradient = _through_norm(
                pooled_gradient * self.weights["bi_gamma"], passed["standard"], passed["deviation"]
            )
        vectors = self.weights["embedding"][ids]
        others = vectors.sum(axis=1, keepdims=True) - vectors  # the article's equation 5
        gradients["embedding"] = np.zeros_like(self.weights["embedding"])
        np.add.at(gradients["embedding"], ids, pooled_gradient[:, None, :] * others)
        return gradients

    def _forward(self, codes: np.ndarray, noise: np.ndarray | None) -> dict[str, np.ndarray]:
        """Compute the forward pass; without noise in prediction mode."""
        ids = codes + self._offsets
        z = self.weights["bias"] + self.weights["linear"][ids, 0].sum(axis=1)
        if self.plan.kind == "linear":
            return {"z": z}
        vectors = self.weights["embedding"][ids]
        pooled = np.square(vectors.sum(axis=1)) - np.square(vectors).sum(axis=1)
        pooled /= 2
        passed: dict[str, np.ndarray] = {}
        if self.plan.batch_norm:
            pooled = self._normalise(pooled, noise is not None, passed)
        passed["kept"] = np.ones_like(pooled)
        if noise is not None and self.plan.dropout:
            passed["kept"] = (noise >= self.plan.dropout) / (1 - self.plan.dropout)
        passed["dropped"] = pooled * passed["kept"]
        if self.plan.kind == "fm":
            return passed | {"z": z + passed["dropped"].sum(axis=1)}
        before = passed["dropped"] @ self.weights["hidden_0_kernel"] + self.weights["hidden_0_bias"]
        passed["hidden"] = np.tanh(before)
        return passed | {"z": z + (passed["hidden"] @ self.weights["output_kernel"])[:, 0]}

    def _normalise(
        self, pooled: np.ndarray, training: bool, passed: dict[str, np.ndarray]
    ) -> np.ndarray:
        mean, variance = self.moments["bi_mean"], self.moments["bi_variance"]
        if training:
            batch_mean, batch_variance = pooled.mean(axis=0), pooled.var(axis=0)
            self.moments = {
                "bi_mean": _NORM_MOMENTUM * mean + (1 - _NORM_MOMENTUM) * batch_mean,
                "bi_variance": _NORM_MOMENTUM * variance + (1 - _NORM_MOMENTUM) * batch_variance,
            }
            mean, variance = batch_mean, batch_variance
        passed["deviation"] = np.sqrt(variance + _NORM_EPSILON)
        passed["standard"] = (pooled - mean) / passed["deviation"]
        return passed["standard"] * self.weights["bi_gamma"] + self.weights["bi_beta"]


def train(plan: TrainConfig, codes: np.ndarray, labels: np.ndarray) -> NumpyNFM:
    """Train a small model on all rows.

    Args:
        plan: Settings.
        codes: Level codes, int64 (rows, n), each below `plan.levels`.
        labels: 0 or 1, (rows,).

    Returns:
        The trained model; the same arguments give the same result.
    """
    model = NumpyNFM(plan, codes.shape[1])
    for _ in range(plan.steps):
        model.step(codes, labels)
    return model


def _through_norm(gradient: np.ndarray, standard: np.ndarray, deviation: np.ndarray) -> np.ndarray:
    """Backpropagate through (x − mean) / deviation, with both computed over the batch."""
    along = (gradient * standard).mean(axis=0)
    return (gradient - gradient.mean(axis=0) - standard * along) / deviation
