"""A predicted number: how far off, and is there a pattern in it?"""

from __future__ import annotations

import numpy as np
import streamlit as st

from nfm.figures.predicted_actual import MOST_POINTS, predicted_against_actual
from nfm.figures.residuals import residual_histogram, residuals_against_predicted
from nfm.ui.evaluate.held_out_rows import Evaluated
from nfm.ui.figure_view import show_figure
from nfm.ui.words import plural, short_number


def show(rows: Evaluated) -> None:
    """Draw predicted against actual numbers, and the residuals."""
    evaluation = rows.evaluation
    actual, predicted = evaluation.labels, evaluation.predicted
    name = evaluation.target.name
    st.header("How far off?", anchor=False)
    low, middle, high = np.quantile(np.abs(evaluation.residuals), [0.5, 0.9, 1.0])
    bias = float(evaluation.residuals.mean())
    side = "too low" if bias > 0 else "too high"
    st.markdown(
        f"Half of the predictions are off by less than {short_number(low)}, nine in ten by less "
        f"than {short_number(middle)}, the worst by {short_number(high)}. On average they are "
        f"{side} by {short_number(abs(bias))}."
    )
    charts = {
        "predicted": (
            predicted_against_actual(actual, predicted, name),
            f"Predicted against actual numbers of {len(actual)} rows",
        ),
        "residuals": (
            residuals_against_predicted(actual, predicted, name),
            f"Residuals against predictions of {len(actual)} rows",
        ),
        "residual_histogram": (
            residual_histogram(evaluation.residuals, name),
            f"Histogram of the residuals, mean {bias:.3g}",
        ),
    }
    with st.grid(2, min_column_width=300, gap="medium"):
        for key, (figure, words) in charts.items():
            show_figure(
                figure,
                key=f"evaluate_{key}",
                alt=words,
            )
    if len(actual) > MOST_POINTS:
        st.caption(f"The clouds show {plural(MOST_POINTS, 'row')}, chosen at random.")
