"""The samples XOR and parity: their truth table, a model's version of it, and the best accuracy."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from nfm.inference.bundle import Bundle
from nfm.tabular.schema import Schema
from nfm.teaching.truth_table import input_rows, position_names

_LAMP, _WALL = "lamp", "wall"
_LEVELS = np.array(["down", "up"])
# They have no influence; the prediction for a position is the mean over them.
_WALLS = ("white", "grey", "green")


@dataclass(frozen=True)
class LampTable:
    """Which positions of the switches put the lamp on, in the rows of a sample.

    Attributes:
        names: Positions in the order of `input_rows`, such as "↓↑".
        on: Whether the lamp is on in most rows of each position.
        shares: Share of the rows with the lamp on, by position, in 0..1.
        best_accuracy: Accuracy of always predicting what most rows of a position say: more is
            not possible for these rows.
    """

    names: tuple[str, ...]
    on: tuple[bool, ...]
    shares: tuple[float, ...]
    best_accuracy: float


def switch_columns(schema: Schema) -> tuple[str, ...]:
    """Return the columns of the switches; none if the table is not one of the two samples.

    Args:
        schema: Schema of a table.
    """
    if schema.target != _LAMP or schema.task != "binary":
        return ()
    names = {column.name for column in schema.columns}
    switches = sorted(name for name in names if re.fullmatch("switch [1-9]", name))
    return tuple(switches) if len(switches) in (2, 3) and _WALL in names else ()


def lamp_table(frame: pd.DataFrame, switches: tuple[str, ...]) -> LampTable:
    """Count the rows of each position of the switches.

    Args:
        frame: All rows of the sample.
        switches: The columns of the switches.
    """
    names = position_names(len(switches))
    on = (pd.to_numeric(frame[_LAMP], errors="coerce") == 1).to_numpy()
    up = (frame[list(switches)].astype(str) == "up").to_numpy()
    place = up @ (2 ** np.arange(len(switches))[::-1])
    rows = np.bincount(place, minlength=len(names))
    lit = np.bincount(place, weights=on, minlength=len(names))
    shares = lit / np.maximum(rows, 1)
    return LampTable(
        names,
        tuple(bool(share > 0.5) for share in shares),
        tuple(float(share) for share in shares),
        float(np.maximum(lit, rows - lit).sum() / max(rows.sum(), 1)),
    )


def lamp_probabilities(bundle: Bundle) -> tuple[float, ...] | None:
    """Return a model's probability that the lamp is on, for each position of the switches.

    Args:
        bundle: A model.

    Returns:
        Probabilities in the order of `input_rows`; None if the model is not about a lamp.

    Raises:
        NFMError: If the model cannot predict these rows.
    """
    switches = switch_columns(bundle.schema)
    if not switches:
        return None
    positions = np.repeat(input_rows(len(switches)), len(_WALLS), axis=0)
    frame = pd.DataFrame(_LEVELS[positions], columns=list(switches))
    frame[_WALL] = np.tile(_WALLS, len(frame) // len(_WALLS))
    on = bundle.target.class_names.index("1") if "1" in bundle.target.class_names else 1
    predictions = bundle.predict_proba(frame)[:, on].reshape(-1, len(_WALLS)).mean(axis=1)
    return tuple(float(prediction) for prediction in predictions)
