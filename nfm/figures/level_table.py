"""What two columns do together, level by level."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nfm.explanation.pair_strengths import LevelPairTable
from nfm.figures.appearance import DIVERGING, color_bar, layout, plotly_axis
from nfm.figures.labels import label
from nfm.figures.number_format import signed
from nfm.text import counted

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


def level_table(found: LevelPairTable, output: int = 0) -> Figure:
    """Draw the pair's effect for each two levels, with the number of training rows.

    Args:
        found: The table.
        output: Of which answer.

    Returns:
        A heat map, blue where the two together raise the answer, brown where they lower it;
        blank where no training row has both.
    """
    from plotly import graph_objects as go

    effects = np.where(found.counts > 0, found.effect[..., output], np.nan).T
    counts = found.counts.T
    across = [label(text, 16) for text in found.first.texts]
    down = [label(text, 16) for text in found.second.texts]
    largest = float(np.nanmax(np.abs(effects))) if (counts > 0).any() else 1.0
    drawn = [[None if np.isnan(value) else float(value) for value in row] for row in effects]
    texts = [
        [
            "" if count == 0 else f"{signed(value)}<br>{counted(count, 'row')}"
            for value, count in zip(values, row, strict=True)
        ]
        for values, row in zip(effects, counts, strict=True)
    ]
    names = label(found.first.column), label(found.second.column)
    hover = [[f"{names[0]} = {x}, {names[1]} = {y}" for x in across] for y in down]
    map_trace = go.Heatmap(
        z=drawn,
        x=list(range(len(across))),
        y=list(range(len(down))),
        text=texts,
        texttemplate="%{text}" if effects.size <= 120 else None,
        customdata=hover,
        colorscale=DIVERGING,
        zmin=-largest or -1.0,
        zmax=largest or 1.0,
        hoverongaps=False,
        colorbar=color_bar(f"Effect of the pair ({label(found.unit)})"),
        hovertemplate="%{customdata}: %{text}<extra></extra>",
    )
    figure = go.Figure(map_trace)
    title = (
        f"{label(found.first.column, 14)} × {label(found.second.column, 14)}: the pair's own effect"
    )
    figure.update_layout(
        layout(
            title,
            170 + 44 * max(3, len(down)),
            xaxis=plotly_axis(names[0], across, showgrid=False),
            yaxis=plotly_axis(names[1], down, showgrid=False),
        )
    )
    return figure
