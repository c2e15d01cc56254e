"""Learn, steps 3 and 4: bi-interaction pooling with a calculator, and what it costs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from nfm.figures.echarts import highlight_series
from nfm.figures.learn_charts import cost_curve
from nfm.teaching.card import FigureState
from nfm.teaching.cards import rows_state
from nfm.teaching.pooling import measure, pair_products, pool
from nfm.text import counted
from nfm.ui.components.figure_view import show_chart
from nfm.ui.learn import calculator
from nfm.ui.learn.highlight import part

_PAIRS_SHOWN = 15
_SIZES = (4, 16, 64)
_MEASURED = "learn.measured"


def explain_pooling() -> None:
    """Draw the longer text of step 3."""
    text, formulas = st.columns([5, 6], gap="large")
    with text:
        st.markdown(
            "An FM reduces every pair to one number. **NFM stops one step earlier**: it "
            "multiplies the two vectors factor by factor, written ⊙, and keeps the "
            "vector: [1, 2, 3] ⊙ [4, 2, 1] = [4, 4, 3].\n\n"
            "The **bi-interaction** adds these products up over all pairs. However many features "
            "there are, $k$ numbers come out: one summary of all pairs for each factor."
        )
    with formulas:
        st.latex(
            r"\begin{aligned} f_{BI}(V_x) &= \sum_{i=1}^{n}\sum_{j=i+1}^{n} x_i v_i \odot x_j v_j"
            r" \\ &= \tfrac12\Big[\Big(\sum_{i} x_i v_i\Big)^2 - \sum_{i} (x_i v_i)^2\Big]"
            r"\end{aligned}"
        )
        st.markdown(
            "$V_x$ are the vectors of the features that the row has; squares are taken factor by "
            "factor (the article's equation 3). Both lines are equal because "
            "$(a+b+c)^2 = a^2+b^2+c^2 + 2(ab+ac+bc)$."
        )
    st.markdown(
        "**In short:** the bi-interaction is what an FM knows about pairs, before it is added up "
        "to a single number. It has no weights of its own, and costs little more than a sum."
    )


def show_calculator(element: str, *, by_pairs: bool) -> FigureState:
    """Draw the calculator.

    Args:
        element: What the card is about.
        by_pairs: Whether to draw the loop over all pairs; else the two sums.
    """
    calculator.edit()
    numbers, vectors = calculator.read()
    pooling = pool(numbers, vectors)
    products = pair_products(numbers, vectors)
    if by_pairs:
        with part("products", element):
            st.markdown(f"**The loop over {counted(len(products), 'pair')}**")
            st.table(_loop(products))
    else:
        with part("sums", element):
            st.markdown("**Two sums**, the way the layer does it")
            sums = {
                "Sum": pooling.total,
                "Square of the sum": pooling.square_of_sum,
                "Sum of the squares": pooling.sum_of_squares,
                "**Half of the difference**": pooling.pooled,
            }
            st.table(_table(sums))
    looped = sum(products.values(), np.zeros(vectors.shape[1]))
    agree = np.allclose(looped, pooling.pooled, rtol=1e-9, atol=1e-9)
    with part("result", element):
        st.markdown(
            f":material/check_circle: Both give **[{calculator.listed(pooling.pooled)}]**. "
            "An FM would add these up to one number: "
            f"**{calculator.written(pooling.pooled.sum())}**."
            if agree
            else ":material/info: The numbers are so far apart that rounding shows in the last "
            "digits."
        )
    return {"rows": rows_state(numbers, vectors)}


def _loop(products: dict[tuple[int, int], np.ndarray]) -> pd.DataFrame:
    rows = {f"Row {i + 1} ⊙ row {j + 1}": product for (i, j), product in products.items()}
    total = sum(products.values(), np.zeros(calculator.FACTORS))
    if len(rows) > _PAIRS_SHOWN:
        hidden = len(rows) - _PAIRS_SHOWN
        rows = dict(list(rows.items())[:_PAIRS_SHOWN])
        rows[f"… {hidden} more"] = np.full(calculator.FACTORS, np.nan)
    return _table({**rows, "**Sum**": total})


def _table(rows: dict[str, np.ndarray]) -> pd.DataFrame:
    factors = [f"v{factor + 1}" for factor in range(calculator.FACTORS)]
    written = [[calculator.written(value) for value in row] for row in rows.values()]
    return pd.DataFrame(written, index=list(rows), columns=factors)


def show_cost(element: str) -> FigureState:
    """Draw the measured time of both ways to pool."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        size = st.segmented_control(
            "Factors k", _SIZES, default=16, required=True, key="learn_cost_size"
        )
        st.button(
            "Measure again", icon=":material/timer:", key="measure", on_click=_count_measurement
        )
    costs = measure(size)
    last = costs[-1]
    show_chart(
        highlight_series(cost_curve(costs), element),
        key="cost_curve",
        height=250,
        alt=f"With {last.fields} fields, pair by pair takes {1e6 * last.pair_seconds:,.0f} "
        f"microseconds and by two sums {1e6 * last.sum_seconds:,.0f}",
        reading="Both axes are logarithmic: a steeper line means that the time grows with a "
        "higher power of n.",
    )
    multiplied, timed = st.columns(2)
    with multiplied, part("multiplications", element):
        st.metric(
            f"Multiplications, n = {last.fields}",
            f"{last.pair_products / last.sum_products:,.0f} ×",
            help=f"{last.pair_products:,} against {last.sum_products:,}.",
            border=True,
        )
    timed.metric(
        f"Measured time, n = {last.fields}",
        f"{last.ratio:,.0f} ×",
        help=f"{1e6 * last.pair_seconds:,.0f} µs against {1e6 * last.sum_seconds:,.0f} µs, "
        "each the fastest of several, on the computer where this app runs.",
        border=True,
    )
    return {"size": size, "measured": st.session_state.get(_MEASURED, 0)}


def explain_cost() -> None:
    """Draw the longer text of step 4."""
    st.markdown(
        "$n$ features make $n(n-1)/2$ pairs. Visiting them costs "
        r"$O(k\,n^2)$: twice the features, four times the work. "
        r"The second line of equation 3 needs two sums over the features: $O(k\,n)$. Twice the "
        "features, twice the work. The result is the same in every factor. With two or three "
        "fields, the two sums gain nothing.\n\n"
        "A model with a million features can be trained because a row has only a few of them: "
        "the others are zero and cost nothing. The two sums help where a row itself has many "
        "fields: all its pairs then cost about as much as its vectors.\n\n"
        "The numbers below the chart are the work of the pairs, relative to the two sums."
    )


def _count_measurement() -> None:
    st.session_state[_MEASURED] = st.session_state.get(_MEASURED, 0) + 1
