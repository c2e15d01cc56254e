"""Sentences of the Interactions page; names in them are escaped for Markdown."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nfm.evaluation.held_out import HeldOutPredictions
from nfm.explanation.importance import PermutationImportance, ShapleyImportance
from nfm.explanation.pair_importance import PairImportance
from nfm.explanation.pair_strengths import LevelPairTable, PairStrengths
from nfm.figures.labels import PredictionAxis
from nfm.figures.number_format import number, signed
from nfm.tabular.target import Target
from nfm.tabular.wording import PLAIN, Wording
from nfm.text import counted, shorten
from nfm.ui.escaping import inline, literal

# An average effect of a pair below this is rounding error.
_NOTHING = 1e-6
_FEWEST_ROWS = 5
_LENGTH = 40


@dataclass(frozen=True)
class Card:
    """One headline: its title, its value, and a note below (Markdown)."""

    title: str
    value: str
    note: str | None = None


def name(text: object) -> str:
    """Shorten a name or level and escape it for Markdown."""
    return literal(shorten(text, _LENGTH))


def pair_name(first: str, second: str) -> str:
    """Name a pair of columns (Markdown)."""
    return f"{name(first)} × {name(second)}"


def rows_name(evaluation: HeldOutPredictions, count: int) -> str:
    """Name the rows of a measurement."""
    if count < len(evaluation):
        return f"{count:,} of {len(evaluation):,} {evaluation.part} rows, at random"
    return counted(count, f"{evaluation.part} row")


def loss_name(target: Target) -> str:
    """Name the loss of a target."""
    return "typical error (RMSE)" if target.task == "regression" else "log loss"


def no_pairs(*, linear: bool) -> str:
    """Explain why the model has no pairs (Markdown)."""
    if linear:
        return (
            "This model is **linear**: it adds one effect per column, so there are no pairs. "
            "Train one with the interaction *FM* or *NFM* to let columns act together."
        )
    return "This model uses only one column, so there are no pairs."


def column_card(found: PermutationImportance, unit: str = "") -> Card:
    """Return the card of the most important column.

    Args:
        found: Permutation importance of the columns.
        unit: Unit of the target; "" if it has none.
    """
    best = found.order[0]
    if not found.matters[best]:
        return Card("Matters most", "No column", "nothing beyond chance")
    return Card(
        "Matters most",
        name(found.columns[best]),
        f"error {inline(signed(found.mean[best], unit))} if shuffled",
    )


def pair_card(found: PairStrengths, output: int) -> Card:
    """Return the card of the strongest pair."""
    first, second, strength = found.strongest(output, 1)[0]
    if strength < _NOTHING:
        return Card("Strongest pair", "None", "every pair's effect is zero")
    return Card(
        "Strongest pair", pair_name(first, second), f"±{number(strength)} {literal(found.unit)}"
    )


def noise_card(importances: tuple[PairImportance, ...]) -> Card:
    """Return the card with the number of pairs that are more than noise."""
    helps = sum(importance.verdict == "helps" for importance in importances)
    return Card("Pairs that help", f"{helps} of {len(importances)}", "measured on unseen rows")


def columns_sentence(
    found: PermutationImportance, evaluation: HeldOutPredictions, unit: str = ""
) -> str:
    """Name the most important columns (Markdown).

    Args:
        found: Permutation importance of the columns.
        evaluation: The held-out rows with their predictions.
        unit: Unit of the target; "" if it has none.
    """
    significant = [place for place in found.order if found.matters[place]]
    rows, loss = rows_name(evaluation, found.rows), loss_name(evaluation.target)
    if not significant:
        return (
            f"**No column matters more than chance explains** on {rows}: shuffling one of them "
            f"hardly changes the {loss}."
        )
    best = significant[0]
    text = (
        f"**{name(found.columns[best])} matters most**: shuffling it raises the {loss} on {rows} "
        f"from {inline(number(found.loss, unit))} to "
        f"{inline(number(found.loss + found.mean[best], unit))}."
    )
    following = [f"**{name(found.columns[place])}**" for place in significant[1:3]]
    if following:
        text += f" Next: {' and '.join(following)}."
    return text


def permutation_caption(found: PermutationImportance, evaluation: HeldOutPredictions) -> str:
    """Describe the measurement of permutation importance and its limits."""
    grey = int((~found.matters).sum())
    text = (
        f"Measured on {rows_name(evaluation, found.rows)}, mean of {found.increases.shape[1]} "
        "shuffles; lines are 95% intervals over the rows."
    )
    if grey:
        text += f" Grey: indistinguishable from noise ({counted(grey, 'column')})."
    return text + (
        " Columns that carry the same information can stand in for each other, so each looks "
        "unimportant on its own."
    )


def contributions_caption(found: ShapleyImportance, evaluation: HeldOutPredictions | None) -> str:
    """Describe the measurement of the contributions.

    Args:
        found: Shapley importance of the columns.
        evaluation: The held-out rows; None if training rows were explained.
    """
    count = len(found.contributions)
    rows = counted(count, f"{'training' if evaluation is None else evaluation.part} row")
    return (
        f"{rows}, at random, each explained against training rows; lines are 95% "
        "intervals of the mean."
    )


def pair_sentence(
    found: PairStrengths, importances: tuple[PairImportance, ...], output: int, unit: str = ""
) -> str:
    """Name the strongest pair, and whether it is more than noise (Markdown).

    Args:
        found: Strengths of the pairs.
        importances: Importance of the strongest pairs; () if unknown.
        output: Index of the output.
        unit: Unit of the target; "" if it has none.
    """
    first, second, strength = found.strongest(output, 1)[0]
    if strength < _NOTHING:
        return "**No two columns act together** in this model: every pair's effect is zero."
    start = (
        f"The strongest pair is **{pair_name(first, second)}**: beyond what each does alone, it "
        f"moves the prediction by ±{number(strength)}, root mean square ({literal(found.unit)})."
    )
    if not importances:
        return f"{start} No rows were held out, so it is unknown whether that is noise."
    text = f"{start} {verdict_sentence(importances[0], unit)}"
    if any(importance.verdict == "helps" for importance in importances):
        return text
    rows = counted(importances[0].rows, "unseen row")
    return (
        f"{text} With {rows} only a strong pair would stand out. The **XOR** sample (Data page) "
        "has one."
    )


def verdict_sentence(importance: PairImportance, unit: str = "") -> str:
    """Say whether a pair's effect holds on unseen rows (Markdown).

    Args:
        importance: Importance of the pair.
        unit: Unit of the target; "" if it has none.
    """
    low, high = importance.interval
    change = f"change {signed(importance.increase)}; {signed(low)} to {signed(high)}"
    without = inline(number(importance.loss + importance.increase, unit))
    loss = inline(number(importance.loss, unit))
    text = f"without it the error on unseen rows would be {without} instead of {loss} ({change})."
    if importance.verdict == "helps":
        return f"**It helps on unseen rows:** {text}"
    if importance.verdict == "harms":
        return f"**It is noise that the model learned:** {text}"
    return f"**This is indistinguishable from noise:** {text}"


def pairs_caption(
    importances: tuple[PairImportance, ...], evaluation: HeldOutPredictions | None
) -> str:
    """Describe the measurement of pairs.

    Args:
        importances: Importance of the strongest pairs; () if unknown.
        evaluation: The held-out rows; None if there are none.
    """
    text = (
        "Strength: the root mean square of the model's pair effect over training rows, without the "
        "effects of the single columns (purified)."
    )
    if not importances or evaluation is None:
        return text + " No rows were held out, so noise cannot be told from effects."
    rows = rows_name(evaluation, importances[0].rows)
    pairs = len(importances)
    for_all = "for this pair" if pairs == 1 else f"for all {pairs} pairs together"
    return (
        f"{text} Blue: without the pair, the model is worse on {rows}. Grey: indistinguishable "
        f"from noise. The 95% intervals hold {for_all}."
    )


def left_out(found: PairStrengths) -> str:
    """Say which columns were left out of the search for pairs, if any."""
    if not found.left_out:
        return ""
    measured = len(found.columns)
    return (
        f"Of {measured + len(found.left_out):,} columns, only pairs of the {measured} that move "
        "the prediction most were measured. Below, you can choose any two."
    )


def score_name(target: Target, output: int, wording: Wording = PLAIN) -> str:
    """Name the quantity that effects of pairs add to (Markdown)."""
    if target.task == "regression":
        return f"the predicted {name(target.name)}"
    labels = wording.labels(target.class_names)
    if target.task == "binary":
        return f"the log odds of {name(target.name)} = {name(labels[1])}"
    return f"the score of {name(labels[output])}"


def effect_sentence(
    found: LevelPairTable, target: Target, output: int, wording: Wording = PLAIN
) -> str:
    """Name the values at which a pair raises or lowers the prediction most (Markdown)."""
    effect = np.where(found.counts >= _FEWEST_ROWS, found.effect[..., output], 0.0)
    pair = pair_name(found.first.column, found.second.column)
    parts = []
    for word, sign in (("raises", 1), ("lowers", -1)):
        if not effect.size or sign * effect.flat[(sign * effect).argmax()] < _NOTHING:
            continue
        across, down = np.unravel_index((sign * effect).argmax(), effect.shape)
        cell = (
            f"{name(found.first.column)} = {name(found.first.texts[across])} with "
            f"{name(found.second.column)} = {name(found.second.texts[down])}"
        )
        rows = counted(int(found.counts[across, down]), "row")
        parts.append(f"{word} it most for **{cell}** ({signed(effect[across, down])}, {rows})")
    if not parts:
        return f"**{pair}**: together they add nothing to what each does alone."
    return (
        f"**{pair}** acts on {score_name(target, output, wording)}: beyond what each does "
        f"alone, it {', and '.join(parts)}."
    )


def coverage(found: LevelPairTable, rows: int) -> str:
    """Describe the table of levels and the training rows that it covers.

    Args:
        found: The interaction of the pair.
        rows: Number of rows of the reference data.
    """
    covered = int(found.counts.sum())
    text = "Counts are training rows; the effects are the model's."
    if covered < rows:
        text += (
            f" It covers {covered:,} of {rows:,} rows: of columns with many values, the most "
            "frequent ones."
        )
    return text


def spread_sentence(curves: np.ndarray, axis: PredictionAxis, column: str) -> str:
    """Say how much the effect of a column depends on the row (Markdown).

    Args:
        curves: The prediction for each row and value, float64 (rows, values).
        axis: Axis of the output.
        column: Name of the column.
    """
    if curves.shape[1] < 2:
        return f"**{name(column)}** has only one value: there is nothing to compare."
    average = curves.mean(axis=0)
    low, high = int(average.argmin()), int(average.argmax())
    steps = curves[:, high] - curves[:, low]
    ends = np.quantile(steps, [0.1, 0.9])
    low_end = axis.change(float(ends[0])).removesuffix(f" {axis.difference_unit}")
    return (
        f"From its lowest to its highest point the average moves by "
        f"**{inline(axis.span(float(steps.mean())))}**; for eight rows in ten, the same step is "
        f"between {inline(low_end)} and "
        f"{inline(axis.change(float(ends[1])))}. Where single rows differ, other columns matter "
        "too."
    )
