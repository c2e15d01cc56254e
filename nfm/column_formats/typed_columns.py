"""Convert columns of Arrow, of Python values and of any numeric dtype to pandas' own, exactly."""

from __future__ import annotations

import contextlib
import decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pandas.api import types

from nfm.column_formats.number_text import EXACT

# A 64-bit number has 20 digits.
_LONGEST = 20
TEXT_DTYPE = pd.StringDtype("pyarrow", na_value=np.nan)


def text_series(cells: pa.ChunkedArray) -> pd.Series:
    """Return text in pandas' "str" dtype, NaN where null, without copying the characters."""
    return pd.Series(cells.cast(pa.large_string()), dtype=TEXT_DTYPE)


def from_arrow(series: pd.Series) -> pd.Series:
    """Convert a pandas column of an Arrow dtype to pandas' own dtypes, as `arrow_series` does."""
    made = pa.array(series, from_pandas=True)
    column = made if isinstance(made, pa.ChunkedArray) else pa.chunked_array([made])
    return arrow_series(column)


def arrow_series(column: pa.ChunkedArray) -> pd.Series:
    """Convert an Arrow column to pandas' own dtypes, exactly.

    Args:
        column: A column that is not nested.

    Returns:
        int64, "Int64" or "UInt64", float64, bool, "boolean", datetime64, timedelta64 (also for
        times of day) or "str". Times are cut off after their microseconds.

    Raises:
        ArrowInvalid: A time is out of range.
    """
    kind = column.type
    if isinstance(kind, pa.BaseExtensionType):
        storage = [chunk.storage for chunk in column.chunks]
        return arrow_series(pa.chunked_array(storage, kind.storage_type))
    if pa.types.is_dictionary(kind):
        return arrow_series(column.cast(kind.value_type))
    if pa.types.is_boolean(kind):
        found = column.to_pandas(types_mapper={pa.bool_(): pd.BooleanDtype()}.get)
        return found if column.null_count else found.astype(bool)
    if pa.types.is_integer(kind):
        if not column.null_count:
            wide = pa.uint64() if kind == pa.uint64() else pa.int64()
            return settled_numbers(pd.Series(column.cast(wide).to_numpy()))
        dtype = "UInt64" if kind == pa.uint64() else "Int64"
        return settled_numbers(pd.Series(column.to_pandas(integer_object_nulls=True), dtype=dtype))
    if pa.types.is_decimal(kind) and (
        (pc.max(pc.abs(column.cast(pa.float64()))).as_py() or 0) > EXACT
    ):
        for whole in (pa.int64(), pa.uint64()):
            with contextlib.suppress(pa.ArrowInvalid):
                return arrow_series(column.cast(whole))
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        if kind != pa.float64():
            # By way of the shortest text, so that 0.1 of 32 bits becomes 0.1 of 64 bits.
            column = column.cast(pa.string()).cast(pa.float64())
        return pd.Series(pc.fill_null(column, float("nan")).to_numpy(), dtype="float64")
    if pa.types.is_timestamp(kind) and kind.tz is not None:
        return pd.Series(column.to_pandas())
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return pd.Series(_to_microseconds(column, pa.timestamp("us")).to_pandas())
    if pa.types.is_time(kind):
        whole = pa.int64() if pa.types.is_time64(kind) else pa.int32()
        column = column.cast(whole).cast(pa.int64()).cast(pa.duration(kind.unit))
    if pa.types.is_time(kind) or pa.types.is_duration(kind):
        return pd.Series(_to_microseconds(column, pa.duration("us")).to_pandas())
    if pa.types.is_null(kind):
        return pd.Series(np.full(len(column), np.nan))
    return text_series(column.cast(pa.large_string()))


def _to_microseconds(column: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    """Return times cut off after their microseconds; raise if one is out of range."""
    return column.cast(options=pc.CastOptions(kind, allow_time_truncate=True))


def settled_numbers(series: pd.Series) -> pd.Series:
    """Convert numbers of any dtype to int64, uint64 or float64 if it represents them exactly.

    Args:
        series: Numbers; complex ones become NaN.

    Returns:
        The same numbers; as "Int64" or "UInt64" if some are missing and a float cannot represent
        the others exactly.
    """
    dtype: Any = series.dtype
    if isinstance(dtype, pd.SparseDtype):
        return settled_numbers(series.astype(dtype.subtype))
    if dtype in (np.float32, np.float16):
        shortest = pa.array(series.to_numpy(np.float32)).cast(pa.string()).cast(pa.float64())
        return pd.Series(shortest.to_numpy(zero_copy_only=False))
    if isinstance(dtype, np.dtype):
        if dtype.kind == "c":
            return pd.Series(np.full(len(series), np.nan))
        wide = {"i": np.int64, "u": np.uint64}.get(dtype.kind, np.float64)
        if dtype.kind == "u" and (not len(series) or series.max() < 2**63):
            wide = np.int64
        return series.astype(wide)
    if types.is_integer_dtype(dtype):
        present = series.dropna()
        if len(present) == len(series):
            return settled_numbers(series.astype(dtype.numpy_dtype))
        if not len(present) or max(-int(present.min()), int(present.max())) <= EXACT:
            return series.astype("float64")
        return series.astype("UInt64" if int(present.max()) >= 2**63 else "Int64")
    return pd.Series(series.to_numpy(dtype=np.float64, na_value=np.nan))


def uniform_objects(series: pd.Series, sort: str | None = None) -> pd.Series | None:
    """Convert a column of Python values that are all of one type to the dtype of this type.

    Args:
        series: A column of dtype object.
        sort: What `pandas.api.types.infer_dtype` returns for it; None to call that.

    Returns:
        The converted column; None if the values are of several types or text.
    """
    sort = sort or types.infer_dtype(series, skipna=True)
    try:
        if sort == "boolean":
            return series.astype("boolean")
        if sort == "integer":
            dtype = "UInt64" if series.dropna().max() >= 2**63 else "Int64"
            return pd.Series(series.where(series.notna(), None), dtype=dtype)
        if sort == "mixed-integer-float" and has_long(series):
            return None
        if sort in ("floating", "mixed-integer-float", "decimal"):
            return pd.to_numeric(series.where(series.notna(), np.nan).astype(float))
        if sort in ("datetime", "datetime64", "date"):
            if sort == "datetime" and zone_of(series) == "several":  # each keeps its clock
                series = series.map(lambda value: value.replace(tzinfo=None), na_action="ignore")
            return pd.to_datetime(series)
        if sort in ("timedelta", "timedelta64"):
            return pd.to_timedelta(series)
        if sort == "time":
            return pd.to_timedelta(series.map(str, na_action="ignore"))
    except (ValueError, TypeError, OverflowError):
        pass
    return None


def zone_of(moments: pd.Series) -> str:
    """Return the time zone of a column of Python values; "several" if they differ, "" for none."""
    zones = {str(getattr(value, "tzinfo", None) or "") for value in moments.dropna()}
    return zones.pop() if len(zones) == 1 else "several" if zones else ""


def whole_decimals(series: pd.Series) -> pd.Series:
    """Return Python values with whole decimals as whole numbers, and NaN for those that are none.

    Databases return ids as decimals, which a float may not represent.
    """

    def converted(value: Any) -> Any:
        if not isinstance(value, decimal.Decimal):
            return value
        if not value.is_finite():
            return float("nan") if value.is_nan() else float(value)
        return int(value) if value.adjusted() < _LONGEST and value == int(value) else value

    if not any(isinstance(value, decimal.Decimal) for value in series):
        return series
    return pd.Series([converted(value) for value in series], dtype=object, index=series.index)


def has_long(values: pd.Series) -> bool:
    """Return whether Python values include a whole number that a float may not represent."""
    return any(isinstance(value, int) and abs(value) > EXACT for value in values)


def number_text(value: Any) -> str | None:
    """Write a number as canonical text: "3" for 3 and 3.0; None if it is not finite."""
    if isinstance(value, int | np.integer):
        return str(int(value))
    number = float(value)
    if not np.isfinite(number):
        return None
    return str(int(number)) if number.is_integer() and abs(number) < 1e18 else str(number)


def moment_text(value: pd.Timestamp) -> str:
    """Write a date and time as ISO text, without the time if it is midnight."""
    text = value.isoformat(sep=" ")
    return text.split(" ")[0] if value == value.normalize() else text
