"""From a probability to a decision: one threshold, and all that it moves."""

from __future__ import annotations

import numpy as np
import streamlit as st

from nfm.figures.decision_matrix import decision_matrix
from nfm.figures.labels import shorten
from nfm.figures.precision_recall import precision_recall_curve
from nfm.figures.roc_curve import roc_curve
from nfm.figures.score_histogram import score_histogram
from nfm.inference.evaluation.thresholds import (
    THRESHOLD_DIGITS,
    THRESHOLD_STEP,
    Decisions,
    Sweep,
    implied_threshold,
    threshold_text,
)
from nfm.ui.escaping import literal
from nfm.ui.evaluate import held_out_rows
from nfm.ui.evaluate.held_out_rows import Evaluated
from nfm.ui.evaluate.words import cost_sentence, decisions_sentence
from nfm.ui.labels import labelled
from nfm.ui.lesson import opened_lesson

_HEIGHT = 340
_NAME_LENGTH = 30


def show(rows: Evaluated) -> None:
    """Draw the threshold with everything that follows from it."""
    st.header("From probability to decision", anchor=False)
    # A fragment: moving the threshold draws this part anew, and nothing else of the page.
    st.fragment(_panel)(rows)


def chosen_threshold(run_id: str, code: int = 1) -> float:
    """Return the threshold that was chosen for a model's decisions, the usual one at first."""
    return float(st.session_state.get(_threshold_key(run_id, code), opened_lesson.threshold()))


def _threshold_key(run_id: str, code: int) -> str:
    return f"evaluate.threshold.{run_id}.{code}"


def _panel(rows: Evaluated) -> None:
    code = _choose_class(rows)
    name = rows.wording.label(rows.evaluation.target.class_names[code])
    shown = shorten(name, _NAME_LENGTH)
    sweep = held_out_rows.sweep(rows, code)
    threshold = _choose_threshold(rows, sweep, code, shown)
    decisions = sweep.at(threshold)
    st.markdown(decisions_sentence(decisions, shown, threshold))
    _show_figures(decisions)
    positive, probabilities = held_out_rows.is_class(rows.evaluation, code)
    charts = {
        "matrix": (decision_matrix(decisions, shown), _describe(decisions)),
        "histogram": (
            score_histogram(positive, probabilities, threshold, shown),
            _describe_histogram(positive, probabilities, shown, threshold),
        ),
    }
    if sweep.has_both:
        area, mean = sweep.area_under_curve, sweep.average_precision
        charts["roc"] = (roc_curve(sweep, threshold), f"ROC curve, area {area:.3f}")
        charts["precision_recall"] = (
            precision_recall_curve(sweep, threshold),
            f"Precision-recall curve, average precision {mean:.3f}",
        )
    with st.grid(2, min_column_width=300, gap="medium"):
        for key, (option, words) in charts.items():
            st.echarts_chart(option, key=f"evaluate_{key}", height=_HEIGHT, alt=words)
    if not sweep.has_both:
        st.markdown("There are no curves: all these rows are of the class, or none is.")


def _choose_class(rows: Evaluated) -> int:
    target = rows.evaluation.target
    if target.class_count == 2:
        return 1
    return st.selectbox(
        "Class, against all the others",
        range(target.class_count),
        format_func=target.class_names.__getitem__,
        key=f"evaluate.class.{rows.run_id}",
        persist_state="session",
    )


def _choose_threshold(rows: Evaluated, sweep: Sweep, code: int, name: str) -> float:
    key = _threshold_key(rows.run_id, code)
    st.session_state.setdefault(key, opened_lesson.threshold())
    exact = f"{key}.exact"
    st.session_state[exact] = st.session_state[key]
    slider, costs = st.columns([2, 3], gap="large", vertical_alignment="bottom")
    with costs:
        middle, left, right = st.columns(3)
        # A slider is a few hundred pixels wide: it cannot be put to every step by mouse.
        middle.number_input(
            "Exact threshold",
            0.0,
            1.0,
            step=THRESHOLD_STEP,
            format=f"%.{THRESHOLD_DIGITS}f",
            key=exact,
            on_change=_copy,
            args=(exact, key),
        )
        false_alarm = left.number_input(
            "A false alarm costs",
            0.0,
            1e9,
            1.0,
            key=f"evaluate.false_alarm.{rows.run_id}.{code}",
            persist_state="session",
            help=f"Saying {literal(name)} where it is not, in any unit: only the ratio counts.",
        )
        miss = right.number_input(
            "A miss costs",
            0.0,
            1e9,
            1.0,
            key=f"evaluate.miss.{rows.run_id}.{code}",
            persist_state="session",
            help=f"Not saying {literal(name)} where it is.",
        )
    with slider:
        threshold = st.slider(
            **labelled(f"Threshold: the model says {name} from this probability on"),
            min_value=0.0,
            max_value=1.0,
            step=THRESHOLD_STEP,
            format=f"%.{THRESHOLD_DIGITS}f",
            key=key,
            persist_state="session",
        )
    implied = round(implied_threshold(false_alarm, miss), THRESHOLD_DIGITS)
    words, button = st.columns([3, 2], gap="large", vertical_alignment="center")
    words.markdown(cost_sentence(sweep, threshold, false_alarm, miss, name))
    button.button(
        f"Use the threshold {threshold_text(implied)} that these costs imply",
        key="use_implied",
        icon=":material/balance:",
        on_click=_set,
        args=(key, implied),
        disabled=implied == round(threshold, THRESHOLD_DIGITS),
        help="False alarm ÷ (false alarm + miss): right if the probabilities can be believed.",
        width="stretch",
    )
    return float(threshold)


def _set(key: str, value: float) -> None:
    st.session_state[key] = value


def _copy(source: str, key: str) -> None:
    st.session_state[key] = st.session_state[source]


def _show_figures(decisions: Decisions) -> None:
    shares = [
        ("Precision", decisions.precision, "Of the rows it says yes to, the share that are."),
        ("Recall", decisions.recall, "Of the rows that are, the share it says yes to."),
        ("Specificity", decisions.specificity, "Of the rows that are not, the share it says no to"),
        ("F1", decisions.f1, "The harmonic mean of precision and recall."),
        ("Accuracy", decisions.accuracy, "Share of right decisions at this threshold."),
    ]
    with st.grid(len(shares), min_column_width=110):
        for name, share, meaning in shares:
            st.metric(name, "–" if share is None else f"{100 * share:.1f} %", help=meaning)


def _describe(decisions: Decisions) -> str:
    return (
        f"Confusion matrix: {decisions.true_positives} hits, {decisions.false_positives} false "
        f"alarms, {decisions.false_negatives} misses, {decisions.true_negatives} rightly no"
    )


def _describe_histogram(
    positive: np.ndarray, probabilities: np.ndarray, name: str, threshold: float
) -> str:
    """Say where the probabilities lie, for people who do not see the chart."""
    parts = [
        f"{len(group)} rows {which}, median {np.median(group):.2f}, "
        f"{int((group >= threshold).sum())} at or above {threshold_text(threshold)}"
        for which, group in (
            (f"that are {name}", probabilities[positive]),
            ("that are not", probabilities[~positive]),
        )
        if len(group)
    ]
    return f"Histogram of the probabilities of {name}: {'; '.join(parts)}"
