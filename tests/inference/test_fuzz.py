"""Files with random damage: each is read, or refused with an `NFMError`, and nothing else."""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import struct
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xlwt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nfm import load_bundle, read_table
from nfm.errors import NFMError
from nfm.inference.uploaded_bundle import load_uploaded_bundle

TABLE = pd.DataFrame(
    {
        "number": [1.5, -2.0, None, 4e10] * 5,
        "text": ["a", "é,;", "-", None] * 5,
        "day": pd.to_datetime(["2026-01-02", None, "1999-12-31", "2026-11-28"] * 5),
        "flag": [True, False, True, True] * 5,
    }
)
WEIRD = [
    *(None, True, -1, 0, 10**400, 1e308, -1e-320, 2**63, "", " ", "\x00", "\ud800", "9" * 5_000),
    *([], {}, [[]], {"": None}, "a", "text", "2026-01-01", [1, 2], ["a", "a"], {"a": {"b": []}}),
]
INTERESTING = [b"\x00", b"\xff", b"\xff\xff\xff\xff", b"\x00\x00\x00\x80", b'"', b"\n", b"\r", b";"]
INTERESTING += [
    b"PK\x03\x04",
    b"PK\x01\x02",
    b"PK\x05\x06",
    b"PAR1",
    b"\x1f\x8b\x08",
    b"{",
    b"[" * 99,
]
INTERESTING += [b"1e999", b"\xef\xbb\xbf", b"\xff\xfe", b"<!ENTITY", b"]]>", b"-0", b"\xf0\x9f"]


def parquet_bytes(frame: pd.DataFrame) -> bytes:
    stream = io.BytesIO()
    frame.assign(span=pd.to_timedelta([1, 2, 3, None] * 5, unit="s")).to_parquet(stream)
    return stream.getvalue()


def workbook_bytes(frame: pd.DataFrame) -> bytes:
    stream = io.BytesIO()
    frame.to_excel(stream, index=False)
    return stream.getvalue()


def old_workbook_bytes() -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("s")
    for row in range(9):
        for column, value in enumerate(("a", 1.5, "b")):
            sheet.write(row, column, value)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def zipped(members: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def unzipped(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


CSV = TABLE.to_csv(index=False).encode()
FILES = {
    "csv": CSV,
    "utf16": TABLE.to_csv(index=False, sep=";", decimal=",").encode("utf-16"),
    "json": TABLE.to_json(orient="records", lines=True, date_format="iso").encode(),
    "parquet": parquet_bytes(TABLE),
    "xlsx": workbook_bytes(TABLE),
    "xls": old_workbook_bytes(),
    "gzip": gzip.compress(CSV),
    "zip": zipped({"a.csv": CSV}),
}


@st.composite
def damaged(draw: st.DrawFn, data: bytes) -> bytes:
    """Bytes that were changed, cut, doubled or moved in a few places."""
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.sampled_from([0, 1, 2, 4, 8, 64, 10_000])))
        part = data[start:end]
        new = draw(
            st.one_of(
                st.sampled_from(INTERESTING),
                st.binary(max_size=8),
                st.integers(0, 2**32 - 1).map(lambda number: struct.pack("<I", number)),
                st.just(part * 3),
                st.just(part[::-1]),
            )
        )
        data = data[:start] + new + data[end:]
    return data


@st.composite
def damaged_zip(draw: st.DrawFn, data: bytes) -> bytes:
    """An archive whose members, their names or their headers were changed."""
    members = unzipped(data)
    name = draw(st.sampled_from(sorted(members)))
    change = draw(st.sampled_from(["content", "name", "remove", "repeat", "header"]))
    if change == "content":
        return zipped({**members, name: draw(damaged(members[name]))})
    if change == "name":
        new = draw(
            st.sampled_from([" ", "../a.csv", "/", "xl/", "a" * 9_000, "a\x00b", "é\u202e.csv"])
        )
        return zipped({new if each == name else each: text for each, text in members.items()})
    if change == "remove":
        return zipped({each: text for each, text in members.items() if each != name})
    if change == "repeat":
        stream = io.BytesIO(data)
        with warnings.catch_warnings(), zipfile.ZipFile(stream, "a") as archive:
            warnings.simplefilter("ignore")
            archive.writestr(name, members[draw(st.sampled_from(sorted(members)))])
        return stream.getvalue()
    # Fields of a member's two headers: version, flags, method, time, checksum, sizes, place.
    signature, longest = draw(st.sampled_from([(b"PK\x01\x02", 46), (b"PK\x03\x04", 30)]))
    places = [place for place in range(len(data)) if data.startswith(signature, place)]
    place = draw(st.sampled_from(places)) + draw(st.integers(4, longest - 1))
    new = draw(st.binary(min_size=1, max_size=4))
    return data[:place] + new + data[place + len(new) :]


def refusal(read: Callable[[Any], Any], source: Any) -> str | None:
    try:
        read(source)
    except NFMError as error:
        return str(error)
    return None


def check(read: Callable[[Any], Any], content: bytes, path: Path) -> None:
    """Read bytes and the file with these bytes; every error must be one for people."""
    path.write_bytes(content)
    for source in (content, path):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            message = refusal(read, source)
            assert message is None or 0 < len(message) <= 300


def fuzz(examples: int) -> Callable:
    return settings(
        max_examples=examples,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
    )


# A workbook is read in a process of its own, which takes a while to start.
@pytest.mark.slow
@pytest.mark.parametrize("kind", sorted(FILES))
@given(data=st.data())
@fuzz(60)
def test_a_damaged_table_is_read_or_refused(kind: str, tmp_path: Path, data: st.DataObject) -> None:
    change = damaged_zip if kind in ("xlsx", "zip") and data.draw(st.booleans()) else damaged
    check(read_table, data.draw(change(FILES[kind])), tmp_path / "file")


@given(
    content=st.binary(max_size=300)
    | st.text(max_size=300).map(lambda text: text.encode("utf-8", "surrogatepass"))
)
@fuzz(100)
def test_random_bytes_are_read_or_refused(tmp_path: Path, content: bytes) -> None:
    check(read_table, content, tmp_path / "file")
    check(load_bundle, content, tmp_path / "file")


def changed_leaf(draw: st.DrawFn, value: Any) -> Any:
    """A JSON value in which one value, at any depth, is another or is absent."""
    if isinstance(value, dict) and value and draw(st.integers(0, 5)):
        key = draw(st.sampled_from(sorted(value)))
        new = changed_leaf(draw, value[key])
        return {**value, key: new}
    if isinstance(value, list) and value and draw(st.integers(0, 5)):
        place = draw(st.integers(0, len(value) - 1))
        return [*value[:place], changed_leaf(draw, value[place]), *value[place + 1 :]]
    return draw(st.sampled_from(WEIRD))


@st.composite
def changed_manifest(draw: st.DrawFn, data: bytes) -> bytes:
    members = unzipped(data)
    manifest = json.loads(members["manifest.json"])
    for _ in range(draw(st.integers(1, 2))):
        manifest = changed_leaf(draw, manifest)
    text = json.dumps(manifest).encode()
    return zipped({**members, "manifest.json": text})


HEADERS = st.sampled_from(
    [
        "()",
        "('<f4',)",
        "'<f4'",
        "'O'",
        "[('a', '<f4')]",
        "'|S0'",
        "'<f4', 'x': 1",
        "1",
        "'>f4'",
        "'V'",
    ]
)
SHAPES = st.sampled_from(
    ["()", "(1,)", "(-1, 2)", "(2**62, 4)", "(9" + "9" * 3_000 + ",)", "None", "(1.5,)"]
)


@st.composite
def changed_array(draw: st.DrawFn, data: bytes) -> bytes:
    """A bundle with another header of an array, or damage inside the archive of arrays."""
    members = unzipped(data)
    arrays = unzipped(members["weights.npz"])
    name = draw(st.sampled_from(sorted(arrays)))
    if draw(st.booleans()):
        text = f"{{'descr': {draw(HEADERS)}, 'fortran_order': False, 'shape': {draw(SHAPES)}, }}\n"
        numbers = draw(st.sampled_from([b"", b"\x00" * 16, np.full(9, np.nan, "<f4").tobytes()]))
        arrays[name] = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode() + numbers
        return zipped({**members, "weights.npz": zipped(arrays)})
    return zipped({**members, "weights.npz": draw(damaged_zip(members["weights.npz"]))})


@pytest.mark.slow
@pytest.mark.parametrize("change", [damaged, damaged_zip, changed_manifest, changed_array])
@given(data=st.data())
@fuzz(150)
def test_a_damaged_bundle_is_read_or_refused(
    change: Callable,
    make_bundle: Callable,
    tmp_path: Path,
    data: st.DataObject,
) -> None:
    sound = make_bundle(hidden_batch_norm=True).to_bytes()
    content = data.draw(change(sound))
    check(load_bundle, content, tmp_path / "file")
    with contextlib.suppress(NFMError):
        load_uploaded_bundle(content)


@pytest.mark.parametrize("read", [read_table, load_bundle])
@pytest.mark.parametrize("name", ["missing", ".", "a\x00b", "x" * 5000])
def test_a_path_that_is_no_file_is_refused(tmp_path: Path, read: Callable, name: str) -> None:
    for path in (f"{tmp_path}/{name}", Path(f"{tmp_path}/{name}")):
        message = refusal(read, path)
        assert message is not None
        assert message.endswith("cannot be opened: check its path and permissions.")
        assert len(message) <= 300
