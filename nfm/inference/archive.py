"""The file of a bundle: a zip of manifest.json and weights.npz, read as untrusted input.

Nothing is unpickled, no name is used as a path, and every part is read only up to a known size:
first the directory, then the manifest up to a limit, then the arrays, whose names, types and sizes
follow exactly from the manifest.
"""

from __future__ import annotations

import math
import struct
import tokenize
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import IO

import numpy as np

from nfm.errors import BundleError

MANIFEST = "manifest.json"
WEIGHTS = "weights.npz"
_END_SIGNATURE = b"PK\x05\x06"
_END = struct.Struct("<4s4H2LH")  # the record that ends a zip without a comment
_ZIP64_LOCATOR_SIGNATURE = b"PK\x06\x07"
_ZIP64_LOCATOR_BYTES = 20
_DIRECTORY_BYTES = 1 << 16  # of a zip's directory: some hundred members
_HEADER_BYTES = 1 << 10  # of one array in weights.npz, beside its numbers
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 0x1
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    struct.error,
    ValueError,
    OverflowError,
    OSError,  # of a file: a place before its beginning
)
_NO_HEADER = (
    ValueError,
    LookupError,
    TypeError,
    SyntaxError,
    tokenize.TokenError,
    RecursionError,
    MemoryError,
)


@dataclass(frozen=True)
class BundleLimits:
    """Limits on the size of a bundle, so that no file can exhaust the memory.

    Attributes:
        file_bytes: Maximum bytes of the file.
        manifest_bytes: Maximum bytes of the unpacked manifest; a million levels need about 25 MB.
        manifest_values: Maximum number of values in the manifest, which take some 60 bytes each
            in memory; a million levels with their counts need two million.
        classes: Maximum number of classes.
        columns: Maximum number of columns of the table, ignored ones included.
        weights_bytes: Maximum bytes of all unpacked weights.
    """

    file_bytes: int = 2 << 30
    manifest_bytes: int = 128 << 20
    manifest_values: int = 20_000_000
    classes: int = 100_000
    columns: int = 100_000
    weights_bytes: int = 2 << 30


def write_archive(stream: IO[bytes], manifest: str, weights: Mapping[str, np.ndarray]) -> None:
    """Write the file of a bundle; equal contents give equal bytes.

    Args:
        stream: Binary file, open for writing.
        manifest: The manifest as JSON.
        weights: Arrays by name; they are stored as little-endian float32.
    """
    arrays = BytesIO()
    with zipfile.ZipFile(arrays, "w") as archive:
        for name, array in weights.items():
            with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as member:
                np.lib.format.write_array(
                    member, np.ascontiguousarray(array, dtype="<f4"), allow_pickle=False
                )
    with zipfile.ZipFile(stream, "w") as archive:
        info = zipfile.ZipInfo(MANIFEST)
        info.compress_type = zipfile.ZIP_DEFLATED
        archive.writestr(info, manifest)
        archive.writestr(zipfile.ZipInfo(WEIGHTS), arrays.getbuffer())


class ArchiveReader:
    """Reads the file of a bundle in two steps: the manifest, then the weights that it implies.

    Args:
        stream: Binary file, seekable.
        limits: Limits on the size of its parts.

    Raises:
        BundleError: If it is not a zip archive, or has other members than these two.
    """

    def __init__(self, stream: IO[bytes], limits: BundleLimits) -> None:
        self._limits = limits
        self._archive, self._members = _open_zip(stream, limits.file_bytes)
        if set(self._members) != {MANIFEST, WEIGHTS}:
            raise BundleError(
                f"The file is not a bundle: it must hold {MANIFEST} and {WEIGHTS}, nothing else."
            )

    def manifest(self) -> bytes:
        """Return the JSON of the manifest, not yet checked.

        Raises:
            BundleError: If it is too large or damaged.
        """
        return _read_member(
            self._archive, self._members[MANIFEST], self._limits.manifest_bytes, "manifest"
        )

    def weights(
        self,
        shapes: Mapping[str, tuple[int, ...]],
        more_shapes: Mapping[str, tuple[int, ...]],
    ) -> dict[str, np.ndarray]:
        """Return the weights.

        Args:
            shapes: Shape of every expected array by name.
            more_shapes: Shapes of arrays of which the file has all or none.

        Returns:
            Finite float32 arrays with exactly these names and shapes.

        Raises:
            BundleError: If the archive has other arrays, or is too large or damaged.
        """
        every_shape = {**shapes, **more_shapes}
        numbers = sum(math.prod(shape) for shape in every_shape.values())
        if 4 * numbers > self._limits.weights_bytes:
            raise BundleError(
                f"The bundle's weights take {4 * numbers / 2**20:,.0f} MB, more than the "
                f"{self._limits.weights_bytes / 2**20:,.0f} MB allowed."
            )
        most = 4 * numbers + _HEADER_BYTES * len(every_shape) + _DIRECTORY_BYTES
        data = _read_member(self._archive, self._members[WEIGHTS], most, "weights")
        arrays, members = _open_zip(BytesIO(data), most)
        expected = shapes if len(members) == len(shapes) else every_shape
        if set(members) != {f"{name}.npy" for name in expected}:
            raise BundleError(
                "The bundle's weights do not fit the network that its manifest describes: the file "
                "is damaged. Save or download the model again."
            )
        return {
            name: _read_array(arrays, members[f"{name}.npy"], name, shape)
            for name, shape in expected.items()
        }


def _open_zip(stream: IO[bytes], limit: int) -> tuple[zipfile.ZipFile, dict[str, zipfile.ZipInfo]]:
    """Check a zip's end record, open it, and return it with its members by name."""
    size = stream.seek(0, 2)
    if size > limit:
        raise BundleError(
            f"The bundle is {size / 2**20:,.0f} MB large, more than the "
            f"{limit / 2**20:,.0f} MB allowed."
        )
    tail_bytes = min(size, _END.size + _ZIP64_LOCATOR_BYTES)
    stream.seek(size - tail_bytes)
    tail = stream.read(tail_bytes)
    if len(tail) < _END.size or tail[-_END.size :][:4] != _END_SIGNATURE:
        raise BundleError(
            "The file is not a bundle, or only a part of one: it is not a zip archive."
        )
    directory_bytes = _END.unpack(tail[-_END.size :])[5]
    if directory_bytes > _DIRECTORY_BYTES or tail.startswith(_ZIP64_LOCATOR_SIGNATURE):
        raise BundleError("The file is not a bundle: its archive holds far too many members.")
    stream.seek(0)
    try:
        archive = zipfile.ZipFile(stream)
    except _DAMAGED:
        raise BundleError("The bundle is damaged: its archive cannot be opened.") from None
    members: dict[str, zipfile.ZipInfo] = {}
    for info in archive.infolist():
        if info.filename in members:
            raise BundleError("The file is not a bundle: its archive holds a member twice.")
        if info.flag_bits & _ENCRYPTED or info.compress_type not in _METHODS:
            raise BundleError(
                "The file is not a bundle: its archive is encrypted or "
                "uses an unsupported compression method."
            )
        members[info.filename] = info
    return archive, members


def _read_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, limit: int, part: str) -> bytes:
    """Unpack one member, but at most `limit` bytes, whatever size its header claims."""
    try:
        with archive.open(info) as member:
            data = member.read(limit + 1)
    except _DAMAGED:
        raise BundleError(f"The bundle is damaged: its {part} cannot be unpacked.") from None
    if len(data) > limit or info.file_size > limit:
        raise BundleError(
            f"The bundle is too large: its {part} must unpack to at most {limit / 2**20:,.1f} MB."
        )
    return data


def _read_array(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, shape: tuple[int, ...]
) -> np.ndarray:
    """Read one array, whose type and shape are known."""
    byte_count = 4 * math.prod(shape)
    data = BytesIO(_read_member(archive, info, byte_count + _HEADER_BYTES, "weights"))
    try:
        version = np.lib.format.read_magic(data)
        read_header = {
            (1, 0): np.lib.format.read_array_header_1_0,
            (2, 0): np.lib.format.read_array_header_2_0,
        }[version]
        found_shape, column_major, dtype = read_header(data)
    except _NO_HEADER:
        raise BundleError(f"The bundle is damaged: {name} is not a NumPy array.") from None
    if dtype != np.dtype("<f4") or column_major:
        raise BundleError(f"The bundle's {name} is not an array of float32 numbers in row order.")
    if found_shape != shape:
        raise BundleError(
            f"The bundle's {name} has shape {str(found_shape)[:80]}, but its manifest implies "
            f"{shape}."
        )
    content = data.getbuffer()[data.tell() :]
    if len(content) != byte_count:
        raise BundleError(f"The bundle is damaged: {name} is longer or shorter than its shape.")
    array = np.frombuffer(content, dtype="<f4").reshape(shape)
    if not np.isfinite(array).all():
        raise BundleError(f"The bundle's {name} holds numbers that are infinite or missing.")
    if name.endswith("_variance") and (array < 0).any():
        raise BundleError(
            f"The bundle's {name} holds numbers below zero: a variance is never negative."
        )
    return array
