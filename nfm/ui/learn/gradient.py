"""Learn, step 7: the gradient of the bi-interaction, checked by small steps."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from nfm.teaching.pooling import pool_differences, pool_gradient
from nfm.ui.learn import rows

_WIDTHS = (1.0, 0.1, 0.01, 0.001, 0.0001)


def show() -> None:
    """Draw the step."""
    st.header("How do the vectors learn?", anchor=False)
    text, trial = st.columns([5, 6], gap="large")
    with text:
        st.markdown(
            "Training moves every number a little in the direction that makes the loss smaller. "
            "For that it must know how the result changes with each number: the *gradient*. "
            "Through the network it is the usual chain rule; new is only the bi-interaction:"
        )
        st.latex(
            r"\begin{aligned} \frac{\partial f_{BI}(V_x)}{\partial v_i}"
            r" &= \Big(\sum_{j=1}^{n} x_j v_j\Big) x_i - x_i^2 v_i"
            r" \\ &= \sum_{j \neq i} x_i x_j v_j \end{aligned}"
        )
        st.markdown(
            "This is the article's equation 5, to be read factor by factor. In words: **a feature "
            "learns from the company it keeps.** The second line is the sum of the *other* "
            "vectors of the row; a feature alone in its row gets no gradient from pairs.\n\n"
            "The sum in the first line is there already from pooling, so the gradient of all "
            r"vectors costs $O(k\,n)$, too."
        )
    with trial:
        st.fragment(_show_check)()


def _show_check() -> None:
    numbers, vectors = rows.read()
    if len(numbers) == 0:
        st.markdown("The calculator of step 3 has no rows: add one there.")
        return
    left, right = st.columns(2)
    row = left.selectbox(
        "Move the vector of row",
        range(len(numbers)),
        format_func=lambda place: f"{place + 1}: [{rows.listed(vectors[place])}]",
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
            [rows.written(value) for value in values]
            for values in (formula, measured, np.abs(measured - formula))
        ],
        index=["Equation 5", "Measured with h", "Difference"],
        columns=[f"v{factor + 1}" for factor in range(vectors.shape[1])],
    )
    st.table(table)
    st.caption(
        "What is left is rounding, and it hardly depends on h: each factor of the pool is a "
        "straight line in the same factor of one vector."
    )
