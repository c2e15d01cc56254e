"""The decision threshold with its confusion matrix, metrics, curves and costs."""

from __future__ import annotations

import numpy as np
import streamlit as st

from nfm.evaluation.thresholds import (
    THRESHOLD_DIGITS,
    THRESHOLD_STEP,
    ConfusionCounts,
    ThresholdCurve,
    threshold_text,
)
from nfm.figures.score_histogram import score_histogram
from nfm.figures.threshold_charts import decision_matrix, precision_recall_curve, roc_curve
from nfm.text import counted, shorten
from nfm.ui import present
from nfm.ui.components.decision_rule_form import DecisionRuleForm
from nfm.ui.components.figure_view import show_chart
from nfm.ui.components.labels import labelled
from nfm.ui.evaluate import held_out_rows
from nfm.ui.evaluate.held_out_rows import HeldOutEvaluation
from nfm.ui.evaluate.texts import cost_sentence, decisions_sentence, rare_class_sentence

_HEIGHT = 340
_NAME_LENGTH = 30


def show(rows: HeldOutEvaluation) -> None:
    """Draw the threshold and everything that depends on it."""
    st.header("From probability to decision", anchor=False)
    # A fragment: moving the threshold redraws this section only.
    st.fragment(_panel)(rows)


def _panel(rows: HeldOutEvaluation) -> None:
    code = _choose_class(rows)
    name = rows.wording.label(rows.evaluation.target.class_names[code])
    shown = shorten(name, _NAME_LENGTH)
    threshold_curve = held_out_rows.threshold_curve(rows, code)
    # The matrix is beside the slider and the curves are below both, so that changes are visible.
    controls, matrix = st.columns([4, 3], gap="large")
    with controls:
        threshold = _choose_threshold(rows, threshold_curve, code, shown)
        decisions = threshold_curve.at(threshold)
        st.markdown(decisions_sentence(decisions, shown, threshold))
        share = threshold_curve.positives / (threshold_curve.positives + threshold_curve.negatives)
        if hint := rare_class_sentence(decisions, shown, threshold, round(share, 4)):
            st.info(hint, icon=":material/lightbulb:")
    _show_metrics(decisions)
    positive, probabilities = held_out_rows.is_class(rows.evaluation, code)
    class_names = rows.evaluation.target.class_names
    other = "other classes"
    if len(class_names) == 2:
        other = shorten(rows.wording.label(class_names[1 - code]), _NAME_LENGTH)
    names = other, shown
    show_chart(
        decision_matrix(decisions, names),
        key="evaluate_matrix",
        height=_HEIGHT,
        alt=f"Confusion matrix: {counted(decisions.true_positives, 'true positive')}, "
        f"{counted(decisions.false_positives, 'false positive')}, "
        f"{counted(decisions.false_negatives, 'false negative')}, "
        f"{counted(decisions.true_negatives, 'true negative')}",
        reading="A cell counts rows by their actual class (row) and the decision (column).",
        place=matrix,
    )
    charts = {
        "histogram": (
            score_histogram(positive, probabilities, threshold, names),
            _describe_histogram(positive, probabilities, shown, threshold),
            "Bars count rows by predicted probability, a colour for each actual class. A good "
            "model separates the colours; rows right of the line are predicted positive.",
        )
    }
    if threshold_curve.has_both:
        area, mean = threshold_curve.area_under_curve, threshold_curve.average_precision
        charts["roc"] = (
            roc_curve(threshold_curve, threshold),
            f"ROC curve, area {area:.3f}",
            "Each point of the curve is a threshold, the mark is yours. The nearer to the top "
            "left, the better; the dotted line is guessing.",
        )
        charts["precision_recall"] = (
            precision_recall_curve(threshold_curve, threshold),
            f"Precision-recall curve, average precision {mean:.3f}",
            "Each point of the curve is a threshold, the mark is yours. The nearer to the top "
            "right, the better; the dotted line is guessing.",
        )
    with st.grid(3, min_column_width=present.pixels(300), gap="medium"):
        for key, (option, words, reading) in charts.items():
            with st.container():
                show_chart(
                    option, key=f"evaluate_{key}", height=_HEIGHT, alt=words, reading=reading
                )
    if not threshold_curve.has_both:
        st.markdown(
            "ROC and precision-recall curves need rows of this class and of others; these "
            "rows are all of one kind."
        )


def _choose_class(rows: HeldOutEvaluation) -> int:
    target = rows.evaluation.target
    if target.class_count == 2:
        return 1
    return st.selectbox(
        "Class (one versus rest)",
        range(target.class_count),
        format_func=rows.wording.labels(target.class_names).__getitem__,
        key=f"evaluate.class.{rows.run_id}",
        persist_state="session",
    )


def _choose_threshold(
    rows: HeldOutEvaluation, threshold_curve: ThresholdCurve, code: int, name: str
) -> float:
    form = DecisionRuleForm("evaluate", rows.run_id, code)
    slider, costs = st.container(), st.container()
    with costs:
        middle, left, right = st.columns(3)
        # A slider is a few hundred pixels wide: it cannot be put to every step by mouse.
        with middle:
            form.show_threshold("Exact threshold", name, THRESHOLD_STEP)
        with left:
            false_alarm = form.show_cost("false_alarm_cost", name)
        with right:
            miss = form.show_cost("miss_cost", name)
    with slider:
        threshold = st.slider(
            **labelled(f"Threshold: the model predicts {name} at this probability or above"),
            min_value=0.0,
            max_value=1.0,
            step=THRESHOLD_STEP,
            format=f"%.{THRESHOLD_DIGITS}f",
            **form.slider_arguments(),
        )
    words, button = st.container(), st.container()
    words.markdown(cost_sentence(threshold_curve, threshold, false_alarm, miss, name))
    with button:
        form.show_implied(key="use_implied")
    return float(threshold)


def _show_metrics(decisions: ConfusionCounts) -> None:
    shares = [
        (
            "Precision",
            decisions.precision,
            "Share of the predicted positives that are actually positive.",
        ),
        ("Recall", decisions.recall, "Share of the actual positives that are found."),
        (
            "Specificity",
            decisions.specificity,
            "Share of the actual negatives that are predicted negative.",
        ),
        ("F1", decisions.f1, "The harmonic mean of precision and recall."),
        ("Accuracy", decisions.accuracy, "Share of correct decisions at this threshold."),
    ]
    with st.grid(len(shares), min_column_width=110):
        for name, share, meaning in shares:
            st.metric(name, "–" if share is None else f"{100 * share:.1f}%", help=meaning)


def _describe_histogram(
    positive: np.ndarray, probabilities: np.ndarray, name: str, threshold: float
) -> str:
    """Describe the histogram for screen readers."""
    parts = [
        f"{counted(len(group), 'row')} {which}, median {np.median(group):.2f}, "
        f"{int((group >= threshold).sum())} at or above {threshold_text(threshold)}"
        for which, group in (
            (f"that are {name}", probabilities[positive]),
            ("that are not", probabilities[~positive]),
        )
        if len(group)
    ]
    return f"Histogram of the probabilities of {name}: {'; '.join(parts)}"
