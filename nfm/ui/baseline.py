"""How well one does on the test rows without a model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from nfm.tabular.schema import Schema
from nfm.tabular.splitting import SplitOptions, split_rows
from nfm.ui.words import plural, short_number


@dataclass(frozen=True)
class Baseline:
    """The figure to beat.

    Attributes:
        title: What it is.
        value: As text.
        explanation: One sentence; may hold a class's name.
        test_rows: Number of rows that it was measured on.
    """

    title: str
    value: str
    explanation: str
    test_rows: int


def baseline(frame: pd.DataFrame, schema: Schema, split: SplitOptions) -> Baseline | None:
    """Always answer the training rows' most frequent class, or their mean.

    Args:
        frame: All rows.
        schema: Names the target and the task.
        split: How the rows were divided.

    Returns:
        None where there is no target, or no test row.
    """
    if schema.target is None or schema.task is None:
        return None
    values = frame[schema.target]
    parts = split_rows(frame, values, schema.task, split)
    if not len(parts.test):
        return None
    seen, unseen = values.iloc[parts.train], values.iloc[parts.test]
    count = len(unseen)
    if schema.task == "regression":
        error = float(np.abs(unseen - seen.mean()).mean())
        return Baseline(
            "Mean error without a model",
            short_number(error),
            f"Always answering the mean, {short_number(float(seen.mean()))}.",
            count,
        )
    common = seen.mode().iloc[0]
    right = int((unseen == common).sum())
    return Baseline(
        "Accuracy without a model",
        f"{100 * right / count:.1f} %",
        f"Always answering {common}: right for {right:,} of {plural(count, 'test row')}.",
        count,
    )
