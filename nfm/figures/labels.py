"""Labels and axes of figures: escaped user text, axes of predictions, and limits of share axes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nfm.figures.number_format import decimals_of, fixed, number, signed, with_unit
from nfm.tabular.target import Target
from nfm.tabular.wording import PLAIN, Wording
from nfm.text import shorten

# Plotly interprets HTML tags and entities in every text, and formulas between dollar signs.
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "$": "&#36;"}
# Possible lengths of an axis in percent, whose ticks are round numbers.
_SHARE_ENDS = (0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 25.0, 40.0, 50.0)
_SHARE_MARGIN = 1.04


def label(text: object, length: int = 28) -> str:
    """Shorten and escape a text for any place in a Plotly figure except a template.

    Args:
        text: Any value; it is converted to text, with runs of white space as one space.
        length: Maximum number of characters; longer texts end in "…".

    Returns:
        A text that Plotly draws as exactly these characters.
    """
    return "".join(_ESCAPES.get(letter, letter) for letter in shorten(text, length))


@dataclass(frozen=True)
class PredictionAxis:
    """Axis of a model's prediction, which is a probability or a number.

    Attributes:
        title: Title of the axis with the unit, escaped for the chart library.
        name: Title of the axis without the unit, escaped for the chart library.
        factor: Multiplier of predictions: 100 for probabilities, else 1.
        unit: Unit of the drawn values: "%", or the unit of the target; "" if it has none.
        limits: Ends of the axis; None if the prediction is not limited.
    """

    title: str
    name: str
    factor: float
    unit: str
    limits: tuple[float, float] | None

    @property
    def is_share(self) -> bool:
        """Whether a prediction is a probability, drawn in percent."""
        return self.limits is not None

    @property
    def difference_unit(self) -> str:
        """Unit of a difference: "points" (percentage points) for probabilities."""
        return "points" if self.is_share else self.unit

    def text(self, prediction: float) -> str:
        """Format a prediction, for instance "38.2%"."""
        return self.drawn(self.factor * prediction)

    def drawn(self, value: float) -> str:
        """Format a value that is already multiplied by `factor`."""
        return f"{fixed(value, 1)}%" if self.is_share else number(value, self.unit)

    def change(self, difference: float) -> str:
        """Format a difference of two predictions, for instance "+3.1 points" or "−0.42 €"."""
        value = self.factor * difference
        if self.is_share:
            return f"{fixed(value, 1, plus=True)} points"
        return signed(value, self.unit)

    def reading(self, *values: float) -> str:
        """Return the printf format of values of the axis in a tooltip of ECharts."""
        if self.is_share:
            return "%.1f%%"
        return with_unit(f"%,.{decimals_of(*values)}f", self.unit.replace("%", "%%"))

    def span(self, difference: float) -> str:
        """Format the distance of two predictions, for instance "27.3 points"."""
        size = self.factor * abs(difference)
        return f"{fixed(size, 1)} points" if self.is_share else number(size, self.unit)


def prediction_axis(
    target: Target,
    output: int = 0,
    *,
    escape: Callable[[object], str] = label,
    wording: Wording = PLAIN,
) -> PredictionAxis:
    """Return the axis of a model's prediction.

    Args:
        target: Of the model.
        output: Which of the predictions: of several classes, which one.
        escape: Makes people's texts fit for where they are drawn: `label` for Plotly,
            `shorten` for ECharts.
        wording: Display names of columns and levels.
    """
    if target.task == "regression":
        name, unit = f"Predicted {escape(target.name)}", escape(wording.unit)
        return PredictionAxis(titled(name, unit), name, 1.0, unit, None)
    chosen = target.class_names[output if target.task == "multiclass" else 1]
    name = f"Probability of {escape(target.name)} = {escape(wording.label(chosen))}"
    if chosen in wording.probabilities:
        name = escape(wording.probabilities[chosen])
    return PredictionAxis(f"{name} (%)", name, 100.0, "%", (0.0, 100.0))


def titled(name: str, unit: str) -> str:
    """Return a name with its unit: "Predicted price (€)"."""
    return f"{name} ({unit})" if unit else name


def share_limits(*values: np.ndarray) -> tuple[float, float]:
    """Return the ends of an axis of shares that fits the data, in percent.

    The probabilities of a rare class are all close to 0.

    Args:
        values: Shares in 0..1, of any shape; NaN is ignored.

    Returns:
        0 and 100 if the values fill more than half of this range; else half of it or less, from
        0 upwards or from 100 downwards.
    """
    drawn = 100 * np.concatenate([np.zeros(0), *(np.ravel(part) for part in values)])
    drawn = drawn[np.isfinite(drawn)]
    if not drawn.size:
        return 0.0, 100.0
    low, high = float(drawn.min()), float(drawn.max())
    top = next((end for end in _SHARE_ENDS if end >= _SHARE_MARGIN * high), 100.0)
    depth = next((end for end in _SHARE_ENDS if end >= _SHARE_MARGIN * (100 - low)), 100.0)
    if top <= depth:
        return 0.0, top
    return 100.0 - depth, 100.0


def share_step(limits: tuple[float, float]) -> float:
    """Return the distance between ticks of an axis of shares: four or five intervals."""
    span = limits[1] - limits[0]
    return span / 4 if span in (2.0, 20.0, 40.0) else span / 5
