"""How the answer changes as one column, or two, move through their realistic values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nfm.explanation.column_values import CandidateValues
from nfm.explanation.reference_data import ReferenceData, ReferenceRow


@dataclass(frozen=True, eq=False)
class ICECurve:
    """The answer for a row, for every realistic value of one column.

    Attributes:
        choices: The values.
        answers: The answer for each value, all else as in the row, float64 (m, outputs).
        current: The row's own code or number (NaN: missing).
        current_text: The same for people; user text.
        current_answer: The answer for the row as it is, float64 (outputs,).
    """

    candidates: CandidateValues
    answers: np.ndarray
    current: float
    current_text: str
    current_answer: np.ndarray

    def range(self, output: int = 0) -> float:
        """Return how far the answer can move: largest less smallest, the current one included."""
        if len(self.candidates) == 0:
            return 0.0
        values = np.append(self.answers[:, output], self.current_answer[output])
        return float(values.max() - values.min())


@dataclass(frozen=True, eq=False)
class Heatmap2D:
    """The answer for a row, for every pair of values of two columns.

    Attributes:
        first: Values of the one column (m,).
        second: Values of the other (n,).
        answers: float64 (m, n, outputs).
        current: The row's own codes or numbers in both.
        current_texts: The same for people; user text.
        counts: Training rows among the reference data's that have both values (levels), or whose
            nearest values these are (numbers), int64 (m, n).
    """

    first: CandidateValues
    second: CandidateValues
    answers: np.ndarray
    current: tuple[float, float]
    current_texts: tuple[str, str]
    counts: np.ndarray


@dataclass(frozen=True, eq=False)
class PartialDependence:
    """The average answer for every value of one column, and the curves it is the average of.

    Attributes:
        choices: The values.
        curves: The answer for each row of the reference data sample, all else as in that row,
            float64 (sample, m, outputs).
        currents: The sample rows' own codes or numbers, float64 (sample,).
    """

    candidates: CandidateValues
    curves: np.ndarray
    currents: np.ndarray

    @property
    def average(self) -> np.ndarray:
        """The partial dependence, float64 (m, outputs)."""
        return self.curves.mean(axis=0)

    def band(self, share: float = 0.8) -> tuple[np.ndarray, np.ndarray]:
        """Return the limits between which the middle share of the curves lies, (m, outputs)."""
        tail = (1 - share) / 2
        low, high = np.quantile(self.curves, [tail, 1 - tail], axis=0)
        return low, high


def ice_curves(reference: ReferenceData, row: ReferenceRow) -> tuple[ICECurve, ...]:
    """Move every column of a row through its values, the others as they are.

    Args:
        reference: The model and the values.
        row: The row to explain.

    Returns:
        A profile for each column, in the model's order; see `by_range`.
    """
    total = row.parts.sum(axis=0)
    candidates = reference.candidates
    sums = [total - row.parts[place] + column.parts for place, column in enumerate(candidates)]
    answers = reference.answers_of_sums(np.concatenate(sums))
    ends = np.cumsum([len(column) for column in candidates])[:-1]
    return tuple(
        ICECurve(column, part, float(row.coordinates[place]), row.texts[place], row.answers)
        for place, (column, part) in enumerate(
            zip(candidates, np.split(answers, ends), strict=True)
        )
    )


def by_range(found: tuple[ICECurve, ...], output: int = 0) -> tuple[ICECurve, ...]:
    """Sort profiles: the column that can move the answer furthest comes first."""
    return tuple(sorted(found, key=lambda profile: -profile.range(output)))


def heatmap_2d(reference: ReferenceData, row: ReferenceRow, first: str, second: str) -> Heatmap2D:
    """Move two columns of a row through all pairs of their values.

    Args:
        reference: The model and the values.
        row: The row to explain.
        first: Name of the one column.
        second: Name of another.

    Returns:
        The map.

    Raises:
        ValueError: If there is no such column, or it is the same one twice.
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
        answers=reference.answers_of_sums(sums),
        current=(float(row.coordinates[one]), float(row.coordinates[other])),
        current_texts=(row.texts[one], row.texts[other]),
        counts=counts,
    )


def partial_dependence(reference: ReferenceData, column: str) -> PartialDependence:
    """Move one column of every row of the reference data sample through its values.

    Source: Friedman 2001, "Greedy Function Approximation" (partial dependence); Goldstein et
    al. 2015, "Peeking Inside the Black Box" (individual curves).

    Args:
        reference: The model, the sample and the values.
        column: Name of the column.

    Returns:
        The curves.

    Raises:
        ValueError: If there is no such column.
    """
    place = reference.columns.index(column)
    candidates = reference.candidates[place]
    rest = reference.sample_parts.sum(axis=1) - reference.sample_parts[:, place]
    return PartialDependence(
        candidates=candidates,
        curves=reference.answers_of_sums(rest[:, None] + candidates.parts[None]),
        currents=reference.coordinates[reference.sample, place],
    )


def _nearest(candidates: CandidateValues, coordinates: np.ndarray) -> np.ndarray:
    """Return the value nearest to each training row's; -1 where there is none."""
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
