"""Which columns of a file leave open what their points and commas mean."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from nfm.column_formats.column_format import ColumnFormat
from nfm.column_formats.number_text import (
    Decimal,
    decides,
    has_mark,
    is_number,
    plain_numbers,
    quick_numbers,
)
from nfm.column_formats.read_column import is_text, trimmed, without_words
from nfm.files.options import ReadingOptions
from nfm.tabular.alignment import recognise_names
from nfm.tabular.schema import Schema
from nfm.text import quote

_HEAD = 200
_NAMES = {".": "point", ",": "comma"}


def open_decimal_marks(
    frame: pd.DataFrame, schema: Schema, options: ReadingOptions
) -> tuple[str, ...]:
    """Say which columns of a file could be read with the other decimal mark.

    They are those of which the other mark reads more cells; those in which the other mark
    would separate thousands, though the training table has no such separator; and, where the
    training table has no text that shows its marks (Excel, Parquet, frames of numbers), those
    that no cell decides, unless the delimiter is a comma.

    Args:
        frame: The file with its cells as they are.
        schema: Of the model.
        options: How the file was read.

    Returns:
        One sentence for each of these columns.
    """
    settled = options.delimiter == "," or _shows_marks(schema)
    used = [column for column in schema.columns if column.role != "ignored"]
    frame, _ = recognise_names(frame, tuple(column.name for column in used))
    found = []
    for column in used:
        name, style = column.name, column.value_format
        if style is None or style.type != "number" or style.duration:
            continue
        if name not in frame.columns or not is_text(frame[name]):
            continue
        texts = _texts(frame[name], style)
        head = texts.slice(0, _HEAD)
        shown = has_mark(head, style.decimal) and decides(head, style)
        plain = settled or shown or decides(texts, style)
        if not plain or quick_numbers(texts, style) is None:
            different = pa.chunked_array([texts.unique()])
            found.append(_question(name, different, style, settled=settled))
    return tuple(filter(None, found))


def _shows_marks(schema: Schema) -> bool:
    """Say whether the training table was text in which a number has its decimal mark."""
    trained = schema.file_options
    if trained is None or trained.decimal is None:
        return False
    numbers = [
        column
        for column in schema.columns
        if column.format is not None and column.format.type == "number"
    ]
    return trained.decimal == "," or any(
        "." in example for column in numbers for example in column.examples
    )


def _texts(cells: pd.Series, style: ColumnFormat) -> pa.ChunkedArray:
    """Return the texts of a column, without the missing ones."""
    if not isinstance(cells.dtype, pd.StringDtype):
        cells = pd.Series([cell for cell in cells if isinstance(cell, str)], dtype="str")
    made = pa.array(cells, from_pandas=True)
    texts = made if isinstance(made, pa.ChunkedArray) else pa.chunked_array([made])
    return without_words(trimmed(texts.cast(pa.string())), style.missing_words).drop_null()


def _question(name: str, texts: pa.ChunkedArray, style: ColumnFormat, *, settled: bool) -> str:
    other: Decimal = "," if style.decimal == "." else "."
    otherwise = style.with_decimal(other)
    here, there = is_number(texts, style), is_number(texts, otherwise)
    better = int(there.sum()) > int(here.sum())
    grouped = has_mark(texts, other) and style.thousands != other
    usual = style.thousands in (".", ",") or style.decimal == ","
    doubtful = not decides(texts, style) and (grouped or not (settled or usual))
    if not better and not doubtful:
        return ""
    readings = zip(
        texts.to_pylist(),
        plain_numbers(texts, style).to_pylist(),
        plain_numbers(texts, otherwise).to_pylist(),
        strict=True,
    )
    differ = [each for each in readings if each[2] is not None and each[1] != each[2]]
    if not differ:
        return ""
    example, value, instead = differ[0]
    now = "cannot be read" if value is None else f"is read as {value}"
    return (
        f"{name!r}: {quote(example)} {now} with a decimal {_NAMES[style.decimal]}, and would be "
        f"{instead} with a decimal {_NAMES[other]}."
    )
