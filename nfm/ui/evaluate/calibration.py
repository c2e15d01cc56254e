"""Whether the probabilities can be believed."""

from __future__ import annotations

import streamlit as st

from nfm.figures.calibration_curve import calibration_curve
from nfm.inference.evaluation.calibration import calibration_bins
from nfm.ui.evaluate import held_out_rows
from nfm.ui.evaluate.held_out_rows import Evaluated
from nfm.ui.evaluate.words import calibration_sentence

_BINS = (5, 10, 20)


def show(rows: Evaluated) -> None:
    """Draw the calibration curve."""
    st.subheader("Can its probabilities be believed?", anchor=False)
    st.fragment(_panel)(rows)


def _panel(rows: Evaluated) -> None:
    evaluation = rows.evaluation
    count = st.segmented_control(
        "Bins, each of about equally many rows",
        _BINS,
        default=5 if len(evaluation) < 500 else 10,
        required=True,
        key=f"evaluate.bins.{rows.run_id}",
        persist_state="session",
    )
    confidence, accuracy = None, float((~evaluation.wrong).mean())
    if evaluation.target.class_count == 2:
        positive, probabilities = held_out_rows.is_class(evaluation, 1)
        came_true = "Share that came true"
    else:
        positive, probabilities = ~evaluation.wrong, evaluation.answers.max(axis=1)
        came_true = "Share of right answers"
        confidence = float(probabilities.mean())
    bins = calibration_bins(positive, probabilities, count)
    chart, words = st.columns([3, 2], gap="large", vertical_alignment="center")
    chart.plotly_chart(
        calibration_curve(bins, came_true),
        config={"displayModeBar": False},
        key="evaluate_calibration",
        alt=f"Calibration curve of {len(bins.counts)} bins, mean distance {bins.error:.3f}",
    )
    if confidence is None:
        words.markdown("Of the rows for which it says 70 %, seven in ten should come true.")
    else:
        words.markdown(
            "Of the answers that it is 70 % sure of, seven in ten should be right. Each row counts "
            "with its most probable class."
        )
    words.markdown(calibration_sentence(bins.error, confidence, accuracy))
