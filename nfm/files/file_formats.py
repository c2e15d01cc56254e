"""The file formats that can be read; a new one is a module with a `FORMAT` that is listed here."""

from __future__ import annotations

import re
from typing import Any

from nfm.errors import ReadingError
from nfm.files import delimited, excel, json_lines, parquet
from nfm.files.options import FileLimits
from nfm.files.raw_table import FileFormat
from nfm.files.unpacking import Data, gunzip, is_gzip, is_zip, load, refuse_foreign, unzip

# The first format that recognises a file reads it. Delimited text comes last and recognises all.
FILE_FORMATS: tuple[FileFormat, ...] = (
    parquet.FORMAT,
    excel.FORMAT,
    json_lines.FORMAT,
    delimited.FORMAT,
)
PACKED_SUFFIXES = (".gz", ".zip")

_TABLE_SUFFIXES = tuple(suffix for each in FILE_FORMATS for suffix in each.suffixes)

_NESTING = 3


def open_file(data: Data, limits: FileLimits) -> tuple[Data, FileFormat, tuple[str, ...]]:
    """Unpack a gzip or zip file and detect the format of the table by its content.

    Args:
        data: A file, packed or not.
        limits: `unpacked_bytes` is checked while unpacking.

    Returns:
        The unpacked bytes, their format, and notes on what was unpacked, one sentence each.

    Raises:
        ReadingError: The file is empty, damaged, not a table, an archive of several files, or
            larger than the limit when unpacked.
    """
    notes: list[str] = []
    for _ in range(_NESTING):
        if re.search(rb"[^\x00 \t\r\n]", data) is None:
            raise ReadingError("The file is empty: choose a file with a header row and rows.")
        if is_gzip(data):
            data = gunzip(data, limits)
            notes.append("Unpacked from gzip.")
            continue
        found = next(each for each in FILE_FORMATS if each.recognises(data))
        if is_zip(data) and found is FILE_FORMATS[-1]:
            data = unzip(data, limits, _TABLE_SUFFIXES)
            notes.append("Unpacked from zip.")
            continue
        if found is FILE_FORMATS[-1]:
            refuse_foreign(data)
        return data, found, tuple(notes)
    raise ReadingError("The file is packed several times: unpack it first.")


def format_of(content: Any) -> FileFormat | None:
    """Return the format of a file, packed or not; None if it is not a table.

    Args:
        content: The bytes of the file, its path, or an object with `read`.
    """
    limits = FileLimits()
    try:
        return open_file(load(content, limits), limits)[1]
    except ReadingError:
        return None
