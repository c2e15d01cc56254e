"""Find columns that may leak the target."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from nfm.settings import Task
from nfm.tabular.kinds import Kind
from nfm.tabular.level_values import level_codes, numbers

_MAXIMUM_ROWS = 50_000
_MINIMUM_ROWS = 40
_MAXIMUM_CLASSES = 100
_BINS = 50


def find_leaks(
    frame: pd.DataFrame, target: str, task: Task, columns: Sequence[tuple[str, Kind]]
) -> dict[str, str]:
    """Find columns that nearly determine the target on their own.

    Args:
        frame: The table; if it has more than 50,000 rows, evenly spaced ones are used.
        target: The target's name.
        task: The task.
        columns: Name and kind ("categorical" or "numeric") of the columns to examine.

    Returns:
        A warning of one sentence by column, for suspected columns only.
    """
    step = max(1, -(-len(frame) // _MAXIMUM_ROWS))
    frame = frame.iloc[::step]
    frame = frame[frame[target].notna()]
    if len(frame) < _MINIMUM_ROWS:
        return {}
    found = {}
    if task == "regression":
        values = numbers(frame[target])
        frame, values = frame[np.isfinite(values)], values[np.isfinite(values)]
        for name, kind in columns:
            if warning := _explains(frame[name], kind, values, target):
                found[name] = warning
        return found
    labels, names = level_codes(frame[target])
    frame, labels = frame[labels >= 0], labels[labels >= 0]
    if not 2 <= len(names) <= _MAXIMUM_CLASSES:
        return {}
    for name, kind in columns:
        groups = _groups(frame[name], kind)
        warning = _determines(groups, labels, target)
        warning = warning or _gap_tells(groups == 0, labels, names, target)
        if warning:
            found[name] = warning
    return found


def _groups(series: pd.Series, kind: Kind) -> np.ndarray:
    """Number the rows by level or quantile bin; 0 for missing values."""
    if kind == "numeric":
        values = numbers(series)
        finite = values[np.isfinite(values)]
        if len(finite) == 0:
            return np.zeros(len(series), dtype=np.int64)
        edges = np.unique(np.quantile(finite, np.linspace(0, 1, _BINS + 1)))
        codes = np.searchsorted(edges, values, side="right")
        return np.where(np.isnan(values), 0, codes)
    return level_codes(series)[0] + 1


def _determines(groups: np.ndarray, labels: np.ndarray, target: str) -> str | None:
    """Return a warning if the majority class of a level's other rows is nearly always right."""
    height, width = int(groups.max()) + 1, int(labels.max()) + 1
    table = np.bincount(groups * width + labels, minlength=height * width).reshape(height, width)
    # Leave one out: if a row's own label counted, all rare levels would be "right".
    largest = table.max(axis=1)
    ties = (table == largest[:, None]).sum(axis=1)
    own = table[groups, labels]
    right = (own == largest[groups]) & (ties[groups] == 1) & (own >= 2)
    best_guess = np.bincount(labels).max()
    wrong, wrong_without = int((~right).sum()), int(len(labels) - best_guess)
    if wrong_without >= 10 and wrong <= 0.05 * wrong_without:
        share = 100 * (1 - wrong / len(labels))
        return (
            f"On its own, it predicts {target!r} correctly in {share:.1f}% of the rows: "
            "was it known before the outcome?"
        )
    return None


def _gap_tells(
    missing: np.ndarray, labels: np.ndarray, names: np.ndarray, target: str
) -> str | None:
    """Return a warning if nearly all rows with a value, or without one, have the same class."""
    overall = np.bincount(labels) / len(labels)
    for rows, words in ((~missing, "have a value here"), (missing, "have no value here")):
        if not 30 <= rows.sum() < len(rows):
            continue
        shares = np.bincount(labels[rows], minlength=len(overall)) / rows.sum()
        label = int(shares.argmax())
        if shares[label] >= 0.97 and 1 - shares[label] <= 0.15 * (1 - overall[label]):
            return (
                f"{100 * shares[label]:.1f}% of the {int(rows.sum()):,} rows that {words} have "
                f"{target!r} = {str(names[label])[:60]}: was it filled in after the outcome?"
            )
    return None


def _explains(series: pd.Series, kind: Kind, values: np.ndarray, target: str) -> str | None:
    """Return a warning if a column explains nearly all of the target's variance."""
    centred = values - values.mean()
    total = float(centred @ centred)
    if not total or not np.isfinite(total):
        return None
    explained = 0.0
    if kind == "numeric":
        other = numbers(series)
        known = np.isfinite(other)
        if known.mean() >= 0.5 and np.ptp(other[known]) > 0 and np.ptp(values[known]) > 0:
            # Correlate the ranks too, because a logarithm of the target also leaks it.
            ranks = [pd.Series(column[known]).rank().to_numpy() for column in (other, values)]
            with np.errstate(all="ignore"):
                straight = np.corrcoef(other[known], values[known])[0, 1] ** 2
                monotone = np.corrcoef(ranks[0], ranks[1])[0, 1] ** 2
            explained = float(np.nanmax([straight, monotone]))
    else:
        groups = _groups(series, kind)
        counts = np.bincount(groups)[groups]
        means = (np.bincount(groups, centred)[groups] - centred) / np.maximum(counts - 1, 1)
        explained = 1 - float(((centred - means) ** 2).sum()) / total
    if explained >= 0.97:
        return (
            f"On its own, it explains {100 * explained:.1f}% of the variance of {target!r}: "
            "was it known before the outcome?"
        )
    return None
