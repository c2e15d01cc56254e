"""What if one column of the row, or two at once, had other values?"""

from __future__ import annotations

import streamlit as st

from nfm.explanation.ice_curves import by_range, heatmap_2d, ice_curves
from nfm.figures.two_column_map import two_column_map as draw_map
from nfm.figures.what_if import PANEL_HEIGHT, describe_panel, prediction_limits, what_if_panel
from nfm.ui.components.figure_view import Panel, show_figure, show_panels
from nfm.ui.escaping import literal
from nfm.ui.predict.prediction_request import PredictionRequest

PANELS = 9


def show(request: PredictionRequest) -> None:
    """Draw the ICE curve of each column, in a panel each."""
    output, axis, wording = request.output, request.axis, request.wording
    found = by_range(ice_curves(request.reference, request.row), output)
    shown = found
    if len(found) > PANELS:
        everything = st.toggle(
            f"All {len(found)} columns", key=f"all_panels.{request.run_id}", persist_state="session"
        )
        shown = found if everything else found[:PANELS]
    limits = prediction_limits(found, axis, output)
    show_panels(
        [
            Panel(
                what_if_panel(profile, axis, limits, output, wording),
                key=f"what_if_{place}",
                alt=describe_panel(profile, axis, output, wording),
            )
            for place, profile in enumerate(shown)
        ],
        reading=f"{literal(axis.title)} as one column takes other values and the rest stays the "
        "same. The diamond is the row in the form; the column that moves the prediction most comes "
        "first.",
        min_width=260,
        height=PANEL_HEIGHT,
    )


def show_two_columns(request: PredictionRequest) -> None:
    """Draw the choice of two columns and a heat map of the prediction for pairs of values."""
    reference, wording = request.reference, request.wording
    names = [
        profile.candidates.column
        for profile in by_range(ice_curves(reference, request.row), request.output)
    ]
    if len(names) < 2:
        st.markdown("This model has only one column; a map needs two.")
        return
    left, right = st.columns(2)
    first = left.selectbox(
        "Horizontal axis",
        names,
        format_func=wording.column,
        key=f"map_first.{request.run_id}",
        persist_state="session",
    )
    others = [name for name in names if name != first]
    second = right.selectbox(
        "Vertical axis",
        others,
        format_func=wording.column,
        key=f"map_second.{request.run_id}",
        persist_state="session",
    )
    found = heatmap_2d(reference, request.row, first, second)
    show_figure(
        draw_map(found, request.plotly_axis, request.output, wording),
        key="two_column_map",
        alt=f"{request.axis.name} by {' and '.join(map(wording.column, (first, second)))}",
        reading="A cell is the prediction with this pair of values and the rest of the row "
        "unchanged. The diamond is the row in the form; dots are values of training rows.",
    )
