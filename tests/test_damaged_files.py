"""Whatever is in a file: it is read, or an `NFMError` says what is wrong."""

from __future__ import annotations

import gzip
import io
import os
import zipfile
from pathlib import Path

import pandas as pd
import pytest
import xlwt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nfm import NFMClassifier, load_bundle, read_table
from nfm.errors import NFMError

pytestmark = pytest.mark.slow

MANY = int(os.environ.get("NFM_DAMAGED_EXAMPLES", "50"))
QUIET = {
    "deadline": None,
    "suppress_health_check": [HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
}
FRAME = pd.DataFrame(
    {
        "name": ["Ann", "Bob, the 2nd", 'C"é', None] * 5,
        "price": [1.5, -2.25, None, 1e9] * 5,
        "when": pd.date_range("2024-01-31", periods=20),
        "count": range(20),
        "yes": [True, False] * 10,
    }
)


def _workbook() -> bytes:
    """Return a workbook of the format before Excel 2007."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("cells")
    for row, cells in enumerate([FRAME.columns, *FRAME.head(5).astype(str).to_numpy().tolist()]):
        for column, cell in enumerate(cells):
            sheet.write(row, column, cell)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _zip(members: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def _excel() -> bytes:
    stream = io.BytesIO()
    FRAME.to_excel(stream, index=False)
    return stream.getvalue()


CSV = FRAME.to_csv(index=False).encode()
TABLES = {
    "csv": CSV,
    "semicolons": FRAME.to_csv(index=False, sep=";", decimal=",").encode("cp1252"),
    "utf-16": FRAME.to_csv(index=False, sep="\t").encode("utf-16"),
    "json lines": FRAME.astype(str).to_json(orient="records", lines=True).encode(),
    "parquet": FRAME.to_parquet(),
    "xlsx": _excel(),
    "xls": _workbook(),
    "gzip": gzip.compress(CSV, mtime=0),
    "zip": _zip({"table.csv": CSV}),
}


@pytest.fixture(scope="module")
def bundle() -> bytes:
    """A small model."""
    model = NFMClassifier(epochs=1, embedding_dim=2, hidden_units=(2,))
    return model.fit(FRAME[["name", "price", "count"]], FRAME["yes"]).bundle_.to_bytes()


@st.composite
def damages(draw: st.DrawFn) -> list[tuple[str, float, float, bytes]]:
    """A few changes of a file: what is done, where and over which length, and new bytes."""
    kinds = st.sampled_from(["replace", "insert", "delete", "repeat", "cut", "swap"])
    place = st.floats(0, 1)
    new = st.one_of(
        st.binary(min_size=1, max_size=8),
        st.sampled_from([b"\x00", b"\xff" * 4, b'"', b"\r", b"NaN", b"1e999", b"<x>", b"{", b"-1"]),
    )
    return draw(st.lists(st.tuples(kinds, place, st.floats(0, 0.2), new), min_size=1, max_size=4))


def damage(content: bytes, changes: list[tuple[str, float, float, bytes]]) -> bytes:
    """Change a file."""
    for kind, place, length, new in changes:
        first = int(place * len(content))
        last = first + int(length * len(content))
        match kind:
            case "replace":
                content = content[:first] + new + content[first + len(new) :]
            case "insert":
                content = content[:first] + new + content[first:]
            case "delete":
                content = content[:first] + content[last:]
            case "repeat":
                content = content[:last] + content[first:]
            case "cut":
                content = content[:first]
            case "swap":
                content = content[last:] + content[:first]
    return content


def damage_member(content: bytes, number: int, changes: list) -> bytes:
    """Change one file in a zip archive, which itself stays whole."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    name = sorted(members)[number % len(members)]
    return _zip(members | {name: damage(members[name], changes)})


def read_or_refuse(function, source) -> None:
    """Call a function; it may refuse the source, but only with an `NFMError` in a sentence."""
    refusal = "."
    try:
        function(source)
    except NFMError as error:
        refusal = str(error)
    assert 0 < len(refusal) <= 300
    assert refusal.strip().endswith((".", ")", "!"))


@settings(max_examples=MANY, **QUIET)
@given(st.binary(max_size=300))
def test_any_bytes_are_a_table_or_refused(content: bytes):
    read_or_refuse(read_table, content)


@settings(max_examples=MANY, **QUIET)
@given(st.binary(max_size=300))
def test_any_bytes_are_a_model_or_refused(content: bytes):
    read_or_refuse(load_bundle, content)


@pytest.mark.parametrize("kind", TABLES)
@settings(max_examples=MANY, **QUIET)
@given(damages())
def test_a_damaged_table_is_read_or_refused(kind: str, changes):
    read_or_refuse(read_table, damage(TABLES[kind], changes))


@settings(max_examples=MANY, **QUIET)
@given(st.integers(0, 20), damages())
def test_a_workbook_with_a_damaged_part_is_read_or_refused(number: int, changes):
    read_or_refuse(read_table, damage_member(TABLES["xlsx"], number, changes))


@settings(max_examples=MANY, **QUIET)
@given(damages())
def test_a_damaged_model_is_read_or_refused(bundle, changes):
    read_or_refuse(load_bundle, damage(bundle, changes))


@settings(max_examples=MANY, **QUIET)
@given(st.integers(0, 1), damages())
def test_a_model_with_a_damaged_part_is_read_or_refused(bundle, number: int, changes):
    read_or_refuse(load_bundle, damage_member(bundle, number, changes))


@pytest.mark.parametrize("function", [read_table, load_bundle])
@pytest.mark.parametrize("name", ["missing", "folder", "a\x00b", "x" * 5000, ""])
def test_a_path_that_is_no_file_is_refused(tmp_path: Path, function, name: str):
    (tmp_path / "folder").mkdir()
    for path in (f"{tmp_path}/{name}", Path(f"{tmp_path}/{name}")):
        with pytest.raises(NFMError, match="cannot be opened") as refused:
            function(path)
        assert len(str(refused.value)) < 300


@pytest.mark.parametrize("function", [read_table, load_bundle])
@pytest.mark.parametrize("kind", [*TABLES, "model"])
def test_a_path_is_read_as_its_bytes_are(tmp_path: Path, bundle, function, kind: str):
    path = tmp_path / "file"
    path.write_bytes(bundle if kind == "model" else TABLES[kind])
    read_or_refuse(function, path)
    read_or_refuse(function, str(path))
