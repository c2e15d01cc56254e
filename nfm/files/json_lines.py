"""Read JSON Lines files as raw cells: one object per line, one column per key."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from nfm.column_formats.list_text import list_text
from nfm.errors import ReadingError
from nfm.files.charset import to_utf8
from nfm.files.header import unique_names
from nfm.files.options import FileLimits, ReadingOptions
from nfm.files.raw_table import FileFormat, RawColumn, RawTable, typed_column
from nfm.files.unpacking import (
    Data,
    cell_too_long,
    too_large_unpacked,
    too_many_cells,
    too_many_columns,
    too_many_rows,
)
from nfm.text import counted

_LONG_LINE = 1 << 22
# A table of more cells than this, and so many times the bytes of its file, is nearly empty.
_SPARSE = 2_000_000
_CELLS_PER_BYTE = 16
_CELL_BYTES = 8  # the least memory per cell, also where a line lacks the key


def read_json_lines(data: Data, options: ReadingOptions, limits: FileLimits) -> RawTable:
    """Read JSON Lines; a key that a line lacks is a missing value there, as null is.

    Lists become text, such as ["Action", "Adventure"]; columns of objects are left out.

    Args:
        data: The file.
        options: `encoding` is used, and `leave_out_broken_lines`: whether lines that are not
            objects are left out.
        limits: The largest table that is read; checked line by line.

    Raises:
        ReadingError: A line is not a JSON object, no column is left, or a limit is exceeded.
    """
    text, encoding, notes = to_utf8(data, options.encoding)
    cells: dict[str, list[Any]] = {}
    nested: set[str] = set()
    broken: list[int] = []
    rows = 0
    for number, line in _lines(text):
        row = _object(line)
        if row is None:
            if not options.leave_out_broken_lines:
                raise ReadingError(
                    f"Line {number:,} is not a JSON object: correct or remove it. In JSON Lines, "
                    "each row is an object on a line of its own."
                )
            broken.append(number)
            continue
        for key, value in row.items():
            if key not in cells:
                cells[key] = [None] * rows
            if isinstance(value, list):
                value = _list_text(value)
            if isinstance(value, dict | list):
                nested.add(key)
                value = None
            elif isinstance(value, str) and len(value) > limits.cell_length:
                raise cell_too_long(limits)
            cells[key].append(value)
        rows += 1
        for key in cells.keys() - row.keys():
            cells[key].append(None)
        _check_size(rows, len(cells), len(text), limits)
    kept = [key for key in cells if key not in nested]
    if not kept:
        raise ReadingError(
            "The file has no key with numbers, text or Booleans: choose another file."
        )
    names, renamed = unique_names(kept, len(kept))
    more = [*notes, *renamed]
    repairs = []
    if broken:
        more.append(
            f"Left out {counted(len(broken), 'line')} because "
            f"{'it is not a JSON object' if len(broken) == 1 else 'they are not JSON objects'}; "
            f"the first is line {broken[0]:,}."
        )
    if nested:
        shown = ", ".join(repr(key[:40]) for key in sorted(nested)[:3])
        repairs.append(
            f"Left out {counted(len(nested), 'column')} of objects: {shown}"
            f"{' and others' if len(nested) > 3 else ''}."
        )

    def columns() -> Iterator[tuple[str, RawColumn]]:
        for name, key in zip(names, kept, strict=True):
            yield name, typed_column(cells.pop(key))

    return RawTable(
        names=tuple(names),
        columns=columns(),
        options=options.model_copy(update={"encoding": encoding}),
        notes=(*more, *repairs),
        read_as=f"Read as JSON Lines, {encoding}",
        repairs=tuple(repairs),
    )


def is_json_lines(data: Data) -> bool:
    """Return whether the first line that is not empty is a whole JSON object."""
    return next((_object(line) is not None for _, line in _lines(data[:_LONG_LINE])), False)


def _lines(text: Data) -> Iterator[tuple[int, bytes]]:
    """Yield the lines that are not empty with their numbers, counted from 1."""
    start = 3 if text.startswith(b"\xef\xbb\xbf") else 0
    number = 0
    while start < len(text):
        number += 1
        end = text.find(b"\n", start)
        end = len(text) if end < 0 else end
        line = bytes(text[start:end]).strip()
        if line:
            yield number, line
        start = end + 1


def _object(line: bytes) -> dict[str, Any] | None:
    """Parse a line as an object; return None if it is something else."""
    if not line.startswith(b"{"):
        return None
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):  # ValueError also for a number of too many digits
        return None
    if not isinstance(row, dict):
        return None
    if b"\\ud" in line.lower():  # perhaps half of a surrogate pair, which is not text
        return {_whole(key): _whole(value) for key, value in row.items()}
    return row


def _list_text(values: list[Any]) -> str | list[Any] | None:
    """Write a list as text; return it unchanged if it holds lists or objects, None if empty."""
    if any(isinstance(value, dict | list) for value in values):
        return values
    return list_text(values) or None


def _whole(value: Any) -> Any:
    if isinstance(value, list):
        return [_whole(each) for each in value]
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


def _check_size(rows: int, columns: int, file_bytes: int, limits: FileLimits) -> None:
    if columns > limits.columns:
        raise too_many_columns(columns, limits)
    if rows > limits.rows:
        raise too_many_rows(limits)
    if rows * columns > limits.cells:
        raise too_many_cells(limits)
    if rows * columns * _CELL_BYTES > limits.unpacked_bytes:
        raise too_large_unpacked(limits)
    if rows * columns > max(_SPARSE, _CELLS_PER_BYTE * file_bytes):
        raise ReadingError(
            f"Nearly all cells of the {columns:,} columns are empty: leave out the keys that few "
            "lines have."
        )


FORMAT = FileFormat(
    key="json_lines",
    name="JSON Lines",
    suffixes=(".jsonl", ".ndjson"),
    options=("encoding", "missing", "leave_out_broken_lines"),
    recognises=is_json_lines,
    read=read_json_lines,
)
