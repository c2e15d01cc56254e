"""What if two columns of the row were different at once?"""

from __future__ import annotations

import streamlit as st

from nfm.explanation.ice_curves import by_range, heatmap_2d, ice_curves
from nfm.figures.two_column_map import two_column_map as draw_map
from nfm.ui.components.figure_view import show_figure
from nfm.ui.predict.prediction_request import PredictionRequest


def show(request: PredictionRequest) -> None:
    """Ask for two columns and draw the answer for all pairs of their values."""
    reference, dictionary = request.reference, request.dictionary
    if reference is None:
        return
    names = [
        profile.candidates.column
        for profile in by_range(ice_curves(reference, request.row), request.output)
    ]
    if len(names) < 2:
        st.markdown("This model has one column only.")
        return
    left, right = st.columns(2)
    first = left.selectbox(
        "Across",
        names,
        format_func=dictionary.column,
        key=f"map_first.{request.run_id}",
        persist_state="session",
    )
    others = [name for name in names if name != first]
    second = right.selectbox(
        "Up",
        others,
        format_func=dictionary.column,
        key=f"map_second.{request.run_id}",
        persist_state="session",
    )
    found = heatmap_2d(reference, request.row, first, second)
    show_figure(
        draw_map(found, request.plotly_axis, request.output, dictionary),
        key="two_column_map",
        alt=f"{request.axis.name} by {' and '.join(map(dictionary.column, (first, second)))}",
    )
