"""Embeddings of levels and numbers, and their projection onto a plane (PCA)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from nfm.errors import NFMError
from nfm.explanation.column_scale import shown_number
from nfm.inference.bundle import Bundle
from nfm.tabular.categorical_field import MISSING_LEVEL
from nfm.tabular.encoded_table import EncodedTable
from nfm.tabular.list_field import YES

POINTS = 60


@dataclass(frozen=True, eq=False)
class EmbeddingVectors:
    """Embeddings of a model.

    Attributes:
        fields: Name of the field of each vector.
        texts: Level or number of each vector; user text.
        counts: Number of training rows with the level, int64 (n,); 0 for numbers.
        vectors: The vectors, float64 (n, k).
        is_number: Whether each vector belongs to a number, bool (n,); the numbers of a field are
            consecutive and increasing.
    """

    fields: tuple[str, ...]
    texts: tuple[str, ...]
    counts: np.ndarray
    vectors: np.ndarray
    is_number: np.ndarray

    def of(self, fields: Collection[str]) -> EmbeddingVectors:
        """Return the vectors of the given fields."""
        return self._at([row for row, field in enumerate(self.fields) if field in fields])

    @property
    def levels(self) -> EmbeddingVectors:
        """The vectors of levels."""
        return self._at(np.flatnonzero(~self.is_number).tolist())

    @property
    def numbers(self) -> EmbeddingVectors:
        """The vectors of numbers."""
        return self._at(np.flatnonzero(self.is_number).tolist())

    def _at(self, rows: list[int]) -> EmbeddingVectors:
        return EmbeddingVectors(
            fields=tuple(self.fields[row] for row in rows),
            texts=tuple(self.texts[row] for row in rows),
            counts=self.counts[rows],
            vectors=self.vectors[rows],
            is_number=self.is_number[rows],
        )


@dataclass(frozen=True, eq=False)
class Plane:
    """Plane of the first two principal components of vectors.

    Attributes:
        center: Mean vector, float64 (k,).
        axes: Principal components, float64 (k, 2), orthonormal; 0 where there is none.
        shares: Share of the variance along each axis, 0..1.
    """

    center: np.ndarray
    axes: np.ndarray
    shares: tuple[float, float]

    @classmethod
    def fit(cls, vectors: np.ndarray) -> Plane:
        """Compute the plane; use the same one for the vectors of other epochs.

        Args:
            vectors: The vectors, float64 (n, k).
        """
        center = vectors.mean(axis=0)
        _, sizes, directions = np.linalg.svd(vectors - center, full_matrices=False)
        axes = np.zeros((vectors.shape[1], 2))
        shares = [0.0, 0.0]
        total = float(np.square(sizes).sum())
        for place in range(min(2, len(sizes))):
            if sizes[place] > 1e-12:
                direction = directions[place]
                sign = np.sign(
                    direction[np.abs(direction).argmax()]
                )  # makes the sign deterministic
                axes[:, place] = sign * direction
                shares[place] = float(sizes[place] ** 2) / total
        return cls(center, axes, (shares[0], shares[1]))

    def project(self, vectors: np.ndarray) -> np.ndarray:
        """Project vectors (n, k) onto the plane, float64 (n, 2)."""
        return (vectors - self.center) @ self.axes


def embedding_vectors(bundle: Bundle) -> EmbeddingVectors:
    """Collect the embeddings of the most frequent levels, and of numbers at the edges of bins.

    Args:
        bundle: The model.

    Returns:
        The embeddings, at most `POINTS` per field, without levels that no training row has.

    Raises:
        NFMError: If the model has no embeddings.
    """
    encoder, scorer = bundle.encoder, bundle.scorer
    if not scorer.vector_size:
        raise NFMError(
            "This model has no embeddings: it is linear, or all its columns are numbers that "
            "bypass the pairs."
        )
    levels: list[np.ndarray] = []
    items = {
        name: label
        for listed in encoder.lists
        for name, label in zip(listed.fields, listed.labels, strict=True)
    }
    for field in encoder.categorical:
        if field.name in items:  # its column has a point per item, that of its yes
            levels.append(np.array([YES] if field.counts[YES - 1] else [], dtype=np.int64))
            continue
        counts = np.array([field.other_count, *field.counts, field.missing_count])
        counts = counts[: field.level_count]
        most = np.argsort(-counts, kind="stable")[:POINTS]
        levels.append(np.sort(most[counts[most] > 0]))
    places = [_places(field.bin_count, field.mode) for field in encoder.numeric]
    if not bundle.architecture.has_numeric_embedding:
        places = [np.empty(0) for _ in places]
    rows = max((len(one) for one in (*levels, *places)), default=0) + 1
    codes = np.zeros((rows, len(levels)), dtype=np.int32)
    values = np.full((rows, len(places)), np.nan, dtype=np.float32)
    for column, found in enumerate(levels):
        codes[: len(found), column] = found
    for column, numbers in enumerate(places):
        values[: len(numbers), column] = numbers
    parts = scorer.parts(EncodedTable(codes, values))[:, :, : scorer.vector_size]
    names: list[str] = []
    texts: list[str] = []
    counted: list[int] = []
    vectors = [np.empty((0, scorer.vector_size))]
    for column, (field, found) in enumerate(zip(encoder.categorical, levels, strict=True)):
        rows_of = (field.other_count, *field.counts, field.missing_count)
        names += [field.column if field.name in items else field.name] * len(found)
        texts += [items.get(field.name, field.names[code]) for code in found]
        counted += [rows_of[code] for code in found]
        vectors.append(parts[: len(found), column])
    level_points = len(names)
    for column, (number, found) in enumerate(zip(encoder.numeric, places, strict=True)):
        if len(found) == 0:
            continue
        with_missing = len(found) + number.has_missing
        names += [number.name] * with_missing
        shown = [
            number.edges[int(place)] if number.edges else number.center + number.scale * place
            for place in found
        ]
        texts += [shown_number(value) for value in shown]
        texts += [MISSING_LEVEL] * number.has_missing
        counted += [0] * with_missing
        vectors.append(parts[:with_missing, len(levels) + column])
    return EmbeddingVectors(
        fields=tuple(names),
        texts=tuple(texts),
        counts=np.array(counted, dtype=np.int64),
        vectors=np.concatenate(vectors),
        is_number=np.arange(len(names)) >= level_points,
    )


def _places(bins: int, mode: str) -> np.ndarray:
    """Return the encoded numbers to show: edges of bins, or up to two standard deviations."""
    if mode == "piecewise":
        return np.unique(np.linspace(0, bins, min(POINTS, bins + 1)).round())
    return np.array([-2.0, -1.0, 0.0, 1.0, 2.0])
