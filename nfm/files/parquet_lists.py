"""Columns of lists in Parquet files, as the text of their cells: Action|Adventure."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

_SEPARATORS = ("|", ";", ",")


def is_list(kind: pa.DataType) -> bool:
    """Return whether a column's cells are lists, of whatever."""
    return pa.types.is_list(kind) or pa.types.is_large_list(kind)


def list_value_count(metadata: pq.FileMetaData, names: set[str]) -> int:
    """Return the number of values in columns of lists, which may exceed the number of rows.

    Args:
        metadata: Of the file.
        names: Names of the columns.
    """
    count = 0
    for group in range(metadata.num_row_groups):
        for place in range(metadata.num_columns):
            chunk = metadata.row_group(group).column(place)
            if _owner(chunk.path_in_schema, names):
                count += chunk.num_values
    return count


def text_paths(schema: pq.ParquetSchema, names: set[str]) -> list[str]:
    """Return the paths of the values of columns of lists, as `read_dictionary` takes them.

    Args:
        schema: Of the file.
        names: Names of the columns whose values are text.
    """
    paths = [schema.column(place).path for place in range(len(schema))]
    return [path for path in paths if _owner(path, names)]


def _owner(path: str, names: set[str]) -> bool:
    return any(path.startswith(f"{name}.") for name in names)


def list_texts(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Write each list of a column as text, with a separator that no value contains.

    Args:
        column: Lists of text, numbers or Booleans, (rows,).

    Returns:
        Text (rows,), such as "Action|Adventure"; null for a missing list. If the values contain
        every separator, a list is written as Python does: ['a', 'b'].
    """
    texts = [_with_texts(chunk) for chunk in column.chunks]
    for separator in _SEPARATORS:
        if not any(pc.any(pc.match_substring(each.values, separator)).as_py() for each in texts):
            joined = [pc.binary_join(each, separator) for each in texts]
            return pa.chunked_array(joined, pa.string())
    return pa.chunked_array(
        [[None if row is None else str(row) for row in each.to_pylist()] for each in texts],
        pa.string(),
    )


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
