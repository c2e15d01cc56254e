"""Columns of lists in Parquet files, as the text of their cells: ["Action", "Adventure"]."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from nfm.column_formats.list_text import list_text


def is_list(kind: pa.DataType) -> bool:
    """Return whether a column's cells are lists, of whatever."""
    return (
        pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)
    )


def list_texts(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Write each list of a column as text.

    Args:
        column: Lists of text, numbers or Booleans, (rows,).

    Returns:
        Text (rows,) as `list_text` writes it; null for a missing list.
    """
    return pa.chunked_array([_joined(_with_texts(chunk)) for chunk in column.chunks], pa.string())


def _joined(lists: pa.ListArray) -> pa.Array:
    """Join lists of text; Arrow is faster, where no value must be escaped or left out."""
    if pc.any(pc.match_substring_regex(lists.values, r'["\\\x00-\x1f]|^\s|\s$|^$')).as_py():
        rows = lists.to_pylist()
        return pa.array([None if row is None else list_text(row) for row in rows], pa.string())
    joined = pc.binary_join_element_wise('["', pc.binary_join(lists, '", "'), '"]', "")
    return pc.if_else(pc.equal(pc.list_value_length(lists), 0), "", joined)


def _with_texts(chunk: pa.Array) -> pa.Array:
    """Return lists of text; values that are missing are empty text."""
    values = chunk.flatten()
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    values = pc.fill_null(values.cast(pa.string()), "")
    lengths = pc.fill_null(pc.list_value_length(chunk), 0)
    ends = pc.cumulative_sum(lengths.cast(pa.int64()))
    offsets = pa.concat_arrays([pa.array([0], pa.int64()), ends]).cast(pa.int32())
    return pa.ListArray.from_arrays(offsets, values, mask=chunk.is_null())
