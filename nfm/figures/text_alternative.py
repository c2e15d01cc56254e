"""Text alternatives of Plotly figures for screen readers, from the texts of the tooltips."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any

import numpy as np

from nfm.figures.number_format import with_minus
from nfm.text import full_stop

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

MARKS = 24
_FIELD = re.compile(r"%\{(\w+)(?:\[(\d+)\])?(?::([^}]*))?\}")
_TAG = re.compile(r"<br ?/?>|</?[a-z]+>", re.IGNORECASE)
_EXTRA = re.compile(r"<extra>.*?</extra>", re.DOTALL)


def text_alternative(figure: Figure, subject: str) -> str:
    """Describe the values of a Plotly figure in words.

    Each mark is described by the hover template of its trace, as in the tooltip. Traces with more
    than `MARKS` marks are summarised: heat maps by their lowest and highest cell, scatter plots by
    their ranges and correlation, bars and lines by evenly spaced marks.

    Args:
        figure: A figure of bars, points, lines or heat maps.
        subject: What the figure shows; plain text.

    Returns:
        Plain text.
    """
    words = [
        (trace.name, text)
        for trace in figure.data
        if trace.hovertemplate and (text := _trace_words(trace))
    ]
    if not words:
        return full_stop(subject)
    named = len(words) > 1
    said = [f"{_plain(name)}: {text}" if named and name else text for name, text in words]
    return full_stop(f"{subject}: {'; '.join(said)}")


def _trace_words(trace: Any) -> str:
    if trace.type == "heatmap":
        return _heat_map_words(trace)
    count = len(trace.x)
    if count > MARKS and trace.type != "bar" and trace.mode == "markers":
        return _cloud_words(trace)
    shown = np.unique(np.linspace(0, count - 1, min(count, MARKS)).round().astype(int))
    words = [_mark(trace, (int(place),)) for place in shown if trace.y[place] is not None]
    return "; ".join(dict.fromkeys(word for word in words if word))


def _heat_map_words(trace: Any) -> str:
    cells = np.array(
        [[np.nan if cell is None else cell for cell in row] for row in trace.z], dtype=np.float64
    )
    known = np.argwhere(~np.isnan(cells))
    if len(known) <= MARKS:
        return "; ".join(_mark(trace, (int(row), int(column))) for row, column in known)
    order = known[np.argsort(cells[tuple(known.T)], kind="stable")]
    lowest, highest = ((int(row), int(column)) for row, column in (order[0], order[-1]))
    return f"lowest, {_mark(trace, lowest)}; highest, {_mark(trace, highest)}"


def _cloud_words(trace: Any) -> str:
    across, up = (np.asarray(values, dtype=np.float64) for values in (trace.x, trace.y))
    ranges = [
        f"{name} from {with_minus(np.nanmin(values), '.4g')} "
        f"to {with_minus(np.nanmax(values), '.4g')}"
        for name, values in (("across", across), ("up", up))
    ]
    correlated = with_minus(np.corrcoef(across, up)[0, 1], ".2f")
    return f"{len(trace.x):,} points, {', '.join(ranges)}, correlation {correlated}"


def _mark(trace: Any, place: tuple[int, ...]) -> str:
    """Fill a trace's hover template for one mark."""
    template = _EXTRA.sub("", trace.hovertemplate)

    def fill(found: re.Match[str]) -> str:
        name, part, form = found.groups()
        value = _value(trace, name, place)
        if part is not None:
            value = value[int(part)]
        # Formats of d3 are those of Python, except "~", which Python's "g" implies.
        if form or isinstance(value, float):
            return with_minus(value, (form or ".6g").replace("~", ""))
        return str(value)

    return _plain(_FIELD.sub(fill, template))


def _value(trace: Any, name: str, place: tuple[int, ...]) -> Any:
    values = getattr(trace, name)
    if trace.type == "heatmap" and name in ("x", "y"):
        return values[place[1] if name == "x" else place[0]]
    if isinstance(values, str):
        return values
    for at in place:
        values = values[at]
    return values


def _plain(text: str) -> str:
    """Convert Plotly markup to plain text: line breaks, bold and entities."""
    parts = _TAG.sub(lambda found: ", " if found[0].startswith("<br") else "", text)
    return " ".join(html.unescape(parts).split())
