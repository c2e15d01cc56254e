"""Find the columns of a file in which points and commas could have another meaning."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from nfm.column_formats.column_format import ColumnFormat, DecimalMark
from nfm.column_formats.number_text import (
    any_contains,
    decides,
    is_number,
    plain_numbers,
    quick_numbers,
    western_digits,
)
from nfm.column_formats.text_cells import arrow_texts, is_text, trimmed, without_words
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

    These are columns in which more cells can be read with the other mark; columns in which the
    other mark would separate thousands although the training table has no thousands separator;
    and, if the training table does not show its decimal mark (Excel, Parquet, frames of numbers),
    columns in which no cell decides, unless the delimiter is a comma.

    Args:
        frame: The file's cells, not yet interpreted.
        schema: The model's schema.
        options: How the file was read.

    Returns:
        One sentence per column.
    """
    settled = options.delimiter == "," or _shows_marks(schema)
    used = [column for column in schema.columns if column.role != "ignored"]
    frame, _ = recognise_names(frame, tuple(column.name for column in used))
    found = []
    for column in used:
        name, column_format = column.name, column.value_format
        if column_format is None or column_format.type != "number" or column_format.duration:
            continue
        if name not in frame.columns or not is_text(frame[name]):
            continue
        texts = _texts(frame[name], column_format)
        head = texts.slice(0, _HEAD)
        shown = any_contains(head, column_format.decimal) and decides(head, column_format)
        plain = settled or shown or decides(texts, column_format)
        if not plain or quick_numbers(texts, column_format) is None:
            different = pa.chunked_array([texts.unique()])
            found.append(_question(name, different, column_format, settled=settled))
    return tuple(filter(None, found))


def _shows_marks(schema: Schema) -> bool:
    """Return whether the training table was a text file in which a number has a decimal mark."""
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


def _texts(cells: pd.Series, column_format: ColumnFormat) -> pa.ChunkedArray:
    """Return the texts of a column without those that count as missing."""
    if not isinstance(cells.dtype, pd.StringDtype):
        cells = pd.Series([cell for cell in cells if isinstance(cell, str)], dtype=object)
    texts = without_words(trimmed(arrow_texts(cells)), column_format.missing_words).drop_null()
    return western_digits(texts)


def _question(
    name: str, texts: pa.ChunkedArray, column_format: ColumnFormat, *, settled: bool
) -> str:
    other: DecimalMark = "," if column_format.decimal == "." else "."
    otherwise = column_format.with_decimal(other)
    here, there = is_number(texts, column_format), is_number(texts, otherwise)
    better = int(there.sum()) > int(here.sum())
    grouped = any_contains(texts, other) and column_format.thousands != other
    usual = column_format.thousands in (".", ",") or column_format.decimal == ","
    doubtful = not decides(texts, column_format) and (grouped or not (settled or usual))
    if not better and not doubtful:
        return ""
    readings = zip(
        texts.to_pylist(),
        plain_numbers(texts, column_format).to_pylist(),
        plain_numbers(texts, otherwise).to_pylist(),
        strict=True,
    )
    differ = [each for each in readings if each[2] is not None and each[1] != each[2]]
    if not differ:
        return ""
    example, value, instead = differ[0]
    now = "cannot be read" if value is None else f"is read as {value}"
    return (
        f"{name!r}: {quote(example)} {now} with a decimal {_NAMES[column_format.decimal]} but "
        f"would be {instead} with a decimal {_NAMES[other]}."
    )
