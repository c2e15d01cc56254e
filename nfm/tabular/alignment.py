"""Align a table that is to be scored with the columns that a model needs, with notes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from nfm.errors import SchemaError
from nfm.files.names import with_text_names
from nfm.tabular.encoding import Encoder
from nfm.tabular.level_values import same_text
from nfm.tabular.reading_notes import notes_and_doubts
from nfm.tabular.schema import Schema
from nfm.text import quote, quoted

# Columns with fewer filled cells do not show whether a file is written in another format.
_ENOUGH_ROWS = 10


@dataclass(frozen=True)
class AlignedTable:
    """A table that a model can score.

    Attributes:
        frame: All rows of the file: the encoder's columns in its order, then the target if the
            file has it.
        notes: What was changed and what to check, one sentence each. They contain names and
            values from the file unescaped.
        has_target: Whether the frame has the target.
        doubts: Those of the notes that question a value.
    """

    frame: pd.DataFrame
    notes: tuple[str, ...]
    has_target: bool
    doubts: tuple[str, ...] = ()


def align(frame: pd.DataFrame, schema: Schema, encoder: Encoder) -> AlignedTable:
    """Select the columns that a model needs from a table.

    The columns may be in any order, and there may be more than needed. A column that the table
    lacks is filled with missing values. Column names are recognised if they differ only in case,
    spaces, underscores, hyphens, the form of accents (Unicode's) or invisible characters.

    Args:
        frame: The table before its cells are interpreted.
        schema: The model's schema.
        encoder: The model's encoder.

    Returns:
        The table and the notes.

    Raises:
        SchemaError: The table has no rows or none of the columns that the model needs, or most
            of its columns are written in another format than in training.
    """
    frame = with_text_names(frame)
    needed = encoder.columns
    target = schema.target
    wanted = (*needed, *(() if target is None or target in needed else (target,)))
    frame, notes = recognise_names(frame, wanted)
    missing = [name for name in needed if name not in frame.columns]
    if len(missing) == len(needed):
        raise SchemaError(
            f"The file has none of the columns that the model needs ({quoted(needed)}): check "
            "that it is the right file and has a header row."
        )
    if len(frame) == 0:
        raise SchemaError("The file has a header row but no rows: choose a file with rows.")
    if missing:
        notes.append(f"{_columns(missing)} not in the file; all their values count as missing.")
    known = {*schema.names, *wanted}
    if extra := [name for name in frame.columns if name not in known]:
        notes.append(f"{_columns(extra)} unknown to the model and ignored.")
    has_target = target is not None and target in frame.columns
    if has_target:
        notes.append(f"The target {target!r} is in the file; the model does not use it.")
    present = [name for name in needed if name in frame.columns]
    if [name for name in frame.columns if name in set(present)] != present:
        notes.append("The columns are in another order than in training; this makes no difference.")
    columns = {
        name: frame[name] if name in frame.columns else pd.Series(np.nan, index=frame.index)
        for name in needed
    }
    made = pd.DataFrame(columns, index=frame.index)
    made.attrs.update(frame.attrs)
    _refuse_unreadable(made, encoder, present)
    doubts, others = notes_and_doubts(made, encoder, present)
    notes += [*doubts, *others]
    if target is not None and has_target:
        columns[target] = frame[target]
    return AlignedTable(pd.DataFrame(columns, index=frame.index), tuple(notes), has_target, doubts)


def _columns(names: list[str]) -> str:
    return f"Column {quoted(names)} is" if len(names) == 1 else f"Columns {quoted(names)} are"


def _folded(name: str) -> str:
    """Return a name without case, spaces, underscores, hyphens, and in one form of its accents."""
    return "".join(same_text(name.casefold()).replace("_", " ").replace("-", " ").split())


def recognise_names(frame: pd.DataFrame, wanted: tuple[str, ...]) -> tuple[pd.DataFrame, list[str]]:
    """Rename columns whose names differ from wanted ones only in case, spaces, "_", "-" or form.

    Args:
        frame: The table.
        wanted: The names that columns should have.

    Returns:
        The table and a note per renamed column.
    """
    missing = {_folded(name): name for name in wanted if name not in frame.columns}
    renamed: dict[str, str] = {}
    for name in frame.columns:
        if name not in wanted and _folded(name) in missing:
            renamed[name] = missing.pop(_folded(name))
    notes = [f"Column {old!r} was matched to {new!r}." for old, new in renamed.items()]
    return (frame.rename(columns=renamed) if renamed else frame), notes


def _refuse_unreadable(frame: pd.DataFrame, encoder: Encoder, names: Sequence[str]) -> None:
    """Refuse a file in which most cells of most columns are written in another format."""
    readings = encoder.readings(frame)
    styles = {
        name: column_format
        for name, column_format in encoder.formats_by_column.items()
        if name in names and column_format.type != "text"
    }
    bad = []
    for name in styles:
        filled = int(frame[name].notna().sum())
        if readings[name].unreadable.sum() > 0.5 * filled and filled >= _ENOUGH_ROWS:
            bad.append(name)
    if bad and len(bad) > 0.5 * len(styles):
        first = bad[0]
        cells = frame[first][readings[first].unreadable].drop_duplicates().head(3)
        shown = ", ".join(quote(str(cell)) for cell in cells)
        raise SchemaError(
            f"Most cells of {'column' if len(bad) == 1 else 'columns'} {quoted(bad)} are not "
            f"written as in training: in {first!r} the model expects {styles[first].describe()}, "
            f"but the file has {shown}. Write them as in the training table, or check that it is "
            "the right file."
        )
