"""Learn, step 9: dropout and batch norm, switched on and off on a small network."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from nfm.figures.echarts import highlight_series
from nfm.figures.learn_charts import overfitting_curves
from nfm.figures.number_format import fixed
from nfm.teaching.card import FigureState
from nfm.teaching.overfitting import TRAINING_ROWS, VALIDATION_ROWS, Curves, learn, pass_batch
from nfm.ui.components.figure_view import show_chart
from nfm.ui.learn.highlight import marked

_DRAW = "learn_draw"
_TRAINING, _PREDICTION = "training", "prediction"


def explain() -> None:
    """Draw the longer text of step 9."""
    dropout, norm = st.columns(2, gap="large")
    with dropout:
        st.markdown(
            "**Dropout** sets a random share $p$ of the factors to 0 in each step, and scales the "
            "rest up by $1/(1-p)$. No unit can rely on another one always being there. For an FM, "
            "dropping whole factors is a new kind of regularisation."
        )
    with norm:
        st.markdown(
            "**Batch norm** subtracts each factor's mean $\\mu_B$ and divides by its deviation "
            "$\\sigma_B$ in the batch $B$; $\\gamma$ and $\\beta$ are learned, so that it can be "
            "undone:"
        )
        st.latex(r"BN(x) = \gamma \odot \frac{x - \mu_B}{\sigma_B} + \beta")
    st.markdown(
        f"The small NFM is trained on {TRAINING_ROWS} made-up rows; {VALIDATION_ROWS:,} others "
        "show whether it generalises. Where the solid curve turns up, it starts to overfit: early "
        "stopping ends training there."
    )


def _choose() -> tuple[float, bool]:
    """Draw the choice of dropout and batch norm."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="large"):
        rate = st.segmented_control(
            "Dropout p",
            (0.0, 0.2, 0.5, 0.8),
            default=0.0,
            required=True,
            key="learn_dropout",
            persist_state="session",
        )
        norm = st.toggle("Batch norm", key="learn_norm", persist_state="session")
    return float(rate), bool(norm)


def show_curves(element: str) -> FigureState:
    """Draw the losses of the small network."""
    rate, norm = _choose()
    curves = _learn(rate, norm)
    best, end = curves.validation[curves.best], curves.validation[-1]
    show_chart(
        highlight_series(overfitting_curves(curves), element),
        key="overfitting",
        height=270,
        alt=f"Validation loss {best:.2f} at best and {end:.2f} at the end, "
        f"training loss {curves.training[-1]:.2f} at the end",
        reading="The lower, the better. The solid line is the loss on rows that the network does "
        "not learn from.",
    )
    st.markdown(
        f"Validation loss: **{best:.2f}** at best (step {curves.steps[curves.best]}), "
        f"**{end:.2f}** at the end. Training loss at the end: {curves.training[-1]:.2f}."
    )
    return {"dropout": rate, "norm": norm}


def show_batch(element: str) -> FigureState:
    """Draw a batch of pooled vectors after dropout and batch norm."""
    rate, norm = _choose()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        phase = st.segmented_control(
            "One batch of 6 pooled vectors, during",
            (_TRAINING, _PREDICTION),
            default=_TRAINING,
            required=True,
            key="learn_phase",
            persist_state="session",
        )
        if rate and phase == _TRAINING:
            st.button("Draw again", icon=":material/casino:", key="draw_again", on_click=_redraw)
    draw = int(st.session_state.get(_DRAW, 0))
    passed = pass_batch(dropout=rate, batch_norm=norm, training=phase == _TRAINING, draw=draw)
    name, shown = "As pooled", passed.pooled
    if passed.dropped is not None:
        name, shown = "After dropout", passed.dropped
    elif passed.normalised is not None:
        name, shown = "After batch norm", passed.normalised
    rows = [marked(f"Row {row + 1}", "values", element) for row in range(len(shown))]
    moments = ["**Mean**", "**Deviation**"]
    if element == "moments":
        moments = [marked(name, "moments", element) for name in ("Mean", "Deviation")]
    table = pd.DataFrame(
        [[fixed(float(value), 2) for value in row] for row in shown]
        + [
            [f"**{fixed(float(value), 2)}**" for value in row]
            for row in (shown.mean(axis=0), shown.std(axis=0))
        ],
        index=[*rows, *moments],
        columns=[f"Factor {factor + 1}" for factor in range(shown.shape[1])],
    )
    st.markdown(f"**{name}**. {_explain_batch(rate, norm, phase == _TRAINING)}")
    st.table(table)
    return {"dropout": rate, "norm": norm, "phase": phase, "draw": draw}


def _explain_batch(rate: float, norm: bool, training: bool) -> str:
    if not training:
        return (
            "During prediction, the network keeps all factors, and batch norm uses the averages "
            "from training: the prediction for a row does not depend on other rows."
        )
    sentences = []
    if norm:
        sentences.append(
            "Every factor now has mean 0 and standard deviation 1, whatever its scale was."
        )
    if rate:
        sentences.append(
            f"About {100 * rate:.0f}% are 0; the rest are multiplied by {1 / (1 - rate):.4g}."
        )
    return (
        " ".join(sentences)
        or "The factors differ a lot in size. Switch on dropout or batch norm above."
    )


def _redraw() -> None:
    st.session_state[_DRAW] = int(st.session_state.get(_DRAW, 0)) + 1


@st.cache_data(max_entries=16, show_spinner="The small network is being trained …")
def _learn(dropout: float, batch_norm: bool) -> Curves:
    return learn(dropout, batch_norm)
