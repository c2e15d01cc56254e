"""Scatter plots of predicted and actual numbers, and of residuals (actual minus predicted)."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np

from nfm.figures.appearance import axis, plotly_figure
from nfm.figures.labels import label, titled
from nfm.figures.number_format import number, signed
from nfm.figures.palette import GREY
from nfm.tabular.row_selection import some_rows
from nfm.text import counted

if TYPE_CHECKING:
    from plotly.graph_objects import Figure, Scatter


MOST_POINTS = 2000
_BINS = 30
_HEIGHT = 400
_ZERO_LINE = {"dash": "dot", "width": 2, "color": GREY}


def residuals_against_predicted(
    actual: np.ndarray, predicted: np.ndarray, name: str, unit: str = ""
) -> Figure:
    """Draw the residuals against the predictions.

    Args:
        actual: Actual numbers, float64 (rows,).
        predicted: Predicted numbers, float64 (rows,).
        name: Name of the target, not escaped.
        unit: Unit of the target; "" if it has none.

    Returns:
        A figure of at most two thousand rows, chosen at random.
    """
    rows = some_rows(len(actual), MOST_POINTS)
    shown = label(unit)
    said, rest = predicted[rows], (actual - predicted)[rows]
    texts = [
        f"predicted {number(x, shown)}, residual {signed(y, shown)}"
        for x, y in zip(said, rest, strict=True)
    ]
    figure = plotly_figure(
        _points(said, rest, texts),
        "Residuals: no pattern is good",
        _HEIGHT,
        xaxis=axis(titled(f"Predicted {label(name)}", shown), nticks=5),
        yaxis=axis(titled("Actual − predicted", shown), nticks=6),
        legend_lines=1,
    )
    figure.add_hline(y=0, line=_ZERO_LINE, name="No error", showlegend=True)
    return figure


def residual_histogram(residuals: np.ndarray, name: str, unit: str = "") -> Figure:
    """Draw the histogram of the residuals.

    Args:
        residuals: Actual minus predicted numbers, float64 (rows,).
        name: Name of the target, not escaped.
        unit: Unit of the target; "" if it has none.
    """
    from plotly import graph_objects

    counts, edges = np.histogram(residuals, _BINS)
    shown = label(unit)
    bars = graph_objects.Bar(
        x=(edges[1:] + edges[:-1]) / 2,
        y=counts,
        width=np.diff(edges),
        name="Rows",
        customdata=[
            f"{number(low)} to {number(high, shown)}: {counted(count, 'row')}"
            for (low, high), count in zip(itertools.pairwise(edges), counts, strict=True)
        ],
        hovertemplate="%{customdata}<extra></extra>",
    )
    figure = plotly_figure(
        bars,
        "Residuals: narrow around 0 is good",
        _HEIGHT,
        xaxis=axis(titled(f"Actual − predicted {label(name)}", shown), nticks=5),
        yaxis=axis("Rows"),
        legend_lines=1,
    )
    figure.add_vline(x=0, line=_ZERO_LINE, name="No error", showlegend=True)
    return figure


def predicted_against_actual(
    actual: np.ndarray, predicted: np.ndarray, name: str, unit: str = ""
) -> Figure:
    """Draw actual against predicted numbers.

    Args:
        actual: Actual numbers, float64 (rows,).
        predicted: Predicted numbers, float64 (rows,).
        name: Name of the target, not escaped.
        unit: Unit of the target; "" if it has none.

    Returns:
        A figure of at most two thousand rows, chosen at random.
    """
    from plotly import graph_objects

    rows = some_rows(len(actual), MOST_POINTS)
    ends = [float(min(actual.min(), predicted.min())), float(max(actual.max(), predicted.max()))]
    target, shown = label(name), label(unit)
    said, was = predicted[rows], actual[rows]
    texts = [
        f"predicted {number(x, shown)}, actual {number(y, shown)}"
        for x, y in zip(said, was, strict=True)
    ]
    diagonal = graph_objects.Scatter(
        x=ends,
        y=ends,
        mode="lines",
        name="Exactly right",
        line={"dash": "dot", "width": 3, "color": GREY},
        hoverinfo="skip",
    )
    return plotly_figure(
        [_points(said, was, texts), diagonal],
        "Predictions: near the line is good",
        _HEIGHT,
        xaxis=axis(titled(f"Predicted {target}", shown), nticks=5),
        yaxis=axis(titled(f"Actual {target}", shown), nticks=6),
        legend_lines=1,
    )


def _points(across: np.ndarray, up: np.ndarray, texts: list[str]) -> Scatter:
    from plotly import graph_objects

    return graph_objects.Scatter(
        x=across,
        y=up,
        mode="markers",
        name="A row",
        marker={"size": 7, "opacity": 0.6},
        text=texts,
        hovertemplate="%{text}<extra></extra>",
    )
