"""What the Interactions page says; names in it are escaped for Markdown."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nfm.evaluation.held_out import HeldOutPredictions
from nfm.explanation.importance import PermutationImportance, ShapleyImportance
from nfm.explanation.pair_importance import PairImportance
from nfm.explanation.pair_strengths import LevelPairTable, PairStrengths
from nfm.figures.labels import AnswerAxis
from nfm.figures.number_format import number, signed
from nfm.tabular.data_dictionary import PLAIN, DataDictionary
from nfm.tabular.target import Target
from nfm.text import counted, shorten
from nfm.ui.escaping import inline, literal

# A pair whose average effect is smaller than this is rounding: nothing that a model learned.
_NOTHING = 1e-6
_FEWEST_ROWS = 5
_LENGTH = 40


@dataclass(frozen=True)
class Card:
    """One large answer: its title, what it is, and a note below it (Markdown)."""

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
    """Name the rows that something is measured on."""
    if count < len(evaluation):
        return f"{count:,} of {len(evaluation):,} {evaluation.part} rows, at random"
    return counted(count, f"{evaluation.part} row")


def loss_name(target: Target) -> str:
    """Name what grows when the model gets worse."""
    return "typical error (RMSE)" if target.task == "regression" else "log loss"


def no_pairs(*, linear: bool) -> str:
    """Say why there are no pairs (Markdown)."""
    if linear:
        return (
            "This model is **linear**: it adds one effect per column, so there are no pairs. "
            "Train one with the interaction *FM* or *NFM* to let columns act together."
        )
    return "This model sees one column only: there is no pair."


def column_card(found: PermutationImportance, unit: str = "") -> Card:
    """Show the column that matters most."""
    best = found.order[0]
    if not found.matters[best]:
        return Card("Matters most", "No column", "nothing beyond chance")
    return Card(
        "Matters most",
        name(found.columns[best]),
        f"error {inline(signed(found.mean[best], unit))} if shuffled",
    )


def pair_card(found: PairStrengths, output: int) -> Card:
    """Show the strongest pair."""
    first, second, strength = found.strongest(output, 1)[0]
    if strength < _NOTHING:
        return Card("Strongest pair", "None", "every pair's effect is zero")
    return Card(
        "Strongest pair",
        pair_name(first, second),
        f"±{number(strength)} {literal(found.unit)}",
    )


def noise_card(importances: tuple[PairImportance, ...]) -> Card:
    """Show how many pairs are more than noise."""
    helps = sum(importance.verdict == "helps" for importance in importances)
    return Card("Pairs that help", f"{helps} of {len(importances)}", "measured on unseen rows")


def columns_sentence(
    found: PermutationImportance, evaluation: HeldOutPredictions, unit: str = ""
) -> str:
    """Say which columns matter most (Markdown)."""
    significant = [place for place in found.order if found.matters[place]]
    rows, loss = rows_name(evaluation, found.rows), loss_name(evaluation.target)
    if not significant:
        return (
            f"**No column matters more than chance explains** on {rows}: shuffling one of them "
            f"hardly changes the {loss}."
        )
    best = significant[0]
    said = (
        f"**{name(found.columns[best])} matters most**: shuffled, it takes the {loss} on {rows} "
        f"from {inline(number(found.loss, unit))} to "
        f"{inline(number(found.loss + found.mean[best], unit))}."
    )
    following = [f"**{name(found.columns[place])}**" for place in significant[1:3]]
    if following:
        said += f" Next: {' and '.join(following)}."
    return said


def permutation_caption(found: PermutationImportance, evaluation: HeldOutPredictions) -> str:
    """Say how the worth of columns was measured, and what it cannot tell."""
    grey = int((~found.matters).sum())
    said = (
        f"Measured on {rows_name(evaluation, found.rows)}, mean of {found.increases.shape[1]} "
        "shuffles; lines are 95 % intervals over the rows."
    )
    if grey:
        said += f" Grey: not more than noise ({counted(grey, 'column')})."
    return said + (
        " Columns with the same information replace each other, so each alone looks unimportant."
    )


def contributions_caption(found: ShapleyImportance, evaluation: HeldOutPredictions | None) -> str:
    """Say how the contributions were measured."""
    count = len(found.contributions)
    rows = counted(count, f"{'training' if evaluation is None else evaluation.part} row")
    return (
        f"{rows}, at random, each explained against training rows; lines are 95 % "
        "intervals of the mean."
    )


def pair_sentence(
    found: PairStrengths, importances: tuple[PairImportance, ...], output: int, unit: str = ""
) -> str:
    """Say which pair is the strongest, and whether it is more than noise (Markdown)."""
    first, second, strength = found.strongest(output, 1)[0]
    if strength < _NOTHING:
        return "**No two columns act together** in this model: every pair's effect is zero."
    start = (
        f"The strongest pair is **{pair_name(first, second)}**: beyond what each does alone, it "
        f"moves the answer by ±{number(strength)} on average ({literal(found.unit)})."
    )
    if not importances:
        return f"{start} No row was held out, so whether that is more than noise is not known."
    said = f"{start} {verdict_sentence(importances[0], unit)}"
    if any(importance.verdict == "helps" for importance in importances):
        return said
    rows = counted(importances[0].rows, "unseen row")
    return (
        f"{said} With {rows} only a strong pair would show. The sample **XOR** (page Data) has a "
        "pair that does."
    )


def verdict_sentence(importance: PairImportance, unit: str = "") -> str:
    """Say whether a pair's effect holds on rows that the model has not seen (Markdown)."""
    low, high = importance.interval
    change = f"change {signed(importance.increase)}; {signed(low)} to {signed(high)}"
    without = inline(number(importance.loss + importance.increase, unit))
    loss = inline(number(importance.loss, unit))
    said = f"without it the error on unseen rows would be {without} instead of {loss} ({change})."
    if importance.verdict == "helps":
        return f"**It helps on unseen rows:** {said}"
    if importance.verdict == "harms":
        return f"**It is noise that the model learned:** {said}"
    return f"**That is not more than noise:** {said}"


def pairs_caption(
    importances: tuple[PairImportance, ...], evaluation: HeldOutPredictions | None
) -> str:
    """Say how pairs were judged."""
    said = (
        "Strength: the root of the mean squared effect over training rows, by the model; what "
        "each column does alone is taken out (purified)."
    )
    if not importances or evaluation is None:
        return said + " No row was held out: what is noise is not known."
    rows = rows_name(evaluation, importances[0].rows)
    pairs = len(importances)
    for_all = "for this pair" if pairs == 1 else f"for all {pairs} pairs together"
    return (
        f"{said} Blue: without the pair, the model is worse on {rows}. Grey: not more than noise. "
        f"The intervals hold {for_all} with 95 %."
    )


def left_out(found: PairStrengths) -> str:
    """Say which columns were not looked at, if any."""
    if not found.left_out:
        return ""
    looked = len(found.columns)
    return (
        f"Of {looked + len(found.left_out):,} columns, pairs of the {looked} that move the answer "
        "most were looked at. Below, any two can be chosen."
    )


def score_name(target: Target, output: int, dictionary: DataDictionary = PLAIN) -> str:
    """Name what effects of pairs are added to (Markdown)."""
    if target.task == "regression":
        return f"the predicted {name(target.name)}"
    if target.task == "binary":
        return (
            f"the log odds of {name(target.name)} = {name(dictionary.label(target.class_names[1]))}"
        )
    return f"the score of {name(target.class_names[output])}"


def effect_sentence(
    found: LevelPairTable, target: Target, output: int, dictionary: DataDictionary = PLAIN
) -> str:
    """Say for which values a pair raises the answer most, and for which it lowers it (Markdown)."""
    effect = np.where(found.counts >= _FEWEST_ROWS, found.effect[..., output], 0.0)
    pair = pair_name(found.first.column, found.second.column)
    said = []
    for word, sign in (("raises", 1), ("lowers", -1)):
        if not effect.size or sign * effect.flat[(sign * effect).argmax()] < _NOTHING:
            continue
        across, down = np.unravel_index((sign * effect).argmax(), effect.shape)
        cell = (
            f"{name(found.first.column)} = {name(found.first.texts[across])} with "
            f"{name(found.second.column)} = {name(found.second.texts[down])}"
        )
        rows = counted(int(found.counts[across, down]), "row")
        said.append(f"{word} it most for **{cell}** ({signed(effect[across, down])}, {rows})")
    if not said:
        return f"**{pair}**: together they add nothing to what each does alone."
    return (
        f"**{pair}** acts on {score_name(target, output, dictionary)}: beyond what each does "
        f"alone, it {', and '.join(said)}."
    )


def coverage(found: LevelPairTable, rows: int) -> str:
    """Say what the table shows and which training rows it covers."""
    covered = int(found.counts.sum())
    said = "Counts are training rows; the effects are the model's."
    if covered < rows:
        said += (
            f" It covers {covered:,} of {rows:,} rows: of columns with many values, the most "
            "frequent ones."
        )
    return said


def spread_sentence(curves: np.ndarray, axis: AnswerAxis, column: str) -> str:
    """Say how much the effect of a column depends on the row.

    Args:
        curves: The answer for each row and value, float64 (rows, values).
        axis: How answers are drawn.
        column: Name of the column.
    """
    if curves.shape[1] < 2:
        return f"**{name(column)}** has one value only: there is nothing to compare."
    average = curves.mean(axis=0)
    low, high = int(average.argmin()), int(average.argmax())
    steps = curves[:, high] - curves[:, low]
    ends = np.quantile(steps, [0.1, 0.9])
    low_end = axis.change(float(ends[0])).removesuffix(f" {axis.difference_unit}")
    return (
        f"From its lowest to its highest point the average moves by "
        f"**{inline(axis.span(float(steps.mean())))}**; for eight rows of ten, the same step is "
        f"between {inline(low_end)} and "
        f"{inline(axis.change(float(ends[1])))}. Where single rows differ, other columns matter "
        "too."
    )
