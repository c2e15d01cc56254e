"""Write a table as a CSV file that is safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator

import numpy as np
import pandas as pd
from pandas.api import types

from nfm.text import counted, quoted

# Signs that start a formula; the last four are full-width.
_FORMULA = "[=+\\-@\uff1d\uff0b\uff0d\uff20]"
# A spreadsheet that splits lines at these, as its language or the person chooses, sees a new cell
# after each. A comma is no problem: the cell is then in quotes.
_DELIMITERS = r"[;|\t\n\r]"
# Quotes and invisible characters, which spreadsheets may skip before a formula.
_SKIPPED = (
    r'(?:[^\S\t\n\r]|["\x00-\x08\x0e-\x1f\x7f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff])*'
)
_START = re.compile(rf"^(?=[\t\n\r])|(?:^|(?<={_DELIMITERS}))(?={_SKIPPED}{_FORMULA})")
_GUARDED = re.compile(rf"(?:^|(?<={_DELIMITERS}))'")
_CELL_END = re.compile(rf"(?<=\S)\s*{_DELIMITERS}")
_EXACT = "nfm.exact"
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """Write a table as CSV in UTF-8, with a byte order mark if it has characters beyond ASCII.

    Spreadsheets need the mark to read accents; other programs read it as a part of the first
    name. Text that a spreadsheet would run as a formula gets an apostrophe before it, in cells
    and in column names (OWASP, "CSV Injection"), whatever delimiter the spreadsheet uses;
    `guard_note` says where. Numbers are unchanged.

    Args:
        frame: The table; its index is not written. A table that `keep_exact` has marked gets
            neither apostrophes nor the mark.

    Returns:
        The bytes of the file.
    """
    if frame.attrs.get(_EXACT):
        text = frame.to_csv(index=False, lineterminator="\n")
        if "\r" in text:  # a lone one would start a new row if it were not in quotes
            text = frame.to_csv(index=False, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
        return text.encode()
    harmless = pd.DataFrame(
        {place: _harmless(frame.iloc[:, place]) for place in range(frame.shape[1])}
    )
    harmless.columns = pd.Index([_quoted(str(name)) for name in frame.columns])
    text = harmless.to_csv(index=False, lineterminator="\n")
    return text.encode("utf-8" if text.isascii() else "utf-8-sig")


def without_guard(text: str) -> str:
    """Return a cell as it was before `csv_bytes` put apostrophes into it.

    Args:
        text: A cell of the file.
    """
    bare = _GUARDED.sub("", text)
    return bare if _quoted(bare) == text else text


def keep_exact(frame: pd.DataFrame) -> pd.DataFrame:
    """Mark a table for programs to read: `csv_bytes` will write its text unchanged.

    Args:
        frame: The table; gets an entry in `attrs`.

    Returns:
        The same table. Its file is not safe to open in a spreadsheet.
    """
    frame.attrs[_EXACT] = True
    return frame


def guard_note(frame: pd.DataFrame) -> str | None:
    """Say in which columns `csv_bytes` puts an apostrophe before text.

    Args:
        frame: The table.

    Returns:
        One sentence; None if there are no such cells or names.
    """
    count, columns, example = 0, [], ""
    for place, name in enumerate(map(str, frame.columns)):
        found = int(_runs(name))
        example = example or (name if found else "")
        series = frame.iloc[:, place]
        if not _is_plain(series):
            codes, levels = pd.factorize(series)
            runs = np.array([*(_runs(str(level)) for level in levels), False], dtype=bool)[codes]
            found += int(runs.sum())
            example = example or (str(series.iloc[int(runs.argmax())]) if runs.any() else "")
        if found:
            count += found
            columns.append(name)
    if not count:
        return None
    return (
        f"In {counted(count, 'cell')} of {quoted(columns, limit=3)}, an apostrophe precedes text "
        f"that a spreadsheet would run as a formula, such as {example[:40]!r}."
    )


def _harmless(series: pd.Series) -> pd.Series:
    if _is_plain(series):
        return series.reset_index(drop=True)
    codes, levels = pd.factorize(series)
    quoted = pd.array([_quoted(str(level)) for level in levels], dtype="str")
    return pd.Series(quoted.take(codes, allow_fill=True))


def _is_plain(series: pd.Series) -> bool:
    return types.is_numeric_dtype(series) or types.is_datetime64_any_dtype(series)


def _runs(text: str) -> bool:
    """Return whether a spreadsheet would run text, or a part of it, as a formula."""
    return next(_formulas(text), None) is not None


def _quoted(text: str) -> str:
    # A lone carriage return is not quoted by the writer and would start a new row.
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    for place in reversed(list(_formulas(text))):
        text = f"{text[:place]}'{text[place:]}"
    return text


def _formulas(text: str) -> Iterator[int]:
    """Yield the places at which a spreadsheet may see a cell begin with a formula."""
    for start in _START.finditer(text):
        end = _CELL_END.search(text, start.end())
        cell = text[start.end() : end.start() if end else None]
        if not _NUMBER.fullmatch(cell.strip(" ")):
            yield start.end()
