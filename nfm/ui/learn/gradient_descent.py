"""Learn, steps 7 and 8: the gradient of the bi-interaction, and optimisers that follow one."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from nfm.figures.echarts import highlight_series
from nfm.figures.number_format import with_minus
from nfm.figures.optimizer_paths import descent_curves, describe_descent, valley_map
from nfm.teaching.card import FigureState
from nfm.teaching.optimizer_paths import Rule, valley_path
from nfm.teaching.pooling import pool_differences, pool_gradient
from nfm.ui.components.figure_view import show_chart
from nfm.ui.learn import calculator
from nfm.ui.learn.highlight import marked

_WIDTHS = (1.0, 0.1, 0.01, 0.001, 0.0001)
_NAMES: dict[Rule, str] = {"sgd": "SGD", "adagrad": "Adagrad", "adam": "Adam"}
_RATES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
_START = (-1.6, 2.2)
_USUAL = 0.1
# Times the usual rate this is above 2, where SGD diverges.
_STEEP = 30


def show_gradient(element: str) -> FigureState:
    """Draw the gradient of the bi-interaction by equation 5, and as it is measured."""
    numbers, vectors = calculator.read()
    if len(numbers) == 0:
        st.markdown("The calculator of step 3 has no rows: add one there.")
        return {}
    left, right = st.columns(2)
    row = left.selectbox(
        "Change the vector of row",
        range(len(numbers)),
        format_func=lambda place: f"{place + 1}: [{calculator.listed(vectors[place])}]",
        key=f"learn_gradient_row_{len(numbers)}",
        help="The rows of the calculator in step 3.",
    )
    width = right.select_slider(
        "by h", _WIDTHS, value=0.001, key="learn_gradient_width", persist_state="session"
    )
    formula = pool_gradient(numbers, vectors, row)
    measured = pool_differences(numbers, vectors, row, width)
    st.latex(
        r"\frac{f_{BI}(v_i + h) - f_{BI}(v_i - h)}{2h} \approx"
        r" \frac{\partial f_{BI}}{\partial v_i}"
    )
    table = pd.DataFrame(
        [
            [calculator.written(value) for value in formula],
            [calculator.written(value) for value in measured],
            [with_minus(value, ".2g") for value in np.abs(measured - formula)],
        ],
        index=[
            marked("Equation 5", "formula", element),
            marked("Measured with h", "measured", element),
            "Difference",
        ],
        columns=[f"v{factor + 1}" for factor in range(vectors.shape[1])],
    )
    st.table(table)
    st.caption(
        "The remaining difference is rounding error and hardly depends on h: each factor of the "
        "pooled vector is linear in the same factor of one vector."
    )
    calculator.show_reset()
    return {"row": row, "h": width}


def explain_gradient() -> None:
    """Draw the longer text of step 7."""
    text, formula = st.columns([5, 6], gap="large")
    with text:
        st.markdown(
            "Training moves every number a little in the direction that makes the loss smaller. "
            "For that it must know how the result changes with each number: the *gradient*. "
            "Through the network it is the usual chain rule; only the bi-interaction is new.\n\n"
            "The sum in the first line is already known from pooling, so the gradient of all "
            r"vectors costs $O(k\,n)$, too."
        )
    with formula:
        st.latex(
            r"\begin{aligned} \frac{\partial f_{BI}(V_x)}{\partial v_i}"
            r" &= \Big(\sum_{j=1}^{n} x_j v_j\Big) x_i - x_i^2 v_i"
            r" \\ &= \sum_{j \neq i} x_i x_j v_j \end{aligned}"
        )
        st.markdown(
            "This is the article's equation 5, for each factor. In words: **a feature learns from "
            "the other features of its rows.** The second line is the sum of the *other* "
            "vectors of the row; a feature alone in its row gets no gradient from pairs."
        )


def explain_optimizers() -> None:
    """Draw the longer text of step 8."""
    sgd, adagrad, adam = st.columns(3, gap="medium")
    with sgd:
        st.markdown("**SGD.** The same rate η for every weight; $g$ is its gradient.")
        st.latex(r"w \leftarrow w - \eta\, g")
    with adagrad:
        st.markdown(
            "**Adagrad.** Each weight has its own rate, smaller the larger its gradients have been."
        )
        st.latex(
            r"\begin{aligned} a &\leftarrow a + g^2 \\"
            r" w &\leftarrow w - \eta\, g / \sqrt a \end{aligned}"
        )
    with adam:
        st.markdown("**Adam.** Averages that forget; the hats correct their start at 0.")
        st.latex(
            r"\begin{aligned} m &\leftarrow \beta_1 m + (1-\beta_1)\, g \\"
            r" v &\leftarrow \beta_2 v + (1-\beta_2)\, g^2 \\"
            r" w &\leftarrow w - \eta\, \hat m / (\sqrt{\hat v} + \epsilon) \end{aligned}"
        )
    st.markdown(
        "**Why it matters for ids:** a rare cabin occurs in few batches. With SGD its vector "
        "hardly moves; Adagrad and Adam divide by the size of its own gradients, so that its rare "
        "steps are large. The article recommends Adagrad on small batches of rows; its code and "
        "this app's default use Adam."
    )


def show_descent(element: str) -> FigureState:
    """Draw the paths of three optimisers down a valley, and their loss."""
    controls = st.columns(3)
    rate = controls[0].select_slider(
        "Learning rate η", _RATES, value=_USUAL, key="learn_rate", persist_state="session"
    )
    steepness = controls[1].select_slider(
        "Steepness of w₁ relative to w₂",
        (1, 3, 10, 30, 100),
        value=_STEEP,
        format_func=lambda times: f"{times} ×",
        key="learn_steepness",
        persist_state="session",
    )
    steps = controls[2].select_slider(
        "Steps", (5, 10, 20, 40, 80, 160), value=40, key="learn_step_count", persist_state="session"
    )
    paths = {
        name: valley_path(rule, rate, float(steepness), _START, steps)
        for rule, name in _NAMES.items()
    }
    words = describe_descent(paths, float(steepness))
    left, right = st.columns(2)
    show_chart(
        highlight_series(valley_map(paths, float(steepness)), element),
        key="valley_map",
        height=280,
        alt=words,
        reading="A path starts at the top left; the lowest loss is at 0, 0. On a grey line the "
        "loss is the same.",
        place=left,
    )
    show_chart(
        highlight_series(descent_curves(paths, float(steepness)), element),
        key="descent",
        height=280,
        alt=words,
        reading="The lower, the better; a rising line means that the steps are too large.",
        place=right,
    )
    if any(abs(places).max() > 100 for places in paths.values()):
        st.markdown(
            ":material/warning: SGD leaps across the valley, farther each time: the rate is too "
            "large for its steep side. This is what *diverged* means on the Train page. "
            "Make the rate smaller until it stays inside."
        )
    else:
        st.markdown(
            "With a rate that suits the steep side, SGD does well in such a smooth valley. But "
            "a model has thousands of weights, each as steep as its level is frequent."
        )
    return {"rate": rate, "steepness": steepness, "steps": steps}
