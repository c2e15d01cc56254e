"""Scatter plot of embeddings, projected onto a plane."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nfm.explanation.embedding_map import EmbeddingVectors, Plane
from nfm.figures.appearance import axis, plotly_figure
from nfm.figures.labels import label
from nfm.figures.palette import FIELD_COLORS, FIELD_SYMBOLS
from nfm.tabular.categorical_field import MISSING_LEVEL
from nfm.text import counted

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

_LABELLED_LEVELS = 12


def embedding_map(found: EmbeddingVectors, plane: Plane) -> Figure:
    """Draw each level and number as a point, with one colour and symbol per field.

    Args:
        found: The embeddings.
        plane: The plane to project them onto; the same for all epochs of a run.

    Returns:
        A figure; the most frequent levels have a label, and a line joins the numbers of a field
        in increasing order.
    """
    from plotly import graph_objects as go

    places = plane.project(found.vectors)
    fields = list(dict.fromkeys(found.fields))
    owners = np.array([fields.index(field) for field in found.fields])
    traces = []
    for number, field in enumerate(fields):
        rows = np.flatnonzero(owners == number)
        is_number = bool(found.is_number[rows[0]])
        texts = [label(found.texts[row], 18) for row in rows]
        hover = [
            f"{label(field)} = {text}"
            + ("" if is_number else f" ({counted(found.counts[row], 'row')})")
            for row, text in zip(rows, texts, strict=True)
        ]
        across: list[float | None] = places[rows, 0].tolist()
        up: list[float | None] = places[rows, 1].tolist()
        most = rows[np.argsort(-found.counts[rows], kind="stable")[:_LABELLED_LEVELS]]
        names = [text if row in most else "" for row, text in zip(rows, texts, strict=True)]
        if is_number:
            if found.texts[rows[-1]] == MISSING_LEVEL:  # not joined by the line
                across.insert(-1, None)
                up.insert(-1, None)
                texts.insert(-1, "")
                hover.insert(-1, "")
            ends = (0, len(texts) - 1)
            names = [text if place in ends else "" for place, text in enumerate(texts)]
        traces.append(
            go.Scatter(
                x=across,
                y=up,
                name=label(field, 20),
                mode="lines+markers+text" if is_number else "markers+text",
                text=names,
                textposition="top center",
                textfont={"size": 12},
                customdata=hover,
                marker={
                    "size": 10,
                    "color": FIELD_COLORS[number % len(FIELD_COLORS)],
                    "symbol": FIELD_SYMBOLS[number % len(FIELD_SYMBOLS)],
                },
                line={"width": 1, "color": FIELD_COLORS[number % len(FIELD_COLORS)]},
                hovertemplate="%{customdata}<br>at %{x:.2f}, %{y:.2f}<extra></extra>",
            )
        )
    first, second = (f"{100 * share:.0f}% of the variance" for share in plane.shares)
    return plotly_figure(
        traces,
        "Embeddings: near means similar",
        540 + 11 * len(fields),
        xaxis=axis(f"First principal component ({first})"),
        yaxis=axis(f"Second principal component ({second})"),
        legend_lines=max(1, -(-len(fields) // 2)),
    )
