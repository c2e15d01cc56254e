"""Learn, steps 1 and 5: truth tables that a sum of effects, an FM and an NFM can represent."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from nfm.figures.echarts import highlight_series
from nfm.figures.learn_charts import truth_table_bars
from nfm.teaching.card import FigureState
from nfm.teaching.numpy_nfm import Architecture
from nfm.teaching.truth_table import LearnedTruthTable, learn_truth_table, parity, position_names
from nfm.ui.components.figure_view import show_chart
from nfm.ui.learn.highlight import part

MODEL_NAMES: dict[Architecture, str] = {"linear": "Linear", "fm": "FM", "nfm": "NFM"}


def show(switches: int, kinds: Sequence[Architecture], element: str) -> FigureState:
    """Draw the lamp with its switches, and what models learn about it.

    Args:
        switches: Number of switches.
        kinds: The models to train.
        element: What the card is about: a series of the chart, or "scores".

    Returns:
        The truth table as "on", and the number of positions that each model gets right as "right".
    """
    truth_table = choose(switches)
    learned = {kind: learn(kind, truth_table) for kind in kinds}
    count = len(truth_table)
    predicted = {
        MODEL_NAMES[kind]: result.probabilities.tolist() for kind, result in learned.items()
    }
    scores = [f"{MODEL_NAMES[kind]} {result.right} of {count}" for kind, result in learned.items()]
    names = position_names(switches)
    show_chart(
        highlight_series(truth_table_bars(names, truth_table, predicted), element),
        key=f"lamp_bars_{count}",
        height=260,
        alt=f"Cases that each model gets right: {', '.join(scores)}",
        reading="A bar is a model's probability that the lamp is on, in one position of the "
        "switches. It is right where the bar ends on the side of the diamond.",
    )
    with part("scores", element):
        st.markdown(
            f"Correct after 300 training steps: {', '.join(f'**{score}**' for score in scores)}."
        )
    right = {kind: result.right for kind, result in learned.items()}
    return {"on": truth_table, "right": right}


def explain_pairs() -> None:
    """Draw the longer text of step 1."""
    text, formula = st.columns([5, 6], gap="large")
    with text:
        st.markdown(
            "On a staircase two switches control one lamp: flipping either one changes it. "
            "Logistic regression gives every feature a weight and adds up. For the staircase, "
            "flipping switch 1 must raise the sum when switch 2 is down, and lower it when switch "
            "2 is up. But $w_i$ is one number: it cannot do both. The best it can do is 50% "
            "everywhere.\n\n"
            "There are 16 ways to wire the lamp. The linear model fails on only two of them, the "
            "staircase and its opposite. An FM learns all 16."
        )
    with formula:
        st.latex(r"\hat y(x) = w_0 + \sum_{i=1}^{n} w_i x_i")
        st.markdown(
            "$x_i$ is 1 if the row has feature $i$ (say, *switch 1 up*) and 0 if not; $w_i$ is the "
            "weight of the feature, $w_0$ the bias. The probability is "
            r"$\sigma(\hat y) = 1/(1+e^{-\hat y})$."
        )
    st.markdown(
        "**People are like that too.** On the Titanic, second class instead of third raised the "
        "share of women who survived from 50% to 92%, and that of men only from 14% to 16%. "
        "The effect of the class depended on the sex: that is an effect of a **pair**."
    )


def choose(switches: int) -> tuple[bool, ...]:
    """Draw the choice of a truth table; the default is parity (XOR for two switches).

    Returns:
        Whether the lamp is on, in the order of `position_names`.
    """
    names = position_names(switches)
    usual = [name for name, on in zip(names, parity(switches), strict=True) if on]
    chosen = st.pills(
        "Switch positions with the lamp on",
        names,
        selection_mode="multi",
        default=usual,
        key=f"lamp_{switches}",
        persist_state="session",
        help="↓ is down, ↑ is up. Click to change the wiring.",
    )
    return tuple(name in chosen for name in names)


@st.cache_data(max_entries=600, show_spinner=False)
def learn(kind: Architecture, truth_table: tuple[bool, ...]) -> LearnedTruthTable:
    """Train a model on a truth table; results are cached.

    Args:
        kind: The model.
        truth_table: Whether the lamp is on, per position of the switches.
    """
    return learn_truth_table(kind, truth_table)


def explain_network() -> None:
    """Draw the longer text of step 5."""
    text, formulas = st.columns([5, 6], gap="large")
    with text:
        st.markdown(
            "An FM *adds* its pairs. An **NFM** puts a small network on the pooled pairs instead "
            "of adding them up. The network can bend and combine them:"
        )
        st.latex(
            r"\hat y_{NFM}(x) = w_0 + \sum_{i=1}^{n} w_i x_i + \mathrm{deep}\big(f_{BI}(V_x)\big)"
        )
        st.markdown(
            "Of all 256 wirings, the linear model fails on 152, the FM on two (three switches that "
            "all count, and the opposite), and the NFM on none. FM and NFM have k = 4; the NFM "
            "has one hidden layer of 16 units."
        )
    with formulas:
        st.markdown("That is the article's equation 2. *deep* is a chain of layers (equation 4):")
        st.latex(
            r"\begin{aligned} z_1 &= \sigma_1\big(W_1 f_{BI}(V_x) + b_1\big) \\"
            r" z_2 &= \sigma_2(W_2 z_1 + b_2) \\ &\;\;\vdots \\"
            r" \mathrm{deep} &= h^{\top} z_L \end{aligned}"
        )
        st.markdown(
            "$W_l$ and $b_l$ are the weights of layer $l$, $z_l$ its output; $\\sigma_l$ is a "
            "nonlinearity, for instance ReLU: $\\max(0, \\cdot)$. $h$ holds the weights of the "
            "last outputs: the **prediction layer**. With two classes, $\\sigma(\\hat y)$ is the "
            "probability; several classes have one $\\hat y$ each, and softmax; a number is "
            "$\\hat y$ itself."
        )
    st.markdown(
        "**So what does the bi-interaction layer add?** The network need not discover that "
        "features must be multiplied: the layer gives it all pairs, as $k$ numbers, and one hidden "
        "layer is often enough. Without hidden layers and with $h = (1, \\dots, 1)$, an NFM *is* "
        "an FM; without vectors, both are the linear model."
    )
