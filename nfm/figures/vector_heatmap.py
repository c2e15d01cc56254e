"""Heat map of vectors: one row per vector, one cell per factor, as an option of ECharts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nfm.figures.echarts import LABELS, axis_name, chart
from nfm.figures.number_format import fixed
from nfm.figures.palette import CELL_BORDER, DIVERGING

_ROW_HEIGHT = 34
_LABELLED = 6


def factor_map(names: Sequence[str], vectors: np.ndarray, title: str) -> dict[str, Any]:
    """Draw vectors as rows of cells: orange below 0, blue above.

    Args:
        names: Names of the vectors; drawn as text, never as HTML.
        vectors: The vectors, float64 (rows, k).
        title: What is shown.

    Returns:
        An ECharts option; with few factors, the cells show their numbers.
    """
    rows, size = vectors.shape
    bound = float(np.abs(vectors).max(initial=0.0)) or 1.0
    cells = [
        {
            "value": [
                factor,
                row,
                round(float(vectors[row, factor]), 4),
                fixed(float(vectors[row, factor]), 4),
            ],
            "label": {"formatter": fixed(float(vectors[row, factor]), 2)},
        }
        for row in range(rows)
        for factor in range(size)
    ]
    return chart(
        title,
        note="Blue above 0, orange below",
        tooltip={"trigger": "item"},
        visualMap={
            "show": False,
            "type": "continuous",
            "dimension": 2,
            "min": -bound,
            "max": bound,
            "inRange": {"color": [color for _, color in DIVERGING]},
        },
        x={
            "type": "category",
            **axis_name("Factor", below=True),
            "data": [str(factor + 1) for factor in range(size)],
            "axisTick": {"show": False},
            "axisLabel": LABELS,
            "splitLine": {"show": False},
        },
        y={
            "type": "category",
            "inverse": True,
            "data": list(names),
            "axisTick": {"show": False},
            "axisLabel": {"fontSize": 14, "width": 130, "overflow": "truncate", "interval": 0},
            "splitLine": {"show": False},
        },
        series=[
            {
                "type": "heatmap",
                "dimensions": [{}, {}, {}, {"name": "text", "type": "ordinal"}],
                "encode": {"x": 0, "y": 1, "value": 2, "tooltip": [3]},
                "data": cells,
                "label": {"show": size <= _LABELLED, "fontSize": 13},
                "itemStyle": {"borderWidth": 1, "borderColor": CELL_BORDER},
            }
        ],
    )


def factor_map_height(rows: int) -> int:
    """Return the height of the heat map for a number of vectors, in pixels."""
    return 126 + _ROW_HEIGHT * rows
