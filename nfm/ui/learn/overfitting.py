"""Learn, step 9: dropout and batch norm, switched on and off on a small network."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from nfm.figures.learn_charts import overfitting_curves
from nfm.figures.number_format import fixed
from nfm.teaching.overfitting import (
    TRAINING_ROWS,
    VALIDATION_ROWS,
    Curves,
    learn,
    pass_batch,
)

_DRAW = "learn_draw"
_TRAINING, _PREDICTION = "training", "prediction"


def show() -> None:
    """Draw step 9."""
    st.header("How does a network learn rules instead of memorising rows?", anchor=False)
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
    st.fragment(_show_trial)()


def _show_trial() -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="large"):
        rate = st.segmented_control(
            "Dropout p", (0.0, 0.2, 0.5, 0.8), default=0.0, required=True, key="learn_dropout"
        )
        norm = st.toggle("Batch norm", key="learn_norm")
    curves, batch = st.columns(2, gap="large")
    with curves:
        _show_curves(_learn(rate, norm))
    with batch:
        _show_batch(rate, norm)


def _show_curves(curves: Curves) -> None:
    best, end = curves.validation[curves.best], curves.validation[-1]
    st.echarts_chart(
        overfitting_curves(curves),
        key="overfitting",
        height=320,
        alt=f"Validation loss {best:.2f} at best and {end:.2f} at the end, "
        f"training loss {curves.training[-1]:.2f} at the end",
    )
    st.markdown(
        f"Validation loss: **{best:.2f}** at best (step {curves.steps[curves.best]}), "
        f"**{end:.2f}** at the end. Training loss at the end: {curves.training[-1]:.2f}."
    )
    st.caption(
        f"A small NFM is trained on {TRAINING_ROWS} made-up rows; {VALIDATION_ROWS:,} others show "
        "whether it generalises. Where the solid curve turns up, it starts to overfit: early "
        "stopping ends training there."
    )


def _show_batch(rate: float, norm: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        phase = st.segmented_control(
            "One batch of 6 pooled vectors, during",
            (_TRAINING, _PREDICTION),
            default=_TRAINING,
            required=True,
            key="learn_phase",
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
    table = pd.DataFrame(
        [[fixed(float(value), 2) for value in row] for row in shown]
        + [
            [f"**{fixed(float(value), 2)}**" for value in row]
            for row in (shown.mean(axis=0), shown.std(axis=0))
        ],
        index=[*(f"Row {row + 1}" for row in range(len(shown))), "**Mean**", "**Deviation**"],
        columns=[f"Factor {factor + 1}" for factor in range(shown.shape[1])],
    )
    st.markdown(f"**{name}**")
    st.table(table)
    st.caption(_explain_batch(rate, norm, phase == _TRAINING))


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
            f"About {100 * rate:.0f} % are 0; the rest are multiplied by {1 / (1 - rate):.4g}."
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
