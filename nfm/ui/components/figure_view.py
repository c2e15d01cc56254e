"""Plotly figures on a page: without a toolbar, and with a text alternative."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from nfm.figures.text_alternative import text_alternative

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


def show_figure(figure: Figure, *, key: str, alt: str, place: DeltaGenerator | None = None) -> None:
    """Draw a Plotly figure.

    Args:
        figure: The figure.
        key: Key of the element.
        alt: What it shows, for screen readers, as plain text; its values are added.
        place: Container to draw it in; None draws it at the current position.
    """
    (place or st).plotly_chart(
        figure,
        config={"displayModeBar": False},
        key=key,
        alt=text_alternative(figure, alt),
    )
