"""The validation loss of each trial of a search for better settings, and the lowest so far."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from nfm.figures.appearance import axis, plotly_figure, wrapped
from nfm.figures.number_format import number
from nfm.figures.palette import BLUE, GREY, ORANGE
from nfm.settings_search.study import SearchTrial, best_trial

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

_HEIGHT = 360


def search_trials(trials: Sequence[SearchTrial]) -> Figure:
    """Draw the validation loss of each trial.

    Args:
        trials: The trials, in order; those without a loss are left out.

    Returns:
        A figure: completed trials are blue, pruned and diverged ones grey crosses, the best one
        is orange; the line is the lowest loss so far.
    """
    from plotly import graph_objects

    best = best_trial(trials)
    measured = [one for one in trials if one.loss is not None and math.isfinite(one.loss)]
    groups = {
        "Completed": ([one for one in measured if one.eligible and one != best], BLUE, "circle"),
        "Ended early": ([one for one in measured if not one.eligible], GREY, "x"),
        "Best": ([] if best is None else [best], ORANGE, "star"),
    }
    lowest = graph_objects.Scatter(
        x=[one.number for one in trials],
        y=_lowest_so_far(trials),
        mode="lines",
        name="Lowest so far",
        line={"shape": "hv", "width": 2, "color": GREY, "dash": "dot"},
        hoverinfo="skip",
    )
    points = [
        graph_objects.Scatter(
            x=[one.number for one in group],
            y=[one.loss for one in group],
            mode="markers",
            name=name,
            marker={"size": 10 if symbol != "star" else 14, "color": color, "symbol": symbol},
            text=[_described(one) for one in group],
            hovertemplate="%{text}<extra></extra>",
        )
        for name, (group, color, symbol) in groups.items()
        if group
    ]
    return plotly_figure(
        [lowest, *points],
        "Validation loss of each trial: lower is better",
        _HEIGHT,
        xaxis=axis("Trial", tickformat="d"),
        yaxis=axis("Validation loss", nticks=6),
        legend_lines=2,
    )


def _lowest_so_far(trials: Sequence[SearchTrial]) -> list[float | None]:
    lowest: list[float | None] = []
    for count in range(1, len(trials) + 1):
        best = best_trial(trials[:count])
        lowest.append(None if best is None else best.loss)
    return lowest


def _described(trial: SearchTrial) -> str:
    changed = ", ".join(f"{name}={value}" for name, value in trial.changed.items())
    loss = number(trial.loss or 0.0)
    return wrapped(f"trial {trial.number}, loss {loss}: {changed or 'the settings of the start'}")
