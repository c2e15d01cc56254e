"""The confusion matrix of several classes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from nfm.figures.appearance import category_axis, color_bar, plotly_figure
from nfm.figures.labels import label
from nfm.figures.palette import SEQUENTIAL
from nfm.text import counted

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

MOST_CLASSES = 20
_CELLS_WITH_COUNTS = 12
_HEIGHT = 400


def confusion_matrix(counts: np.ndarray, names: Sequence[str]) -> Figure:
    """Draw the confusion matrix of several classes.

    Args:
        counts: Number of rows by actual and predicted class, int64 (classes, classes).
        names: Names of the classes, not escaped.

    Returns:
        A figure of the twenty most frequent classes: the colour shows the share of the actual
        class, the text the count.
    """
    from plotly import graph_objects

    kept = np.sort(np.argsort(-counts.sum(axis=1), kind="stable")[:MOST_CLASSES])
    shown = counts[np.ix_(kept, kept)]
    shares = 100 * shown / np.maximum(counts.sum(axis=1)[kept], 1)[:, None]
    whole = [label(names[place], 60) for place in kept]
    written = [[f"{count:,}" for count in line] for line in shown]
    rows = [[counted(count, "row") for count in line] for line in shown]
    # Positions, not names, define the axes: two shortened names may be equal.
    places = list(range(len(kept)))
    labels = [label(names[place], 14) for place in kept]
    cells = graph_objects.Heatmap(
        z=shares,
        x=places,
        y=places,
        zmin=0,
        zmax=100,
        colorscale=SEQUENTIAL,
        customdata=np.dstack([rows, *np.meshgrid(whole, whole)]),
        text=written if len(kept) <= _CELLS_WITH_COUNTS else None,
        texttemplate="%{text}" if len(kept) <= _CELLS_WITH_COUNTS else None,
        textfont={"size": 13},
        colorbar=color_bar("Share of the actual class (%)"),
        xgap=2,
        ygap=2,
        hovertemplate=(
            "actual %{customdata[2]}, predicted %{customdata[1]}<br>"
            "%{customdata[0]}, %{z:.1f}% of the class<extra></extra>"
        ),
    )
    return plotly_figure(
        cells,
        "Confusion: off the diagonal is wrong",
        _HEIGHT,
        xaxis=category_axis("Predicted class", labels, showgrid=False),
        yaxis=category_axis("Actual class", labels, downwards=True, showgrid=False),
    )
