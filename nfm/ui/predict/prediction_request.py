"""One row that the model is asked about, as all parts of the Predict page see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from nfm.explanation.reference_data import ReferenceData, ReferenceRow
from nfm.figures.labels import AnswerAxis, answer_axis, label
from nfm.inference.bundle import Bundle
from nfm.tabular.data_dictionary import DataDictionary
from nfm.text import shorten
from nfm.ui.state.current_model import CurrentModel
from nfm.ui.state.form_fields import FormField, to_frame


@dataclass(frozen=True, eq=False)
class PredictionRequest:
    """A row of the table and what a person made of it.

    Attributes:
        model: Who is asked.
        reference: The training rows; None if the table is gone.
        dictionary: Words for people.
        fields: Of the form.
        name: What the row is called; people's text.
        original: The row as it stands in the table, column to form value.
        edited: The row as it stands in the form.
        threshold: From which probability on the decision is for the positive class.
    """

    model: CurrentModel
    reference: ReferenceData | None
    dictionary: DataDictionary
    fields: tuple[FormField, ...]
    name: str
    original: Mapping[str, Any]
    edited: Mapping[str, Any]
    threshold: float

    @property
    def run_id(self) -> str:
        """Of the model's training."""
        return self.model.run_id

    @property
    def bundle(self) -> Bundle:
        """The model itself."""
        return self.model.bundle

    @property
    def frames(self) -> pd.DataFrame:
        """The original and the edited row, as the model reads them."""
        return to_frame(self.fields, [self.original, self.edited])

    @cached_property
    def row(self) -> ReferenceRow:
        """The edited row, prepared for explanations; only with reference data."""
        if self.reference is None:
            raise ValueError("There is no reference data to explain a row with.")
        return self.reference.read(to_frame(self.fields, [self.edited]))

    @property
    def output(self) -> int:
        """Which answer is explained: of several classes, the most probable one."""
        return int(self.row.answers.argmax()) if len(self.row.answers) > 1 else 0

    @property
    def axis(self) -> AnswerAxis:
        """How that answer is drawn on a canvas."""
        return self.axis_of(self.output)

    def axis_of(self, output: int) -> AnswerAxis:
        """Return how one of the answers is drawn on a canvas."""
        return answer_axis(self.bundle.target, output, escape=shorten, dictionary=self.dictionary)

    @property
    def plotly_axis(self) -> AnswerAxis:
        """How it is drawn by Plotly, which reads some markup."""
        return answer_axis(
            self.bundle.target, self.output, escape=label, dictionary=self.dictionary
        )
