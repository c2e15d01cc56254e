"""From the average answer to this one, column by column."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nfm.figures.appearance import BLUE, GREY, ORANGE, layout, named_axis
from nfm.figures.labels import AnswerAxis, label
from nfm.inference.shapley import Explanation

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

COLUMNS = 12


def waterfall(explanation: Explanation, answer: AnswerAxis, output: int = 0) -> Figure:
    """Draw what each column adds to the average answer.

    Args:
        explanation: Of a row.
        answer: How answers are drawn.
        output: Which of them.

    Returns:
        A figure with a bar for each of the columns that add most, one for all others
        together, and the two ends; the bars add up.
    """
    from plotly import graph_objects as go

    contributions = explanation.contributions[:, output]
    order = np.argsort(-np.abs(contributions), kind="stable")
    shown = order if len(order) <= COLUMNS else order[: COLUMNS - 1]
    others = order[len(shown) :]
    names = ["Average"]
    names += [f"{label(explanation.columns[k])} = {label(explanation.texts[k], 18)}" for k in shown]
    steps = [float(contributions[k]) for k in shown]
    texts = [
        answer.change(step) + _error(explanation, k, output, answer)
        for k, step in zip(shown, steps, strict=True)
    ]
    if len(others):
        names.append(f"{len(others)} other columns")
        steps.append(float(contributions[others].sum()))
        texts.append(answer.change(steps[-1]))
    average, end = float(explanation.average[output]), float(explanation.answer[output])
    names.append("This row")
    texts = [answer.text(average), *texts, answer.text(end)]
    values = [answer.factor * value for value in (average, *steps, end)]
    bar = go.Waterfall(
        orientation="h",
        measure=["absolute", *["relative"] * len(steps), "total"],
        x=values,
        y=list(range(len(names))),
        text=texts,
        textposition="outside",
        cliponaxis=False,
        increasing={"marker": {"color": BLUE}},
        decreasing={"marker": {"color": ORANGE}},
        totals={"marker": {"color": GREY}},
        connector={"line": {"color": GREY, "width": 1}},
        customdata=names,
        hovertemplate="%{customdata}: %{text}<extra></extra>",
    )
    title = f"Why {answer.text(end)} and not the average of {answer.text(average)}?"
    heights = np.cumsum([0.0, *values[:-1]])[1:]
    low, high = min(heights.min(), values[-1]), max(heights.max(), values[-1])
    room = 0.18 * (high - low) or 1.0
    figure = go.Figure(bar)
    figure.update_layout(
        layout(
            title,
            110 + 34 * len(names),
            yaxis=named_axis("", names) | {"range": [len(names) - 0.5, -0.5]},
            xaxis={
                "title": {"text": answer.title},
                "range": [low - room, high + room],
                "automargin": True,
                "zeroline": False,
            },
        )
    )
    return figure


def _error(explanation: Explanation, column: int, output: int, answer: AnswerAxis) -> str:
    if explanation.standard_errors is None:
        return ""
    error = answer.factor * float(explanation.standard_errors[column, output])
    return f" ± {error:.2g}"
