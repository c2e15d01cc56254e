"""What if two columns of the row were different at once?"""

from __future__ import annotations

import streamlit as st

from nfm.explanation.profiles import by_range, profiles, two_column_map
from nfm.figures.two_column_map import two_column_map as draw_map
from nfm.ui.components.figure_view import show_figure
from nfm.ui.predict.asked import Asked


def show(asked: Asked) -> None:
    """Ask for two columns and draw the answer for all pairs of their values."""
    background, wording = asked.background, asked.wording
    if background is None:
        return
    names = [
        profile.choices.column
        for profile in by_range(profiles(background, asked.row), asked.output)
    ]
    if len(names) < 2:
        st.markdown("This model has one column only.")
        return
    left, right = st.columns(2)
    first = left.selectbox(
        "Across",
        names,
        format_func=wording.column,
        key=f"map_first.{asked.run_id}",
        persist_state="session",
    )
    others = [name for name in names if name != first]
    second = right.selectbox(
        "Up",
        others,
        format_func=wording.column,
        key=f"map_second.{asked.run_id}",
        persist_state="session",
    )
    found = two_column_map(background, asked.row, first, second)
    show_figure(
        draw_map(found, asked.plotly_axis, asked.output, wording),
        key="two_column_map",
        alt=f"{asked.axis.name} by {' and '.join(map(wording.column, (first, second)))}",
    )
