"""A table becomes a CSV file that spreadsheets may open without harm."""

from __future__ import annotations

import re

import pandas as pd

# What a spreadsheet may take for a formula, at the start of a cell; the last four are full-width.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """Write a table as CSV in UTF-8, with the byte order mark if there is more than ASCII.

    Spreadsheets need the mark to read accents; other programs take it for a part of the first
    name. Text that a spreadsheet would run as a formula gets an apostrophe before it, in cells
    and in names of columns (OWASP, "CSV Injection"). Numbers stay as they are.

    Args:
        frame: The table; its index is not written.

    Returns:
        The file.
    """
    harmless = pd.DataFrame(
        {place: _harmless(frame.iloc[:, place]) for place in range(frame.shape[1])}
    )
    harmless.columns = pd.Index([_quoted(str(name)) for name in frame.columns])
    text = harmless.to_csv(index=False, lineterminator="\n")
    return text.encode("utf-8" if text.isascii() else "utf-8-sig")


def _harmless(series: pd.Series) -> pd.Series:
    if pd.api.types.is_bool_dtype(series) or pd.api.types.is_numeric_dtype(series):
        return series.reset_index(drop=True)
    if pd.api.types.is_datetime64_any_dtype(series):
        return series.reset_index(drop=True)
    codes, levels = pd.factorize(series)
    quoted = pd.array([_quoted(str(level)) for level in levels], dtype="str")
    return pd.Series(quoted.take(codes, allow_fill=True))


def _quoted(text: str) -> str:
    # A lone carriage return is not quoted by the writer and would start a new row.
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    runs = text.startswith(_FORMULA) or text.lstrip().startswith(_FORMULA)
    return f"'{text}" if runs and not _NUMBER.fullmatch(text.strip(" ")) else text
