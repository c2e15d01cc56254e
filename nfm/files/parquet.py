"""Read Parquet files as raw cells."""

from __future__ import annotations

from itertools import chain, takewhile

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from nfm.column_formats.legacy_reading import legacy_parquet_column
from nfm.column_formats.typed_columns import arrow_series
from nfm.errors import ReadingError
from nfm.files.header import index_note, is_saved_index, unique_names
from nfm.files.options import FileLimits, ReadingOptions
from nfm.files.parquet_lists import is_list, list_leaves, list_texts, list_value_count
from nfm.files.raw_table import FileFormat, RawTable
from nfm.files.sampling import sampling_note, sampling_step
from nfm.files.unpacking import (
    Data,
    cell_too_long,
    too_large_unpacked,
    too_many_cells,
    too_many_columns,
    too_many_rows,
)
from nfm.text import counted, megabytes

_BATCH = 50_000
# A table that takes more memory than this, and so many times the bytes of its file, can only
# contain repetitions.
_TIGHT_BYTES = 64 << 20
_TIGHT = 400


def read_parquet(data: Data, options: ReadingOptions, limits: FileLimits) -> RawTable:
    """Read a Parquet file; lists become text, structures and binary columns are left out.

    Args:
        data: The file.
        options: `sample_rows` (whether evenly spaced rows are read if there are too many),
            `leave_out_index` and `rules` are used.
        limits: The largest table that is read; checked on the sizes in the file's metadata first,
            then batch by batch.

    Raises:
        ReadingError: The file is damaged, has no rows or no usable column, or exceeds a limit.
    """
    try:
        file = pq.ParquetFile(pa.BufferReader(pa.py_buffer(data)))
        step = sampling_step(file.metadata.num_rows, file.metadata.num_columns, limits)
        step = step if options.sample_rows else 1
        _check_declared(file.metadata, len(data), limits, step)
        schema = file.schema_arrow
        texts = {field.name for field in schema if _is_text(field.type)}
        lists = set()
        if options.rules != "legacy":
            lists = {field.name for field in schema if _is_plain_list(field.type)}
        leaves = list_leaves(file.schema, lists)
        of_text = [
            column.path
            for column in map(file.schema.column, leaves)
            if column.physical_type == "BYTE_ARRAY"
        ]
        file = pq.ParquetFile(
            pa.BufferReader(pa.py_buffer(data)), read_dictionary=sorted({*texts, *of_text})
        )
        kept = [
            position
            for position, field in enumerate(schema)
            if _is_plain(field.type) or field.name in lists
        ]
        cells = -(-file.metadata.num_rows // step) * len(kept)
        _check_memory(8 * (cells + list_value_count(data, leaves)), len(data), limits)
        batches, size, seen = [], 0, 0
        parts = [list(range(file.metadata.num_row_groups))]
        if of_text:  # Arrow does not read lists with dictionaries across the ends of row groups
            parts = [[group] for group in parts[0]]
        # By name, so that the others are not unpacked; where names occur twice, by position.
        by_name = len(set(schema.names)) == len(schema.names)
        wanted = [schema.names[position] if by_name else position for position in kept]
        for batch in chain.from_iterable(
            file.iter_batches(
                batch_size=_BATCH, row_groups=part, columns=wanted if by_name else None
            )
            for part in parts
        ):
            if step > 1:
                first, seen = -seen % step, seen + batch.num_rows
                batch = batch.take(pa.array(range(first, batch.num_rows, step), pa.int64()))
            columns = [batch.column(place) for place in wanted]
            size += sum(_checked_size(column, limits) for column in columns)
            if size > limits.unpacked_bytes:
                raise too_large_unpacked(limits)
            batches.append(columns)
    except (pa.ArrowException, OSError, ValueError, MemoryError, NotImplementedError) as error:
        if isinstance(error, ReadingError):
            raise
        raise ReadingError("The Parquet file is damaged: write or download it again.") from error
    if not batches or not kept:
        raise ReadingError(
            "The Parquet file has no rows, or no column of numbers, text or dates: choose another "
            "file."
        )
    notes = list(sampling_note(step, file.metadata.num_rows))
    left_out = len(schema) - len(kept)
    if left_out:
        notes.append(
            f"Left out {counted(left_out, 'column')} of structures, lists of lists, or bytes."
        )
    names, renamed = unique_names([schema.names[position] for position in kept], len(kept))
    series = {
        name: _column(
            name,
            pa.chunked_array([batch[place] for batch in batches]),
            legacy=options.rules == "legacy",
        )
        for place, name in enumerate(names)
    }
    index = [name for name in names if name.startswith("__index_level_")]
    if options.leave_out_index is not False:
        named = [name for name in names if name not in index]
        index += takewhile(lambda name: is_saved_index(name, series[name]), named)
    if len(index) == len(names):
        index = []
    for name in index:
        del series[name]
    if index:
        notes.append(index_note(len(index)))
    return RawTable(
        names=tuple(series),
        columns=iter(series.items()),
        options=options.model_copy(update={"leave_out_index": bool(index)}),
        notes=(*notes, *renamed),
        read_as="Read as Parquet",
    )


def _check_declared(
    metadata: pq.FileMetaData, file_bytes: int, limits: FileLimits, step: int
) -> None:
    if metadata.num_columns > limits.columns:
        raise too_many_columns(metadata.num_columns, limits)
    rows = -(-metadata.num_rows // step)
    if rows > limits.rows:
        raise too_many_rows(limits)
    if rows * metadata.num_columns > limits.cells:
        raise too_many_cells(limits)
    size = sum(
        metadata.row_group(group).total_byte_size for group in range(metadata.num_row_groups)
    )
    _check_memory(size, file_bytes, limits, step)


def _check_memory(size: int, file_bytes: int, limits: FileLimits, step: int = 1) -> None:
    """Refuse a table that would take too many bytes of memory, before any of it is read."""
    if size > step * limits.unpacked_bytes:
        raise too_large_unpacked(limits)
    if size > max(_TIGHT_BYTES, _TIGHT * file_bytes):
        raise ReadingError(
            f"The Parquet file grows from {megabytes(file_bytes)} to {megabytes(size)} when it is "
            "unpacked, so it can only contain repetitions: save the table as CSV."
        )


def _column(name: str, column: pa.ChunkedArray, *, legacy: bool) -> pd.Series:
    try:
        if is_list(column.type):
            column = list_texts(column)
        return arrow_series(legacy_parquet_column(column) if legacy else column)
    except (pa.ArrowException, ValueError, OverflowError) as error:
        raise ReadingError(
            f"Column {name!r} of the Parquet file, of type {column.type}, cannot be read because "
            "its values are out of range or its time zone is unknown: write the file without it."
        ) from error


def _is_text(kind: pa.DataType) -> bool:
    return (
        pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    )


def _is_plain(kind: pa.DataType) -> bool:
    if isinstance(kind, pa.BaseExtensionType):
        return _is_plain(kind.storage_type)
    if pa.types.is_dictionary(kind):
        return _is_plain(kind.value_type)
    return (
        _is_text(kind)
        or pa.types.is_boolean(kind)
        or pa.types.is_null(kind)
        or pa.types.is_integer(kind)
        or pa.types.is_floating(kind)
        or pa.types.is_decimal(kind)
        or pa.types.is_temporal(kind)
    )


def _is_plain_list(kind: pa.DataType) -> bool:
    return is_list(kind) and (
        _is_text(kind.value_type)
        or pa.types.is_boolean(kind.value_type)
        or pa.types.is_integer(kind.value_type)
        or pa.types.is_floating(kind.value_type)
    )


def _checked_size(column: pa.Array, limits: FileLimits) -> int:
    """Return the bytes of a column once each row has its own text or number of 64 bits.

    Raises:
        ReadingError: A text is too long.
        ArrowInvalid: A text is not UTF-8.
    """
    if is_list(column.type):
        values = column.flatten()
        # Four bytes between values, ", ", and four around them, [" and "].
        return 4 * (len(values) + len(column)) + _checked_size(values, limits)
    texts = column.dictionary if pa.types.is_dictionary(column.type) else column
    if not _is_text(texts.type):
        return max(column.nbytes, 8 * len(column))
    texts.validate(full=True)
    if (pc.max(pc.utf8_length(texts)).as_py() or 0) > limits.cell_length:
        raise cell_too_long(limits)
    if texts is column:
        return column.nbytes
    return pc.sum(pc.binary_length(texts).take(column.indices)).as_py() or 0


FORMAT = FileFormat(
    key="parquet",
    name="Parquet",
    suffixes=(".parquet",),
    options=("leave_out_index", "missing", "sample_rows"),
    recognises=lambda data: data[:4] == b"PAR1",
    read=read_parquet,
)
