"""A sample of the rows where a table is larger than a limit."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest

from nfm.errors import ReadingError
from nfm.files.options import FileLimits, ReadingOptions
from nfm.files.reading import read_table_file

SAMPLE = ReadingOptions(sample_rows=True)
FRAME = pd.DataFrame({"number": np.arange(1000), "word": ["a", "b", "c", "d"] * 250})


def read(content, **limits):
    return read_table_file(content, options=SAMPLE, limits=FileLimits(**limits))


def parquet(frame: pd.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.to_parquet(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        FRAME.to_csv(index=False).encode(),
        FRAME.to_csv(index=False, lineterminator="\r").encode(),
        FRAME.to_csv(index=False).rstrip().encode("utf-16"),
        parquet(FRAME),
    ],
    ids=["csv", "carriage returns", "utf-16", "parquet"],
)
def test_every_third_row_is_read_and_said(content):
    file = read(content, rows=400)
    assert list(file.frame["number"]) == list(range(0, 1000, 3))
    assert "Read a sample: one row in 3 of 1,000, evenly spaced." in file.notes
    again = read_table_file(content, options=file.options, limits=FileLimits(rows=400))
    pd.testing.assert_frame_equal(again.frame, file.frame)


def test_the_limit_on_cells_is_kept_too():
    assert len(read(FRAME.to_csv(index=False).encode(), cells=500).frame) == 250


def test_parquet_is_sampled_across_its_batches():
    long = pd.DataFrame({"number": np.arange(120_000)})
    file = read(parquet(long), rows=17_000)
    assert list(file.frame["number"]) == list(range(0, 120_000, 8))


def test_a_table_within_the_limits_is_read_whole():
    file = read(FRAME.to_csv(index=False).encode())
    assert len(file.frame) == 1000
    assert not any("sample" in note for note in file.notes)


def test_cells_of_several_lines_cannot_be_sampled():
    content = b"a,b\n" + b'"x\ny",1\n' * 500
    with pytest.raises(ReadingError, match="cells of several lines"):
        read(content, rows=99)


def test_what_was_found_out_by_means_of_a_changed_option_is_forgotten():
    found = read_table_file(b"a;b\n1,5;x\n2,5;y\n").options
    assert (found.delimiter, found.decimal, found.has_header) == (";", ",", True)
    changed = found.changed(delimiter="\t")
    assert (changed.encoding, changed.delimiter) == (found.encoding, "\t")
    assert (changed.decimal, changed.has_header, changed.skip_lines) == (None, None, None)
    assert found.changed(missing=("x",)).delimiter == ";"
    assert found.changed(encoding=None).delimiter is None
