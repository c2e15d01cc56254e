"""From a path, bytes or an open file to the bytes of one table, recognised by their content."""

from __future__ import annotations

import io
import os
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from nfm.errors import ReadingError
from nfm.tabular.options import Limits

Format = Literal["text", "parquet", "excel"]
Data = bytes | bytearray

_STEP = 1 << 20
_NESTING = 3

# What a file of another kind begins with, and what a person can do about it.
_FOREIGN = (
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"II*\x00", "a TIFF image"),
    (b"MM\x00*", "a TIFF image"),
    (b"RIFF", "a sound, film or WebP file"),
    (b"\x7fELF", "a program"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"\x89HDF", "an HDF5 file"),
    (b"\x93NUMPY", "a NumPy array"),
    (b"ARROW1", "a Feather or Arrow file"),
    (b"FEA1", "a Feather file"),
    (b"{\\rtf", "an RTF document"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"BZh91AY&SY", "a bzip2 archive"),
    (b"\xfd7zXZ\x00", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (b"$FL2", "an SPSS file"),
    (b"<stata_dta>", "a Stata file"),
)
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def megabytes(count: int) -> str:
    """Write a number of bytes as people read it: "200 MB", "64 kB" or "12 bytes"."""
    if count >= 2**20:
        return f"{count / 2**20:,.0f} MB"
    return f"{count / 2**10:,.0f} kB" if count >= 2**10 else f"{count:,} bytes"


def counted(count: int, noun: str) -> str:
    """Write a number of things: "1 line", "2,000 lines"."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def load(source: Any, limits: Limits) -> Data:
    """Take the bytes of a source, no more of them than the limit.

    Args:
        source: A path (str or Path), bytes, or an object with `read`, binary or text.
        limits: `file_bytes` is the one that is used.

    Raises:
        ReadingError: The file does not exist, cannot be read, or is too large.
    """
    if isinstance(source, str | os.PathLike):
        path = Path(source)
        try:
            _check_size(path.stat().st_size, limits)
            data: Any = path.read_bytes()
        except (OSError, ValueError) as error:
            if isinstance(error, ReadingError):
                raise
            raise ReadingError(f"The file {path.name!r} cannot be opened.") from error
    elif hasattr(source, "read"):
        data = source.read(limits.file_bytes + 1)
        if isinstance(data, str):
            data = data.encode("utf-8", "replace")
    elif isinstance(source, bytes | bytearray):
        data = source
    elif isinstance(source, memoryview):
        data = source.tobytes()
    else:
        raise TypeError(f"source must be a path, bytes or an open file, not {type(source)!r}")
    _check_size(len(data), limits)
    return data


def unpack(data: Data, limits: Limits) -> tuple[Data, Format, tuple[str, ...]]:
    """Undo gzip and zip and say what kind of table is inside.

    Args:
        data: A file as it came, whatever it is called.
        limits: `unpacked_bytes` is kept to while inflating, not checked afterwards.

    Returns:
        The bytes of the table, their format, and notes on what was unpacked.

    Raises:
        ReadingError: The file is empty, damaged, of a kind that is no table, an
            archive of several files, or larger than the limit when unpacked.
    """
    notes: list[str] = []
    for _ in range(_NESTING):
        if re.search(rb"[^\x00 \t\r\n]", data) is None:
            raise ReadingError("The file is empty: choose a file with a header line and rows.")
        if data[:2] == b"\x1f\x8b":
            data = _gunzip(data, limits)
            notes.append("Unpacked from gzip.")
        elif data[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
            member = _unzip(data, limits)
            if member is None:
                return data, "excel", tuple(notes)
            data = member
            notes.append("Unpacked from zip.")
        elif data[:4] == b"PAR1":
            return data, "parquet", tuple(notes)
        else:
            _refuse_foreign(data)
            return data, "text", tuple(notes)
    raise ReadingError("The file is packed several times over: unpack it first.")


def holds_text(content: bytes) -> bool:
    """Say whether a file may be delimited text, packed or not, so that options may help.

    Args:
        content: The file as it came.
    """
    try:
        limits = Limits()
        return unpack(load(content, limits), limits)[1] == "text"
    except ReadingError:
        return False


def _check_size(size: int, limits: Limits) -> None:
    if size > limits.file_bytes:
        raise ReadingError(
            f"The file is larger than the limit of {megabytes(limits.file_bytes)}: "
            "upload a sample of its rows, or pack it with gzip."
        )


def too_many_rows(limits: Limits) -> ReadingError:
    """The refusal of a table that is too long."""
    return ReadingError(
        f"The table has more than {limits.rows:,} rows, the limit: read a sample of them."
    )


def too_many_cells(limits: Limits) -> ReadingError:
    """The refusal of a table that is too large, though neither too long nor too wide."""
    return ReadingError(
        f"The table has more than {limits.cells:,} cells (rows times columns), the limit: "
        "read a sample of its rows, or remove columns."
    )


def cell_too_long(limits: Limits) -> ReadingError:
    """The refusal of a cell that is no cell."""
    return ReadingError(
        f"A cell has more than {limits.cell_length:,} characters, the limit: "
        "shorten it, or check the quotes and the delimiter."
    )


def too_large_unpacked(limits: Limits) -> ReadingError:
    """The refusal of a file that grows too large when it is unpacked."""
    return ReadingError(
        f"Unpacked, the file is larger than the limit of {megabytes(limits.unpacked_bytes)}: "
        "upload a sample of its rows."
    )


def _gunzip(data: Data, limits: Limits) -> bytearray:
    """Inflate every member of a gzip file; zero bytes and rubbish after the last are ignored."""
    result = bytearray()
    view = memoryview(data)
    position = 0
    while position < len(view) and view[position : position + 2] == b"\x1f\x8b":
        inflater = zlib.decompressobj(wbits=31)
        try:
            while not inflater.eof and position < len(view):
                block = view[position : position + _STEP]
                position += len(block)
                pending: bytes | memoryview = block
                while pending and not inflater.eof:
                    room = limits.unpacked_bytes - len(result) + 1
                    result += inflater.decompress(pending, min(room, _STEP))
                    if len(result) > limits.unpacked_bytes:
                        raise too_large_unpacked(limits)
                    pending = inflater.unconsumed_tail
            position -= len(inflater.unused_data)
        except zlib.error as error:
            raise ReadingError("The gzip file is damaged: pack or download it again.") from error
        if not inflater.eof:
            raise ReadingError("The gzip file ends too early: pack or download it again.")
    return result


def _unzip(data: Data, limits: Limits) -> bytearray | None:
    """Inflate the only table of a zip file; None if the zip is an Excel workbook."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        names = {entry.filename for entry in archive.infolist()}
        if "[Content_Types].xml" in names:
            if any(name.startswith("xl/") for name in names):
                declared = sum(entry.file_size for entry in archive.infolist())
                if declared > limits.unpacked_bytes:
                    raise too_large_unpacked(limits)
                return None
            raise ReadingError("The file is an Office document, not a table: save it as CSV.")
        if "mimetype" in names and "content.xml" in names:
            raise ReadingError(
                "The file is an OpenDocument file: save the table as CSV or Excel (.xlsx)."
            )
        entry = _only_table(archive)
        if entry.flag_bits & 1:
            raise ReadingError("The zip file is encrypted: unpack it first.")
        return _read_member(archive, entry, limits)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError) as error:
        raise ReadingError("The zip file is damaged: pack or download it again.") from error
    except (NotImplementedError, ValueError, KeyError, OverflowError, MemoryError) as error:
        if isinstance(error, ReadingError):
            raise
        raise ReadingError("The zip file cannot be unpacked: pack it again or use gzip.") from error


def _only_table(archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    entries = [
        entry
        for entry in archive.infolist()
        if not entry.is_dir()
        and not entry.filename.startswith("__MACOSX/")
        and not entry.filename.rsplit("/", 1)[-1].startswith(".")
    ]
    if len(entries) > 1:
        tables = [
            entry
            for entry in entries
            if entry.filename.lower().endswith((".csv", ".tsv", ".parquet", ".xlsx", ".csv.gz"))
        ]
        entries = tables if len(tables) == 1 else entries
    if not entries:
        raise ReadingError("The zip file holds no file: choose a file with a table.")
    if len(entries) > 1:
        raise ReadingError(
            f"The zip file holds {len(entries):,} files: unpack it and upload the one table."
        )
    return entries[0]


def _read_member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, limits: Limits) -> bytearray:
    result = bytearray()
    with archive.open(entry) as member:
        for block in _blocks(member):
            result += block
            if len(result) > limits.unpacked_bytes:
                raise too_large_unpacked(limits)
    return result


def _blocks(stream: Any) -> Iterator[bytes]:
    while block := stream.read(_STEP):
        yield block


def _refuse_foreign(data: Data) -> None:
    """Refuse what is certainly no delimited text; decoding refuses other binary files."""
    if data.startswith(_OLD_OFFICE):
        raise ReadingError(
            "The file is an old Excel or Office file: save it as Excel (.xlsx) or CSV."
        )
    head = bytes(data[:256])
    for magic, kind in _FOREIGN:
        if head.startswith(magic):
            raise ReadingError(f"The file is {kind}, not a table: save the table as CSV.")
    if head[:1] == b"\x80" and head[1:2] in (b"\x02", b"\x03", b"\x04", b"\x05"):
        raise ReadingError(
            "The file looks like a Python pickle, which is never opened: save it as CSV."
        )
