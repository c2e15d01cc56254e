"""Errors of predicted numbers: their size, and patterns in the residuals."""

from __future__ import annotations

import numpy as np
import streamlit as st

from nfm.figures.number_format import number
from nfm.figures.predicted_numbers import (
    MOST_POINTS,
    predicted_against_actual,
    residual_histogram,
    residuals_against_predicted,
)
from nfm.text import counted
from nfm.ui import present
from nfm.ui.components.figure_view import show_figure
from nfm.ui.escaping import inline
from nfm.ui.evaluate.held_out_rows import HeldOutEvaluation


def show(rows: HeldOutEvaluation) -> None:
    """Draw predicted against actual numbers, and the residuals."""
    evaluation = rows.evaluation
    actual, predicted = evaluation.labels, evaluation.predicted
    name, unit = evaluation.target.name, rows.wording.unit
    st.header("How far off?", anchor=False)
    low, middle, high = np.quantile(np.abs(evaluation.residuals), [0.5, 0.9, 1.0])
    bias = float(evaluation.residuals.mean())
    side = "too low" if bias > 0 else "too high"

    def formatted(value: float) -> str:
        return inline(number(float(value), unit))

    st.markdown(
        f"Half of the predictions are off by less than {formatted(low)}, nine in ten by less "
        f"than {formatted(middle)}, the worst by {formatted(high)}. On average they are "
        f"{side} by {formatted(abs(bias))}."
    )
    charts = {
        "predicted": (
            predicted_against_actual(actual, predicted, name, unit),
            f"Predicted against actual numbers of {counted(len(actual), 'row')}",
            "Each point is a row. On the diagonal, the prediction is exact.",
        ),
        "residuals": (
            residuals_against_predicted(actual, predicted, name, unit),
            f"Residuals against predictions of {counted(len(actual), 'row')}",
            "Each point is a row; above 0 the prediction was too low. A slope or a funnel is a "
            "pattern that the model has missed.",
        ),
        "residual_histogram": (
            residual_histogram(evaluation.residuals, name, unit),
            f"Histogram of the residuals, mean {number(bias, unit)}",
            "Each bar counts the rows with an error in its range. A good model has a narrow peak "
            "at 0.",
        ),
    }
    with st.grid(3, min_column_width=present.pixels(300), gap="medium"):
        for key, (figure, words, reading) in charts.items():
            with st.container():
                show_figure(figure, key=f"evaluate_{key}", alt=words, reading=reading)
    if len(actual) > MOST_POINTS:
        st.caption(f"The scatter plots show {counted(MOST_POINTS, 'row')}, chosen at random.")
