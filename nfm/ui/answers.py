"""What a model answers about one row, in words and numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from nfm.inference.bundle import Bundle
from nfm.ui.words import short_number


@dataclass(frozen=True)
class Answer:
    """The answer for a row, beside that for the row it was edited from.

    Attributes:
        title: What the number is, for instance "Probability of Survived = 1"; plain text.
        value: The number as text.
        change: Its difference to the original row as text; None where nothing changed.
        classes: Names of all classes; empty for a number.
        probabilities: One for each class.
        before: The same for the original row.
    """

    title: str
    value: str
    change: str | None
    classes: tuple[str, ...] = ()
    probabilities: tuple[float, ...] = ()
    before: tuple[float, ...] = ()


def answer(bundle: Bundle, rows: pd.DataFrame) -> Answer:
    """Ask the model.

    Args:
        bundle: The model.
        rows: Two rows: the original one and the edited one.

    Returns:
        Its answer.
    """
    if bundle.target.task == "regression":
        old, new = (float(value) for value in bundle.predict(rows))
        change = new - old
        return Answer(
            f"Predicted {bundle.target.name}",
            short_number(new),
            None if change == 0 else f"{change:+.4g}",
        )
    probabilities = np.asarray(bundle.predict_proba(rows), dtype=np.float64)
    old_row, new_row = probabilities
    classes = bundle.target.class_names
    shown = 1 if bundle.target.task == "binary" else int(new_row.argmax())
    points = 100 * (new_row[shown] - old_row[shown])
    return Answer(
        f"Probability of {bundle.target.name} = {classes[shown]}",
        f"{100 * new_row[shown]:.1f} %",
        _difference(old_row, new_row, points),
        classes,
        tuple(float(value) for value in new_row),
        tuple(float(value) for value in old_row),
    )


def _difference(old: np.ndarray, new: np.ndarray, points: float) -> str | None:
    if np.array_equal(old, new):
        return None
    return "±0.0 points" if abs(points) < 0.05 else f"{points:+.1f} points"
