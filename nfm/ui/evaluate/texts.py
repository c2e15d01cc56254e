"""Sentences of the Evaluate page; names in them are escaped for Markdown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from nfm.evaluation.calibration import CalibrationTest
from nfm.evaluation.confidence_intervals import Interval
from nfm.evaluation.held_out import HeldOutPredictions
from nfm.evaluation.scores import Score
from nfm.evaluation.slices import FALSE_ALARMS, Slice
from nfm.evaluation.thresholds import ConfusionCounts, ThresholdCurve, threshold_text
from nfm.figures.number_format import decimals_of, fixed, number, with_unit
from nfm.tabular.wording import PLAIN, Wording
from nfm.text import counted
from nfm.ui.escaping import inline, literal

FEW_ROWS = 50
RARE = 0.1
"""Share of the rows below which a class is called rare."""


@dataclass(frozen=True)
class MeasureName:
    """How a metric is shown.

    Attributes:
        title: Name of the metric.
        meaning: One sentence for readers who are new to it.
        percent: Whether it is a share, shown in percent.
        higher_is_better: Whether larger values are better.
    """

    title: str
    meaning: str
    percent: bool = False
    higher_is_better: bool = False


MEASURES: dict[str, MeasureName] = {
    "accuracy": MeasureName(
        "Accuracy", "Share of rows whose most probable class is the correct one.", True, True
    ),
    "auc": MeasureName(
        "AUC",
        "Chance that a row of the class gets a higher probability than a row that is not of the "
        "class: 1 is perfect, 0.5 is guessing. With several classes, the mean over them, each "
        "against the rest.",
        higher_is_better=True,
    ),
    "log_loss": MeasureName(
        "Log loss",
        "The loss that training minimises, in nats: 0 means always certain and always right; "
        "a confident wrong prediction costs most.",
    ),
    "brier": MeasureName(
        "Brier score",
        "Mean squared difference between the probability and the outcome: 0 is perfect. With two "
        "classes, always predicting 50% scores 0.25.",
    ),
    "mae": MeasureName(
        "Mean error (MAE)",
        "Mean distance between predicted and actual number, in the target's unit.",
    ),
    "rmse": MeasureName(
        "RMSE", "Root of the mean squared error, in the target's unit: large errors count more."
    ),
    "r2": MeasureName(
        "R²",
        "Share of the target's spread that is explained: 1 is perfect, 0 is as good as always "
        "predicting the mean.",
        higher_is_better=True,
    ),
}


def show_value(name: str, value: float, unit: str = "") -> str:
    """Format a metric: a share in percent, an error in the target's unit.

    Args:
        name: Key in `MEASURES`.
        value: Value of the metric.
        unit: Unit of the target; "" if it has none.
    """
    if MEASURES[name].percent:
        return f"{100 * value:.1f}%"
    return number(value, unit) if name in ("mae", "rmse") else fixed(value, 3)


def show_interval(name: str, ends: Interval | None, unit: str = "") -> str | None:
    """Format an interval: "76.4 to 87.1%"; None if all resamples agree.

    Args:
        name: Key in `MEASURES`.
        ends: The interval; None if unknown.
        unit: Unit of the target; "" if it has none.
    """
    if ends is None or ends.low == ends.high:
        return None
    suffix = "%" if MEASURES[name].percent else ""
    low, high = show_value(name, ends.low).removesuffix(suffix), show_value(name, ends.high, unit)
    return f"{low} to {high}"


def show_difference(name: str, value: float, unit: str = "", *, largest: float) -> str:
    """Format the absolute size of a difference: a share in percentage points.

    Args:
        name: Key in `MEASURES`.
        value: The difference.
        unit: Unit of the target; "" if it has none.
        largest: The largest number that stands beside it: all have its decimals.
    """
    if MEASURES[name].percent:
        return f"{abs(100 * value):.1f} points"
    if name in ("mae", "rmse"):
        return with_unit(fixed(abs(value), decimals_of(largest)), unit)
    return show_value(name, abs(value), unit)


def which_rows(evaluation: HeldOutPredictions) -> str:
    """Name the rows that the model is evaluated on (Markdown)."""
    rows = counted(len(evaluation), f"{evaluation.part} row")
    if evaluation.part == "validation":
        return (
            f"**Caution:** no test rows were kept, so these metrics are from the {rows}. They were "
            "also used to choose the best epoch, so the model looks slightly better here than it "
            "is. To measure it on unseen rows, hold out a test set and train again."
        )
    if evaluation.part == "uploaded":
        return (
            f"Measured on **{rows}**. If the model was trained on some of them, it looks better "
            "here than it is."
        )
    return f"Measured on **{rows}**, used neither for training nor for choosing the best epoch."


def cautions(evaluation: HeldOutPredictions) -> list[str]:
    """Return warnings about left-out rows and small samples."""
    sentences = []
    if evaluation.left_out:
        sentences.append(
            f"{counted(evaluation.left_out, 'row')} of the table could not be evaluated and "
            f"{'is' if evaluation.left_out == 1 else 'are'} left out: the target is missing, or "
            "its class did not occur in training."
        )
    if len(evaluation) < FEW_ROWS:
        sentences.append(
            f"{counted(len(evaluation), 'row')} "
            f"{'is' if len(evaluation) == 1 else 'are'} very few: chance moves every metric "
            "on this page a lot, and the intervals are rough."
        )
    return sentences


def guess_name(evaluation: HeldOutPredictions, wording: Wording = PLAIN) -> str:
    """Name the constant prediction: the mean, or the majority class (Markdown)."""
    if evaluation.is_regression:
        return f"the mean, {inline(number(evaluation.target.mean, wording.unit))}"
    common = int(evaluation.constant().predictions[0].argmax())
    name = wording.label(evaluation.target.class_names[common])
    return f"**{literal(name)}**, the majority"


def against_guessing(
    evaluation: HeldOutPredictions,
    model: Mapping[str, Score],
    guess: Mapping[str, Score],
    wording: Wording = PLAIN,
) -> str:
    """Compare the model with a constant prediction (Markdown)."""
    name = "mae" if evaluation.is_regression else "accuracy"
    gain = model[name].minus(guess[name])
    guessed = guess_name(evaluation, wording)
    if evaluation.is_regression:
        error, other = (
            inline(show_value(name, each[name].value, wording.unit)) for each in (model, guess)
        )
        start = (
            f"Its predictions are off by {error} on average; always guessing {guessed}, is off by "
            f"{other}: "
        )
    else:
        right = len(evaluation) - int(evaluation.is_error.sum())
        start = (
            f"It is correct for {right:,} of {counted(len(evaluation), 'row')}; "
            f"always guessing {guessed}, is correct for {show_value(name, guess[name].value)}: "
        )
    return start + verdict(name, gain, "guessing", wording.unit) + "."


def verdict(name: str, difference: Score, other: str, unit: str = "") -> str:
    """Say whether a difference is more than noise.

    Args:
        name: Key in `MEASURES`.
        difference: The model's metric minus the other's, with paired resamples.
        other: Name of the comparison, escaped for Markdown.
        unit: Unit of the target; "" if it has none.
    """
    ends = difference.interval
    shown = [difference.value, *(ends or ())]
    show = partial(show_difference, name, largest=max(map(abs, shown)))
    size = inline(show(difference.value, unit))
    if ends is None:
        return f"the difference from {other} is {size}; too few rows to say how much is noise"
    sign = 1 if MEASURES[name].higher_is_better else -1
    better = sign * difference.value > 0
    smallest, largest = sorted(abs(end) for end in ends)
    if not ends.excludes_zero:
        if difference.value == 0:
            return f"no better than {other}"
        return f"the difference from {other}, {size}, is smaller than the noise"
    word = "better" if better else "worse"
    low = show(smallest).removesuffix(" points")
    span = f"{low} to {inline(show(largest, unit))}"
    return f"the model is **{word} than {other} by {size}** ({span})"


def decisions_sentence(decisions: ConfusionCounts, name: str, threshold: float) -> str:
    """Describe the predictions at a threshold (Markdown).

    Args:
        decisions: Confusion counts at the threshold.
        name: Name of the class, not escaped.
        threshold: The threshold.
    """
    predicted = decisions.true_positives + decisions.false_positives
    actual = decisions.true_positives + decisions.false_negatives
    shown, start = literal(name), f"At a threshold of {threshold_text(threshold)}"
    if predicted == 0:
        return f"{start}, the model never predicts {shown}: it misses all {actual:,}."
    return (
        f"{start}, the model predicts **{shown}** for {counted(predicted, 'row')}; "
        f"{decisions.true_positives:,} of them are correct. It misses "
        f"{decisions.false_negatives:,} of the {counted(actual, 'row')} whose class is {shown}."
    )


def rare_class_sentence(
    decisions: ConfusionCounts, name: str, threshold: float, suggested: float
) -> str | None:
    """Suggest a lower threshold where a rare class is hardly ever predicted (Markdown).

    Args:
        decisions: Confusion counts at the current threshold.
        name: Name of the class, not escaped.
        threshold: The current threshold.
        suggested: A lower threshold with higher recall.

    Returns:
        The suggestion; None if the class is not rare, or recall is high enough.
    """
    actual = decisions.true_positives + decisions.false_negatives
    share = actual / max(decisions.total, 1)
    found = decisions.recall or 0.0
    if not actual or share > RARE or found >= 0.5 or suggested >= threshold:
        return None
    return (
        f"{literal(name)} is rare ({100 * share:.1f}% of the rows), so few rows reach "
        f"{threshold_text(threshold)}. Try {threshold_text(suggested)}, state what a miss costs, "
        "or train with balanced class weights (Train, Advanced)."
    )


def cost_sentence(
    threshold_curve: ThresholdCurve, threshold: float, false_alarm: float, miss: float, name: str
) -> str:
    """Give the cost of the wrong decisions and the threshold with the lowest cost (Markdown).

    Args:
        threshold_curve: Confusion counts at every threshold.
        threshold: The chosen threshold.
        false_alarm: Cost of a false positive.
        miss: Cost of a false negative.
        name: Name of the class, not escaped.
    """
    cost = threshold_curve.at(threshold).cost(false_alarm, miss)
    best = threshold_curve.cheapest(false_alarm, miss)
    decisions = threshold_curve.at(best)
    least = decisions.cost(false_alarm, miss)
    is_never = decisions.true_positives + decisions.false_positives == 0
    if cost <= least:
        return (
            f"The wrong decisions cost **{number(cost)}** in all: no other threshold costs less "
            "on these rows."
        )
    how = (
        f"reached by never predicting {literal(name)}" if is_never else f"at {threshold_text(best)}"
    )
    return (
        f"The wrong decisions cost **{number(cost)}** in all. The lowest cost on these rows, "
        f"{number(least)}, is {how}. It was picked on these rows, so expect slightly more on new "
        "ones."
    )


def calibration_sentence(test: CalibrationTest, name: str) -> str:
    """Say whether predicted and observed shares differ by more than chance explains (Markdown).

    Args:
        test: Calibration test of the bins in the chart.
        name: Class of the probabilities, not escaped; "" for correct predictions.
    """
    size = f"{100 * test.error:.1f} points"
    text = f"On average, predicted and observed shares differ by {size}"
    if not test.is_off:
        return (
            f"{text}. With this number of rows, calibrated probabilities can differ by up to "
            f"{100 * test.error_by_chance:.1f} points: this is **no more than chance explains**."
        )
    text += (
        f", but chance explains at most {100 * test.error_by_chance:.1f}: the probabilities are "
        "**not calibrated**."
    )
    if name and test.is_biased:
        side = "high" if test.gap > 0 else "low"
        text += (
            f" The probability of {literal(name)} is too {side} by {100 * abs(test.gap):.1f} "
            "points on average."
        )
    return text


def confidence_sentence(test: CalibrationTest, confidence: float) -> str:
    """Say whether the model is over-confident or under-confident, beyond noise (Markdown).

    Args:
        test: Calibration test of the predicted classes' probabilities.
        confidence: Mean of these probabilities.
    """
    text = (
        f"Its predicted class has a probability of {100 * confidence:.1f}% on average, and is "
        f"correct for {100 * (confidence - test.gap):.1f}% of the rows"
    )
    if not test.is_biased:
        return f"{text}: a difference that chance explains."
    side = "over-confident" if test.gap > 0 else "under-confident"
    return f"{text}: it is **{side}**."


def worst_sentence(
    found: tuple[Slice, ...],
    overall: float,
    *,
    percent: bool,
    columns: int,
    left_out: int = 0,
    wording: Wording = PLAIN,
) -> str:
    """Name the slices with more errors than chance explains (Markdown).

    Args:
        found: Result of `worst_slices`.
        overall: Mean error of all rows.
        percent: Whether errors are shares.
        columns: Number of columns searched.
        left_out: Number of columns not searched.
        wording: Display names of columns and levels, and the unit.
    """

    def show(value: float) -> str:
        return f"{100 * value:.0f}%" if percent else inline(number(value, wording.unit))

    where = f"{counted(columns, 'column')}"
    if left_out:
        were = "was" if left_out == 1 else "were"
        where = f"the first {where} ({left_out:,} more {were} not searched)"
    if not found:
        return (
            f"No value of {where} stands out: the errors are nowhere larger than chance explains."
        )
    places = [
        f"**{literal(each.column)} = {literal(each.name)}** ({show(each.mean)} "
        f"{'of' if percent else 'on'} {counted(each.count, 'row')})"
        for each in found[:3]
    ]
    return (
        f"Errors are larger than overall ({show(overall)}) where {'; '.join(places)}. Every value "
        f"of {where} was tested, and the test allows for that: if the errors depended on no "
        f"column, it would still name one in about {100 * FALSE_ALARMS:.0f} of 100 tables."
    )
