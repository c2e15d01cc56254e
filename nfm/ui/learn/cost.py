"""Learn, step 4: what pooling costs, counted and measured."""

from __future__ import annotations

import streamlit as st

from nfm.figures.pooling_cost import cost_curve
from nfm.teaching.pooling_cost import PoolingCost, measure

_SIZES = (4, 16, 64)


def show() -> None:
    """Draw the step."""
    st.header("Aren't there far too many pairs?", anchor=False)
    text, trial = st.columns([5, 6], gap="large")
    with text:
        st.markdown(
            "$n$ features make $n(n-1)/2$ pairs. Visiting them costs "
            r"$O(k\,n^2)$: twice the features, four times the work."
            "\n\n"
            r"The second line of equation 3 needs two sums over the features: $O(k\,n)$. Twice the "
            "features, twice the work. The result is the same, to the last factor.\n\n"
            "A model with a million features trains at all because a row has only a few of them: "
            "the others are zero and cost nothing. The two sums help where a row itself has many "
            "fields: all its pairs then cost about as much as its vectors."
        )
    with trial:
        st.fragment(_show_trial)()


def _show_trial() -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        size = st.segmented_control(
            "Factors k", _SIZES, default=16, required=True, key="learn_cost_size"
        )
        st.button("Measure again", icon=":material/timer:", key="measure")
    costs = measure(size)
    last = costs[-1]
    st.echarts_chart(cost_curve(costs), key="cost_curve", height=320, alt=_words(last))
    counted, timed = st.columns(2)
    counted.metric(
        f"Multiplications, n = {last.fields}",
        f"{last.pair_products / last.sum_products:,.0f} ×",
        help=f"{last.pair_products:,} against {last.sum_products:,}.",
        border=True,
    )
    timed.metric(
        f"Time just now, n = {last.fields}",
        f"{last.ratio:,.0f} ×",
        help=f"{1e6 * last.pair_seconds:,.0f} µs against {1e6 * last.sum_seconds:,.0f} µs, "
        "each the fastest of several, on the computer where this app runs.",
        border=True,
    )
    st.caption("How many times more work the pairs need. For two or three fields there is no gain.")


def _words(cost: PoolingCost) -> str:
    return (
        f"With {cost.fields} fields, pair by pair takes {1e6 * cost.pair_seconds:,.0f} "
        f"microseconds and by two sums {1e6 * cost.sum_seconds:,.0f}"
    )
