"""Files of data sets without formats are read as at cf2c3b7, whose code gave these values."""

from __future__ import annotations

import datetime
import io
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from nfm.compatibility import FORMER_VALUES
from nfm.files.frame_attributes import is_legacy
from nfm.files.options import ReadingOptions
from nfm.files.reading import read_table_file
from nfm.inference.bundle import load_bundle

LEGACY = ReadingOptions.model_validate(FORMER_VALUES["ReadingOptions"])
TIME, SPAN, MOMENT = datetime.time, datetime.timedelta, datetime.datetime


def sheet(cells: list) -> bytes:
    book = openpyxl.Workbook()
    book.active.append(["k", "y"])
    for row, cell in enumerate(cells):
        book.active.append([cell, row])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def column(content: bytes) -> pd.Series:
    return read_table_file(content, options=LEGACY).frame["k"]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ([TIME(1, 5), TIME(14, 5, 30), None], ["01:05:00", "14:05:30", None]),
        ([SPAN(minutes=7), SPAN(hours=30), None], ["0:07:00", "1 day, 6:00:00", None]),
        ([TIME(1, 5), SPAN(hours=30)], ["01:05:00", "1 day, 6:00:00"]),
        ([TIME(1, 5), 3, 0.5, "n.d."], ["01:05:00", "3", "0.5", "n.d."]),
        ([SPAN(hours=3), "NA", "-", " x "], ["3:00:00", "NA", "-", " x "]),
        ([MOMENT(2024, 1, 2, 3), " NA "], ["2024-01-02T03:00:00", " NA "]),
        ([MOMENT(2024, 1, 2), 7, 1.5], ["2024-01-02T00:00:00", "7", "1.5"]),
        (["+", "-", "+"], ["+", None, "+"]),
        ([" a ", "b", "NA"], [" a ", "b", None]),
    ],
)
def test_text_of_a_sheet(cells, expected):
    found = column(sheet(cells))
    assert found.dtype == "str"
    assert found.astype(object).where(found.notna(), None).tolist() == expected


@pytest.mark.parametrize(
    ("cells", "dtype", "expected"),
    [
        ([1, 2, 3], "int64", [1, 2, 3]),
        ([1, None, 3], "float64", [1, np.nan, 3]),
        ([1, 2.5], "float64", [1, 2.5]),
        (["1.5", 2, "NA"], "float64", [1.5, 2, np.nan]),
        ([True, False], "bool", [True, False]),
    ],
)
def test_values_of_a_sheet(cells, dtype, expected):
    found = column(sheet(cells))
    assert found.dtype == dtype
    np.testing.assert_array_equal(found, expected)


def test_days_of_a_sheet():
    found = column(sheet([datetime.date(2024, 1, 2), MOMENT(2024, 1, 3, 4), None]))
    assert found.tolist()[:2] == [pd.Timestamp(2024, 1, 2), pd.Timestamp(2024, 1, 3, 4)]
    assert found.dtype.kind == "M"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (pa.array([TIME(1, 5), None], pa.time32("s")), ["01:05:00.000", None]),
        (pa.array([TIME(1, 5), None], pa.time64("us")), ["01:05:00.000000", None]),
        (pa.array([1500, None], pa.duration("ms")), [1.5, None]),
        (pa.array([0.1, None], pa.float32()), [0.10000000149011612, None]),
        (pa.array([0.5, None], pa.float16()), [0.5, None]),
        (pa.array([1, None], pa.int8()), [1.0, None]),
        (
            pa.array([MOMENT(2024, 1, 2, 3), None], pa.timestamp("us", "America/New_York")),
            [pd.Timestamp(2024, 1, 2, 3), None],
        ),
        (pa.array(["a ", "NA"]), ["a ", "NA"]),
    ],
)
def test_columns_of_parquet(values, expected):
    stream = io.BytesIO()
    pq.write_table(pa.table({"k": values, "y": [1, 2]}), stream)
    found = column(stream.getvalue())
    assert found.astype(object).where(found.notna(), None).tolist() == expected


def test_a_model_without_formats_reads_a_file_by_the_rules_of_then():
    bundle = load_bundle(Path(__file__).parents[1] / "golden" / "regression-paper.nfm")
    assert not bundle.encoder.formats
    frame = bundle.read_table(sheet([TIME(1, 5), TIME(2, 0)]))
    assert is_legacy(frame)
    assert frame["k"].tolist() == ["01:05:00", "02:00:00"]
