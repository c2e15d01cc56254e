"""Rows that were tried and kept, with their answers: a list that can be downloaded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from nfm.ui.state.form_fields import FormField, changes

MOST = 100


@dataclass(frozen=True)
class Scenario:
    """One row that was kept.

    Attributes:
        name: The row that it was made from; people's text.
        original: That row's form values, column by column.
        edited: The values that it was given.
        answer: What the model said: a probability, or a number.
        before: What it said of the original row.
        decided: The class, or the number, as text.
    """

    name: str
    original: dict[str, Any]
    edited: dict[str, Any]
    answer: float
    before: float
    decided: str

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, state: dict[str, Any]) -> Scenario:
        """Read what `to_dict` returned."""
        return cls(**state)


def add(kept: Sequence[Scenario], new: Scenario) -> list[Scenario]:
    """Put a scenario at the top, and forget the oldest above `MOST`; the same one stands once."""
    return [new, *(one for one in kept if one != new)][:MOST]


def overview(kept: Sequence[Scenario], fields: Sequence[FormField], factor: float) -> pd.DataFrame:
    """Lay scenarios out for people.

    Args:
        kept: The scenarios.
        fields: Of the form.
        factor: What an answer is multiplied by: 100 for probabilities.
    """
    return pd.DataFrame(
        {
            "Changes": [_changes(one, fields) for one in kept],
            "Answer": [factor * one.answer for one in kept],
            "Difference": [factor * (one.answer - one.before) for one in kept],
            "Decision": [one.decided for one in kept],
            "Start": [one.name for one in kept],
        }
    )


def download(kept: Sequence[Scenario], fields: Sequence[FormField], answer: str) -> pd.DataFrame:
    """Lay scenarios out for a file: all columns with the table's own values.

    Args:
        kept: The scenarios.
        fields: Of the form.
        answer: What the answer is called.
    """
    columns: dict[str, list[Any]] = {
        "start": [one.name for one in kept],
        "changes": [_changes(one, fields) for one in kept],
        answer: [one.answer for one in kept],
        f"{answer}, original row": [one.before for one in kept],
        "decision": [one.decided for one in kept],
    }
    for field in fields:
        values = [one.edited[field.name] for one in kept]
        name = field.name if field.name not in columns else f"{field.name} (column)"
        if field.widget == "levels":
            columns[name] = [field.levels[code] for code in values]
        else:
            columns[name] = values
    return pd.DataFrame(columns)


def _changes(one: Scenario, fields: Sequence[FormField]) -> str:
    made = changes(fields, one.original, one.edited)
    return "; ".join(f"{name}: {old} → {new}" for name, old, new in made) or "none"
