"""How well one does on the test rows without a model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from nfm.figures.number_format import number
from nfm.tabular.data_dictionary import wording_of
from nfm.tabular.level_values import level_codes, numbers
from nfm.tabular.schema import Schema
from nfm.tabular.splitting import SplitOptions, split_rows


@dataclass(frozen=True)
class Baseline:
    """What to beat.

    Attributes:
        answer: What is always answered: the training rows' most frequent class, or their mean.
        accuracy: Share of test rows for which that is right; None for numbers.
        mae: Mean absolute error of it; None for classes.
        test_rows: Number of rows that it was measured on.
        unit: Of the target, as people wrote it, if it has one.
    """

    answer: str
    accuracy: float | None
    mae: float | None
    test_rows: int
    unit: str = ""

    @property
    def sentence(self) -> str:
        """The baseline in words; holds a class's name as it is."""
        if self.accuracy is not None:
            return (
                f"Always predicting {self.answer}, the most frequent class, would be correct for "
                f"{100 * self.accuracy:.1f} %."
            )
        return (
            f"Always predicting the mean, {self.answer}, would be off by "
            f"{number(self.mae or 0.0, self.unit)} on average."
        )


def baseline(frame: pd.DataFrame, schema: Schema, split: SplitOptions) -> Baseline | None:
    """Always answer the training rows' most frequent class, or their mean.

    Args:
        frame: All rows.
        schema: Names the target and the task.
        split: How the rows were divided.

    Returns:
        None where there is no target, or no test row of a class that training rows have.
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
        answer = number(mean, schema.unit)
        return Baseline(answer, None, mae, len(parts.test), schema.unit)
    codes, levels = level_codes(values)
    seen = codes[parts.train]
    common = int(np.bincount(seen[seen >= 0]).argmax())
    # As the model's own figures: without the classes that no training row has.
    asked = codes[parts.test][np.isin(codes[parts.test], seen)]
    if not len(asked):
        return None
    name = wording_of(schema).label(str(levels[common]))
    return Baseline(name, float((asked == common).mean()), None, len(asked))
