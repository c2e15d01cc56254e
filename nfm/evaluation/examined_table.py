"""An uploaded table to evaluate and explain a model on, without its own training table."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from nfm.errors import SchemaError
from nfm.evaluation.held_out import no_known_target, quoted_examples
from nfm.files.frame_attributes import frame_formats, remember_formats
from nfm.files.names import with_text_names
from nfm.inference.bundle import Bundle
from nfm.tabular.alignment import align
from nfm.tabular.dates import guessed_dates
from nfm.tabular.level_values import level_codes, numbers
from nfm.text import quoted

# With more levels than this, a valid table may have none that the model knows.
_FEW_LEVELS = 50


@dataclass(frozen=True, eq=False)
class ExaminedTable:
    """A table that fits a model.

    Attributes:
        frame: All rows: the model's columns and the target under the model's names, then the
            others.
        notes: Notes on the alignment, one sentence each; they contain user text.
    """

    frame: pd.DataFrame
    notes: tuple[str, ...]


def examined_table(bundle: Bundle, frame: pd.DataFrame) -> ExaminedTable:
    """Check a table against a model's schema: names, types, target and classes.

    Args:
        bundle: The model.
        frame: The table as `bundle.read_raw` returns it, or any other.

    Returns:
        The table with cells converted by the model's column formats.

    Raises:
        SchemaError: If a column or the target is missing, most cells of a column have another
            type, or the model knows no value of a column or of the target.
    """
    frame = with_text_names(frame).reset_index(drop=True)
    aligned = align(frame, bundle.schema, bundle.encoder)
    missing = [
        name
        for name in bundle.encoder.columns
        if name not in frame.columns and aligned.frame[name].isna().all()
    ]
    if missing:
        raise SchemaError(
            f"The table lacks {'column' if len(missing) == 1 else 'columns'} {quoted(missing)}, "
            "which the model needs. Add what is missing, or choose another table."
        )
    if not aligned.has_target:
        raise SchemaError(
            f"The table lacks the target {bundle.target.name!r}, which is needed to check the "
            "predictions. Choose a table with the target. To predict rows without it, open "
            "Predict, Many rows."
        )
    _check_types(bundle, aligned.frame)
    raw = aligned.frame[bundle.target.name]
    target = bundle.read_target(raw)
    fitted = bundle.encoder.read(aligned.frame).assign(**{bundle.target.name: target})
    _check_levels(bundle, fitted)
    if not bundle.target.known(target).any():
        raise no_known_target(bundle.target, raw)
    # A note that the model ignores the target is superfluous here.
    notes = [note for note in aligned.notes if not note.startswith("The target ")]
    others = [
        name for name in frame.columns if name not in fitted.columns and name in bundle.schema.names
    ]
    examined = pd.concat([fitted, frame[others]], axis=1)
    if bundle.target_format is not None:
        # So that nobody takes a percentage that was read for a plain number.
        formats = frame_formats(fitted) | {bundle.target.name: bundle.target_format}
        remember_formats(examined, formats)
    return ExaminedTable(examined, (*bundle.target_doubts(raw), *notes))


def _check_types(bundle: Bundle, frame: pd.DataFrame) -> None:
    """Raise SchemaError if a column's cells are mostly of another type than the model's."""
    readings = bundle.encoder.readings(frame)
    days = {date.column: date.day_first for date in bundle.encoder.dates}
    kinds = dict.fromkeys((field.column for field in bundle.encoder.numeric), "numbers")
    kinds |= dict.fromkeys(days, "dates")
    for name, kind in kinds.items():
        wrong = readings[name].unreadable
        if not bundle.encoder.formats:
            # A model without column formats, from an older version, reads cells by type.
            is_date = name in days
            read = guessed_dates(frame[name], days[name]) if is_date else numbers(frame[name])
            wrong = (level_codes(frame[name])[0] >= 0) & pd.isna(read)
        _check_cells(frame[name], wrong, kind)
    if bundle.target.task == "regression":
        values = frame[bundle.target.name]
        wrong = values.notna().to_numpy() & np.isnan(numbers(bundle.read_target(values)))
        _check_cells(values, wrong, "numbers")


def _check_levels(bundle: Bundle, frame: pd.DataFrame) -> None:
    """Raise SchemaError if the model knows none of the levels in a column of few levels."""
    for field in bundle.encoder.categorical:
        if field.part is not None or field.level_count > _FEW_LEVELS:
            continue
        series = frame[field.column]
        present = level_codes(series)[0] >= 0
        if present.any() and (field.codes(series)[present] == 0).all():
            raise SchemaError(
                f"The model knows none of the values in {field.column!r}, such as "
                f"{quoted_examples(series[present])}; it was trained on {quoted(field.levels)}. "
                "Choose the right table, or correct these values."
            )


def _check_cells(cells: pd.Series, wrong: np.ndarray, kind: str) -> None:
    filled = int(cells.notna().sum())
    if wrong.sum() * 2 > filled:
        raise SchemaError(
            f"{cells.name!r} holds {kind} in the model, but {int(wrong.sum()):,} of {filled:,} "
            f"cells of the table are not {kind}, such as {quoted_examples(cells[wrong])}. Choose a "
            f"table with {kind} in this column."
        )
