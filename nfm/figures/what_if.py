"""How the answer changes as each column alone is changed: small multiples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from nfm.figures.appearance import BLUE, GREY, ORANGE, axis, layout
from nfm.figures.labels import AnswerAxis, label
from nfm.inference.profiles import Profile

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

LEVELS = 8
PANELS = 12
_ACROSS = 3
_PANEL_HEIGHT = 220


def what_if(
    found: Sequence[Profile], answer: AnswerAxis, output: int = 0, *, across: int = _ACROSS
) -> Figure:
    """Draw a panel for each column: the answer for its values, the row's own value marked.

    Args:
        found: In the order in which they are drawn, for instance `by_range`; the first
            `PANELS` are.
        answer: How answers are drawn.
        output: Which of them.
        across: Panels in a row.

    Returns:
        The figure; all panels have the same scale of answers.
    """
    from plotly import graph_objects as go

    shown = list(found[:PANELS])
    rows = -(-len(shown) // across)
    traces: list[dict[str, Any]] = []
    axes: dict[str, Any] = {}
    annotations = []
    limits = _limits(shown, answer, output)
    for place, profile in enumerate(shown):
        row, column = divmod(place, across)
        number = "" if place == 0 else str(place + 1)
        left, right = (column + 0.06) / across, (column + 0.97) / across
        top = 1 - row / rows
        bottom = top - 1 / rows + 64 / (_PANEL_HEIGHT * rows)
        panel_traces, across_axis = _panel(profile, answer, output)
        for trace in panel_traces:
            traces.append({**trace, "xaxis": f"x{number}", "yaxis": f"y{number}"})
        axes[f"xaxis{number}"] = {
            **across_axis,
            "domain": [left, right],
            "anchor": f"y{number}",
        }
        axes[f"yaxis{number}"] = axis(
            answer.title if column == 0 and row == rows // 2 else "",
            domain=[bottom, top - 28 / (_PANEL_HEIGHT * rows)],
            anchor=f"x{number}",
            range=limits,
            showticklabels=column == 0,
            nticks=5,
        )
        annotations.append(
            {
                "text": f"<b>{label(profile.choices.column)}</b>: "
                f"{answer.span(profile.range(output))}",
                "x": left,
                "y": top,
                "xref": "paper",
                "yref": "paper",
                "xanchor": "left",
                "yanchor": "top",
                "showarrow": False,
            }
        )
    figure = go.Figure(traces)
    title = "What if one column were different? The diamond is this row; by how far it can move"
    figure.update_layout(
        layout(title, 70 + _PANEL_HEIGHT * max(1, rows), annotations=annotations, **axes)
    )
    return figure


def _panel(
    profile: Profile, answer: AnswerAxis, output: int
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return the traces and the horizontal axis of one column."""
    choices = profile.choices
    values = answer.factor * profile.answers[:, output]
    current = answer.factor * float(profile.current_answer[output])
    if choices.kind == "levels":
        kept = _kept_levels(profile)
        length = 12 if len(kept) <= 4 else 7
        texts = [label(choices.texts[k], length) for k in kept]
        same = [place for place, k in enumerate(kept) if choices.coordinates[k] == profile.current]
        if not same:
            texts.append(label(profile.current_text, length))
        mark = same[0] if same else len(texts) - 1
        points = _points(list(range(len(kept))), values[kept], texts, answer, "markers")
        ticks = {"tickmode": "array", "tickvals": list(range(len(texts))), "ticktext": texts}
        angle = 0 if len(texts) <= 4 else -45
        across = axis("", **ticks, range=[-0.6, len(texts) - 0.4], tickangle=angle)
        return [points, _mark(mark, current, profile, answer)], across
    known = ~np.isnan(choices.coordinates)
    numbers = choices.coordinates[known]
    own = [] if np.isnan(profile.current) else [profile.current]
    everything = np.append(numbers, own)
    low, high = (everything.min(), everything.max()) if len(everything) else (0.0, 1.0)
    beside = high + 0.15 * ((high - low) or 1.0)
    texts = [label(choices.texts[k], 20) for k in np.flatnonzero(known)]
    traces = [_points(numbers.tolist(), values[known], texts, answer, "lines")]
    ends = _ends(numbers, texts)
    if (~known).any() or not own:
        if len(ends) == 3:
            ends.pop()
        ends.append((beside, "(missing)"))
        absent = values[~known]
        traces.append(_points([beside] * len(absent), absent, ["(missing)"], answer, "markers"))
    traces.append(_mark(own[0] if own else beside, current, profile, answer))
    ticks = {"tickvals": [place for place, _ in ends], "ticktext": [text for _, text in ends]}
    return traces, axis("", tickmode="array", tickangle=0, **ticks)


def _points(
    across: list[float], values: np.ndarray, texts: list[str], answer: AnswerAxis, mode: str
) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": mode,
        "x": across,
        "y": values.tolist(),
        "text": texts,
        "line": {"color": BLUE, "width": 3},
        "marker": {"color": BLUE, "size": 9},
        "hovertemplate": f"%{{text}}: %{{y:.3~g}}{answer.unit}<extra></extra>",
    }


def _mark(across: float, value: float, profile: Profile, answer: AnswerAxis) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [across],
        "y": [value],
        "text": [f"this row: {label(profile.current_text)}"],
        "marker": {
            "color": ORANGE,
            "size": 14,
            "symbol": "diamond",
            "line": {"color": GREY, "width": 1},
        },
        "hovertemplate": f"%{{text}}: %{{y:.3~g}}{answer.unit}<extra></extra>",
    }


def _kept_levels(profile: Profile) -> np.ndarray:
    """Return the most frequent levels, and the row's own, in the encoder's order."""
    counts = profile.choices.counts.astype(np.float64)
    counts[profile.choices.coordinates == profile.current] = np.inf
    return np.sort(np.argsort(-counts, kind="stable")[:LEVELS])


def _ends(numbers: np.ndarray, texts: list[str]) -> list[tuple[float, str]]:
    """Return the places and texts of the smallest, the middle and the largest number."""
    if len(numbers) == 0:
        return []
    middle = int(np.abs(numbers - (numbers[0] + numbers[-1]) / 2).argmin())
    places = dict.fromkeys((0, middle, len(numbers) - 1))
    return [(float(numbers[place]), texts[place]) for place in places]


def _limits(shown: list[Profile], answer: AnswerAxis, output: int) -> list[float]:
    """Return the ends of the answers' scale: all that is drawn, with a margin."""
    drawn = [
        answer.factor * float(value)
        for profile in shown
        for value in (*profile.answers[:, output], profile.current_answer[output])
    ] or [0.0, 1.0]
    low, high = min(drawn), max(drawn)
    room = 0.08 * (high - low) or 1.0
    if answer.limits is None:
        return [low - room, high + room]
    return [max(answer.limits[0] - 3, low - room), min(answer.limits[1] + 3, high + room)]
