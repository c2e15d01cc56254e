"""How much larger a model's loss becomes when something is taken from it, with intervals."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np

from nfm.evaluation.bootstrap import draws
from nfm.tabular.target import Target


def losses_of_rows(target: Target, labels: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Return what training makes small, row by row.

    Args:
        target: Says the task.
        labels: As `Target.encode` returns them, (rows,).
        scores: The network's raw values, float64 (rows, outputs).

    Returns:
        Log loss in nats, or the squared error of the standardised target, float64 (rows,).
    """
    if target.task == "regression":
        return np.square(scores[:, 0] - labels)
    if target.task == "binary":
        return np.logaddexp(0.0, np.where(labels == 1, -scores[:, 0], scores[:, 0]))
    shifted = scores - scores.max(axis=1, keepdims=True)
    return np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(len(labels)), labels]


def shown_loss(target: Target, loss: np.ndarray) -> np.ndarray:
    """Turn mean losses into what people read: log loss, or the RMSE in the target's own unit."""
    return np.sqrt(loss) * target.scale if target.task == "regression" else loss


def loss_unit(target: Target, unit: str = "") -> str:
    """Name what `shown_loss` returns.

    Args:
        target: Says the task.
        unit: Of a number, as people wrote it, if it has one.
    """
    if target.task != "regression":
        return "log loss, in nats"
    return f"RMSE, in {unit or target.name}"


def loss_deltas(
    target: Target, before: np.ndarray, after: np.ndarray, *, together: bool = False, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Compare losses on the same rows.

    Args:
        target: Says the task.
        before: The model's `losses_of_rows`, (rows,).
        after: Those of n models that something was taken from, (rows, n).
        together: Whether the intervals are to hold for all n at once (Bonferroni), so that the
            largest of many does not stand out by chance.
        seed: Of the bootstrap, which draws the same rows for all.

    Returns:
        How much larger the shown loss is, float64 (n,), and the 95 % intervals, float64 (n, 2).
    """

    def difference(weights: np.ndarray) -> np.ndarray:
        shares = weights / weights.sum(axis=1, keepdims=True)
        return shown_loss(target, shares @ after) - shown_loss(target, shares @ before)[:, None]

    samples = np.concatenate([difference(weights) for weights in draws(len(before), seed)])
    value = difference(np.ones((1, len(before))))[0]
    count = after.shape[1]
    if together and count > 1:  # too far out for quantiles of the draws
        reach = NormalDist().inv_cdf(1 - 0.025 / count) * samples.std(axis=0)
        ends = np.stack([value - reach, value + reach], axis=1)
    else:
        ends = np.quantile(samples, [0.025, 0.975], axis=0).T
    rounding = 1e-9 * shown_loss(target, before.mean())
    value[np.abs(value) <= rounding] = 0.0
    ends[np.abs(ends) <= rounding] = 0.0
    return value, ends
