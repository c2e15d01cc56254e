"""Python values, as workbooks and JSON hold them, become one raw column."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

TEXT = pd.StringDtype("pyarrow", na_value=np.nan)
_EXACT = 2**53


def typed_column(cells: Iterable[Any]) -> pd.Series:
    """Make a column of cells, of the narrowest type that holds all of them exactly.

    Args:
        cells: str, int, float, bool, datetime.datetime, date, time or timedelta; None where
            there is nothing.

    Returns:
        A typed column as `RawTable` describes it. Whole floats are integers where all numbers
        are whole, dates are midnights, and times of day are the time since midnight.
    """
    values = [_plain(cell) for cell in cells]
    kinds = {type(value) for value in values if value is not None}
    gaps = None in values
    if not kinds:
        return pd.Series(np.full(len(values), np.nan))
    if kinds == {str}:
        return pd.Series(values, dtype=TEXT)
    if kinds == {bool}:
        return pd.Series(values, dtype="boolean" if gaps else "bool")
    if kinds == {int}:
        whole = [value for value in values if value is not None]
        if min(whole) >= -(2**63) and max(whole) < 2**63:
            return pd.Series(values, dtype="Int64" if gaps else "int64")
        if min(whole) >= 0 and max(whole) < 2**64:
            return pd.Series(values, dtype="UInt64")
    elif kinds == {float} or (kinds == {int, float} and _all_exact(values)):
        numbers = [np.nan if value is None else float(value) for value in values]
        return pd.Series(numbers, dtype="float64")
    elif kinds == {datetime.datetime}:
        return pd.Series(values, dtype="datetime64[us]")
    elif kinds == {datetime.timedelta}:
        return pd.Series(values, dtype="timedelta64[us]")
    return pd.Series(values, dtype="object")


def text_column(cells: Iterable[str]) -> pa.ChunkedArray:
    """Make a column of text cells, as they stand in a file."""
    return pa.chunked_array([pa.array(cells, pa.string())])


def _plain(cell: Any) -> Any:
    """The cell as one of the few types that a raw column may hold."""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < _EXACT:
        return int(cell)
    if isinstance(cell, datetime.datetime):
        return cell
    if isinstance(cell, datetime.date):
        return datetime.datetime(cell.year, cell.month, cell.day)
    if isinstance(cell, datetime.time):
        return datetime.timedelta(
            hours=cell.hour,
            minutes=cell.minute,
            seconds=cell.second,
            microseconds=cell.microsecond,
        )
    return cell


def _all_exact(values: list[Any]) -> bool:
    """Whether floats hold all the integers among the numbers exactly."""
    return all(abs(value) <= _EXACT for value in values if isinstance(value, int))
