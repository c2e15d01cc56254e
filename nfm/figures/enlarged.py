"""Figures for a projector: the same ones, with larger type and room for it.

A figure's text sizes and its distances in pixels are made for a page that one person reads. These
functions return a copy that needs about twice the width, and in which no text is smaller than
`MINIMUM_FONT`.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

MINIMUM_FONT = 24
"""Smallest font size in pixels."""

SCALE = 1.85
"""How much larger heights, margins and other distances are: 24 to 13, the usual label."""

_FONT_SCALE = 1.6
_SYMBOL_SCALE = 1.5
_ECHARTS_DISTANCES = {
    *("left", "right", "top", "bottom", "itemGap", "itemWidth", "itemHeight", "lineHeight"),
    *("nameGap", "distance"),
}
_ECHARTS_TEXTS = {"axisLabel", "label", "nameTextStyle", "textStyle", "subtextStyle"}
_PLOTLY_DISTANCES = {"height", "xshift", "yshift", "standoff", "thickness"}
_VEGA_DISTANCES = {"minExtent", "offset", "dx", "dy", "symbolStrokeWidth"}


def enlarge(pixels: float) -> int:
    """Return a height, a width or another distance as enlarged figures have it."""
    return round(SCALE * pixels)


def font_size(pixels: float) -> int:
    """Return a font size as enlarged figures have it."""
    return max(MINIMUM_FONT, round(_FONT_SCALE * pixels))


def enlarged_option(option: Mapping[str, Any]) -> dict[str, Any]:
    """Enlarge a chart of Apache ECharts.

    Args:
        option: Its option, which is not modified.
    """
    larger = _enlarge_option(option, "")
    for axis in ("xAxis", "yAxis"):
        for one in larger[axis] if isinstance(larger.get(axis), list) else [larger.get(axis)]:
            if one:
                one["axisLabel"] = {"fontSize": MINIMUM_FONT} | one.get("axisLabel", {})
    for part in ("tooltip", "visualMap"):
        for one in larger[part] if isinstance(larger.get(part), list) else [larger.get(part)]:
            if one:
                one["textStyle"] = {"fontSize": MINIMUM_FONT} | one.get("textStyle", {})
    larger["textStyle"] = {"fontSize": MINIMUM_FONT} | larger.get("textStyle", {})
    return larger


def _enlarge_option(value: Any, name: str) -> Any:
    """Enlarge a part of an option that stands under a name."""
    if isinstance(value, list | tuple):
        return [_enlarge_option(one, name) for one in value]
    if not isinstance(value, Mapping):
        return value
    larger: dict[str, Any] = {}
    for key, one in value.items():
        if isinstance(one, int | float) and not isinstance(one, bool):
            if key == "fontSize":
                one = font_size(one)
            elif key in _ECHARTS_DISTANCES or (key == "width" and name in _ECHARTS_TEXTS):
                one = enlarge(one)
            elif key == "symbolSize":
                one = _SYMBOL_SCALE * one
        elif isinstance(one, Mapping | list | tuple):
            one = _enlarge_option(one, key)
        larger[key] = one
    if name in _ECHARTS_TEXTS:
        larger.setdefault("fontSize", MINIMUM_FONT)
    return larger


def enlarged_figure(figure: Figure) -> Figure:
    """Enlarge a Plotly figure.

    Args:
        figure: The figure, which stays as it is.
    """
    from plotly import graph_objects

    layout = figure.layout.to_plotly_json()
    template = layout.pop("template", None)
    layout = _enlarge_plotly(layout, "layout")
    traces = [_enlarge_plotly(trace.to_plotly_json(), "trace") for trace in figure.data]
    usual = {"size": MINIMUM_FONT}
    for name, part in layout.items():
        # Streamlit's theme has sizes of its own where a figure has none.
        if name.startswith(("xaxis", "yaxis")):
            part["tickfont"] = usual | part.get("tickfont", {})
    for annotation in layout.get("annotations", ()):
        annotation["font"] = usual | annotation.get("font", {})
    bars = [trace["colorbar"] for trace in traces if "colorbar" in trace]
    markers = [trace["marker"] for trace in traces if "marker" in trace]
    bars += [marker["colorbar"] for marker in markers if "colorbar" in marker]
    for bar in bars:
        bar["tickfont"] = usual | bar.get("tickfont", {})
    # The smallest type grows more than the distances do, and labels of bars stand at the right.
    layout["margin"] = layout.get("margin", {}) | {"r": layout.get("margin", {}).get("r", 80) + 8}
    layout["font"] = usual | layout.get("font", {})
    layout["hoverlabel"] = {"font": usual} | layout.get("hoverlabel", {})
    return graph_objects.Figure(data=traces, layout=layout | {"template": template})


def _enlarge_plotly(part: dict[str, Any], name: str) -> dict[str, Any]:
    """Enlarge a part of a layout or of a trace that stands under a name."""
    larger: dict[str, Any] = {}
    for key, value in part.items():
        if isinstance(value, dict):
            value = _enlarge_plotly(value, key)
        elif isinstance(value, list | tuple) and value and isinstance(value[0], dict):
            value = [_enlarge_plotly(one, key) for one in value]
        elif isinstance(value, int | float) and not isinstance(value, bool):
            if key == "size" and name.endswith("font"):
                value = font_size(value)
            elif key == "size" and name == "marker":
                value = _SYMBOL_SCALE * value
            elif key in _PLOTLY_DISTANCES or name in ("margin", "pad"):
                value = enlarge(value)
        larger[key] = value
    return larger


def enlarged_specification(specification: Mapping[str, Any]) -> dict[str, Any]:
    """Enlarge a Vega-Lite chart.

    Args:
        specification: The chart with its data, which are shared with the copy.
    """
    larger: dict[str, Any] = {}
    for key, value in specification.items():
        if key in ("data", "datasets"):
            pass
        elif isinstance(value, Mapping):
            value = enlarged_specification(value)
            if key == "padding":
                value = {side: enlarge(pixels) + 2 for side, pixels in value.items()}
        elif isinstance(value, list):
            value = [
                enlarged_specification(one) if isinstance(one, Mapping) else deepcopy(one)
                for one in value
            ]
        elif isinstance(value, int | float) and not isinstance(value, bool):
            if key.lower().endswith("fontsize"):
                value = font_size(value)
            elif key in _VEGA_DISTANCES:
                value = enlarge(value)
        larger[key] = value
    return larger
