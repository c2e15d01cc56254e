"""One row to predict, as all parts of the Predict page see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from nfm.explanation.reference_data import ReferenceData, ReferenceRow
from nfm.figures.labels import PredictionAxis, label, prediction_axis
from nfm.inference.bundle import Bundle
from nfm.tabular.wording import Wording
from nfm.text import shorten
from nfm.ui.state.current_model import CurrentModel
from nfm.ui.state.form_fields import FormField, to_frame


@dataclass(frozen=True, eq=False)
class PredictionRequest:
    """A row of the table and its edited version.

    Attributes:
        model: The current model.
        training_rows: Reference data from the training rows; None without the table.
        wording: Display names of columns and levels.
        fields: Fields of the form.
        name: Name of the row; user text.
        original: The row in the table, column to form value.
        edited: The row in the form, column to form value.
        threshold: Lowest probability at which the positive class is predicted.
    """

    model: CurrentModel
    training_rows: ReferenceData | None
    wording: Wording
    fields: tuple[FormField, ...]
    name: str
    original: Mapping[str, Any]
    edited: Mapping[str, Any]
    threshold: float

    @property
    def run_id(self) -> str:
        """Key of the run that trained the model."""
        return self.model.run_id

    @property
    def bundle(self) -> Bundle:
        """The model's bundle."""
        return self.model.bundle

    @property
    def frames(self) -> pd.DataFrame:
        """The original and the edited row, as the model reads them."""
        return to_frame(self.fields, [self.original, self.edited])

    @property
    def reference(self) -> ReferenceData:
        """The reference data, for explanations, which are drawn only where there is the table."""
        if self.training_rows is None:
            raise ValueError("There is no reference data to explain a row with.")
        return self.training_rows

    @cached_property
    def row(self) -> ReferenceRow:
        """The edited row, prepared for explanations; needs reference data."""
        return self.reference.read(to_frame(self.fields, [self.edited]))

    @property
    def output(self) -> int:
        """Index of the output that is explained: of several classes, the most probable one."""
        return int(self.row.predictions.argmax()) if len(self.row.predictions) > 1 else 0

    @property
    def axis(self) -> PredictionAxis:
        """Axis of that output for ECharts, which shows plain text."""
        return self.axis_of(self.output)

    def axis_of(self, output: int) -> PredictionAxis:
        """Return the axis of an output for ECharts."""
        return prediction_axis(self.bundle.target, output, escape=shorten, wording=self.wording)

    @property
    def plotly_axis(self) -> PredictionAxis:
        """Axis of that output for Plotly, with markup escaped."""
        return prediction_axis(self.bundle.target, self.output, escape=label, wording=self.wording)
