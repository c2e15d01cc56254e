"""Columns of lists in Parquet files, as the text of their cells: ["Action", "Adventure"]."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from nfm.column_formats.list_text import list_text
from nfm.files.unpacking import Data

_SCRIPT = Path(__file__).with_name("parquet_process.py")
_SECONDS = 30


def is_list(kind: pa.DataType) -> bool:
    """Return whether a column's cells are lists, of whatever."""
    return (
        pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)
    )


def list_leaves(schema: pq.ParquetSchema, names: set[str]) -> list[int]:
    """Return the positions of the values of lists among all values of the file.

    Args:
        schema: Of the file.
        names: Names of the columns of lists.
    """
    starts = tuple(f"{name}." for name in names)
    return [place for place in range(len(schema)) if schema.column(place).path.startswith(starts)]


def list_value_count(data: Data, leaves: list[int]) -> int:
    """Return the number of values in lists, which may exceed the number of rows.

    Args:
        data: The file.
        leaves: What `list_leaves` returns.

    Raises:
        ValueError: The file is damaged.
    """
    if not leaves:
        return 0
    end = bytes(data[-8 - int.from_bytes(data[-8:-4], "little") :])
    try:
        process = subprocess.run(  # noqa: S603 (no shell, nothing of the file on the command line)
            [sys.executable, "-I", str(_SCRIPT)],
            input=json.dumps(leaves).encode() + b"\n" + end,
            capture_output=True,
            timeout=_SECONDS,
            check=True,
        )
    except subprocess.SubprocessError as error:
        raise ValueError("what the file says of its columns cannot be read") from error
    return int(process.stdout)


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
