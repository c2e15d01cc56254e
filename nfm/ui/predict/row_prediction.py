"""The prediction for one row, in words and numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from nfm.evaluation.error_interval import PredictionInterval
from nfm.evaluation.member_range import member_range
from nfm.evaluation.thresholds import threshold_percent
from nfm.figures.number_format import fixed, number, signed
from nfm.inference.bundle import Bundle
from nfm.tabular.wording import PLAIN, Wording
from nfm.text import counted, full_stop


@dataclass(frozen=True)
class RowPrediction:
    """The prediction for an edited row, compared with the original row.

    Attributes:
        title: What the number is, for instance "Probability of Survived = 1"; plain text.
        value: The number as text.
        change: The difference from the original row as text; None if nothing changed.
        classes: Names of all classes; empty for a number.
        probabilities: One per class; empty for a number.
        before: The probabilities of the original row.
        decision: The decision, or the prediction interval, as plain text; may be empty.
        decided: The predicted class; empty for a number.
        members: The range of an ensemble's members as plain text; empty for a single network.
    """

    title: str
    value: str
    change: str | None
    classes: tuple[str, ...] = ()
    probabilities: tuple[float, ...] = ()
    before: tuple[float, ...] = ()
    decision: str = ""
    decided: str = ""
    members: str = ""

    @property
    def spoken(self) -> str:
        """The prediction in one sentence, for screen readers."""
        decided = f", {self.decided}" if self.decided else ""
        change = f" ({self.change} against the original row)" if self.change else ""
        return full_stop(f"{self.title}: {self.value}{decided}{change}")


def predict_row(
    bundle: Bundle,
    rows: pd.DataFrame,
    *,
    wording: Wording = PLAIN,
    threshold: float = 0.5,
    interval: PredictionInterval | None = None,
) -> RowPrediction:
    """Predict the original and the edited row and compare them.

    Args:
        bundle: The model.
        rows: Two rows: the original one and the edited one.
        wording: Display names of columns and levels.
        threshold: Lowest probability at which the positive class is predicted (binary).
        interval: The error interval of predicted numbers, if known.

    Returns:
        The prediction and its change.
    """
    target = bundle.target
    edited = rows.iloc[[1]]
    if target.task == "regression":
        old, new = (float(value) for value in bundle.predict(rows))
        change = new - old
        return RowPrediction(
            f"Predicted {target.name}",
            number(new, wording.unit),
            None if change == 0 else signed(change, wording.unit),
            decision=""
            if interval is None
            else _interval_sentence(
                interval, new, interval.margin_of(bundle, edited), wording.unit
            ),
            members=_members_sentence(bundle, edited, 0, lambda value: number(value, wording.unit)),
        )
    probabilities = np.asarray(bundle.predict_proba(rows), dtype=np.float64)
    old_row, new_row = probabilities
    names = wording.labels(target.class_names)
    binary = target.task == "binary"
    shown = 1 if binary else int(new_row.argmax())
    points = 100 * (new_row[shown] - old_row[shown])
    title = wording.probabilities.get(
        target.class_names[shown], f"Probability of {target.name} = {names[shown]}"
    )
    decided = names[int(new_row[1] >= threshold)] if binary else names[shown]
    at = f", at a threshold of {threshold_percent(threshold)}" if binary else ""
    return RowPrediction(
        title,
        f"{100 * new_row[shown]:.1f}%",
        _difference(old_row, new_row, points),
        names,
        tuple(float(value) for value in new_row),
        tuple(float(value) for value in old_row),
        full_stop(f"Decision: {decided}{at}"),
        decided,
        _members_sentence(bundle, edited, shown, lambda share: f"{100 * share:.1f}%"),
    )


def _members_sentence(
    bundle: Bundle, row: pd.DataFrame, chosen: int, shown: Callable[[float], str]
) -> str:
    """Say how far apart the predictions of an ensemble's members are.

    Args:
        bundle: The model.
        row: One row.
        chosen: Number of the class whose probability is meant; numbers have none.
        shown: Returns a prediction as text.
    """
    if not bundle.member_scorers:
        return ""
    members = member_range(bundle, bundle.encoder.transform(row), np.array([chosen]))
    low, high = shown(members.lowest[0]), shown(members.highest[0])
    said = f"predict {low}" if low == high else f"predict between {low} and {high}"
    return (
        f"Taken alone, the {bundle.architecture.members} members of the ensemble {said}. That is "
        "how much the random start of the training matters here; errors that all members share "
        "do not show in it."
    )


def _interval_sentence(interval: PredictionInterval, value: float, margin: float, unit: str) -> str:
    local = "" if interval.scale is None else "; it is wider where similar rows vary more"
    return (
        f"{100 * interval.coverage:.0f}% of rows like this one lie between "
        f"{number(value - margin)} and {number(value + margin, unit)}. This range comes from the "
        f"errors on {counted(interval.rows, 'row')} that the model was not trained on{local}."
    )


def _difference(old: np.ndarray, new: np.ndarray, points: float) -> str | None:
    if np.array_equal(old, new):
        return None
    return "±0.0 points" if abs(points) < 0.05 else f"{fixed(points, 1, plus=True)} points"
