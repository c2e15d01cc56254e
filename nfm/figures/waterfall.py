"""From the average answer to this one, column by column, as an option of Apache ECharts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from nfm.figures.appearance import BLUE, GREY, ORANGE
from nfm.figures.labels import AnswerAxis, shorten
from nfm.inference.explanation.shapley import Explanation
from nfm.tabular.wording import PLAIN, Wording

COLUMNS = 12
_LABEL_WIDTH = 190
_LINE_HEIGHT = 32


@dataclass(frozen=True)
class Step:
    """One bar: where it begins and ends, in the answer's drawn unit.

    Attributes:
        name: What it stands for; people's text.
        start: Where it begins.
        end: Where it ends.
        text: Its size as text.
    """

    name: str
    start: float
    end: float
    text: str


def waterfall_steps(
    explanation: Explanation, answer: AnswerAxis, output: int = 0, wording: Wording = PLAIN
) -> list[Step]:
    """Lay out the bars of a waterfall.

    Args:
        explanation: Of a row.
        answer: How answers are drawn.
        output: Which of them.
        wording: Words for people.

    Returns:
        The average answer, each of the columns that add most, all others together, and the
        row's answer; each of those between begins where the one before ends.
    """
    contributions = explanation.contributions[:, output]
    order = np.argsort(-np.abs(contributions), kind="stable")
    shown = order if len(order) <= COLUMNS else order[: COLUMNS - 1]
    others = order[len(shown) :]
    average, end = float(explanation.average[output]), float(explanation.answer[output])
    steps = [Step("Average", 0.0, answer.factor * average, answer.text(average))]

    def add(name: str, change: float, error: str = "") -> None:
        start = steps[-1].end
        steps.append(
            Step(name, start, start + answer.factor * change, answer.change(change) + error)
        )

    for place in shown:
        column, text = explanation.columns[place], explanation.texts[place]
        name = f"{shorten(wording.column(column))} = {shorten(wording.level(column, text), 18)}"
        add(name, float(contributions[place]), _error(explanation, place, output, answer))
    if len(others):
        add(f"{len(others)} other columns", float(contributions[others].sum()))
    steps.append(Step(f"This {wording.row}", 0.0, answer.factor * end, answer.text(end)))
    return steps


def waterfall(
    explanation: Explanation, answer: AnswerAxis, output: int = 0, wording: Wording = PLAIN
) -> dict[str, Any]:
    """Draw what each column adds to the average answer.

    Args:
        explanation: Of a row.
        answer: How answers are drawn; its title is drawn on a canvas, never read as HTML.
        output: Which of them.
        wording: Words for people.

    Returns:
        An ECharts option: a bar for each of `waterfall_steps`. Its numbers stand beside the
        bars with their sign, so that no colour is needed to read it.
    """
    steps = waterfall_steps(explanation, answer, output, wording)
    ends = [step.end for step in steps]
    low, high = min(ends), max(ends)
    room = 0.2 * (high - low) or 1.0
    axis_low, axis_high = low - room, high + room
    below, bars = [], []
    for place, step in enumerate(steps):
        total = place in (0, len(steps) - 1)
        # The two totals begin at the axis, wherever it begins.
        start = axis_low if total else step.start
        rises = step.end >= start
        below.append(min(start, step.end))
        color = GREY if total else (BLUE if rises else ORANGE)
        bars.append(
            {
                "value": abs(step.end - start),
                "itemStyle": {"color": color},
                "label": {
                    "position": "right" if rises else "left",
                    "formatter": step.text,
                    "fontWeight": 600 if total else 400,
                },
            }
        )
    common = {"type": "bar", "stack": "waterfall", "stackStrategy": "all", "barWidth": "64%"}
    return {
        "animationDuration": 0,
        "animationDurationUpdate": 200,
        "grid": {"left": 4, "right": 20, "top": 8, "bottom": 4, "outerBoundsMode": "same"},
        "xAxis": {
            "type": "value",
            "min": axis_low,
            "max": axis_high,
            "name": answer.title,
            "nameLocation": "middle",
            "nameGap": 28,
            "nameTextStyle": {"fontSize": 13},
            "axisLabel": {
                "fontSize": 13,
                "showMinLabel": False,
                "showMaxLabel": False,
                "hideOverlap": True,
            },
        },
        "yAxis": {
            "type": "category",
            "inverse": True,
            "data": [step.name for step in steps],
            "axisTick": {"show": False},
            "axisLabel": {
                "fontSize": 13,
                "width": _LABEL_WIDTH,
                "overflow": "truncate",
                "interval": 0,
            },
        },
        "series": [
            {
                **common,
                "name": "below",
                "data": below,
                "itemStyle": {"color": "transparent"},
                "silent": True,
                "emphasis": {"disabled": True},
            },
            {
                **common,
                "name": "adds",
                "data": bars,
                "label": {"show": True, "fontSize": 13},
                "silent": True,
                "emphasis": {"disabled": True},
            },
        ],
    }


def waterfall_height(explanation: Explanation) -> int:
    """Return the height in pixels that its bars need."""
    return 60 + _LINE_HEIGHT * (min(len(explanation.columns), COLUMNS) + 2)


def describe_waterfall(steps: list[Step]) -> str:
    """Say in words what the chart shows, for people who do not see it."""
    return "; ".join(f"{step.name}: {step.text}" for step in steps)[:600]


def _error(explanation: Explanation, column: int, output: int, answer: AnswerAxis) -> str:
    if explanation.standard_errors is None:
        return ""
    error = answer.factor * float(explanation.standard_errors[column, output])
    return f" ± {error:.2g}"
