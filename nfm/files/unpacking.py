"""Load the bytes of a path or an open file, and unpack gzip and zip files."""

from __future__ import annotations

import io
import os
import zipfile
import zlib
from pathlib import Path
from typing import Any

from nfm.errors import ReadingError
from nfm.files.options import FileLimits
from nfm.text import megabytes, quote

Data = bytes | bytearray

_STEP = 1 << 20
# Parts of a workbook that are larger and more tightly compressed than this hold no table.
_TIGHT_BYTES = 4 << 20
_TIGHT = 200
# The same for a text.
_TIGHT_TEXT_BYTES = 64 << 20
# The errors that zipfile raises for archives that are damaged or malicious.
_ZIP_FAULTS = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    RuntimeError,
    ValueError,
    KeyError,
    OverflowError,
    MemoryError,
)

# The first bytes of files of other kinds, and what such a file is called.
_FOREIGN = (
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"II*\x00", "a TIFF image"),
    (b"MM\x00*", "a TIFF image"),
    (b"RIFF", "an audio, video or WebP file"),
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


def load(source: Any, limits: FileLimits) -> Data:
    """Load the bytes of a source.

    Args:
        source: A path (str or Path), bytes, or an object with `read`, binary or text.
        limits: `file_bytes` is the largest size that is loaded.

    Raises:
        ReadingError: The file does not exist, cannot be read, or is too large.
        TypeError: The source is of another type.
    """
    if isinstance(source, str | os.PathLike):
        path = Path(source)
        try:
            _check_size(path.stat().st_size, limits)
            data: Any = path.read_bytes()
        except (OSError, ValueError) as error:
            if isinstance(error, ReadingError):
                raise
            raise ReadingError(
                f"The file {quote(path.name, 60)} cannot be opened: check its path and permissions."
            ) from error
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


def _check_size(size: int, limits: FileLimits) -> None:
    if size > limits.file_bytes:
        raise ReadingError(
            f"The file is larger than the limit of {megabytes(limits.file_bytes)}: "
            "upload a sample of its rows, or compress it with gzip."
        )


def too_many_rows(limits: FileLimits) -> ReadingError:
    """Return the error for a table with more rows than the limit."""
    return ReadingError(
        f"The table has more than {limits.rows:,} rows, the limit: read a sample of them."
    )


def too_many_columns(count: int, limits: FileLimits) -> ReadingError:
    """Return the error for a table with `count` columns, more than the limit."""
    return ReadingError(
        f"The table has {count:,} columns and the limit is {limits.columns:,}: "
        "remove columns that you do not need."
    )


def too_many_cells(limits: FileLimits) -> ReadingError:
    """Return the error for a table with more cells than the limit."""
    return ReadingError(
        f"The table has more than {limits.cells:,} cells (rows times columns), the limit: "
        "read a sample of its rows, or remove columns."
    )


def cell_too_long(limits: FileLimits) -> ReadingError:
    """Return the error for a cell with more characters than the limit."""
    return ReadingError(
        f"A cell has more than {limits.cell_length:,} characters, the limit: "
        "shorten it, or check the quotes and the delimiter."
    )


def too_large_unpacked(limits: FileLimits) -> ReadingError:
    """Return the error for a file that is larger than the limit once it is unpacked."""
    return ReadingError(
        f"Unpacked, the file is larger than the limit of {megabytes(limits.unpacked_bytes)}: "
        "upload a sample of its rows."
    )


def is_gzip(data: Data) -> bool:
    """Return whether a file is a gzip file."""
    return data[:2] == b"\x1f\x8b"


def is_zip(data: Data) -> bool:
    """Return whether a file is a zip archive; workbooks are too."""
    return data[:4] in (b"PK\x03\x04", b"PK\x05\x06")


def gunzip(data: Data, limits: FileLimits) -> bytearray:
    """Unpack all members of a gzip file; any bytes after the last member are ignored.

    Args:
        data: The gzip file.
        limits: `unpacked_bytes` is checked while unpacking.

    Raises:
        ReadingError: It is damaged, or larger than the limit when unpacked.
    """
    result = bytearray()
    most = min(limits.unpacked_bytes, max(_TIGHT_TEXT_BYTES, _TIGHT * len(data)))
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
                    result += inflater.decompress(pending, min(most - len(result) + 1, _STEP))
                    _check_unpacked(len(result), len(data), limits)
                    pending = inflater.unconsumed_tail
            position -= len(inflater.unused_data)
        except zlib.error as error:
            raise ReadingError(
                "The gzip file is damaged: compress or download it again."
            ) from error
        if not inflater.eof:
            raise ReadingError("The gzip file is incomplete: compress or download it again.")
    return result


def zip_members(data: Data) -> set[str]:
    """Return the names of the files in a zip archive; none if it is damaged or no archive."""
    if not is_zip(data):
        return set()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return set(archive.namelist())
    except _ZIP_FAULTS:
        return set()


def check_declared_size(data: Data, limits: FileLimits) -> None:
    """Refuse a zip archive whose files are too large by the sizes in its directory.

    Args:
        data: The archive.
        limits: `unpacked_bytes` limits the size of all files together.

    Raises:
        ReadingError: The files together are larger than the limit, or one is compressed so
            tightly that it can only contain repetitions; or the archive is damaged.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
    except _ZIP_FAULTS as error:
        raise ReadingError("The file is damaged: save or download it again.") from error
    if sum(entry.file_size for entry in entries) > limits.unpacked_bytes:
        raise too_large_unpacked(limits)
    for entry in entries:
        if entry.file_size > max(_TIGHT_BYTES, _TIGHT * entry.compress_size):
            raise ReadingError(
                f"A part of the file grows from {megabytes(entry.compress_size)} to "
                f"{megabytes(entry.file_size)} when it is unpacked, so it can only contain "
                "repetitions: save the table as CSV."
            )


def _check_unpacked(size: int, packed: int, limits: FileLimits) -> None:
    if size > limits.unpacked_bytes:
        raise too_large_unpacked(limits)
    if size > max(_TIGHT_TEXT_BYTES, _TIGHT * packed):
        raise ReadingError(
            f"The file grows from {megabytes(packed)} to more than {megabytes(size)} when it is "
            "unpacked, so it can only contain repetitions: upload the table itself."
        )


def unzip(data: Data, limits: FileLimits, suffixes: tuple[str, ...]) -> bytearray:
    """Unpack the only table of a zip file.

    Args:
        data: The archive.
        limits: `unpacked_bytes` is checked while unpacking.
        suffixes: Endings of the names of tables, to find the table among several files.

    Raises:
        ReadingError: It is damaged or encrypted, holds no table, several tables or a document
            of another kind, or is larger than the limit when unpacked.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        names = {entry.filename for entry in archive.infolist()}
        if "[Content_Types].xml" in names:
            raise ReadingError("The file is an Office document, not a table: save it as CSV.")
        if "mimetype" in names and "content.xml" in names:
            raise ReadingError(
                "The file is an OpenDocument text, not a spreadsheet: save the table as CSV."
            )
        entry = _only_table(archive, suffixes)
        if entry.flag_bits & 1:
            raise ReadingError("The zip file is encrypted: unpack it first.")
        result = bytearray()
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise ReadingError(
                "The zip file is compressed in an unusual way: compress the table again, or use "
                "gzip."
            )
        with archive.open(entry) as member:
            while block := member.read(_STEP):
                result += block
                _check_unpacked(len(result), entry.compress_size, limits)
        return result
    except ReadingError:
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError) as error:
        raise ReadingError("The zip file is damaged: compress or download it again.") from error
    except _ZIP_FAULTS as error:
        raise ReadingError(
            "The zip file cannot be unpacked: compress the table again, or use gzip."
        ) from error


def _only_table(archive: zipfile.ZipFile, suffixes: tuple[str, ...]) -> zipfile.ZipInfo:
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
            if entry.filename.lower().removesuffix(".gz").endswith(suffixes)
        ]
        entries = tables if len(tables) == 1 else entries
    if not entries:
        raise ReadingError("The zip file is empty: choose a file with a table.")
    if len(entries) > 1:
        raise ReadingError(
            f"The zip file contains {len(entries):,} files: unpack it and upload one table."
        )
    return entries[0]


def refuse_foreign(data: Data) -> None:
    """Refuse files whose first bytes show that they are not text.

    Binary files without such a mark are refused when they are decoded.

    Raises:
        ReadingError: The file is a document, an image, a program, an archive or similar.
    """
    head = bytes(data[:256])
    for magic, kind in _FOREIGN:
        if head.startswith(magic):
            raise ReadingError(f"The file is {kind}, not a table: save the table as CSV.")
    if head[:1] == b"\x80" and head[1:2] in (b"\x02", b"\x03", b"\x04", b"\x05"):
        raise ReadingError(
            "The file looks like a Python pickle, which could run harmful code when it is opened: "
            "save the table as CSV."
        )
