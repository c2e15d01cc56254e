"""Text cells as Arrow's strings: trimmed, counted, without the words that mean missing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pandas.api import types

from nfm.text import INVISIBLE

_NULL = pa.scalar(None, pa.string())
_TEXT_FORMULA = r'^="\s*([^"]*?)\s*"$'
# White space, as Arrow and Python define it, and characters that are not seen.
_BLANK = "".join(filter(str.isspace, map(chr, range(0x3001)))) + INVISIBLE


@dataclass(frozen=True, eq=False)
class TrimmedText:
    """Text cells without white space around them, null where they are blank."""

    cells: pa.ChunkedArray


def trimmed(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return the cells without what is around their text, null where they are blank.

    That is white space, characters that are not seen, and the formula `="00123"` by which a CSV
    file keeps a spreadsheet from changing a text.
    """
    return pa.chunked_array([_trimmed(chunk) for chunk in cells.chunks], pa.string())


def _trimmed(chunk: pa.Array) -> pa.Array:
    """Return a trimmed chunk; the chunk itself, not a copy, if there is nothing to trim."""
    if pc.all(pc.string_is_ascii(chunk)).as_py() and not _has_nul(chunk):
        bare = pc.utf8_trim_whitespace(chunk)
    else:
        bare = pc.utf8_trim(chunk, characters=_BLANK)
    if pc.sum(pc.binary_length(bare)) == pc.sum(pc.binary_length(chunk)):
        bare = chunk
    if pc.any(pc.starts_with(bare, '="')).as_py():
        bare = pc.replace_substring_regex(bare, _TEXT_FORMULA, r"\1")
    blank = pc.equal(pc.binary_length(bare), 0)
    return pc.if_else(blank, _NULL, bare) if pc.any(blank).as_py() else bare


def _has_nul(chunk: pa.Array) -> bool:
    return bool(pc.any(pc.match_substring(chunk, "\0")).as_py())


def without_words(bare: pa.ChunkedArray, words: frozenset[str]) -> pa.ChunkedArray:
    """Return the cells, null where a cell is one of the words.

    Args:
        bare: Trimmed text.
        words: The words to remove.
    """
    values = pa.array(sorted(words), pa.string())

    def known(chunk: pa.Array) -> pa.Array:
        absent = pc.is_in(chunk, value_set=values)
        return pc.if_else(absent, _NULL, chunk) if pc.any(absent).as_py() else chunk

    return pa.chunked_array([known(chunk) for chunk in bare.chunks], pa.string())


def is_text(series: pd.Series) -> bool:
    """Return whether a column contains text, which must be parsed, not values of another type."""
    dtype: Any = series.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        dtype = dtype.categories.dtype
        series = series.cat.categories.to_series()
    if types.is_object_dtype(dtype):
        return types.infer_dtype(series, skipna=True) in ("string", "mixed", "mixed-integer")
    return isinstance(dtype, pd.StringDtype) or (
        isinstance(dtype, pd.ArrowDtype) and bool(types.is_string_dtype(dtype))
    )


def arrow_texts(series: pd.Series) -> pa.ChunkedArray:
    """Convert a pandas column of text to Arrow's string type.

    Args:
        series: Text or missing values. A lone surrogate, which UTF-8 cannot encode,
            becomes "?".
    """
    try:
        made = pa.array(series, from_pandas=True)
    except (UnicodeEncodeError, pa.ArrowInvalid):
        repaired = [
            text.encode(errors="replace").decode() if isinstance(text, str) else None
            for text in series
        ]
        made = pa.array(repaired, pa.string())
    chunked = made if isinstance(made, pa.ChunkedArray) else pa.chunked_array([made])
    return chunked.cast(pa.string())


def word_counts(cells: pa.ChunkedArray, words: Iterable[str] | None = None) -> dict[str, int]:
    """Count the different cells, in the order of their first occurrence.

    Args:
        cells: Trimmed text.
        words: The cells that are counted; None for all.
    """
    if words is not None:
        cells = cells.filter(pc.is_in(cells, value_set=pa.array(sorted(words), pa.string())))
    return {each["values"]: each["counts"] for each in cells.value_counts().to_pylist()}
