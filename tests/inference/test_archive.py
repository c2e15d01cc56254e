"""Files that are no bundle, damaged ones and malicious ones: each refused in one sentence."""

from __future__ import annotations

import json
import pickle
import struct
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nfm import load_bundle
from nfm.compatibility import BUNDLE_VERSION
from nfm.errors import BundleError
from nfm.inference.archive import BundleLimits
from nfm.inference.bundle import Bundle
from nfm.tabular.numeric_field import DateField
from nfm.version import __version__

MakeBundle = Callable[..., Bundle]


@pytest.fixture
def data(make_bundle: MakeBundle) -> bytes:
    """A sound bundle's file."""
    return make_bundle(hidden_batch_norm=True).to_bytes()


def _members(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _zip(members: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def _with_manifest(data: bytes, change: Callable[[dict], Any]) -> bytes:
    members = _members(data)
    manifest = json.loads(members["manifest.json"])
    change(manifest)
    return _zip({**members, "manifest.json": json.dumps(manifest).encode()})


def _with_weights(data: bytes, change: Callable[[dict[str, bytes]], Any]) -> bytes:
    members = _members(data)
    arrays = _members(members["weights.npz"])
    change(arrays)
    return _zip({**members, "weights.npz": _zip(arrays)})


def _npy(array: np.ndarray, allow_pickle: bool = False) -> bytes:
    stream = BytesIO()
    np.lib.format.write_array(stream, array, allow_pickle=allow_pickle)
    return stream.getvalue()


def _set(name: str, array: np.ndarray) -> Callable[[dict[str, bytes]], None]:
    return lambda arrays: arrays.update({f"{name}.npy": _npy(array)})


class _Exploit:
    """Writes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple:
        return open, (str(self.path), "w")


def _refused(data: bytes, limits: BundleLimits | None = None) -> str:
    """Return the sentence with which a file is refused."""
    with pytest.raises(BundleError) as caught:
        load_bundle(data, limits=limits)
    sentence = str(caught.value)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert len(sentence) < 400
    return sentence


@pytest.mark.parametrize(
    "content",
    [b"", b"PK", b"age,fare\n1,2\n", pickle.dumps({"a": 1}), b"\x00" * 1000, b"PK\x05\x06"],
    ids=["empty", "two bytes", "csv", "pickle", "zeros", "half a zip's end"],
)
def test_what_is_no_zip_is_refused(content: bytes) -> None:
    assert "not a bundle" in _refused(content)


def test_a_part_of_a_bundle_is_refused(data: bytes) -> None:
    assert "only a part" in _refused(data[: len(data) // 2])


@pytest.mark.parametrize("place", [0.1, 0.5, 0.9])
def test_a_flipped_byte_is_found(data: bytes, place: float) -> None:
    damaged = bytearray(data)
    damaged[int(len(data) * place)] ^= 0xFF
    _refused(bytes(damaged))


@pytest.mark.parametrize("shift", [1, 10, -1, -100, 2**31])
def test_a_directory_that_is_elsewhere_is_refused(data: bytes, shift: int, tmp_path: Path) -> None:
    place = struct.unpack("<I", data[-6:-2])[0]
    shifted = data[:-6] + struct.pack("<I", (place + shift) % 2**32) + data[-2:]
    _refused(shifted)
    (tmp_path / "model.nfm").write_bytes(shifted)
    with pytest.raises(BundleError):
        load_bundle(tmp_path / "model.nfm")


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "/etc/passwd", "C:\\model", "model.pkl", "weights.npz/x"]
)
def test_any_other_member_is_refused(data: bytes, name: str, tmp_path: Path) -> None:
    assert "nothing else" in _refused(_zip({**_members(data), name: b"x"}))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["manifest.json", "weights.npz"])
def test_a_member_must_not_be_absent(data: bytes, name: str) -> None:
    members = _members(data)
    del members[name]
    assert "not a bundle" in _refused(_zip(members))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_member_that_is_there_twice_is_refused(data: bytes) -> None:
    stream = BytesIO(data)
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr("manifest.json", "{}")
    assert "twice" in _refused(stream.getvalue())


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_ways_of_packing_are_refused(data: bytes, method: int) -> None:
    assert "unsupported compression method" in _refused(_zip(_members(data), method))


def test_an_encrypted_member_is_refused(data: bytes) -> None:
    directory = data.rindex(b"PK\x01\x02")
    marked = bytearray(data)
    marked[directory + 8] |= 1
    assert "encrypted" in _refused(bytes(marked))


def test_thousands_of_members_are_refused(data: bytes) -> None:
    crowd = {f"{number}": b"" for number in range(3000)}
    assert "too many members" in _refused(_zip({**_members(data), **crowd}))
    assert "at most" in _refused(_with_weights(data, lambda arrays: arrays.update(crowd)))


def test_a_hidden_zip64_directory_is_refused(data: bytes) -> None:
    end = data[-22:]
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, len(data) - 22, 1)
    assert "too many members" in _refused(data[:-22] + locator + end)


def test_a_manifest_that_unpacks_to_more_than_allowed_is_refused(data: bytes) -> None:
    bomb = {**_members(data), "manifest.json": b" " * 3_000_000}
    packed = _zip(bomb, zipfile.ZIP_DEFLATED)
    assert len(packed) < 30_000
    limits = BundleLimits(manifest_bytes=1_000_000)
    assert "must unpack to at most" in _refused(packed, limits)


def test_weights_that_unpack_to_more_than_the_network_needs_are_refused(data: bytes) -> None:
    bomb = _zip({"embedding.npy": b"\0" * 50_000_000}, zipfile.ZIP_DEFLATED)
    assert "at most" in _refused(_zip({**_members(data), "weights.npz": b"\0" * 5_000_000}))
    packed = _zip({**_members(data), "weights.npz": bomb})
    assert "do not fit the network" in _refused(packed)


def test_an_array_that_unpacks_to_more_than_its_shape_is_refused(data: bytes) -> None:
    members = _members(data)
    arrays = _members(members["weights.npz"]) | {"bias.npy": b"\0" * 50_000_000}
    packed = _zip({**members, "weights.npz": _zip(arrays, zipfile.ZIP_DEFLATED)})
    assert "at most" in _refused(packed)


def test_a_file_larger_than_allowed_is_refused(data: bytes) -> None:
    limits = BundleLimits(file_bytes=100)
    assert "more than" in _refused(data, limits)
    with pytest.raises(BundleError, match="more than"):
        load_bundle(BytesIO(data), limits=limits)


def test_a_network_larger_than_allowed_is_refused(data: bytes) -> None:
    def grow(manifest: dict) -> None:
        manifest["settings"] |= {"embedding_dim": 512, "hidden_units": [4096] * 10}

    assert "more than" in _refused(_with_manifest(data, grow), BundleLimits(weights_bytes=1 << 20))


def test_a_pickled_array_is_refused_and_not_unpickled(data: bytes, tmp_path: Path) -> None:
    marker = tmp_path / "executed"
    exploit = np.array([_Exploit(marker)], dtype=object)
    packed = _with_weights(
        data, lambda arrays: arrays.update({"bias.npy": _npy(exploit, allow_pickle=True)})
    )
    assert "float32" in _refused(packed)
    assert not marker.exists()


@pytest.mark.parametrize(
    "header",
    [
        b"__import__('os').getcwd()",
        b"{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}",
        b"{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999,)}",
        b"{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}",
        b"{" * 500,
        b"{'descr': (), 'fortran_order': False, 'shape': (1,)}",
        b"{'descr': ('<f4',), 'fortran_order': False, 'shape': (1,)}",
        b"{'descr': '<f4', 'fortran_order': False, 'shape': (" + b"9" * 900 + b",)}",
    ],
)
def test_a_malicious_array_header_is_refused(data: bytes, header: bytes) -> None:
    array = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + b"\0\0\0\0"
    _refused(_with_weights(data, lambda arrays: arrays.update({"bias.npy": array})))


def test_an_array_cut_short_is_refused(data: bytes) -> None:
    packed = _with_weights(
        data, lambda arrays: arrays.update({"bias.npy": arrays["bias.npy"][:-2]})
    )
    assert "longer or shorter" in _refused(packed)


def test_an_array_too_few_or_too_many_is_refused(data: bytes) -> None:
    sentence = "do not fit the network"
    assert sentence in _refused(_with_weights(data, lambda arrays: arrays.pop("bias.npy")))
    assert sentence in _refused(_with_weights(data, _set("more", np.zeros(1, np.float32))))
    assert sentence in _refused(_with_weights(data, _set("../bias", np.zeros(1, np.float32))))


@pytest.mark.parametrize(
    ("name", "array", "reason"),
    [
        ("bias", np.zeros(2, np.float32), "has shape (2,)"),
        ("bias", np.zeros((1, 1), np.float32), "has shape (1, 1)"),
        ("output_kernel", np.zeros((1, 8), np.float32), "has shape (1, 8)"),
        ("bias", np.zeros(1, np.float64), "float32"),
        ("bias", np.zeros(1, np.int32), "float32"),
        ("bias", np.zeros(1, ">f4"), "float32"),
        ("bias", np.array([np.nan], np.float32), "infinite or missing"),
        ("bias", np.array([np.inf], np.float32), "infinite or missing"),
        ("hidden_0_variance", np.full(8, -1, np.float32), "below zero"),
    ],
)
def test_an_array_of_another_form_is_refused(
    data: bytes, name: str, array: np.ndarray, reason: str
) -> None:
    assert reason in _refused(_with_weights(data, _set(name, array)))


def test_an_array_in_column_order_is_refused(data: bytes) -> None:
    array = np.asfortranarray(np.zeros((4, 8), np.float32))
    assert "row order" in _refused(_with_weights(data, _set("hidden_0_kernel", array)))


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff\xfe", b"[" * 100_000, b"null"])
def test_a_manifest_that_is_no_manifest_is_refused(data: bytes, content: bytes) -> None:
    assert "format and version" in _refused(_zip({**_members(data), "manifest.json": content}))


def test_a_later_version_is_named(data: bytes) -> None:
    def make_newer(manifest: dict) -> None:
        manifest.update(version=BUNDLE_VERSION + 1, nfm_version="7.8.9", formats={"sex": "text"})

    sentence = _refused(_with_manifest(data, make_newer))
    assert f"version {BUNDLE_VERSION + 1}" in sentence
    assert f"version {BUNDLE_VERSION}" in sentence
    assert "NFM Lab 7.8.9" in sentence
    assert f"NFM Lab {__version__}" in sentence


@pytest.mark.parametrize("version", [0, -1, 10**4000, "two", None])
def test_a_version_that_is_none_is_refused_in_a_short_sentence(data: bytes, version: Any) -> None:
    sentence = _refused(_with_manifest(data, lambda manifest: manifest.update(version=version)))
    assert "format and version" in sentence
    assert len(sentence) < 200


def test_another_format_is_refused(data: bytes) -> None:
    packed = _with_manifest(data, lambda manifest: manifest.update(format="<script>"))
    assert "<script>" not in _refused(packed)


@pytest.mark.parametrize(
    ("part", "change"),
    [
        ("settings", {"embedding_dim": 10**9}),
        ("settings", {"hidden_units": [8] * 1000}),
        ("settings", {"activation": "__import__('os')"}),
        ("settings", {"secret": 1}),
        ("target", {"scale": 0.0}),
        ("target", {"classes": ["only one"]}),
        ("target", {"classes": ["", "x"]}),
        ("target", {"task": "regression"}),
        ("schema", {"columns": []}),
        ("encoder", {"columns": ["another"]}),
        ("encoder", {"categorical": [], "numeric": []}),
    ],
)
def test_a_part_that_is_not_valid_is_refused(data: bytes, part: str, change: dict) -> None:
    _refused(_with_manifest(data, lambda manifest: manifest[part].update(change)))


def test_an_unknown_part_is_refused(data: bytes) -> None:
    packed = _with_manifest(data, lambda manifest: manifest.update(code="import os"))
    assert "not valid at code" in _refused(packed)


def test_a_number_that_is_not_finite_is_refused(data: bytes) -> None:
    packed = _with_manifest(
        data, lambda manifest: manifest["history"][0]["train"].update(loss=float("nan"))
    )
    assert "finite" in _refused(packed)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda manifest: manifest["schema"].update(task="multiclass"), "different tasks"),
        (
            lambda manifest: [
                column.update(role="ignored")
                for column in manifest["schema"]["columns"]
                if column["name"] == "fare"
            ],
            "different columns",
        ),
        (
            lambda manifest: manifest["encoder"]["dates"].append(
                DateField(column="elsewhere").model_dump(mode="json")
            ),
            "different columns",
        ),
        (lambda manifest: manifest["settings"].update(numeric="value"), "numbers differently"),
        (
            lambda manifest: manifest["encoder"]["numeric"][0].update(median=1e9),
            "range is out of order",
        ),
        (
            lambda manifest: manifest["encoder"]["numeric"][0].update(median=None),
            "range is out of order",
        ),
        (lambda manifest: manifest.update(best_epoch=7), "not in the history"),
        (lambda manifest: manifest["history"][0].update(number=10**30), "not numbered"),
        (lambda manifest: manifest["history"].append(manifest["history"][0]), "not numbered"),
        (
            lambda manifest: [
                manifest["encoder"][part].append(manifest["encoder"][part][0])
                for part in ("columns", "formats")
                if manifest["encoder"][part]
            ],
            "exactly one field",
        ),
        (
            lambda manifest: manifest["encoder"]["numeric"][0].update(name="another"),
            "exactly one field",
        ),
        (
            lambda manifest: manifest["encoder"]["numeric"][0].update(
                column=manifest["encoder"]["numeric"][1]["column"]
            ),
            "exactly one field",
        ),
    ],
)
def test_parts_that_contradict_each_other_are_refused(
    data: bytes, change: Callable[[dict], Any], reason: str
) -> None:
    sentence = _refused(_with_manifest(data, change))
    assert "contradicts itself" in sentence
    assert reason in sentence


def test_a_table_of_another_size_is_refused(data: bytes) -> None:
    def add_level(manifest: dict) -> None:
        field = manifest["encoder"]["categorical"][0]
        field["levels"].append("Atlantis")
        field["counts"].append(1)

    assert "has shape" in _refused(_with_manifest(data, add_level))
