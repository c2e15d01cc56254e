"""Small files made to take much memory or time: each is answered quickly, in little memory."""

from __future__ import annotations

import gzip
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from nfm.inference.archive import write_archive
from nfm.inference.bundle import Bundle

MOST_SECONDS = 2.0  # of processor time
MOST_YARDSTICKS = 3  # or, where the machine is slow, so often the time of the loop below
MOST_MEGABYTES = 300

# Reads a file as the app reads an upload, in a process of its own, and prints what this took, its
# child processes included, beyond what the imports take. Other work on the machine makes seconds
# longer, so a loop before and after measures how long they are.
READER = """
import json, resource, sys, time, warnings
from pathlib import Path

from nfm.errors import NFMError
from nfm.files.reading import read_table_file
from nfm.inference.uploaded_bundle import load_uploaded_bundle

warnings.simplefilter("ignore")
content = Path(sys.argv[1]).read_bytes()
read = load_uploaded_bundle if sys.argv[2] == "bundle" else read_table_file


def used():
    own, children = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    seconds = sum(each.ru_utime + each.ru_stime for each in (own, children))
    return seconds, own.ru_maxrss / 1024, children.ru_maxrss / 1024


def yardstick():
    began = time.process_time()
    sum(number * number % 7 for number in range(8_000_000))
    return time.process_time() - began


if len(sys.argv) > 3:  # an ordinary file first: what is loaded at the first use does not count
    read(Path(sys.argv[3]).read_bytes())
first = yardstick()
before = used()
try:
    read(content)
    answer = ""
except NFMError as error:
    answer = str(error)
after = used()
megabytes = [after[1] - before[1], max(0, after[2] - before[2])]
seconds = after[0] - before[0]
yardsticks = 2 * seconds / (first + yardstick())
report = {"seconds": seconds, "yardsticks": yardsticks, "megabytes": megabytes, "answer": answer}
print(json.dumps(report))
"""


def zipped(members: dict[str, str | bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def members(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def with_manifest(sound: bytes, change: Callable[[dict], None]) -> bytes:
    parts = members(sound)
    manifest = json.loads(parts["manifest.json"])
    change(manifest)
    return zipped({**parts, "manifest.json": json.dumps(manifest)})


def many_classes(count: int) -> Callable[[bytes], bytes]:
    def change(manifest: dict) -> None:
        manifest["target"]["task"] = manifest["schema"]["task"] = "multiclass"
        manifest["target"]["classes"] = list(map(str, range(count)))
        manifest["target"]["counts"] = [1] * count

    return lambda sound: with_manifest(sound, change)


def trained_on_classes(count: int) -> Callable[[bytes], bytes]:
    """A bundle whose weights fit its many classes."""

    def change(sound: bytes) -> bytes:
        parts = members(many_classes(count)(sound))
        arrays = {}
        for name, array in np.load(io.BytesIO(parts["weights.npz"])).items():
            per_class = name in ("linear", "numeric_linear", "output_kernel", "bias")
            shape = (*array.shape[:-1], count) if per_class else array.shape
            arrays[name] = np.zeros(shape, "float32")
        stream = io.BytesIO()
        write_archive(stream, parts["manifest.json"].decode(), arrays)
        return zipped(members(stream.getvalue()))

    return change


def many_columns(sound: bytes) -> bytes:
    def change(manifest: dict) -> None:
        column = {**manifest["schema"]["columns"][0], "role": "ignored"}
        more = [{**column, "name": f"c{number}"} for number in range(100_000)]
        manifest["schema"]["columns"] += more

    return with_manifest(sound, change)


def many_values(sound: bytes) -> bytes:
    parts = members(sound)
    head = parts["manifest.json"].rstrip(b"}")
    return zipped({**parts, "manifest.json": head + b', "x": [' + b"[]," * 10_000_000 + b"0]}"})


def many_levels(sound: bytes) -> bytes:
    def change(manifest: dict) -> None:
        field = manifest["encoder"]["categorical"][0]
        field["levels"] = list(map(str, range(1_500_000)))
        field["counts"] = [1] * 1_500_000

    return with_manifest(sound, change)


def many_epochs(sound: bytes) -> bytes:
    def change(manifest: dict) -> None:
        epoch = manifest["history"][0]
        manifest["history"] = [{**epoch, "number": n} for n in range(1, 100_001)]

    return with_manifest(sound, change)


BUNDLES = {
    "ten thousand classes": many_classes(10_000),
    "ten thousand classes with weights": trained_on_classes(10_000),
    "a hundred thousand classes with weights": trained_on_classes(100_000),
    "a hundred thousand classes": many_classes(100_000),
    "a million classes": many_classes(1_000_000),
    "a hundred thousand columns": many_columns,
    "ten million values": many_values,
    "a million and a half levels": many_levels,
    "a hundred thousand epochs": many_epochs,
}

SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'
BOOK = """<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"
 xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">
 <sheets><sheet name="s" sheetId="1" r:id="rId1"/></sheets></workbook>"""
KIND = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    f'<Relationship Id="rId1" Type="{KIND}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{KIND}/sharedStrings" Target="sharedStrings.xml"/>'
    "</Relationships>"
)
TYPES = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
ROOT = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    f'<Relationship Id="rId1" Type="{KIND}/officeDocument" Target="xl/workbook.xml"/>'
    "</Relationships>"
)


def workbook(rows: str, strings: str = "") -> bytes:
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return zipped(
        {
            "[Content_Types].xml": TYPES,
            "_rels/.rels": ROOT,
            "xl/workbook.xml": BOOK,
            "xl/_rels/workbook.xml.rels": RELATIONS,
            "xl/worksheets/sheet1.xml": SHEET.format(rows),
            "xl/sharedStrings.xml": f'<sst xmlns="{space}">{strings}</sst>',
        }
    )


def numbered(count: int, row: str) -> str:
    """Rows that differ, so that they are not packed too tightly."""
    return "".join(row.format(number * 2654435761 % 2**32) for number in range(count))


def parquet(rows: int, columns: int) -> bytes:
    stream = io.BytesIO()
    zeros = pa.array(np.zeros(rows, "int64"))
    table = pa.table({f"c{number}": zeros for number in range(columns)})
    pq.write_table(table, stream, compression="zstd")
    return stream.getvalue()


def parquet_of(**columns: pa.Array) -> bytes:
    stream = io.BytesIO()
    pq.write_table(pa.table(columns), stream, compression="zstd", write_statistics=False)
    return stream.getvalue()


def packed_lists(position: int) -> bytes:
    """A file of lists with one byte of its description changed; Arrow ends the process at it."""
    stream = io.BytesIO()
    pq.write_table(pa.table({"c": [[1, 2]] * 500}), stream)
    damaged = bytearray(stream.getvalue())
    damaged[position] = 0
    return bytes(damaged)


def lying_parquet() -> bytes:
    """A file of one long text that says of itself that it is small."""
    honest = parquet_of(text=pa.array(["x" * 450_000_000], pa.large_string()), n=pa.array([1]))
    described = pq.read_metadata(io.BytesIO(honest)).row_group(0)
    sizes = {described.total_byte_size, described.column(0).total_uncompressed_size}
    lying = honest
    for size in sizes:
        number = 2 * size  # Thrift's zigzag, seven bits a byte, the lowest first
        written = bytes((number >> 7 * place & 0x7F) | 0x80 for place in range(4))
        written += bytes([number >> 28])
        assert written in honest
        lying = lying.replace(written, b"\xa0\x80\x80\x80\x00")
    assert pq.read_metadata(io.BytesIO(lying)).row_group(0).total_byte_size == 16
    return lying


def zipped_text(content: bytes, method: int) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        archive.writestr("t.csv", content)
    return stream.getvalue()


HEADER = '<row r="1"><c r="A1"><v>1</v></c></row>'
TABLES: dict[str, Callable[[], bytes]] = {
    "the same row": lambda: workbook('<row r="1"><c r="A1"><v>1</v></c></row>' * 100_000),
    "a row again and again": lambda: workbook(
        numbered(1_000_000, '<row r="1"><c r="A1"><v>{}</v></c></row>')
    ),
    "a row again in quotes": lambda: workbook(
        numbered(500_000, "<row r='1'><c r='A1'><v>{}</v></c></row>")
    ),
    "lines that begin like a broken one": lambda: b"a,b\n" + b"1,2\n" * 900_000 + b"1\n",
    "many comments before a tag": lambda: b"<!-- -->" * 5_000 + b"a,b\n1,2\n",
    "blanks after a total": lambda: b"a,b\n" + b'"total' + b" " * 90_000 + b'\nx",2\n' * 2,
    "rows without numbers": lambda: workbook(numbered(1_500_000, '<row s="{}"/>')),
    "shared strings": lambda: workbook(HEADER, "<si><t>a</t></si>" * 200_000),
    "different shared strings": lambda: workbook(HEADER, numbered(1_000_000, "<si><t>{}</t></si>")),
    "empty shared strings": lambda: workbook(HEADER, "<si/>" * 20_000_000),
    "zeros in Parquet": lambda: parquet(2_000_000, 49),
    "large in memory": lambda: parquet(2_000_000, 31),
    "columns in Parquet": lambda: parquet(50_000, 1_999),
    "a byte of Parquet": lambda: packed_lists(-482),
    "another byte of Parquet": lambda: packed_lists(-455),
    "zeros that are left out": lambda: parquet_of(
        zeros=pa.array([bytes(400_000_000)], pa.large_binary()), n=pa.array([1])
    ),
    "one long text in Parquet": lambda: parquet_of(
        text=pa.array(["x" * 450_000_000], pa.large_string()), n=pa.array([1])
    ),
    "one long text in Parquet that says it is short": lying_parquet,
    "a far cell": lambda: workbook('<row r="1"><c r="ZZZZZZZ99999999999"><v>1</v></c></row>'),
    "a far row": lambda: workbook('<row r="1"><c r="A4294967295"><v>1</v></c></row>'),
    "zeros in gzip": lambda: gzip.compress(bytes(400_000_000)),
    "zeros in bzip2": lambda: zipped_text(b"0," * 5_000_000, zipfile.ZIP_BZIP2),
    "empty objects": lambda: (
        json.dumps({f"k{n}": 1 for n in range(2_000)}).encode() + b"\n{}" * 32_000
    ),
    "quotes": lambda: b"a,b\n" + b'"' * 20_000_000,
    "delimiters": lambda: b"," * 40_000_000,
    "line ends": lambda: b"a\n" * 20_000_000,
    "braces": lambda: b'{"a":' * 4_000_000,
    "keys": lambda: b"".join(b'{"k%d":1}\n' % n for n in range(500_000)),
}


def answered(folder: Path, content: bytes, kind: str, ordinary: bytes) -> dict:
    (folder / "hostile").write_bytes(content)
    (folder / "ordinary").write_bytes(ordinary)
    command = [sys.executable, "-c", READER, folder / "hostile", kind, folder / "ordinary"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=240)
    assert ran.returncode == 0, ran.stderr[-2_000:]
    return json.loads(ran.stdout)


def check(used: dict) -> None:
    assert used["seconds"] < MOST_SECONDS or used["yardsticks"] < MOST_YARDSTICKS, used
    assert max(used["megabytes"]) < MOST_MEGABYTES, used


@pytest.mark.slow
@pytest.mark.parametrize("attack", sorted(BUNDLES))
def test_a_hostile_bundle_is_answered_at_once(
    attack: str,
    make_bundle: Callable[..., Bundle],
    tmp_path: Path,
) -> None:
    sound = make_bundle().to_bytes()
    check(answered(tmp_path, BUNDLES[attack](sound), "bundle", sound))


@pytest.mark.slow
@pytest.mark.parametrize("attack", sorted(TABLES))
def test_a_hostile_table_is_answered_at_once(attack: str, tmp_path: Path) -> None:
    check(answered(tmp_path, TABLES[attack](), "table", b"a,b\n1,2\n"))
