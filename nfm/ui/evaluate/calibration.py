"""Calibration of the probabilities: the curve, a test, and the mean confidence."""

from __future__ import annotations

import streamlit as st

from nfm.evaluation.calibration import calibration_bins, calibration_test
from nfm.figures.calibration_curve import calibration_curve
from nfm.text import counted
from nfm.ui.components.figure_view import show_figure
from nfm.ui.evaluate import held_out_rows
from nfm.ui.evaluate.held_out_rows import HeldOutEvaluation
from nfm.ui.evaluate.texts import calibration_sentence, confidence_sentence

_BINS = (5, 10, 20)


def show(rows: HeldOutEvaluation) -> None:
    """Draw the calibration curve."""
    st.header("Are its probabilities reliable?", anchor=False)
    st.fragment(_panel)(rows)


def _panel(rows: HeldOutEvaluation) -> None:
    evaluation = rows.evaluation
    count = st.segmented_control(
        "Bins, each of about equally many rows",
        _BINS,
        default=5 if len(evaluation) < 500 else 10,
        required=True,
        key=f"evaluate.bins.{rows.run_id}",
        persist_state="session",
    )
    probabilities = evaluation.predictions.max(axis=1)
    prediction_bins = calibration_bins(~evaluation.is_error, probabilities, count)
    if evaluation.target.class_count == 2:
        name = rows.wording.label(evaluation.target.class_names[1])
        bins = calibration_bins(*held_out_rows.is_class(evaluation, 1), count)
        observed = "Observed share"
        meaning = (
            "Of the rows with a predicted probability of 70%, seven in ten should be of this class."
        )
    else:
        name, bins, observed = "", prediction_bins, "Share of correct predictions"
        meaning = (
            "Of the predictions with a probability of 70%, seven in ten should be correct. Each "
            "row counts with its most probable class."
        )
    chart, words = st.columns([3, 2], gap="large", vertical_alignment="center")
    show_figure(
        calibration_curve(bins, observed),
        key="evaluate_calibration",
        alt=f"Calibration curve of {counted(len(bins.counts), 'bin')}, "
        f"mean distance {bins.error:.3f}",
        reading=f"Each point is a bin of rows. {meaning} On the dotted line, the probabilities "
        "are right.",
        place=chart,
    )
    words.markdown(calibration_sentence(calibration_test(bins), name))
    confidence = float(probabilities.mean())
    words.markdown(confidence_sentence(calibration_test(prediction_bins), confidence))
