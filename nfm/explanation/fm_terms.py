"""The terms that a factorization machine itself adds up for one row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nfm.explanation.reference_data import ReferenceData, ReferenceRow


@dataclass(frozen=True, eq=False)
class FMTerms:
    """The row's raw value (log odds, score or standardised value) as the model's own sum.

    Attributes:
        columns: The columns of the model.
        bias: float64 (outputs,).
        linear: Linear term of each column, float64 (columns, outputs); for a date also the
            pairs of its own parts.
        pairs: Term <v_i, v_j> of each pair of columns, float64 (columns, columns, outputs),
            symmetric, 0 on the diagonal.
        total: bias + linear terms + each pair once, float64 (outputs,): what the model says.
    """

    columns: tuple[str, ...]
    bias: np.ndarray
    linear: np.ndarray
    pairs: np.ndarray
    total: np.ndarray

    def strongest_pairs(self, output: int = 0, count: int = 5) -> list[tuple[int, int, float]]:
        """Return the largest pair terms, as (first, second, term)."""
        first, second = np.triu_indices(len(self.columns), 1)
        values = self.pairs[first, second, output]
        order = np.argsort(-np.abs(values), kind="stable")[:count]
        return [(int(first[k]), int(second[k]), float(values[k])) for k in order]


def fm_terms(reference: ReferenceData, row: ReferenceRow) -> FMTerms | None:
    """Take a row's raw value apart into the model's own terms.

    Source: Rendle 2010, "Factorization Machines", equation 1.

    Args:
        reference: The model.
        row: The row.

    Returns:
        The terms; None for a model with a network after the pooling: it has no such terms.
    """
    scorer = reference.bundle.scorer
    if scorer.pair_weights is None:
        return None
    weights, shift = scorer.pair_weights
    size, outputs = scorer.vector_size, scorer.output_count
    vectors = row.parts[:, :size]
    inside = (np.square(vectors) - row.parts[:, size : 2 * size]) / 2
    linear = row.parts[:, 2 * size : 2 * size + outputs] + inside @ weights
    pairs = np.einsum("ik,jk,ko->ijo", vectors, vectors, weights)
    pairs[np.arange(len(vectors)), np.arange(len(vectors))] = 0
    bias = scorer.bias + shift
    return FMTerms(
        columns=reference.columns,
        bias=bias,
        linear=linear,
        pairs=pairs,
        total=bias + linear.sum(axis=0) + pairs.sum(axis=(0, 1)) / 2,
    )
