"""Convert tables and columns of any library to pandas' own types, for the public functions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from pandas.api.types import union_categoricals

from nfm.errors import SchemaError

_ARROW = ("__arrow_c_stream__", "__arrow_c_array__")
_NULLABLE = {
    f"{sign}int{bits}": f"{sign.upper()}Int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)
}


def as_frame(table: Any, what: str = "The table") -> pd.DataFrame:
    """Convert a table of any library to a pandas DataFrame whose column names are text.

    The table may be from pandas, polars, pyarrow or any other library that narwhals supports, or
    have the Arrow C stream or the dataframe interchange protocol. Arrow's types are converted to
    pandas' own without changing a value: whole numbers stay exact, times keep their time zone.

    Args:
        table: The table. Column names may be numbers, or tuples (of a MultiIndex).
        what: What the table is called in messages.

    Returns:
        The table; the given DataFrame itself if nothing had to be changed.

    Raises:
        SchemaError: It is not a table, has no columns, has two columns of the same name, or one of
            complex numbers.
    """
    if isinstance(table, pd.DataFrame):
        names = _text_names(table.columns.tolist(), what)
        _refuse_complex(dict(zip(names, table.dtypes, strict=True)), what)
        unusual = [place for place, dtype in enumerate(table.dtypes) if _is_unusual(dtype)]
        if not unusual and all(type(name) is str for name in table.columns):
            return table
        frame = table.copy(deep=False)
        for place in unusual:
            frame.isetitem(place, _ordinary(table.iloc[:, place]).array)
        frame.columns = pd.Index(names)
        return frame
    given, columns = _foreign_columns(table, what)
    names = _text_names(given, what)
    return pd.DataFrame(dict(zip(names, columns, strict=True)), copy=False)


def as_column(values: Any) -> pd.Series:
    """Convert values (a list, an array, a column of any library) to a Series with index 0, 1, ...

    Args:
        values: The values, (rows,).
    """
    if isinstance(values, pd.Series):
        values = values.reset_index(drop=True)
        return _ordinary(values) if _is_unusual(values.dtype) else values
    if isinstance(values, pd.Index | pd.api.extensions.ExtensionArray):
        return as_column(pd.Series(values))
    if any(hasattr(values, protocol) for protocol in _ARROW):
        return _from_arrow(pa.chunked_array(values))
    return pd.Series(values)


def is_table(table: Any) -> bool:
    """Return whether something is a table (or a column or row with names), not an array."""
    if isinstance(table, np.ndarray | list | tuple) or hasattr(table, "toarray"):
        return False  # SciPy's sparse arrays have `toarray`, and one of them is a mapping
    if isinstance(table, pd.DataFrame | pd.Series | Mapping):
        return True
    if any(hasattr(table, protocol) for protocol in (*_ARROW, "__dataframe__")):
        return True
    import narwhals

    return narwhals.from_native(table, pass_through=True, allow_series=True) is not table


def _text_names(given: list[Any], what: str) -> list[str]:
    names = [str(name) for name in given]
    if not names:
        raise SchemaError(f"{what} has no columns: pass a table with at least one.")
    if len(set(names)) < len(names):
        repeated = next(name for name in names if names.count(name) > 1)
        first, second = [place for place, name in enumerate(names, 1) if name == repeated][:2]
        raise SchemaError(
            f"{what} has two columns named {repeated!r}, columns {first:,} and {second:,}: rename "
            "one of them."
        )
    return names


def _foreign_columns(table: Any, what: str) -> tuple[list[str], list[pd.Series]]:
    """Return names and columns of a table that is not a pandas DataFrame."""
    import narwhals

    if isinstance(table, Mapping):
        raise SchemaError(f"{what} is a mapping: convert it with `pandas.DataFrame(...)`.")
    # narwhals refuses a table of pyarrow that has a name twice, without a word about which.
    known = table
    if not isinstance(table, pa.Table):
        known = narwhals.from_native(table, pass_through=True, allow_series=True)
    if isinstance(known, narwhals.Series) or isinstance(table, pa.Array):
        raise SchemaError(
            f"{what} is a single column or row (a {type(table).__name__}): pass a DataFrame. In "
            "pandas, convert a row with `row.to_frame().T` and a column with `column.to_frame()`."
        )
    if isinstance(known, narwhals.LazyFrame):
        raise SchemaError(f"{what} is lazy: pass the result of its `collect()`.")
    try:
        if isinstance(known, narwhals.DataFrame):
            return known.columns, [_from_narwhals(column) for column in known.iter_columns()]
        if any(hasattr(table, protocol) for protocol in _ARROW):
            arrow = table if isinstance(table, pa.Table) else pa.table(table)
        elif hasattr(table, "__dataframe__"):
            from pyarrow.interchange import from_dataframe

            arrow = from_dataframe(table)
        else:
            raise SchemaError(
                f"{what} is of the type {type(table).__name__}, which does not name its columns: "
                "pass a DataFrame of pandas or polars, or a table of pyarrow."
            )
        return arrow.column_names, [_from_arrow(column) for column in arrow.columns]
    except (pa.ArrowException, TypeError, NotImplementedError) as error:
        raise SchemaError(
            f"{what} (a {type(table).__name__}) cannot be read ({error}): convert it to a "
            "DataFrame."
        ) from error


def _from_narwhals(column: Any) -> pd.Series:
    import narwhals

    if column.dtype in (narwhals.Object, narwhals.Int128, narwhals.UInt128):
        return pd.Series(column.to_list(), dtype=object)  # Arrow has no such types
    return _from_arrow(pa.chunked_array([column.to_arrow()]))


def _refuse_complex(dtypes: Mapping[str, Any], what: str) -> None:
    for name, dtype in dtypes.items():
        if getattr(dtype, "kind", "") == "c":
            raise SchemaError(
                f"{what} has complex numbers in column {name!r}: replace it by columns of real "
                "numbers, such as `.real` and `.imag`."
            )


def _is_unusual(dtype: Any) -> bool:
    """Return whether a dtype of pandas must be converted for the rest of the package."""
    if isinstance(dtype, pd.CategoricalDtype):
        return _is_unusual(dtype.categories.dtype)
    return isinstance(dtype, pd.ArrowDtype | pd.SparseDtype)


def _ordinary(series: pd.Series) -> pd.Series:
    """Convert a column of such a dtype to a usual one, with its index."""
    if isinstance(series.dtype, pd.SparseDtype):
        return series.astype(series.dtype.subtype)
    if isinstance(series.dtype, pd.CategoricalDtype):
        categories = as_column(series.cat.categories)
        return pd.Series(
            pd.Categorical.from_codes(series.cat.codes, pd.Index(categories)), series.index
        )
    return _from_arrow(pa.chunked_array([pa.array(series.array)])).set_axis(series.index)


def _from_arrow(column: pa.ChunkedArray) -> pd.Series:
    """Convert an Arrow column to pandas' own type for its values.

    Unlike `column_formats.typed_columns.arrow_series`, this keeps the categories, floats of 32
    bits and decimals of a DataFrame that a program made.
    """
    kind = column.type
    if isinstance(kind, pa.BaseExtensionType):
        column = pa.chunked_array([chunk.storage for chunk in column.chunks], kind.storage_type)
        kind = column.type
    if pa.types.is_dictionary(kind):
        return _from_dictionary(column)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return pd.Series(column.cast(pa.large_string()), dtype="str")
    if column.null_count and (pa.types.is_boolean(kind) or pa.types.is_integer(kind)):
        plain = column.fill_null(False if pa.types.is_boolean(kind) else 0).to_pandas()
        nullable = "boolean" if pa.types.is_boolean(kind) else _NULLABLE[str(kind)]
        return plain.astype(nullable).mask(column.is_null().to_pandas())
    if pa.types.is_float16(kind):
        return column.cast(pa.float32()).to_pandas()
    if pa.types.is_decimal(kind):
        return _from_decimals(column)
    if pa.types.is_date(kind):
        return column.cast(pa.timestamp("ms")).to_pandas()
    if pa.types.is_null(kind):
        return pd.Series(np.full(len(column), np.nan))
    return column.to_pandas()


def _from_dictionary(column: pa.ChunkedArray) -> pd.Series:
    """Convert a dictionary column to categories; its dictionary may have a value twice, or null."""
    parts = []
    for chunk in column.chunks:
        codes, distinct = pd.factorize(_from_arrow(pa.chunked_array([chunk.dictionary])))
        indices = chunk.indices.cast(pa.int64()).fill_null(-1).to_numpy(zero_copy_only=False)
        parts.append(pd.Categorical.from_codes(np.append(codes, -1)[indices], distinct))
    return pd.Series(union_categoricals(parts)) if parts else pd.Series([], dtype="category")


def _from_decimals(column: pa.ChunkedArray) -> pd.Series:
    """Convert decimals to numbers if these represent all digits, else to objects."""
    try:
        if column.type.scale <= 0:
            return _from_arrow(column.cast(pa.int64()))
        floats = column.cast(pa.float64())
        if floats.cast(column.type).equals(column):
            return floats.to_pandas()
    except pa.ArrowInvalid:
        pass
    return column.to_pandas()
