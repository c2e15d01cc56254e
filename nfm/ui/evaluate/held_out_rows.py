"""The held-out rows of the current model, measured once and kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from nfm.errors import NFMError
from nfm.evaluation.held_out import HeldOutPredictions
from nfm.evaluation.scores import Score, scores_of
from nfm.evaluation.thresholds import ThresholdCurve
from nfm.inference.bundle import Bundle
from nfm.tabular.data_dictionary import DataDictionary, wording_of
from nfm.tabular.splitting import SplitOptions
from nfm.ui.state import model_rows
from nfm.ui.state.byte_cache import kept
from nfm.ui.state.current_model import CurrentModel

_GONE = (
    "The table that this model learned from is not here, and so neither are its test rows. Choose "
    "a table to evaluate it on."
)


@dataclass(frozen=True, eq=False)
class Evaluated:
    """A model and how it does on the rows that were kept from it.

    Attributes:
        run_id: Of its training; the key of what is chosen on the page.
        version: Of the model; the key of everything that is kept about it.
        bundle: The model.
        frame: The table that it learned from, all rows.
        split: How its rows were divided.
        evaluation: The held-out rows with their answers.
        measures: Figures of the model.
        guess: Figures of always giving the same answer.
    """

    run_id: str
    version: str
    bundle: Bundle
    frame: pd.DataFrame
    split: SplitOptions
    evaluation: HeldOutPredictions
    measures: Mapping[str, Score]
    guess: Mapping[str, Score]

    @property
    def dictionary(self) -> DataDictionary:
        """Words for what the table abbreviates."""
        return wording_of(self.bundle.schema)

    @property
    def rows(self) -> pd.DataFrame:
        """The held-out rows."""
        return self.frame.iloc[self.evaluation.rows]


@kept("Measuring …")
def evaluated(model: CurrentModel) -> Evaluated:
    """Measure a model on its held-out rows.

    Raises:
        NFMError: If its table is gone or no row was held out.
    """
    if model.frame is None:
        raise NFMError(_GONE)
    evaluation = model_rows.held_out(model)
    if evaluation is None:  # asked again, it says why
        evaluation = model_rows.evaluate(model)
    return Evaluated(
        model.run_id,
        model.version,
        model.bundle,
        model.frame,
        model.split,
        evaluation,
        scores_of(evaluation),
        scores_of(evaluation.constant()),
    )


@kept()
def threshold_curve(rows: Evaluated, code: int) -> ThresholdCurve:
    """Return the decisions for one class at every threshold."""
    return ThresholdCurve.of(*is_class(rows.evaluation, code))


def is_class(evaluation: HeldOutPredictions, code: int) -> tuple[np.ndarray, np.ndarray]:
    """Return whether each row is of a class, and its probability."""
    return evaluation.labels == code, evaluation.answers[:, code]
