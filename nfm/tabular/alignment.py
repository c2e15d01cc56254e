"""A file that is to be scored, made to fit what the model learned from, with an account of it."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from nfm.column_formats.account import ColumnAccount, account_for
from nfm.column_formats.column_format import DATE_ORDERS, ColumnFormat
from nfm.column_formats.date_text import find_offset, ordered_shapes, parse_texts
from nfm.column_formats.read_column import ColumnReading, is_text, read_column, trimmed
from nfm.errors import SchemaError
from nfm.files.frame_formats import frame_formats
from nfm.files.names import with_text_names
from nfm.tabular.dates import guessed_dates
from nfm.tabular.encoding import Encoder
from nfm.tabular.fields import CategoricalField, NumericField
from nfm.tabular.level_values import level_codes, numbers, value_type
from nfm.tabular.schema import Schema
from nfm.text import quote, quoted

# A column of fewer filled cells does not show in which style a file is written.
_ENOUGH_ROWS = 10


@dataclass(frozen=True)
class Aligned:
    """A table that a model can score.

    Attributes:
        frame: As many rows as the file; the encoder's columns in its order, then the target
            if the file has it.
        notes: What was done and what is worth a look, one sentence each; user's names and
            values stand in them as they are.
        has_target: Whether the frame has the target.
        doubts: Those of the notes that question a value.
    """

    frame: pd.DataFrame
    notes: tuple[str, ...]
    has_target: bool
    doubts: tuple[str, ...] = ()


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
    frame, notes = recognise_names(frame, wanted)
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
    made = pd.DataFrame(columns, index=frame.index)
    made.attrs.update(frame.attrs)
    _refuse_unreadable(made, encoder, present)
    doubts, others = _notes_and_doubts(made, encoder, present)
    notes += [*doubts, *others]
    if target is not None and has_target:
        columns[target] = frame[target]
    return Aligned(pd.DataFrame(columns, index=frame.index), tuple(notes), has_target, doubts)


def _columns(names: list[str]) -> str:
    return f"Column {quoted(names)} is" if len(names) == 1 else f"Columns {quoted(names)} are"


def _folded(name: str) -> str:
    """Return a name without case, blanks, underscores and hyphens."""
    return "".join(name.casefold().replace("_", " ").replace("-", " ").split())


def recognise_names(frame: pd.DataFrame, wanted: tuple[str, ...]) -> tuple[pd.DataFrame, list[str]]:
    """Rename columns whose name differs from a wanted one in case and blanks only."""
    missing = {_folded(name): name for name in wanted if name not in frame.columns}
    renamed: dict[str, str] = {}
    for name in frame.columns:
        if name not in wanted and _folded(name) in missing:
            renamed[name] = missing.pop(_folded(name))
    notes = [f"Column {old!r} was taken for {new!r}." for old, new in renamed.items()]
    return (frame.rename(columns=renamed) if renamed else frame), notes


def reading_notes(
    frame: pd.DataFrame, encoder: Encoder, names: Sequence[str] | None = None
) -> tuple[str, ...]:
    """Say which values a model cannot take as they are, and which might mean another one.

    Args:
        frame: Rows as they came, with the encoder's columns.
        encoder: Of the model.
        names: The columns that are looked at; None: all.

    Returns:
        One sentence each, with the column's name.
    """
    doubts, notes = _notes_and_doubts(frame, encoder, encoder.columns if names is None else names)
    return (*doubts, *notes)


def _notes_and_doubts(
    frame: pd.DataFrame, encoder: Encoder, names: Sequence[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the notes that question a value, and the others."""
    readings = encoder.readings(frame)
    guessed = frame_formats(frame)
    doubts: list[str] = []
    notes: list[str] = []
    for name, style in zip(encoder.columns, encoder.formats, strict=False):
        if name in names:
            reading = readings[name]
            doubts += _format_doubts(name, frame[name], style, reading, guessed.get(name))
            notes += [
                f"{name!r}: {_of(count, len(reading))} hold {word!r}, which counts as missing."
                for word, count in reading.missing_words.items()
            ]
    for field in encoder.categorical:
        if field.part is None and field.column in names:
            notes.append(_unseen(field, readings[field.column], bool(encoder.formats)))
            doubts.append(_doubtful(field, readings[field.column]))
    for number in encoder.numeric:
        if number.part is None and number.column in names:
            notes += _unfit(number, readings[number.column].values, bool(encoder.formats))
    if not encoder.formats:
        for date in encoder.dates:
            if date.column in names:
                series = frame[date.column]
                wrong = np.isnat(guessed_dates(series, date.day_first)) & series.notna().to_numpy()
                notes.append(_wrong(date.column, series, wrong, "dates"))
    return tuple(filter(None, doubts)), tuple(filter(None, notes))


def reading_warnings(frame: pd.DataFrame, encoder: Encoder) -> tuple[str, ...]:
    """Say which cells cannot be read as in training, or might mean something else.

    Args:
        frame: Rows as they came, with the encoder's columns.
        encoder: Of the model.

    Returns:
        Those of `reading_notes` that question a value, one sentence each.
    """
    doubts: list[str] = []
    guessed = frame_formats(frame)
    fields = {field.column: field for field in encoder.categorical if field.part is None}
    for name, style in zip(encoder.columns, encoder.formats, strict=False):
        cells = frame[name]
        if style.type == "text" and name not in guessed and not style.kept and is_text(cells):
            continue
        reading = read_column(cells, style)
        doubts += _format_doubts(name, cells, style, reading, guessed.get(name))
        if name in fields:
            doubts.append(_doubtful(fields[name], reading))
    return tuple(filter(None, doubts))


def _format_doubts(
    name: str,
    cells: pd.Series,
    style: ColumnFormat,
    reading: ColumnReading,
    guessed: ColumnFormat | None,
) -> list[str]:
    """Say what is doubtful about a column that was read by its format."""
    account = account_for(cells, style, reading)
    notes = [account.unread_sentence(name, style, len(reading))]
    if style.type == "number":
        notes.append(_unusual_numbers(name, cells, style, guessed, account))
    if style.type == "date":
        notes.append(_unusual_dates(name, cells, style))
        zone = _zone(cells) or ("" if guessed is None else guessed.time_zone)
        if zone and zone != style.time_zone:
            there = style.time_zone or "no zone"
            notes.append(
                f"{name!r}: the times are those of {_zone_name(zone)}, and in training of "
                f"{_zone_name(there)}; each is "
                "taken as its own clock shows it."
            )
        elif style.time_zone and not zone and is_text(cells):
            timed = cells[cells.map(lambda cell: isinstance(cell, str) and ":" in cell)]
            if len(timed):
                notes.append(
                    f"{name!r}: times such as {quote(timed.iloc[0])} have no time zone, and in "
                    f"training they are those of {style.time_zone}; they are taken as they are."
                )
    absent = int(cells.isna().sum())
    if style.kept and absent:
        values = " and ".join(map(repr, style.kept))
        notes.append(
            f"{name!r}: {_of(absent, len(reading))} are missing; in training {values} was a value, "
            "and may have been taken for missing when this table was read."
        )
    if guessed is not None and guessed != style and _read_otherwise(guessed, style):
        notes.append(
            f"{name!r}: these cells were read as {guessed.describe()} before the model saw them, "
            f"and the model's column is {style.describe()}. Read the file with the model "
            "(bundle.read_table) to be sure."
        )
    return notes


def _zone_name(zone: str) -> str:
    return "several zones" if zone == "several" else zone


def _zone(cells: pd.Series) -> str:
    """Return the time zone of a column of dates; "" if it has none, or is not one."""
    zone = getattr(cells.dtype, "tz", None)
    if zone is not None:
        return str(zone)
    if not is_text(cells):
        moments = [cell for cell in cells.dropna().head(100) if getattr(cell, "tzinfo", None)]
        return str(moments[0].tzinfo) if moments else ""
    texts = pd.Series([cell if isinstance(cell, str) else None for cell in cells], dtype=object)
    return find_offset(trimmed(pa.chunked_array([pa.array(texts, pa.string(), from_pandas=True)])))


def _read_otherwise(guessed: ColumnFormat, style: ColumnFormat) -> bool:
    """Whether a table was read on its own in a way that the model's format would not allow."""
    if style.type == "text":
        plain = not guessed.unit and guessed.decimal == "." and not guessed.thousands
        return guessed.type == "date" or (guessed.type == "number" and not plain)
    if style.type == "number":
        marks = guessed.thousands in (",", ".") or not guessed.certain
        return guessed.type == "number" and (
            (guessed.decimal != style.decimal and marks) or guessed.unit != style.unit
        )
    return (
        guessed.type == style.type == "date"
        and guessed.date_order is not None
        and guessed.date_order != style.date_order
    )


def _unusual_numbers(
    name: str,
    cells: pd.Series,
    style: ColumnFormat,
    guessed: ColumnFormat | None,
    account: ColumnAccount,
) -> str:
    """Name numbers with a thousands separator, or without the unit, unlike the training table's."""
    if not style.duration and _has(cells, "m", datetime.timedelta):
        return (
            f"{name!r}: these are durations, and in training the cells were plain numbers; "
            "they are taken as seconds."
        )
    read_before = guessed is not None and guessed.duration
    if style.duration and not read_before and _has(cells, "iuf", (int, float)):
        return (
            f"{name!r}: in training the cells were durations, and here they are plain numbers; "
            "they are taken as seconds."
        )
    plain = not is_text(cells) or any(isinstance(cell, int | float) for cell in cells.dropna())
    if plain and style.unit == "%" and (guessed is None or guessed.unit != "%"):
        return (
            f"{name!r}: in training the cells were percentages such as 42%, and here some are "
            "plain numbers: 42 is taken for 42%."
        )
    if not is_text(cells):
        return ""
    texts = cells.map(lambda cell: cell.strip() if isinstance(cell, str) else "").astype("str")
    other = "," if style.decimal == "." else "."
    grouped = texts.str.contains(rf"\d{re.escape(other)}\d{{3}}(?:\D|$)", regex=True)
    if style.thousands != other and grouped.any():
        example = texts[grouped].iloc[0]
        return (
            f"{name!r}: {other!r} in {quote(example)} is read as a thousands separator, which the "
            "training table does not have."
        )
    if account.without_unit:
        return (
            f"{name!r}: {_of(account.without_unit, len(cells))} have no {style.unit!r}, such as "
            f"{quote(account.without_unit_example)}; they are taken as if they had it."
        )
    return ""


def _has(cells: pd.Series, kinds: str, types: type | tuple[type, ...]) -> bool:
    """Say whether a column has cells of a dtype's kinds, or of Python's types among others."""
    if cells.dtype == object:
        return any(isinstance(cell, types) for cell in cells.dropna())
    return cells.dtype.kind in kinds and bool(cells.notna().any())


def _unusual_dates(name: str, cells: pd.Series, style: ColumnFormat) -> str:
    """Name dates that are read in the order of training, but have not its separators or years."""
    if not style.date_shapes or not is_text(cells):
        return ""
    texts = [text for text in cells.dropna().unique() if isinstance(text, str)]
    texts = [text.strip() for text in texts]
    moments = parse_texts(pa.chunked_array([pa.array(texts, pa.string())]), style.date_order)
    known = {"", *style.date_shapes}
    for text, shape, moment in zip(texts, ordered_shapes(texts), moments, strict=True):
        if shape not in known and not np.isnat(moment):
            return (
                f"{name!r}: dates such as {quote(text)} are not written as in training "
                f"({style.describe_shapes()}); they are read in the order of training, "
                f"{DATE_ORDERS[style.date_order]}."
            )
    return ""


def _unseen(field: CategoricalField, reading: ColumnReading, by_format: bool) -> str:
    rows, texts = level_codes(reading.values)
    codes = field.read_codes(reading) if by_format else field.codes(reading.values)
    other = (rows >= 0) & (codes == 0)
    count = int(other.sum())
    absent = int((rows < 0).sum())
    if absent and not field.has_missing and count == 0:
        return (
            f"{field.column!r}: {_of(absent, len(reading))} have no value, and in training "
            "none was missing; scored as (other)."
        )
    if count == 0:
        return ""
    example = texts[rows[other][0]]
    return (
        f"{field.column!r}: {_of(count, len(reading))} hold a value without a code of its own, "
        f"such as {quote(example)}; scored as (other)."
    )


def _doubtful(field: CategoricalField, reading: ColumnReading) -> str:
    rows = np.flatnonzero(field.doubtful(reading))
    if not len(rows):
        return ""
    codes = field.read_codes(reading)
    example = str(reading.values.iloc[rows[0]])
    taken = field.names[codes[rows[0]]]
    return (
        f"{field.column!r}: {_of(len(rows), len(reading))} hold a number where the training table "
        f"has text; {example} was taken for {quote(taken)}, and its text might have been another."
    )


def _unfit(field: NumericField, series: pd.Series, by_format: bool) -> list[str]:
    found = numbers(series)
    absent = np.isnan(found)
    notes = []
    if value_type(series) == "text" and not by_format:
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


def _refuse_unreadable(frame: pd.DataFrame, encoder: Encoder, names: Sequence[str]) -> None:
    """Refuse a file in which most cells of most columns are written in another style."""
    readings = encoder.readings(frame)
    bad = []
    for name, style in zip(encoder.columns, encoder.formats, strict=False):
        if name not in names or style.type == "text":
            continue
        unreadable = readings[name].unreadable
        filled = int(frame[name].notna().sum())
        if unreadable.sum() > 0.5 * filled and filled >= _ENOUGH_ROWS:
            bad.append((name, style, unreadable))
    styled = [
        name
        for name, style in zip(encoder.columns, encoder.formats, strict=False)
        if name in names and style.type != "text"
    ]
    if bad and len(bad) > 0.5 * len(styled):
        name, style, unreadable = bad[0]
        shown = ", ".join(
            quote(str(cell)) for cell in frame[name][unreadable].drop_duplicates().head(3)
        )
        raise SchemaError(
            f"Most cells of {_columns([name for name, _, _ in bad])} not written as in training. "
            f"In {name!r} the model expects {style.describe()}, and the file has {shown}. Write "
            "them as in the training table, or check that it is the right file."
        )


def _wrong(name: str, series: pd.Series, wrong: np.ndarray, what: str) -> str:
    count = int(wrong.sum())
    if count == 0:
        return ""
    example = str(series.iloc[int(np.flatnonzero(wrong)[0])])
    return (
        f"{name!r}: {_of(count, len(series))} hold no {what}, such as {quote(example)}; "
        "they count as missing."
    )


def _of(count: int, rows: int) -> str:
    return f"{count:,} of {rows:,} rows"
