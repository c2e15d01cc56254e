"""The score of a constant prediction on the test rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from nfm.figures.number_format import number
from nfm.tabular.level_values import level_codes, numbers
from nfm.tabular.schema import Schema
from nfm.tabular.splitting import SplitOptions, split_rows
from nfm.tabular.wording import wording_of


@dataclass(frozen=True)
class Baseline:
    """A constant prediction and its score, for comparison with a model.

    Attributes:
        prediction: The training rows' most frequent class, or their mean.
        accuracy: Share of test rows for which it is correct; None for regression.
        mae: Its mean absolute error; None for classification.
        test_rows: Number of test rows that were scored.
        unit: Unit of the target; empty if it has none.
    """

    prediction: str
    accuracy: float | None
    mae: float | None
    test_rows: int
    unit: str = ""

    @property
    def sentence(self) -> str:
        """The baseline in one sentence; the class's name is not escaped."""
        if self.accuracy is not None:
            return (
                f"Always predicting {self.prediction}, the most frequent class, would be correct "
                f"for {100 * self.accuracy:.1f}%."
            )
        return (
            f"Always predicting the mean, {self.prediction}, would be off by "
            f"{number(self.mae or 0.0, self.unit)} on average."
        )


def baseline(frame: pd.DataFrame, schema: Schema, split: SplitOptions) -> Baseline | None:
    """Score the prediction of the training rows' most frequent class, or of their mean.

    Args:
        frame: All rows.
        schema: Names the target and the task.
        split: How the rows are split.

    Returns:
        The baseline; None without a target, or without a test row of a class that training rows
        have.
    """
    if schema.target is None or schema.task is None:
        return None
    values = frame[schema.target]
    parts = split_rows(frame, values, schema.task, split)
    if not len(parts.test) or not len(parts.train):
        return None
    if schema.task == "regression":
        found = numbers(values)
        mean = float(np.nanmean(found[parts.train]))
        mae = float(np.nanmean(np.abs(found[parts.test] - mean)))
        prediction = number(mean, schema.unit)
        return Baseline(prediction, None, mae, len(parts.test), schema.unit)
    codes, levels = level_codes(values)
    seen = codes[parts.train]
    common = int(np.bincount(seen[seen >= 0]).argmax())
    # As in the metrics of the model: without the classes that no training row has.
    tested = codes[parts.test][np.isin(codes[parts.test], seen)]
    if not len(tested):
        return None
    name = wording_of(schema).label(str(levels[common]))
    return Baseline(name, float((tested == common).mean()), None, len(tested))
