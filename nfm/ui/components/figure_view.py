"""Figures on a page: each with a text alternative and a line that says how to read it.

Pages draw every figure through this module, so that none lacks either, and all are enlarged while
the session presents.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from nfm.figures.enlarged import enlarged_figure, enlarged_option, enlarged_specification
from nfm.figures.live_learning_curve import LiveCurve
from nfm.figures.text_alternative import text_alternative
from nfm.ui import present

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


@dataclass(frozen=True)
class Panel:
    """One of several charts that are read in the same way.

    Attributes:
        figure: A Plotly figure, or an option of Apache ECharts.
        key: Key of the element.
        alt: What it shows, for screen readers, as plain text.
    """

    figure: Figure | dict[str, Any]
    key: str
    alt: str


def show_reading(reading: str, place: DeltaGenerator | None = None) -> None:
    """Draw the line that says how to read a figure.

    Args:
        reading: One or two sentences (Markdown) without a finding: what the marks stand for.
        place: Container to draw it in; None draws it at the current position.
    """
    (place or st).caption(f"**How to read this:** {reading}")


def show_figure(
    figure: Figure, *, key: str, alt: str, reading: str, place: DeltaGenerator | None = None
) -> None:
    """Draw a Plotly figure without a toolbar.

    Args:
        figure: The figure.
        key: Key of the element.
        alt: What it shows, for screen readers, as plain text; its values are added.
        reading: How to read it; see `show_reading`.
        place: Container to draw it in; None draws it at the current position.
    """
    _draw_plotly(place or st, figure, key, alt)
    show_reading(reading, place)


def show_chart(
    option: dict[str, Any],
    *,
    key: str,
    alt: str,
    reading: str,
    height: int,
    place: DeltaGenerator | None = None,
) -> None:
    """Draw a chart of Apache ECharts.

    Args:
        option: The option.
        key: Key of the element.
        alt: What it shows, for screen readers, as plain text.
        reading: How to read it; see `show_reading`.
        height: Height in pixels.
        place: Container to draw it in; None draws it at the current position.
    """
    _draw_echarts(place or st, option, key, height, alt)
    show_reading(reading, place)


def show_panels(
    panels: Sequence[Panel], *, reading: str, min_width: int, height: int = 320
) -> None:
    """Draw several charts in up to three columns, with one line above on how to read them.

    Args:
        panels: The charts.
        reading: How to read each of them; see `show_reading`.
        min_width: Minimum width of a column in pixels.
        height: Height of a chart of Apache ECharts in pixels; Plotly figures have their own.
    """
    show_reading(reading)
    with st.grid(3, min_column_width=present.pixels(min_width), gap="medium"):
        for panel in panels:
            if isinstance(panel.figure, dict):
                _draw_echarts(st, panel.figure, panel.key, height, panel.alt)
            else:
                _draw_plotly(st, panel.figure, panel.key, panel.alt)


def show_live_chart(
    curve: LiveCurve, *, key: str, alt: str, reading: str, height: int, selection: str | None = None
) -> None:
    """Draw a Vega-Lite chart that keeps its drawing while its data grow.

    Args:
        curve: The chart.
        key: Key of the element.
        alt: What it shows, for screen readers, as plain text.
        reading: How to read it; see `show_reading`.
        height: Height in pixels.
        selection: Name of the selection in the chart to keep in the session; None for none.
    """
    specification = curve.with_data()
    if present.is_on():
        specification = enlarged_specification(specification)
    chosen: dict[str, Any] = {"on_select": "rerun", "selection_mode": selection}
    st.vega_lite_chart(
        specification,
        key=key,
        height=present.pixels(height),
        alt=alt,
        **(chosen if selection is not None else {}),
    )
    show_reading(reading)


def show_picture(picture: str, *, alt: str, reading: str) -> None:
    """Draw a figure that was stored as an SVG image.

    Args:
        picture: The image.
        alt: What it shows, for screen readers, as plain text.
        reading: How to read it; see `show_reading`.
    """
    st.image(picture, width="stretch", alt=alt)
    show_reading(reading)


def show_graph(dot: str, *, alt: str, reading: str) -> None:
    """Draw a graph in the language of Graphviz.

    Args:
        dot: The graph.
        alt: What it shows, for screen readers, as plain text.
        reading: How to read it; see `show_reading`.
    """
    st.graphviz_chart(dot, width="stretch", alt=alt)
    show_reading(reading)


def _draw_echarts(place: Any, option: dict[str, Any], key: str, height: int, alt: str) -> None:
    drawn = enlarged_option(option) if present.is_on() else option
    place.echarts_chart(drawn, key=key, height=present.pixels(height), alt=alt)


def _draw_plotly(place: Any, figure: Figure, key: str, alt: str) -> None:
    drawn = enlarged_figure(figure) if present.is_on() else figure
    alt = text_alternative(figure, alt)
    place.plotly_chart(drawn, config={"displayModeBar": False}, key=key, alt=alt)
