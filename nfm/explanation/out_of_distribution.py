"""Out-of-distribution notes: in which ways a row is unlike the training rows."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np

from nfm.explanation.column_scale import shown_number
from nfm.explanation.reference_data import ReferenceData, ReferenceRow
from nfm.tabular.categorical_field import MISSING_LEVEL
from nfm.tabular.wording import PLAIN, Wording

RARE_ROWS = 10
_FAR_QUANTILE = 0.99
_EXPECTED_ROWS = 5


@dataclass(frozen=True)
class OutOfDistributionNote:
    """One way in which a row is unlike the training rows.

    Attributes:
        kind: "far": far from all training rows; "outside": a number outside the training range;
            "unseen" or "rare": a value of no or few training rows; "pair": two values that never
            occur together.
        columns: The columns concerned; empty for the whole row.
        text: One sentence; contains user text, not escaped.
    """

    kind: Literal["far", "outside", "unseen", "rare", "pair"]
    columns: tuple[str, ...]
    text: str


def out_of_distribution_notes(
    reference: ReferenceData, row: ReferenceRow, wording: Wording = PLAIN
) -> tuple[OutOfDistributionNote, ...]:
    """Return in which ways a row is unlike the training rows.

    Args:
        reference: The model with its reference data.
        row: The row to explain.
        wording: Display names of columns and levels.

    Returns:
        The notes, the most serious first; empty for a usual row.
    """
    found = [*_far(reference, row), *_values(reference, row, wording)]
    strange = {column for caution in found for column in caution.columns}
    return (*found, *_pairs(reference, row, strange, wording))


def _far(reference: ReferenceData, row: ReferenceRow) -> list[OutOfDistributionNote]:
    usual = reference.usual_distances
    if len(usual) == 0:
        return []
    distance = reference.distances(row).sum(axis=1).min()
    share = np.searchsorted(usual, distance, "left") / len(usual)
    if distance <= np.quantile(usual, _FAR_QUANTILE) or distance == 0:
        return []
    return [
        OutOfDistributionNote(
            "far",
            (),
            "This row is unlike any training row: it is farther from the nearest one than "
            f"{min(99, int(100 * share))} in 100 training rows are from theirs. The prediction is "
            "little more than a guess.",
        )
    ]


def _values(
    reference: ReferenceData, row: ReferenceRow, wording: Wording
) -> list[OutOfDistributionNote]:
    found = []
    for place, scale in enumerate(reference.scales):
        name, shown = scale.column, wording.column(scale.column)
        value, text = row.coordinates[place], row.texts[place]
        level = wording.level(name, text)
        if scale.field is not None:
            field, code = scale.field, int(value)
            counts = (field.other_count, *field.counts, field.missing_count)
            count = counts[code] if text != MISSING_LEVEL else field.missing_count
            if count == 0:
                found.append(
                    OutOfDistributionNote("unseen", (name,), _unseen_text(shown, level, code))
                )
            elif count < RARE_ROWS:
                rows = "1 training row has" if count == 1 else f"{count} training rows have"
                found.append(
                    OutOfDistributionNote("rare", (name,), f"Only {rows} {shown} = {level}.")
                )
        elif np.isnan(value):
            if len(scale.present) == len(reference.frame):
                found.append(
                    OutOfDistributionNote("unseen", (name,), _unseen_text(shown, MISSING_LEVEL, 0))
                )
        elif len(scale.present) and not scale.present[0] <= value <= scale.present[-1]:
            is_below = value < scale.present[0]
            side = "below the smallest" if is_below else "above the largest"
            end = reference.coordinates[:, place]
            end_row = int(np.nanargmin(end) if is_below else np.nanargmax(end))
            limit = scale.text(float(end[end_row]), reference.frame[name].iloc[end_row])
            found.append(
                OutOfDistributionNote(
                    "outside", (name,), f"{shown} = {level} is {side} value in training, {limit}."
                )
            )
    return found


def _unseen_text(name: str, text: str, code: int) -> str:
    if text == MISSING_LEVEL:
        return f"{name} was never missing in training; the model has to guess what that means."
    if code == 0:
        return f"No training row has this value of {name}; the model treats it as (other)."
    return f"No training row has {name} = {text}, so the model has learned nothing about it."


def _pairs(
    reference: ReferenceData, row: ReferenceRow, strange: set[str], wording: Wording
) -> list[OutOfDistributionNote]:
    """Return pairs of usual values that never occur together, though chance would expect it."""
    found: list[tuple[float, OutOfDistributionNote]] = []
    count = len(reference.frame)
    masks = {}
    for place, bins in enumerate(reference.bins):
        group = int(bins.groups_of(row.coordinates[[place]])[0])
        if group >= 0 and bins.column not in strange:
            masks[place] = (bins.groups == group, bins.texts[group])
    for one, other in combinations(masks, 2):
        (first, first_text), (second, second_text) = masks[one], masks[other]
        expected = first.sum() * second.sum() / count
        if expected < _EXPECTED_ROWS or (first & second).any():
            continue
        names = reference.columns[one], reference.columns[other]
        shown = [
            f"{wording.column(name)} = {wording.level(name, value)}"
            for name, value in zip(names, (first_text, second_text), strict=True)
        ]
        text = (
            f"No training row has {shown[0]} together with {shown[1]}; if these were independent, "
            f"about {shown_number(round(expected))} would."
        )
        found.append((expected, OutOfDistributionNote("pair", names, text)))
    return [caution for _, caution in sorted(found, key=lambda each: -each[0])[:3]]
