"""`interactions`: which pairs of columns act together in a model."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from nfm.analysis.result import AnalysisResult, bundle_of, one_blas_thread, output_of, rows_of
from nfm.errors import NFMError, ReadingWarning, warn
from nfm.explanation.pair_importance import (
    JUDGED_PAIRS,
    PairImportance,
    helping_pairs,
    pair_importance,
)
from nfm.explanation.pair_strengths import PairStrengths, level_pair_table, pair_strengths
from nfm.explanation.reference_data import ReferenceData
from nfm.figures.pair_strengths import pair_ranking
from nfm.inference.bundle import Bundle
from nfm.text import counted

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


@dataclass(frozen=True, eq=False, repr=False)
class InteractionResult(AnalysisResult):
    """Strengths of the pairs of a model's columns, and the importance of the strongest.

    Attributes:
        bundle: The model.
        strengths: Strength of every pair.
        importances: Importance of the strongest pairs; () without targets.
    """

    bundle: Bundle
    strengths: PairStrengths
    importances: tuple[PairImportance, ...] = ()

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The pairs, the strongest first.

        The columns are class (if there are three or more), first, second and strength; with
        targets also importance, low and high: the increase of the loss without the pair, and
        its simultaneous 95% interval, NaN for weaker pairs.
        """
        frame = ranked_pairs(self.bundle, self.strengths)
        if self.importances:
            measured = pd.DataFrame(
                {
                    "first": [found.table.first.column for found in self.importances],
                    "second": [found.table.second.column for found in self.importances],
                    "importance": [found.increase for found in self.importances],
                    "low": [found.interval.low for found in self.importances],
                    "high": [found.interval.high for found in self.importances],
                }
            )
            frame = frame.merge(measured, on=["first", "second"], how="left")
        return frame

    @property
    def summary(self) -> str:
        """What the numbers are, and what was left out."""
        sentences = [
            "Strength: root mean square effect of a pair beyond the effects of its two columns, in "
            f"{self.strengths.unit}."
        ]
        if self.importances:
            loss = "RMSE" if self.bundle.target.task == "regression" else "log loss (nats)"
            rows = counted(self.importances[0].rows, "row")
            sentences.append(
                f"Importance: increase of the {loss} on {rows} without the pair; low and high are "
                "the ends of simultaneous 95% intervals."
            )
        if self.strengths.left_out:
            measured, left_out = len(self.strengths.columns), len(self.strengths.left_out)
            sentences.append(
                f"Measured among the {measured} columns that move the prediction most; "
                f"{counted(left_out, 'other column')} left out."
            )
        return " ".join(sentences)

    def plot(self, count: int = 10, label: Any = None) -> Figure:
        """Draw the strongest pairs as bars.

        With targets, pairs that help on these rows are blue, and all others grey.

        Args:
            count: Maximum number of pairs.
            label: One of several classes; None for that of the strongest pair.

        Raises:
            NFMError: If there is no such class.
        """
        strongest = int(self.strengths.strengths.max(axis=(0, 1)).argmax())
        output = output_of(self.bundle.target, label, strongest)
        return pair_ranking(self.strengths, output, count, helping_pairs(self.importances))


def ranked_pairs(bundle: Bundle, strengths: PairStrengths) -> pd.DataFrame:
    """Return all pairs, the strongest first: class (if three or more), first, second, strength."""
    names: list[Any] = [None]
    if bundle.target.task == "multiclass":
        names = bundle.classes.tolist()
    lines = [
        (name, *pair)
        for output, name in enumerate(names)
        for pair in strengths.strongest(output, len(strengths.columns) ** 2)
    ]
    frame = pd.DataFrame(lines, columns=["class", "first", "second", "strength"])
    frame = frame.sort_values("strength", ascending=False, kind="stable", ignore_index=True)
    return frame if bundle.target.task == "multiclass" else frame.drop(columns="class")


def interactions(model: Any, X: Any, y: Any = None) -> InteractionResult:
    """Measure how strongly the pairs of columns interact in a model.

    Args:
        model: A fitted `NFMClassifier` or `NFMRegressor`, a bundle, or the path of a bundle.
        X: Rows, as a table. With `y`, rows that the model was not trained on: only these show
            whether a pair is more than noise.
        y: The target of each row, (rows,); None to measure strengths only. Rows without a target
            that the model knows are left out of the importance.

    Returns:
        The strength of every pair and, with `y`, the importance of the 20 strongest. `frame` has
        them as a table.

    Raises:
        NFMError: If a column is missing, the model has fewer than two, no row has a usable
            target, or the model is none of these.

    Example:
        >>> import nfm
        >>> from nfm.tabular.samples import load_sample
        >>> frame = load_sample("xor")
        >>> X, y = frame[["switch 1", "switch 2", "wall"]], frame["lamp"]
        >>> model = nfm.NFMClassifier(epochs=10, learning_rate=0.02).fit(X[:1500], y[:1500])
        >>> result = nfm.interactions(model, X[1500:], y[1500:])
        >>> result.frame.loc[0, ["first", "second"]].tolist()
        ['switch 1', 'switch 2']
    """
    bundle = bundle_of(model)
    frame = rows_of(model, X)
    if len(bundle.encoder.columns) < 2:
        raise NFMError("The model has a single column, so there are no pairs of columns.")
    known = None
    if y is not None:
        values = bundle.read_target(y)
        for doubt in bundle.target_doubts(y):
            warn(doubt, ReadingWarning)
        if len(values) != len(frame):
            raise NFMError(
                f"X has {len(frame):,} rows and y has {len(values):,}: give one target for every "
                "row."
            )
        known = bundle.target.known(values)
        if not known.any():
            raise NFMError("y has no target that the model knows: give targets of the same kind.")
    with one_blas_thread():
        reference = ReferenceData.build(bundle, frame)
        strengths = pair_strengths(reference)
        importances: tuple[PairImportance, ...] = ()
        if known is not None:
            pairs = ranked_pairs(bundle, strengths).drop_duplicates(["first", "second"])
            tables = [
                level_pair_table(reference, first, second)
                for first, second in pairs[["first", "second"]].head(JUDGED_PAIRS).to_numpy()
            ]
            rows = np.flatnonzero(known)
            importances = pair_importance(reference, tables, frame.iloc[rows], values.iloc[rows])
    return InteractionResult(bundle, strengths, importances)
