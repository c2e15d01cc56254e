"""What the Interactions page knows of a model, each part worked out once and kept."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from nfm.errors import NFMError
from nfm.evaluation.held_out import HeldOutPredictions
from nfm.explanation.embedding_map import EmbeddingVectors, Plane, embedding_vectors
from nfm.explanation.ice_curves import PartialDependence, partial_dependence
from nfm.explanation.importance import (
    PermutationImportance,
    ShapleyImportance,
    permutation_importance,
    shapley_importance,
)
from nfm.explanation.pair_importance import PairImportance, pair_importance
from nfm.explanation.pair_strengths import (
    LevelPairTable,
    PairStrengths,
    level_pair_table,
    pair_strengths,
)
from nfm.explanation.reference_data import ReferenceData
from nfm.figures.labels import AnswerAxis, answer_axis
from nfm.inference.bundle import Bundle
from nfm.tabular.data_dictionary import DataDictionary, wording_of
from nfm.ui.state import model_rows
from nfm.ui.state.current_model import CurrentModel

# Beyond so many, pairs are hardly worth a name, and the intervals that hold for all grow wide.
JUDGED_PAIRS = 20
_EXPLAINED_ROWS = 64
# Of wide tables fewer rows are explained: a row's explanation takes longer.
_EXPLAINED_CELLS = 2_400


@dataclass(frozen=True, eq=False)
class ModelStudy:
    """A model, the answer that is looked at, and the rows that it is looked at on.

    Attributes:
        run_id: Of its training; the key of what is chosen on the page.
        version: Of the model; the key of everything that is kept.
        reference: The model and its training rows.
        frame: The table that it learned from, all rows.
        evaluation: The held-out rows; None if there are none.
        output: Which of the model's answers: of several classes, which one.
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
        """The columns that the model sees."""
        return self.reference.columns

    @property
    def axis(self) -> AnswerAxis:
        """How the answer is drawn."""
        return answer_axis(self.bundle.target, self.output, dictionary=self.dictionary)

    @property
    def dictionary(self) -> DataDictionary:
        """Words for what the table abbreviates."""
        return wording_of(self.bundle.schema)

    @property
    def is_linear(self) -> bool:
        """Whether the model cannot let two columns act together."""
        return self.bundle.settings.interaction == "linear"

    @property
    def has_pairs(self) -> bool:
        """Whether there are pairs of columns to look at."""
        return not self.is_linear and len(self.columns) > 1

    @property
    def held_out(self) -> pd.DataFrame:
        """The held-out rows; none if there are none."""
        return self.frame.iloc[[] if self.evaluation is None else self.evaluation.rows]


def studied(model: CurrentModel, output: int) -> ModelStudy:
    """Prepare the study of a model.

    Raises:
        NFMError: If its table is gone.
    """
    reference = model_rows.reference(model)
    if reference is None or model.frame is None:
        raise NFMError(
            "The table that this model learned from is not here, and so neither are the rows to "
            "study it on. Choose a table to explain it on."
        )
    return ModelStudy(
        model.run_id,
        model.version,
        reference,
        model.frame,
        model_rows.held_out(model),
        output,
    )


def permutation(study: ModelStudy) -> PermutationImportance | None:
    """Return what each column is worth on the held-out rows; None if there are none."""
    return None if study.evaluation is None else _permutation(study.version, study)


def contributions(study: ModelStudy) -> ShapleyImportance:
    """Return how far each column moves the answers of held-out rows, else of training rows."""
    return _contributions(study.version, study)


def ranking(study: ModelStudy) -> list[str]:
    """Return all columns: by their worth where it is known, else in the table's order."""
    found = permutation(study)
    return list(study.columns if found is None else [found.columns[k] for k in found.order])


def strengths(study: ModelStudy) -> PairStrengths:
    """Return the strengths of pairs."""
    return _strengths(study.version, study.reference)


def table(study: ModelStudy, first: str, second: str) -> LevelPairTable:
    """Return what two columns do together."""
    return _table(study.version, first, second, study.reference)


def importances(study: ModelStudy) -> tuple[PairImportance, ...]:
    """Return what the strongest pairs are worth on held-out rows; () if there are none."""
    if study.evaluation is None:
        return ()
    return _worths(study.version, study.output, study)


def curves(study: ModelStudy, column: str) -> PartialDependence:
    """Return the answers of the reference data sample as one column changes."""
    return _curves(study.version, column, study.reference)


def vectors(study: ModelStudy) -> EmbeddingVectors | None:
    """Return the embeddings; None if the model has none."""
    return _vectors(study.version, study.bundle)


def plane(study: ModelStudy, found: EmbeddingVectors, kind: str) -> Plane:
    """Return the plane that shows embeddings of one kind, of whichever columns."""
    return _plane(study.version, kind, found)


@st.cache_resource(max_entries=8, show_spinner="Shuffling one column after the other …")
def _permutation(version: str, _study: ModelStudy) -> PermutationImportance:
    rows = _study.held_out
    return permutation_importance(_study.reference, rows, rows[_study.bundle.target.name])


@st.cache_resource(max_entries=8, show_spinner="Explaining rows …")
def _contributions(version: str, _study: ModelStudy) -> ShapleyImportance:
    rows = max(8, min(_EXPLAINED_ROWS, _EXPLAINED_CELLS // max(1, len(_study.columns))))
    frame = None if _study.evaluation is None else _study.held_out
    return shapley_importance(_study.reference, rows, frame)


@st.cache_resource(max_entries=8, show_spinner="Looking at pairs of columns …")
def _strengths(version: str, _reference: ReferenceData) -> PairStrengths:
    return pair_strengths(_reference)


@st.cache_resource(max_entries=256, show_spinner=False)
def _table(version: str, first: str, second: str, _reference: ReferenceData) -> LevelPairTable:
    return level_pair_table(_reference, first, second)


@st.cache_resource(max_entries=32, show_spinner="Asking the held-out rows …")
def _worths(version: str, output: int, _study: ModelStudy) -> tuple[PairImportance, ...]:
    pairs = strengths(_study).strongest(output, JUDGED_PAIRS)
    tables = [table(_study, first, second) for first, second, _ in pairs]
    rows = _study.held_out
    return pair_importance(_study.reference, tables, rows, rows[_study.bundle.target.name])


@st.cache_resource(max_entries=64, show_spinner=False)
def _curves(version: str, column: str, _reference: ReferenceData) -> PartialDependence:
    return partial_dependence(_reference, column)


@st.cache_resource(max_entries=8, show_spinner=False)
def _vectors(version: str, _bundle: Bundle) -> EmbeddingVectors | None:
    try:
        found = embedding_vectors(_bundle)
    except NFMError:
        return None
    return found if len(found.vectors) else None


@st.cache_resource(max_entries=24, show_spinner=False)
def _plane(version: str, kind: str, _found: EmbeddingVectors) -> Plane:
    return Plane.fit(_found.vectors)
