"""Read Parquet files as raw cells."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import IO, Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from nfm.column_formats.legacy_reading import legacy_parquet_column
from nfm.column_formats.typed_columns import arrow_series
from nfm.errors import ReadingError
from nfm.files.header import index_note, is_saved_index, unique_names
from nfm.files.options import FileLimits, ReadingOptions
from nfm.files.parquet_lists import is_list, list_texts
from nfm.files.raw_table import FileFormat, RawTable
from nfm.files.row_sampling import sampling_note, sampling_step
from nfm.files.unpacking import (
    Data,
    cell_too_long,
    too_large_unpacked,
    too_many_cells,
    too_many_columns,
    too_many_rows,
)
from nfm.text import counted, megabytes, quoted

_SCRIPT = Path(__file__).with_name("parquet_process.py")
_SECONDS = 30
_BATCH = 50_000
# A table that takes more memory than this, and so many times the bytes of its file, can only
# contain repetitions.
_TIGHT_BYTES = 64 << 20
_TIGHT = 400
# Columns of bytes that are larger, such as images, are left out without being read.
_MOST_BYTES = 64 << 20
_CONTROL = r"[\x00-\x08\x0e-\x1f]"


@dataclass(frozen=True)
class _Contents:
    """What a Parquet file says of itself.

    Attributes:
        rows: Number of rows.
        bytes: Size of its columns when they are unpacked.
        schema: Its columns.
        stored: What it stores for them: for each, its "path", whether its texts can be read as a
            dictionary ("has_dictionary"), the number of "values", and its size in "bytes".
    """

    rows: int
    bytes: int
    schema: pa.Schema
    stored: list[dict[str, Any]]


def read_parquet(data: Data, options: ReadingOptions, limits: FileLimits) -> RawTable:
    """Read a Parquet file; lists become text, structures and bytes other than text are left out.

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
        with subprocess.Popen(  # noqa: S603 (no shell, nothing of the file on the command line)
            [sys.executable, "-I", str(_SCRIPT)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # Memory that allocators reserve counts, although it is not used.
            env={**os.environ, "ARROW_DEFAULT_MEMORY_POOL": "system", "MALLOC_ARENA_MAX": "1"},
        ) as process:
            try:
                if process.stdin is None or process.stdout is None:
                    raise OSError("no pipes")
                contents = _contents(data, process.stdin, process.stdout)
                step = sampling_step(contents.rows, len(contents.stored), limits)
                step = step if options.sample_rows else 1
                _check_declared(contents, len(data), limits, step)
                kept = _kept_columns(contents, legacy=options.rules == "legacy")
                request = _request(contents, kept, step, len(data), limits)
                _send(request, process.stdin)
                batches = _batches(process.stdout, limits)
                rows = sum(batch.num_rows for batch in batches)
                if process.wait() or rows != -(-contents.rows // step):
                    raise ValueError("the file ends early")
            finally:
                process.kill()
    except (pa.ArrowException, OSError, ValueError) as error:
        if isinstance(error, ReadingError):
            raise
        raise ReadingError(
            "The Parquet file is damaged, or has a column of an unknown type (such as whole "
            "numbers of 128 bits): write or download it again."
        ) from error
    columns = contents.schema.names
    notes = list(sampling_note(step, contents.rows))
    read = {
        place: pa.chunked_array([batch.column(position) for batch in batches])
        for position, place in enumerate(kept)
    }
    as_text = [place for place in kept if _is_binary(contents.schema.field(place).type)]
    for place in as_text:
        read[place] = _decoded(read[place], limits)
    read = {place: column for place, column in read.items() if column is not None}
    if not read:
        raise _no_columns()
    left_out = [name for place, name in enumerate(columns) if place not in read]
    repairs = []
    if left_out:
        repairs.append(
            f"Left out {counted(len(left_out), 'column')} of structures, lists of lists, or bytes: "
            f"{quoted(left_out, 3)}."
        )
    decoded = [columns[place] for place in as_text if place in read]
    if decoded:
        notes.append(
            f"Read {counted(len(decoded), 'column')} of bytes as text: {quoted(decoded, 3)}."
        )
    names, renamed = unique_names([columns[place] for place in read], len(read))
    series = {
        name: _column(name, column, legacy=options.rules == "legacy")
        for name, column in zip(names, read.values(), strict=True)
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
        notes=(*notes, *repairs, *renamed),
        read_as="Read as Parquet",
        repairs=tuple(repairs),
    )


def _send(request: dict[str, Any], stdin: IO[bytes], data: Data = b"") -> None:
    stdin.write(json.dumps(request).encode() + b"\n")
    stdin.write(data)
    stdin.flush()


def _contents(data: Data, stdin: IO[bytes], stdout: IO[bytes]) -> _Contents:
    """Hand a file to the process and return what it says of itself.

    Raises:
        OSError: The process has ended.
        ValueError: The process has ended.
    """
    _send({"bytes": len(data), "seconds": _SECONDS}, stdin, data)
    found = json.loads(stdout.readline())
    schema = pa.ipc.read_schema(pa.py_buffer(bytes.fromhex(found["schema"])))
    return _Contents(found["rows"], found["bytes"], schema, found["stored"])


def _check_declared(contents: _Contents, file_bytes: int, limits: FileLimits, step: int) -> None:
    columns = len(contents.stored)
    if columns > limits.columns:
        raise too_many_columns(columns, limits)
    rows = -(-contents.rows // step)
    if rows > limits.rows:
        raise too_many_rows(limits)
    if rows * columns > limits.cells:
        raise too_many_cells(limits)
    _check_memory(contents.bytes, file_bytes, limits, step)


def _check_memory(size: int, file_bytes: int, limits: FileLimits, step: int = 1) -> None:
    """Refuse a table that would take too many bytes of memory, before any of it is read."""
    if size > step * limits.unpacked_bytes:
        raise too_large_unpacked(limits)
    if size > max(_TIGHT_BYTES, _TIGHT * file_bytes):
        raise ReadingError(
            f"The Parquet file grows from {megabytes(file_bytes)} to {megabytes(size)} when it is "
            "unpacked, so it can only contain repetitions: save the table as CSV."
        )


def _kept_columns(contents: _Contents, *, legacy: bool) -> list[int]:
    """Return the positions of the columns that are read: numbers, text, dates and lists of them.

    Columns of bytes, which may be text, are read if they are small.
    """
    sizes = {column["path"]: column["bytes"] for column in contents.stored}
    return [
        place
        for place, field in enumerate(contents.schema)
        if _is_plain(field.type)
        or (not legacy and _is_plain_list(field.type))
        or (not legacy and _is_binary(field.type) and sizes.get(field.name, 0) <= _MOST_BYTES)
    ]


def _request(
    contents: _Contents, kept: list[int], step: int, file_bytes: int, limits: FileLimits
) -> dict[str, Any]:
    """Return what the process is to read, and with how much memory.

    Raises:
        ReadingError: There is nothing to read, or its lists are too large.
    """
    if not kept or not contents.rows:
        raise _no_columns()
    fields = list(contents.schema)
    names = [fields[place].name for place in kept]
    lists = tuple(f"{fields[place].name}." for place in kept if is_list(fields[place].type))
    items = [column for column in contents.stored if column["path"].startswith(lists)]
    values = sum(column["values"] for column in items)
    _check_memory(8 * (-(-contents.rows // step) * len(kept) + values), file_bytes, limits)
    with_dictionary = {column["path"] for column in contents.stored if column["has_dictionary"]}
    texts = {
        field.name for field in fields if _is_text(field.type) or _is_binary(field.type)
    } & with_dictionary
    of_lists = {column["path"] for column in items} & with_dictionary
    # By name, so that the others are not unpacked; where names occur twice, by position.
    by_name = len({field.name for field in fields}) == len(fields)
    return {
        "names": names if by_name else None,
        "columns": names if by_name else kept,
        "dictionaries": sorted(texts | of_lists),
        "by_group": bool(of_lists),
        "step": step,
        "memory": 12 * (contents.bytes + 8 * values) + 16 * _BATCH * len(fields),
    }


def _no_columns() -> ReadingError:
    return ReadingError(
        "The Parquet file has no rows, or no column of numbers, text or dates: choose another file."
    )


def _decoded(column: pa.ChunkedArray, limits: FileLimits) -> pa.ChunkedArray | None:
    """Return bytes as text; None if some are not UTF-8, too long, or control characters."""
    chunks = []
    for chunk in column.chunks:
        is_dictionary = pa.types.is_dictionary(chunk.type)
        try:
            texts = (chunk.dictionary if is_dictionary else chunk).cast(pa.string())
        except pa.ArrowInvalid:
            return None
        longest = pc.max(pc.utf8_length(texts)).as_py() or 0
        if (
            longest > limits.cell_length
            or pc.any(pc.match_substring_regex(texts, _CONTROL)).as_py()
        ):
            return None
        if is_dictionary:
            texts = pa.DictionaryArray.from_arrays(chunk.indices, texts)
        chunks.append(texts)
    return pa.chunked_array(chunks)


def _batches(stdout: IO[bytes], limits: FileLimits) -> list[pa.RecordBatch]:
    """Return the columns that the process reads; raise ReadingError if they exceed a limit."""
    batches, size = [], 0
    for batch in pa.ipc.open_stream(stdout):
        size += sum(_checked_size(column, limits) for column in batch.columns)
        if size > limits.unpacked_bytes:
            raise too_large_unpacked(limits)
        batches.append(batch)
    return batches


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


def _is_binary(kind: pa.DataType) -> bool:
    return pa.types.is_binary(kind) or pa.types.is_large_binary(kind)


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
    if _is_binary(texts.type) and texts is not column:
        return pc.sum(pc.binary_length(texts).take(column.indices)).as_py() or 0
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
