"""Numeric fields: numbers and dates, their range in the training rows and their encoding."""

from __future__ import annotations

from functools import cached_property
from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt, model_validator

from nfm.tabular.level_values import mean_and_deviation

# Float32 products of two encoded numbers must stay finite.
_LARGEST = 1e18
# Beyond this, the difference of two edges could overflow.
_HUGE = 1e150
# Numbers whose difference is a smaller share of them are one number; programs keep 15 digits.
_ROUNDING = 1e-12


class NumericField(BaseModel):
    """A field of numbers.

    Attributes:
        name: Name of the field: the column's name, unless the field is the days of a date.
        column: The column that is encoded.
        part: "days" (since 1970-01-01) for a column of dates, else None.
        mode: How numbers enter the network: the setting `numeric`.
        edges: Edges of the quantile bins, increasing (mode "piecewise" only; () if all numbers
            are equal).
        center: Number that is subtracted (other modes only).
        scale: Number that is divided by (other modes only).
        has_missing: Whether missing numbers have an id of their own.
        minimum: Smallest training number; None if there was none.
        maximum: Largest training number; None if there was none.
        median: Median of the training numbers, always one of them; None if there was none.
        whole: Whether all training numbers are whole.
        missing_count: Number of training rows without a number.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    name: str
    column: str
    part: Literal["days"] | None = None
    mode: Literal["concat", "value", "piecewise"]
    edges: tuple[float, ...] = ()
    center: float = 0.0
    scale: float = Field(default=1.0, gt=0)
    has_missing: bool = False
    minimum: float | None = None
    maximum: float | None = None
    median: float | None = None
    whole: bool = False
    missing_count: NonNegativeInt = 0

    @model_validator(mode="after")
    def _check(self) -> NumericField:
        if len(self.edges) == 1 or any(
            low >= high for low, high in zip(self.edges, self.edges[1:], strict=False)
        ):
            raise ValueError("the edges of a numeric field must increase")
        if self.mode == "concat" and self.has_missing:
            raise ValueError("a concatenated numeric field has no id for missing numbers")
        return self

    @property
    def bin_count(self) -> int:
        """Number of ramps: the quantile bins, at least 1."""
        return max(1, len(self.edges) - 1)

    def values(self, numbers: np.ndarray) -> np.ndarray:
        """Encode numbers.

        Args:
            numbers: float64 (rows,), NaN where missing.

        Returns:
            float32 (rows,): the position among the edges, or the scaled number. NaN only where a
            number is missing and the field has an id for missing numbers.
        """
        missing = np.isnan(numbers)
        if self.mode == "piecewise":
            encoded = self._positions(numbers)
        else:
            with np.errstate(over="ignore", invalid="ignore"):
                encoded = (numbers - self.center) / self.scale
            encoded = np.clip(encoded, -_LARGEST, _LARGEST)
        if missing.any():
            encoded = np.where(missing, self._missing_value, encoded)
        return encoded.astype(np.float32)

    @cached_property
    def _missing_value(self) -> float:
        """The encoded value of a missing number."""
        if self.has_missing:
            return np.nan
        if self.mode == "concat" or self.median is None:
            return 0.0
        return float(self.values(np.array([self.median]))[0])

    def _positions(self, numbers: np.ndarray) -> np.ndarray:
        """Return u = t + p for a number at the fraction p of bin t; float64 (rows,).

        Source: the ramps of Gorishniy et al. 2022, "On Embeddings for Numerical Features in
        Tabular Deep Learning", section 3.2; their sum over the bins is u.
        """
        if not self.edges:
            return np.zeros(len(numbers))
        edges = np.array(self.edges)
        shrink = 1e-10 if np.abs(edges).max() > _HUGE else 1.0
        bins = np.clip(np.searchsorted(edges, numbers, side="right") - 1, 0, len(edges) - 2)
        low, high = edges[bins] * shrink, edges[bins + 1] * shrink
        inside = np.clip(numbers, edges[0], edges[-1]) * shrink
        return bins + np.clip((inside - low) / (high - low), 0.0, 1.0)

    @classmethod
    def fit(
        cls,
        name: str,
        numbers: np.ndarray,
        mode: Literal["concat", "value", "piecewise"],
        bins: int,
        scaling: Literal["standard", "none"],
        *,
        column: str | None = None,
        part: Literal["days"] | None = None,
    ) -> NumericField:
        """Find the range, edges and scale of a column.

        Args:
            name: Name of the field.
            numbers: Training numbers, float64 (rows,), NaN where missing.
            mode: The setting `numeric`.
            bins: Maximum number of quantile bins.
            scaling: The setting `numeric_scaling`.
            column: The column; None if its name is `name`.
            part: "days" for dates.

        Returns:
            The field.
        """
        present = np.sort(numbers[~np.isnan(numbers)])
        missing = len(numbers) - len(present)
        state: dict = {
            "name": name,
            "column": name if column is None else column,
            "part": part,
            "mode": mode,
            "has_missing": missing > 0 and mode != "concat",
            "missing_count": missing,
        }
        if len(present):
            state |= {
                "minimum": float(present[0]),
                "maximum": float(present[-1]),
                "median": float(present[(len(present) - 1) // 2]),  # always a number that occurs
                "whole": bool((present == np.floor(present)).all()),
            }
            if mode == "piecewise":
                state["edges"] = _quantile_edges(present, bins)
            elif scaling == "standard":
                state["center"], state["scale"] = mean_and_deviation(present)
        return cls(**state)


def _quantile_edges(present: np.ndarray, bins: int) -> tuple[float, ...]:
    """Return the edges of quantile bins of sorted numbers; () if all numbers are equal.

    If there are no more different numbers than edges, each number is an edge, so that each can
    have an effect of its own. Numbers that differ by rounding only, as 0.3 and 0.1 + 0.2 do, are
    one: programs write them with other digits, and a bin between them would be a jump.
    """
    distinct = _distinct(present)
    if len(distinct) < 2:
        return ()
    if len(distinct) > bins + 1:
        shrink = 1e-10 if max(abs(present[0]), abs(present[-1])) > _HUGE else 1.0
        edges = np.quantile(present * shrink, np.linspace(0, 1, bins + 1)) / shrink
        edges[0], edges[-1] = present[0], present[-1]
        distinct = _distinct(np.unique(np.clip(edges, present[0], present[-1])))
    return tuple(distinct.tolist())


def _distinct(increasing: np.ndarray) -> np.ndarray:
    """Return the first of each group of numbers that are equal but for rounding."""
    if not len(increasing):
        return increasing
    with np.errstate(over="ignore"):
        steps = np.diff(increasing)
    # Neighbouring whole numbers differ, also those of 16 digits.
    differs = (steps > _ROUNDING * np.abs(increasing[1:])) | (steps >= 1)
    return increasing[np.append(True, differs)]


class DateField(BaseModel):
    """A column of dates, which is encoded as several fields.

    Attributes:
        column: The column's name.
        day_first: Whether 3/5/24 is the third of May; None if the column has no such dates.
        minimum: Earliest training date as ISO text; None if there was none.
        maximum: Latest training date as ISO text; None if there was none.
        median: Median training date as ISO text; None if there was none.
        has_time: Whether a training date has a time of day.
        fields: Names of its fields.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    column: str
    day_first: bool | None = None
    minimum: str | None = None
    maximum: str | None = None
    median: str | None = None
    has_time: bool = False
    fields: tuple[str, ...] = ()
