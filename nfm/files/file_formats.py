"""The kinds of files that hold a table: a new one is a module with a `FORMAT`, and a line here."""

from __future__ import annotations

import re
from typing import Any

from nfm.errors import ReadingError
from nfm.files import delimited_file, excel, json_lines, parquet
from nfm.files.file_format import FileFormat
from nfm.files.options import FileLimits
from nfm.files.unpacking import Data, gunzip, is_gzip, is_zip, load, refuse_foreign, unzip

# The first that recognises a file reads it; delimited text comes last and takes all the rest.
FILE_FORMATS: tuple[FileFormat, ...] = (
    parquet.FORMAT,
    excel.FORMAT,
    json_lines.FORMAT,
    delimited_file.FORMAT,
)
PACKED_SUFFIXES = (".gz", ".zip")

_NESTING = 3


def file_suffixes() -> tuple[str, ...]:
    """Return the endings of all files that can be read, packed ones included."""
    return (*_table_suffixes(), *PACKED_SUFFIXES)


def open_file(data: Data, limits: FileLimits) -> tuple[Data, FileFormat, tuple[str, ...]]:
    """Undo gzip and zip and find the format of what is inside, by its content.

    Args:
        data: A file as it came, whatever it is called.
        limits: `unpacked_bytes` is kept to while inflating, not checked afterwards.

    Returns:
        The bytes of the table, their format, and notes on what was unpacked.

    Raises:
        ReadingError: The file is empty, damaged, of a kind that is not a table, an
            archive of several files, or larger than the limit when unpacked.
    """
    notes: list[str] = []
    for _ in range(_NESTING):
        if re.search(rb"[^\x00 \t\r\n]", data) is None:
            raise ReadingError("The file is empty: choose a file with a header line and rows.")
        if is_gzip(data):
            data = gunzip(data, limits)
            notes.append("Unpacked from gzip.")
            continue
        found = next(each for each in FILE_FORMATS if each.recognises(data))
        if is_zip(data) and found is FILE_FORMATS[-1]:
            data = unzip(data, limits, _table_suffixes())
            notes.append("Unpacked from zip.")
            continue
        if found is FILE_FORMATS[-1]:
            refuse_foreign(data)
        return data, found, tuple(notes)
    raise ReadingError("The file is packed several times over: unpack it first.")


def format_of(content: Any) -> FileFormat | None:
    """Return the format of a file, packed or not; None if it holds no table.

    Args:
        content: The file as it came, or where it lies.
    """
    limits = FileLimits()
    try:
        return open_file(load(content, limits), limits)[1]
    except ReadingError:
        return None


def _table_suffixes() -> tuple[str, ...]:
    return tuple(suffix for each in FILE_FORMATS for suffix in each.suffixes)
