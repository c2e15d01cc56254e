"""Results of the Interactions page for a model, each computed once and cached."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from nfm.computing_process import compute
from nfm.errors import NFMError
from nfm.evaluation.held_out import HeldOutPredictions
from nfm.explanation.embedding_map import EmbeddingVectors, embedding_vectors
from nfm.explanation.ice_curves import PartialDependence, partial_dependence
from nfm.explanation.importance import (
    PermutationImportance,
    ShapleyImportance,
    permutation_importance,
    shapley_importance,
)
from nfm.explanation.pair_importance import JUDGED_PAIRS, PairImportance, pair_importance
from nfm.explanation.pair_strengths import (
    LevelPairTable,
    PairStrengths,
    level_pair_table,
    pair_strengths,
)
from nfm.explanation.reference_data import ReferenceData
from nfm.figures.labels import PredictionAxis, prediction_axis
from nfm.inference.bundle import Bundle
from nfm.tabular.wording import Wording
from nfm.ui.state import model_rows
from nfm.ui.state.byte_cache import kept
from nfm.ui.state.current_model import CurrentModel

_EXPLAINED_ROWS = 64
# For wide tables, fewer rows are explained: each explanation takes longer.
_EXPLAINED_CELLS = 2_400


@dataclass(frozen=True, eq=False)
class ModelStudy:
    """A model, the output to study, and the rows to study it on.

    Attributes:
        run_id: Key of its run; part of the widget keys on the page.
        version: Version of the model; key of the cached results.
        reference: The model and its training rows.
        frame: The table that it was trained on, all rows.
        evaluation: The held-out rows; None if there are none.
        output: Index of the output: the class, of several; else 0.
    """

    run_id: str
    version: str
    reference: ReferenceData
    frame: pd.DataFrame
    evaluation: HeldOutPredictions | None
    output: int

    @property
    def bundle(self) -> Bundle:
        """The model."""
        return self.reference.bundle

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the model uses."""
        return self.reference.columns

    @property
    def axis(self) -> PredictionAxis:
        """Axis of the output."""
        return prediction_axis(self.bundle.target, self.output, wording=self.wording)

    @property
    def wording(self) -> Wording:
        """Display names of columns and levels."""
        return self.bundle.wording

    @property
    def is_linear(self) -> bool:
        """Whether the model is linear, without interactions."""
        return not self.bundle.architecture.head_inputs

    @property
    def has_pairs(self) -> bool:
        """Whether there are pairs of columns to study."""
        return not self.is_linear and len(self.columns) > 1

    @property
    def held_out(self) -> pd.DataFrame:
        """The held-out rows; none if there are none."""
        return self.frame.iloc[[] if self.evaluation is None else self.evaluation.rows]


def prepare_study(model: CurrentModel, output: int) -> ModelStudy:
    """Prepare the study of a model.

    Args:
        model: The current model.
        output: Index of the output: the class, of several; else 0.

    Raises:
        NFMError: If its table is missing.
    """
    reference = model_rows.reference(model)
    if reference is None or model.frame is None:
        raise NFMError(
            "The table that this model was trained on is not available, so there are no rows to "
            "explain it with. Choose a table."
        )
    return ModelStudy(
        model.run_id, model.version, reference, model.frame, model_rows.held_out(model), output
    )


@kept("Shuffling one column after the other …")
def permutation(study: ModelStudy) -> PermutationImportance | None:
    """Return the permutation importance on the held-out rows; None if there are none."""
    if study.evaluation is None:
        return None
    rows = study.held_out
    return compute(permutation_importance, study.reference, rows, rows[study.bundle.target.name])


@kept("Explaining rows …")
def contributions(study: ModelStudy) -> ShapleyImportance:
    """Return the Shapley importance on held-out rows, else on training rows."""
    rows = max(8, min(_EXPLAINED_ROWS, _EXPLAINED_CELLS // max(1, len(study.columns))))
    held_out = None if study.evaluation is None else study.held_out
    return compute(shapley_importance, study.reference, rows, held_out)


def ranking(study: ModelStudy) -> list[str]:
    """Return all columns by permutation importance if known, else in the table's order."""
    found = permutation(study)
    return list(study.columns if found is None else [found.columns[k] for k in found.order])


@kept("Measuring pairs of columns …")
def strengths(study: ModelStudy) -> PairStrengths:
    """Return the strengths of pairs."""
    return compute(pair_strengths, study.reference)


@kept()
def table(study: ModelStudy, first: str, second: str) -> LevelPairTable:
    """Return the interaction effect of two columns, level by level.

    Args:
        study: The model and the rows to study it on.
        first: Name of the first column.
        second: Name of the second column.
    """
    return level_pair_table(study.reference, first, second)


def importances(study: ModelStudy) -> tuple[PairImportance, ...]:
    """Return the importance of the strongest pairs on held-out rows; () if there are none."""
    return () if study.evaluation is None else _importances(study, study.output)


@kept("Measuring pairs on the held-out rows …")
def _importances(study: ModelStudy, output: int) -> tuple[PairImportance, ...]:
    pairs = strengths(study).strongest(output, JUDGED_PAIRS)
    tables = [table(study, first, second) for first, second, _ in pairs]
    rows = study.held_out
    values = rows[study.bundle.target.name]
    return compute(pair_importance, study.reference, tables, rows, values)


@kept()
def curves(study: ModelStudy, column: str) -> PartialDependence:
    """Return the ICE curves of the reference sample for one column.

    Args:
        study: The model and the rows to study it on.
        column: Name of the column.
    """
    return partial_dependence(study.reference, column)


@kept()
def vectors(study: ModelStudy) -> EmbeddingVectors | None:
    """Return the embeddings; None if the model has none."""
    try:
        found = embedding_vectors(study.bundle)
    except NFMError:
        return None
    return found if len(found.vectors) else None
