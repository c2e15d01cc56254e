"""Heat map of missing values: columns by position in the table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nfm.figures.appearance import axis, category_axis, plotly_figure
from nfm.figures.labels import label
from nfm.figures.palette import BLUE, PALE_GREY
from nfm.tabular.profile import TableProfile

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

COLUMNS = 30
_FRAME_HEIGHT, _COLUMN_HEIGHT = 110, 24


def missing_map(profile: TableProfile) -> Figure:
    """Draw the share of missing values in blocks of consecutive rows.

    Args:
        profile: Profile of a table with missing values; the thirty columns with most of them
            are drawn.

    Returns:
        A heat map with one line per column.
    """
    from plotly import graph_objects

    names = profile.missing_columns[:COLUMNS]
    shares = profile.missing[:, : len(names)]
    blocks = len(shares)
    size = profile.total / max(blocks, 1)
    firsts = [round(size * block) + 1 for block in range(blocks)]
    lasts = [*(first - 1 for first in firsts[1:]), profile.total]
    overall = shares.mean(axis=0)
    written = [
        [
            [label(name, 60), f"{first:,}", f"{last:,}"]
            for first, last in zip(firsts, lasts, strict=True)
        ]
        for name in names
    ]
    cells = graph_objects.Heatmap(
        x=[(first + last) / 2 for first, last in zip(firsts, lasts, strict=True)],
        y=list(range(len(names))),
        z=np.round(100 * shares.T, 1),
        zmin=0,
        zmax=100,
        colorscale=[[0.0, PALE_GREY], [1.0, BLUE]],
        showscale=False,
        ygap=3,
        customdata=written,
        hovertemplate="%{customdata[0]}<br>rows %{customdata[1]} to %{customdata[2]}<br>"
        "%{z:.0f}% missing<extra></extra>",
    )
    ticks = [
        f"{label(name, 20)} ({100 * share:.1f}%)"
        for name, share in zip(names, overall, strict=True)
    ]
    return plotly_figure(
        cells,
        "Missing values (blue)",
        _FRAME_HEIGHT + _COLUMN_HEIGHT * len(names),
        xaxis=axis("Row of the table", showgrid=False),
        yaxis=category_axis("", ticks, downwards=True, showgrid=False),
    )
