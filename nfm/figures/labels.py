"""Text that people bring, shown literally in a figure, and the names of answers' axes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nfm.figures.number_format import decimals_of, fixed, number, signed
from nfm.tabular.data_dictionary import PLAIN, DataDictionary
from nfm.tabular.target import Target
from nfm.text import shorten

# Plotly reads some HTML tags and entities in every text, and formulas between dollar signs.
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "$": "&#36;"}


def label(text: object, length: int = 28) -> str:
    """Shorten and escape a text for any place in a Plotly figure but a template.

    Args:
        text: Anything; its text is shown, runs of white space as one space.
        length: Characters at most; longer texts end in "…".

    Returns:
        What Plotly draws as exactly these characters.
    """
    return "".join(_ESCAPES.get(letter, letter) for letter in shorten(text, length))


@dataclass(frozen=True)
class AnswerAxis:
    """How a model's answer is drawn.

    Attributes:
        title: Of the axis, with the unit; escaped for where it is drawn.
        name: The same without the unit; escaped likewise.
        factor: What an answer is multiplied by: 100 for probabilities.
        unit: Of an answer: "%", or the target's own; empty where it has none.
        limits: Of the axis; None where the answer has none.
    """

    title: str
    name: str
    factor: float
    unit: str
    limits: tuple[float, float] | None

    @property
    def is_share(self) -> bool:
        """Whether an answer is a probability, drawn in percent."""
        return self.limits is not None

    @property
    def difference_unit(self) -> str:
        """Unit of a difference: "points" for probabilities."""
        return "points" if self.is_share else self.unit

    def text(self, answer: float) -> str:
        """Write an answer, for instance "38.2 %"."""
        return self.drawn(self.factor * answer)

    def drawn(self, value: float) -> str:
        """Write a value of the axis, in the unit that it is drawn in."""
        return f"{fixed(value, 1)} %" if self.is_share else number(value, self.unit)

    def change(self, difference: float) -> str:
        """Write a difference of two answers, for instance "+3.1 points" or "−0.42 €"."""
        value = self.factor * difference
        if self.is_share:
            return f"{fixed(value, 1, plus=True)} points"
        return signed(value, self.unit)

    def reading(self, *values: float) -> str:
        """Return how a tooltip of ECharts writes values of the axis, as a format of printf."""
        if self.is_share:
            return "%.1f %%"
        return f"%,.{decimals_of(*values)}f {self.unit.replace('%', '%%')}".rstrip()

    def span(self, difference: float) -> str:
        """Write how far two answers are apart, for instance "27.3 points"."""
        size = self.factor * abs(difference)
        return f"{fixed(size, 1)} points" if self.is_share else number(size, self.unit)


def answer_axis(
    target: Target,
    output: int = 0,
    *,
    escape: Callable[[object], str] = label,
    dictionary: DataDictionary = PLAIN,
) -> AnswerAxis:
    """Name the answer of a model.

    Args:
        target: Of the model.
        output: Which of the answers: of several classes, which one.
        escape: Makes people's texts fit for where they are drawn: `label` for Plotly,
            `shorten` for ECharts.
        dictionary: Words for people.
    """
    if target.task == "regression":
        name, unit = f"Predicted {escape(target.name)}", escape(dictionary.unit)
        return AnswerAxis(titled(name, unit), name, 1.0, unit, None)
    chosen = target.class_names[output if target.task == "multiclass" else 1]
    name = f"Probability of {escape(target.name)} = {escape(dictionary.label(chosen))}"
    if dictionary.answer is not None and target.task == "binary":
        name = escape(dictionary.answer)
    return AnswerAxis(f"{name} (%)", name, 100.0, "%", (0.0, 100.0))


def titled(name: str, unit: str) -> str:
    """Name a quantity with its unit, as an axis does: "Predicted price (€)"."""
    return f"{name} ({unit})" if unit else name


# Percent: what an axis may end at, so that its ticks are round numbers.
_ENDS = (0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 25.0, 40.0, 50.0)
_ROOM = 1.04


def share_limits(*values: np.ndarray) -> tuple[float, float]:
    """Return the ends of an axis of shares, in percent.

    Args:
        values: Shares, in 0..1, of any shape; NaN is left out.

    Returns:
        0 and 100 where they fill more than half of that; else the half, or less, that has them
        all, from 0 up or from 100 down.
    """
    drawn = 100 * np.concatenate([np.zeros(0), *(np.ravel(part) for part in values)])
    drawn = drawn[np.isfinite(drawn)]
    if not drawn.size:
        return 0.0, 100.0
    low, high = float(drawn.min()), float(drawn.max())
    top = next((end for end in _ENDS if end >= _ROOM * high), 100.0)
    depth = next((end for end in _ENDS if end >= _ROOM * (100 - low)), 100.0)
    if top <= depth:
        return 0.0, top
    return 100.0 - depth, 100.0


def share_step(limits: tuple[float, float]) -> float:
    """Return the distance of the ticks of such an axis: four or five parts."""
    span = limits[1] - limits[0]
    return span / 4 if span in (2.0, 20.0, 40.0) else span / 5
