"""What if one column of the row were different, or two?"""

from __future__ import annotations

import streamlit as st

from nfm.figures.two_column_map import two_column_map as draw_map
from nfm.figures.what_if import PANEL_HEIGHT, answer_limits, describe_panel, what_if_panel
from nfm.inference.profiles import by_range, profiles, two_column_map
from nfm.ui.asked import Asked
from nfm.ui.escaping import literal

PANELS = 9


def show(asked: Asked) -> None:
    """Draw a panel for each column, and the map of two."""
    background, row = asked.background, asked.row
    if background is None:
        return
    output, axis, wording = asked.output, asked.axis, asked.wording
    found = by_range(profiles(background, row), output)
    st.markdown(
        f"{literal(axis.title)}, when one column takes other values and the rest stays as it is. "
        "The diamond is the row in the form; the column that moves the answer most comes first."
    )
    shown = found
    if len(found) > PANELS:
        everything = st.toggle(
            f"All {len(found)} columns", key=f"all_panels.{asked.run_id}", persist_state="session"
        )
        shown = found if everything else found[:PANELS]
    limits = answer_limits(found, axis, output)
    with st.grid(3, min_column_width=260, gap="medium"):
        for place, profile in enumerate(shown):
            st.echarts_chart(
                what_if_panel(profile, axis, limits, output, wording),
                key=f"what_if_{place}",
                height=PANEL_HEIGHT,
                alt=describe_panel(profile, axis, output, wording),
            )
    if len(found) > 1:
        names = [profile.choices.column for profile in found]
        st.fragment(_show_map)(asked, names)


def _show_map(asked: Asked, names: list[str]) -> None:
    """Ask for two columns and draw the answer for all pairs of their values."""
    st.markdown("**Two columns at once**")
    background = asked.background
    if background is None:
        return
    left, right = st.columns(2)
    first = left.selectbox(
        "Across",
        names,
        format_func=asked.wording.column,
        key=f"map_first.{asked.run_id}",
        persist_state="session",
    )
    others = [name for name in names if name != first]
    second = right.selectbox(
        "Upwards",
        others,
        format_func=asked.wording.column,
        key=f"map_second.{asked.run_id}",
        persist_state="session",
    )
    found = two_column_map(background, asked.row, first, second)
    st.plotly_chart(
        draw_map(found, asked.plotly_axis, asked.output, asked.wording),
        config={"displayModeBar": False},
        key="two_column_map",
        alt=f"{asked.axis.name} by {' and '.join(map(asked.wording.column, (first, second)))}",
    )
