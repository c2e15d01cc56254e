"""ICE curves, partial dependence, and heat maps of two columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nfm.explanation.column_values import CandidateValues
from nfm.explanation.reference_data import ReferenceData, ReferenceRow


@dataclass(frozen=True, eq=False)
class ICECurve:
    """Predictions for a row with every candidate value of one column (individual expectation).

    Attributes:
        candidates: The m values.
        predictions: Prediction for each value, all other columns unchanged, float64 (m, outputs).
        current: The row's own code or number; NaN if missing.
        current_text: The row's own value as text; user text.
        current_prediction: Prediction for the unchanged row, float64 (outputs,).
    """

    candidates: CandidateValues
    predictions: np.ndarray
    current: float
    current_text: str
    current_prediction: np.ndarray

    def range(self, output: int = 0) -> float:
        """Return the range of the predictions (largest minus smallest), with the current one."""
        if len(self.candidates) == 0:
            return 0.0
        values = np.append(self.predictions[:, output], self.current_prediction[output])
        return float(values.max() - values.min())


@dataclass(frozen=True, eq=False)
class Heatmap2D:
    """Predictions for a row with every pair of candidate values of two columns.

    Attributes:
        first: The m values of the first column.
        second: The n values of the second column.
        predictions: Prediction for each pair of values, float64 (m, n, outputs).
        current: The row's own codes or numbers in both columns.
        counts: Number of rows of the reference data with both levels, or with numbers nearest to
            these, int64 (m, n).
    """

    first: CandidateValues
    second: CandidateValues
    predictions: np.ndarray
    current: tuple[float, float]
    counts: np.ndarray


@dataclass(frozen=True, eq=False)
class PartialDependence:
    """Partial dependence on one column, with the ICE curves that it is the mean of.

    Attributes:
        candidates: The m values.
        curves: ICE curves of the rows of the reference sample, float64 (sample, m, outputs).
    """

    candidates: CandidateValues
    curves: np.ndarray

    @property
    def average(self) -> np.ndarray:
        """The partial dependence, float64 (m, outputs)."""
        return self.curves.mean(axis=0)


def ice_curves(reference: ReferenceData, row: ReferenceRow) -> tuple[ICECurve, ...]:
    """Compute the ICE curves of a row, one per column.

    Args:
        reference: The model with its reference data.
        row: The row to explain.

    Returns:
        The curves in the order of the model's columns; `by_range` sorts them.
    """
    total = row.parts.sum(axis=0)
    candidates = reference.candidates
    sums = [total - row.parts[place] + column.parts for place, column in enumerate(candidates)]
    predictions = reference.predictions_of_sums(np.concatenate(sums))
    ends = np.cumsum([len(column) for column in candidates])[:-1]
    return tuple(
        ICECurve(column, part, float(row.coordinates[place]), row.texts[place], row.predictions)
        for place, (column, part) in enumerate(
            zip(candidates, np.split(predictions, ends), strict=True)
        )
    )


def by_range(found: tuple[ICECurve, ...], output: int = 0) -> tuple[ICECurve, ...]:
    """Sort ICE curves by the range of their predictions, the largest first.

    Args:
        found: The curves.
        output: Index of the output.
    """
    return tuple(sorted(found, key=lambda profile: -profile.range(output)))


def heatmap_2d(reference: ReferenceData, row: ReferenceRow, first: str, second: str) -> Heatmap2D:
    """Compute the predictions for a row with all pairs of candidate values of two columns.

    Args:
        reference: The model and the values.
        row: The row to explain.
        first: Name of the first column.
        second: Name of the second column.

    Returns:
        The predictions.

    Raises:
        ValueError: If a column does not exist, or both are the same.
    """
    one, other = reference.columns.index(first), reference.columns.index(second)
    if one == other:
        raise ValueError(f"Expected two columns. Received: {first!r} twice")
    rest = row.parts.sum(axis=0) - row.parts[one] - row.parts[other]
    across, down = reference.candidates[one], reference.candidates[other]
    sums = rest + across.parts[:, None] + down.parts[None]
    counts = np.zeros((len(across), len(down)), dtype=np.int64)
    places = (
        _nearest(across, reference.coordinates[:, one]),
        _nearest(down, reference.coordinates[:, other]),
    )
    known = (places[0] >= 0) & (places[1] >= 0)
    np.add.at(counts, (places[0][known], places[1][known]), 1)
    return Heatmap2D(
        first=across,
        second=down,
        predictions=reference.predictions_of_sums(sums),
        current=(float(row.coordinates[one]), float(row.coordinates[other])),
        counts=counts,
    )


def partial_dependence(reference: ReferenceData, column: str) -> PartialDependence:
    """Compute the partial dependence on one column over the reference sample.

    Source: Friedman 2001, "Greedy Function Approximation" (partial dependence); Goldstein et
    al. 2015, "Peeking Inside the Black Box" (individual curves).

    Args:
        reference: The model with its reference data.
        column: Name of the column.

    Returns:
        The curves and their mean.

    Raises:
        ValueError: If the column does not exist.
    """
    place = reference.columns.index(column)
    candidates = reference.candidates[place]
    rest = reference.sample_parts.sum(axis=1) - reference.sample_parts[:, place]
    return PartialDependence(
        candidates=candidates,
        curves=reference.predictions_of_sums(rest[:, None] + candidates.parts[None]),
    )


def _nearest(candidates: CandidateValues, coordinates: np.ndarray) -> np.ndarray:
    """Return the index of the candidate nearest to each row's value; -1 for none."""
    known = candidates.coordinates[~np.isnan(candidates.coordinates)]
    found = np.full(len(coordinates), -1)
    present = ~np.isnan(coordinates)
    if len(known):
        after = np.searchsorted(known, coordinates[present]).clip(0, len(known) - 1)
        before = (after - 1).clip(0)
        closer = np.abs(known[before] - coordinates[present]) < np.abs(
            known[after] - coordinates[present]
        )
        found[present] = np.where(closer, before, after)
        if candidates.kind == "levels":
            found[present] = np.where(
                known[found[present]] == coordinates[present], found[present], -1
            )
    if len(known) < len(candidates):
        found[~present] = len(known)
    return found
