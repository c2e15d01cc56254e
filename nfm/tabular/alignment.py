"""A file that is to be scored, made to fit what the model learned from, with an account of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from nfm.errors import SchemaError
from nfm.tabular.dates import parse_dates
from nfm.tabular.encoding import Encoder
from nfm.tabular.fields import CategoricalField, NumericField
from nfm.tabular.names import with_text_names
from nfm.tabular.schema import Schema, quoted
from nfm.tabular.values import level_codes, numbers, value_type


@dataclass(frozen=True)
class Aligned:
    """A table that a model can score.

    Attributes:
        frame: As many rows as the file; the encoder's columns in its order, then the target
            if the file has it.
        notes: What was done and what is worth a look, one sentence each; user's names and
            values stand in them as they are.
        has_target: Whether the frame has the target.
    """

    frame: pd.DataFrame
    notes: tuple[str, ...]
    has_target: bool


def align(frame: pd.DataFrame, schema: Schema, encoder: Encoder) -> Aligned:
    """Make a table fit a model.

    Columns may be in any order and more than needed. A missing one is filled with missing
    values. A name that differs in case or blanks only is recognised.

    Args:
        frame: The table as it was read.
        schema: Of the model.
        encoder: Of the model.

    Returns:
        The table and the account.

    Raises:
        SchemaError: If the table has no rows, or none of the columns that the model needs.
    """
    frame = with_text_names(frame)
    needed = encoder.columns
    target = schema.target
    wanted = (*needed, *(() if target is None or target in needed else (target,)))
    frame, notes = _recognise_names(frame, wanted)
    missing = [name for name in needed if name not in frame.columns]
    if len(missing) == len(needed):
        raise SchemaError(
            f"The file has none of the columns that the model needs, {quoted(needed)}. "
            "Is it the right file, and has it a header line?"
        )
    if len(frame) == 0:
        raise SchemaError("The file has a header line and no rows: there is nothing to score.")
    if missing:
        notes.append(f"{_columns(missing)} not in the file; every value there counts as missing.")
    known = {*schema.names, *wanted}
    if extra := [name for name in frame.columns if name not in known]:
        notes.append(f"{_columns(extra)} unknown to the model; ignored.")
    has_target = target is not None and target in frame.columns
    if has_target:
        notes.append(f"The target {target!r} is in the file; the model does not look at it.")
    present = [name for name in needed if name in frame.columns]
    if [name for name in frame.columns if name in set(present)] != present:
        notes.append("The columns are in another order than in training; that makes no difference.")
    columns = {
        name: frame[name] if name in frame.columns else pd.Series(np.nan, index=frame.index)
        for name in needed
    }
    notes += _account(columns, missing, encoder)
    if target is not None and has_target:
        columns[target] = frame[target]
    return Aligned(pd.DataFrame(columns, index=frame.index), tuple(notes), has_target)


def _columns(names: list[str]) -> str:
    return f"Column {quoted(names)} is" if len(names) == 1 else f"Columns {quoted(names)} are"


def _folded(name: str) -> str:
    """Return a name without case, blanks, underscores and hyphens."""
    return "".join(name.casefold().replace("_", " ").replace("-", " ").split())


def _recognise_names(
    frame: pd.DataFrame, wanted: tuple[str, ...]
) -> tuple[pd.DataFrame, list[str]]:
    """Rename columns whose name differs from a wanted one in case and blanks only."""
    missing = {_folded(name): name for name in wanted if name not in frame.columns}
    renamed: dict[str, str] = {}
    for name in frame.columns:
        if name not in wanted and _folded(name) in missing:
            renamed[name] = missing.pop(_folded(name))
    notes = [f"Column {old!r} was taken for {new!r}." for old, new in renamed.items()]
    return (frame.rename(columns=renamed) if renamed else frame), notes


def _account(columns: dict[str, pd.Series], missing: list[str], encoder: Encoder) -> list[str]:
    """Say which values the model cannot take as they are."""
    notes = []
    for field in encoder.categorical:
        if field.part is None and field.column not in missing:
            notes.append(_unseen(field, columns[field.column]))
    for number in encoder.numeric:
        if number.part is None and number.column not in missing:
            notes += _unfit(number, columns[number.column])
    for date in encoder.dates:
        if date.column not in missing:
            series = columns[date.column]
            wrong = np.isnat(parse_dates(series, date.day_first)) & series.notna().to_numpy()
            notes.append(_wrong(date.column, series, wrong, "dates"))
    return [note for note in notes if note]


def _unseen(field: CategoricalField, series: pd.Series) -> str:
    codes, texts = level_codes(series)
    other = (codes >= 0) & (field.codes(series) == 0)
    count = int(other.sum())
    if count == 0:
        return ""
    example = texts[codes[other][0]]
    return (
        f"{field.column!r}: {_of(count, len(series))} hold a value without a code of its own, "
        f"such as {_short(example)}; scored as (other)."
    )


def _unfit(field: NumericField, series: pd.Series) -> list[str]:
    found = numbers(series)
    absent = np.isnan(found)
    notes = []
    if value_type(series) == "text":
        wrong = absent & (level_codes(series)[0] >= 0)
        notes.append(_wrong(field.column, series, wrong, "numbers"))
        if not absent.all():
            notes.append(f"{field.column!r}: text was read as numbers.")
    if absent.any() and not field.has_missing and field.mode != "concat":
        notes.append(
            f"{field.column!r}: {_of(int(absent.sum()), len(series))} have no number, and in "
            "training none was missing; the median stands in."
        )
    if field.minimum is not None and field.maximum is not None:
        with np.errstate(invalid="ignore"):
            outside = int(((found < field.minimum) | (found > field.maximum)).sum())
        if outside:
            notes.append(
                f"{field.column!r}: {_of(outside, len(series))} lie outside the "
                f"{field.minimum:g} to {field.maximum:g} of training."
            )
    return notes


def _wrong(name: str, series: pd.Series, wrong: np.ndarray, what: str) -> str:
    count = int(wrong.sum())
    if count == 0:
        return ""
    example = str(series.iloc[int(np.flatnonzero(wrong)[0])])
    return (
        f"{name!r}: {_of(count, len(series))} hold no {what}, such as {_short(example)}; "
        "they count as missing."
    )


def _of(count: int, rows: int) -> str:
    return f"{count:,} of {rows:,} rows"


def _short(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:37] + "...")
