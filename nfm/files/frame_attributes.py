"""Keep the formats of a frame's columns, its file's options and its warnings in its `attrs`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from pandas.api import types
from pydantic import TypeAdapter

from nfm.column_formats.column_format import ColumnFormat
from nfm.column_formats.typed_columns import from_arrow
from nfm.files.options import ReadingOptions

_KEY = "nfm.formats"
_OPTIONS = "nfm.options"
_WARNINGS = "nfm.warnings"
_LEGACY = "legacy"
_FORMATS = TypeAdapter(dict[str, ColumnFormat])
# The types of values by what pandas calls a column of Python values; all others are text.
_OBJECTS = {
    **dict.fromkeys(("integer", "floating", "mixed-integer-float", "decimal"), "number"),
    **dict.fromkeys(("timedelta", "timedelta64"), "number"),
    **dict.fromkeys(("datetime", "datetime64", "date"), "date"),
    "boolean": "boolean",
}


def remember_formats(frame: pd.DataFrame, formats: Mapping[str, ColumnFormat] | None) -> None:
    """Record how the columns of a frame were read.

    Args:
        frame: Gets an entry in `attrs`. It is text, because pandas copies and stores it.
        formats: Formats by column; None if the frame was read by the legacy rules, without
            formats.
    """
    text = _LEGACY if formats is None else _FORMATS.dump_json(dict(formats)).decode()
    frame.attrs[_KEY] = text


def frame_formats(frame: pd.DataFrame | pd.Series) -> dict[str, ColumnFormat]:
    """Return the formats by which the columns of a frame were read; {} if they are not known.

    A column of a frame knows them too. The format of a column that is of another type now, because
    its values were changed after the file was read, is left out.
    """
    text = frame.attrs.get(_KEY)
    if not isinstance(text, str) or text == _LEGACY:
        return {}
    formats = _FORMATS.validate_json(text)
    if isinstance(frame, pd.Series):
        columns = {name: frame for name in formats if name == frame.name}
    else:
        columns = {name: frame[name] for name in formats if name in frame.columns}
    return {name: formats[name] for name, cells in columns.items() if _fits(cells, formats[name])}


def _fits(cells: pd.Series, column_format: ColumnFormat) -> bool:
    """Return whether a column is of the type that reading by a format gives, or empty."""
    dtype: Any = cells.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return _fits(cells.cat.categories.to_series(), column_format)
    if isinstance(dtype, pd.ArrowDtype):
        return _fits(from_arrow(cells.head(0)), column_format) or bool(cells.isna().all())
    if types.is_object_dtype(dtype):
        sort = types.infer_dtype(cells, skipna=True)
        kind = _OBJECTS.get(sort, "text")
    elif types.is_bool_dtype(dtype):
        kind = "boolean"
    elif types.is_numeric_dtype(dtype) or types.is_timedelta64_dtype(dtype):
        kind = "number"
    else:
        kind = "date" if types.is_datetime64_any_dtype(dtype) else "text"
    return kind == column_format.type or bool(cells.isna().all())


def is_legacy(frame: pd.DataFrame) -> bool:
    """Return whether a frame was read by the legacy rules, without formats."""
    return frame.attrs.get(_KEY) == _LEGACY


def remember_options(frame: pd.DataFrame, options: ReadingOptions) -> None:
    """Record the options with which the file of a frame was read, except the columns' formats."""
    bare = options.model_copy(update={"formats": None})
    frame.attrs[_OPTIONS] = bare.model_dump_json(exclude_defaults=True)


def frame_options(frame: pd.DataFrame) -> ReadingOptions | None:
    """Return the options with which the file of a frame was read; None if there was no file."""
    text = frame.attrs.get(_OPTIONS)
    return ReadingOptions.model_validate_json(text) if isinstance(text, str) else None


def remember_warnings(frame: pd.DataFrame, sentences: Sequence[str]) -> None:
    """Record the warnings about a frame that its reader has given."""
    frame.attrs[_WARNINGS] = json.dumps(list(sentences))


def frame_warnings(frame: pd.DataFrame) -> tuple[str, ...]:
    """Return the warnings that the reader of a frame has given, so that none is given twice."""
    text = frame.attrs.get(_WARNINGS)
    return tuple(json.loads(text)) if isinstance(text, str) else ()
