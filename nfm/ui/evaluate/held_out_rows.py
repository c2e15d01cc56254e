"""The evaluation of the current model on its held-out rows, computed once and cached."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from nfm.computing_process import compute
from nfm.errors import NFMError
from nfm.evaluation.held_out import HeldOutPredictions
from nfm.evaluation.scores import Score, scores_of
from nfm.evaluation.thresholds import ThresholdCurve
from nfm.inference.bundle import Bundle
from nfm.tabular.splitting import SplitOptions
from nfm.tabular.wording import Wording
from nfm.ui.state import model_rows
from nfm.ui.state.byte_cache import kept
from nfm.ui.state.current_model import CurrentModel

_GONE = (
    "The table that this model was trained on is not available, so its test rows are missing. "
    "Choose a table to evaluate it on."
)


@dataclass(frozen=True, eq=False)
class HeldOutEvaluation:
    """A model and its metrics on held-out rows.

    Attributes:
        run_id: Key of its run; part of the widget keys on the page.
        version: Version of the model; key of the cached results.
        bundle: The model.
        frame: The table that it was trained on, all rows.
        split: Options of its train, validation and test split.
        evaluation: The held-out rows with their predictions.
        measures: Metrics of the model.
        guess: Metrics of the constant prediction.
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
    def wording(self) -> Wording:
        """Display names of columns and levels."""
        return self.bundle.wording

    @property
    def rows(self) -> pd.DataFrame:
        """The held-out rows."""
        return self.frame.iloc[self.evaluation.rows]


@kept("Measuring …")
def held_out_evaluation(model: CurrentModel) -> HeldOutEvaluation:
    """Evaluate a model on its held-out rows.

    Raises:
        NFMError: If its table is missing or no row was held out.
    """
    if model.frame is None:
        raise NFMError(_GONE)
    evaluation = model_rows.held_out(model)
    if evaluation is None:  # raises the error that explains why
        evaluation = model_rows.evaluate(model)
    return HeldOutEvaluation(
        model.run_id,
        model.version,
        model.bundle,
        model.frame,
        model.split,
        evaluation,
        compute(scores_of, evaluation),
        scores_of(evaluation.constant()),
    )


@kept()
def threshold_curve(rows: HeldOutEvaluation, code: int) -> ThresholdCurve:
    """Return the confusion counts for one class at every threshold."""
    return ThresholdCurve.of(*is_class(rows.evaluation, code))


def is_class(evaluation: HeldOutPredictions, code: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the labels bool (rows,) and probabilities float64 (rows,) of one class."""
    return evaluation.labels == code, evaluation.predictions[:, code]
