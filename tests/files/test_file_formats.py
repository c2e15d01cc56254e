"""Every kind of file is found by its content, and keeps the promises of the table of formats."""

from __future__ import annotations

import gzip
import io
import zipfile

import pandas as pd
import pyarrow as pa
import pytest

from nfm.errors import ReadingError
from nfm.files.file_formats import FILE_FORMATS, format_of, open_file
from nfm.files.options import FileLimits, ReadingOptions

FRAME = pd.DataFrame({"number": [1, 2, 3], "word": ["x", "y", "z"]})


def written(key: str) -> bytes:
    buffer = io.BytesIO()
    if key == "parquet":
        FRAME.to_parquet(buffer)
    elif key == "excel":
        FRAME.to_excel(buffer, index=False)
    elif key == "json_lines":
        FRAME.to_json(buffer, orient="records", lines=True)
    else:
        FRAME.to_csv(buffer, index=False)
    return buffer.getvalue()


def zipped(content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("table", content)
    return buffer.getvalue()


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zipped])
@pytest.mark.parametrize("kind", FILE_FORMATS, ids=lambda kind: kind.key)
def test_a_format_is_found_by_its_content_packed_or_not(kind, pack):
    content = written(kind.key)
    assert format_of(pack(content)) is kind
    data, found, _ = open_file(pack(content), FileLimits())
    assert (bytes(data), found) == (content, kind)


@pytest.mark.parametrize("kind", FILE_FORMATS, ids=lambda kind: kind.key)
def test_raw_tables_keep_their_promises(kind):
    raw = kind.read(written(kind.key), ReadingOptions(), FileLimits())
    heads = raw.heads()
    columns = dict(raw.columns)
    assert tuple(columns) == raw.names == ("number", "word")
    assert raw.read_as.startswith("Read as ")
    assert all(isinstance(column, pa.ChunkedArray | pd.Series) for column in columns.values())
    assert all(columns[name].slice(0, len(head)).equals(head) for name, head in heads.items())
    numbers = columns["number"]
    found = numbers.to_pylist() if isinstance(numbers, pa.ChunkedArray) else numbers.tolist()
    assert [int(number) for number in found] == [1, 2, 3]


def test_options_are_ones_that_reading_knows():
    known = set(ReadingOptions.model_fields)
    assert all(set(kind.options) <= known for kind in FILE_FORMATS)


def test_suffixes_belong_to_one_format():
    suffixes = [suffix for kind in FILE_FORMATS for suffix in kind.suffixes]
    assert len(suffixes) == len(set(suffixes))
    assert all(suffix.startswith(".") and suffix == suffix.lower() for suffix in suffixes)


def test_the_table_among_other_files_of_an_archive_is_told_by_its_name():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("readme.md", "about")
        archive.writestr("rows.jsonl", written("json_lines"))
    found = format_of(buffer.getvalue())
    assert found is not None
    assert found.key == "json_lines"


def test_what_holds_no_table_has_no_format():
    assert format_of(b"") is None
    assert format_of(b"%PDF-1.7\n") is None
    with pytest.raises(ReadingError, match="PDF"):
        open_file(b"%PDF-1.7\n", FileLimits())
