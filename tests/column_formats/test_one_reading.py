"""A row means the same alone, in any part of its table, and by any route."""

from __future__ import annotations

import datetime
import io
import os
from collections.abc import Callable

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nfm.files.frame_attributes import frame_formats
from nfm.files.reading import read_raw_table, read_table_file
from nfm.settings import Settings
from nfm.tabular.encoding import Encoder
from nfm.tabular.infer_schema import infer_schema
from nfm.tabular.reading_notes import notes_and_doubts, reading_warnings
from nfm.tabular.schema import Schema

MANY, FEW = (int(count) for count in os.environ.get("NFM_READING_EXAMPLES", "500,50").split(","))
# FEW where each example is a Parquet or Excel file: reading one starts a process.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(2 * MANY)]

QUIET = {
    "deadline": None,
    "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large],
}

numbers = st.one_of(
    st.integers(-9_999, 99_999),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False, width=32),
    st.decimals(-10_000, 10_000, places=2, allow_nan=False).map(float),
)
days = st.dates(datetime.date(1990, 1, 1), datetime.date(2035, 12, 31))


def _grouped(number: float, mark: str, decimal: str) -> str:
    return f"{number:,.2f}".replace(",", "\0").replace(".", decimal).replace("\0", mark)


def _german(day: datetime.date) -> str:
    names = "Januar Februar März April Mai Juni Juli August September Oktober November Dezember"
    return f"{day.day}. {names.split()[day.month - 1]} {day.year}"


# How a column may write its cells, one way for a whole column.
STYLES: dict[str, tuple[st.SearchStrategy, Callable[[object], str]]] = {
    "plain": (numbers, str),
    "comma": (numbers, lambda n: str(n).replace(".", ",")),
    "grouped": (numbers, lambda n: _grouped(float(n), ",", ".")),
    "grouped comma": (numbers, lambda n: _grouped(float(n), ".", ",")),
    "german whole": (st.integers(0, 10**7), lambda n: f"{n:,}".replace(",", ".")),
    "swiss": (numbers, lambda n: _grouped(float(n), "'", ".")),
    "spaces": (numbers, lambda n: _grouped(float(n), "\u00a0", ",")),
    "percent": (numbers, lambda n: f"{float(n):.1f}%"),
    "dollars": (numbers, lambda n: f"${_grouped(float(n), ',', '.')}"),
    "euros": (numbers, lambda n: f"{_grouped(float(n), '.', ',')} €"),
    "accounting": (numbers, lambda n: f"({abs(n)})" if n < 0 else str(n)),
    "trailing minus": (numbers, lambda n: f"{abs(n)}-" if n < 0 else str(n)),
    "typographic minus": (numbers, lambda n: str(n).replace("-", "−")),
    "codes": (st.integers(0, 9_999), lambda n: f"{n:05d}"),
    "versions": (st.integers(0, 30), lambda n: f"1.{n}0" if n % 2 else f"1.{n}"),
    "booleans": (st.booleans(), str),
    "three answers": (st.sampled_from(["True", "False", "Unknown"]), str),
    "words": (st.sampled_from(["oak", "Oak", "ash", "None", "NA", "-", "n/a", "elm "]), str),
    "iso dates": (days, str),
    "months with a point": (days, lambda day: day.strftime("%m.%Y")),
    "dates of digits": (days, lambda day: day.strftime("%Y%m%d")),
    "german dates": (days, lambda day: day.strftime("%d.%m.%Y")),
    "american dates": (days, lambda day: day.strftime("%m/%d/%Y")),
    "short dates": (days, lambda day: day.strftime("%y/%m/%d")),
    "named months": (days, _german),
    "durations": (
        st.integers(0, 200_000),
        lambda s: f"{s // 3600}:{s // 60 % 60:02d}:{s % 60:02d}",
    ),
    "spelled durations": (st.integers(0, 3_000), lambda m: f"{m // 60} hr {m % 60} min"),
    "days": (st.integers(0, 30), lambda n: "1 day" if n == 1 else f"{n} days"),
}
blank = st.sampled_from(["", "", "", "?", "n.d.", "k.A.", "#DIV/0!", " ", "<0.5"])


@st.composite
def columns(draw: st.DrawFn, rows: int) -> list[str]:
    """Cells of one column: one style, here and there something else."""
    values, write = STYLES[draw(st.sampled_from(sorted(STYLES)))]
    # A few different values make levels, many make numbers.
    pool = draw(st.lists(values.map(write), min_size=1, max_size=rows))
    cells = [pool[index % len(pool)] for index in range(rows)]
    for place in draw(st.lists(st.integers(0, rows - 1), max_size=3)):
        cells[place] = draw(blank)
    return cells


@st.composite
def tables(draw: st.DrawFn) -> pd.DataFrame:
    """A table of text cells, as a file holds them."""
    rows = draw(st.integers(2, 60))
    count = draw(st.integers(1, 3))
    made = {f"c{place}": draw(columns(rows)) for place in range(count)}
    made["n"] = [str(row % 7) for row in range(rows)]
    return pd.DataFrame(made, dtype="str")


def trained(table: pd.DataFrame) -> tuple[pd.DataFrame, Schema, Encoder]:
    """The table as it is read from a file, and an encoder of all its columns."""
    frame = read_table_file(csv(table)).frame
    schema = infer_schema(frame)
    columns = [
        column.model_copy(update={"role": "feature", "kind": _usable(column.kind)})
        for column in schema.columns
    ]
    return frame, schema, Encoder.fit(frame, columns, Settings(min_level_count=1))


def _usable(kind: str) -> str:
    return kind if kind in ("categorical", "numeric", "date") else "categorical"


def csv(table: pd.DataFrame) -> bytes:
    return table.to_csv(index=False).encode()


def same(found: Encoder, expected: tuple[np.ndarray, np.ndarray], frame: pd.DataFrame) -> None:
    """Every row's codes and values are bitwise as expected."""
    encoded = found.transform(frame)
    np.testing.assert_array_equal(encoded.codes, expected[0])
    np.testing.assert_array_equal(encoded.values, expected[1])


rows_drawn = st.data()


@settings(max_examples=MANY, **QUIET)
@given(tables(), rows_drawn)
def test_any_rows_of_a_csv_mean_what_they_mean_in_the_whole_table(table, data):
    frame, _, encoder = trained(table)
    whole = encoder.transform(frame)
    some = data.draw(st.lists(st.integers(0, len(table) - 1), min_size=1, max_size=8))
    part = read_raw_table(csv(table.iloc[some]), wanted=encoder.columns).frame
    same(encoder, (whole.codes[some], whole.values[some]), part)


@settings(max_examples=MANY, **QUIET)
@given(tables(), rows_drawn)
def test_text_columns_of_a_data_frame_mean_what_they_mean_in_the_file(table, data):
    frame, _, encoder = trained(table)
    whole = encoder.transform(frame)
    some = data.draw(st.lists(st.integers(0, len(table) - 1), min_size=1, max_size=8))
    same(encoder, (whole.codes[some], whole.values[some]), table.iloc[some])
    same(encoder, (whole.codes[some], whole.values[some]), table.iloc[some].astype(object))


@settings(max_examples=MANY, **QUIET)
@given(tables(), rows_drawn)
def test_rows_read_on_their_own_mean_the_same_or_a_note_names_the_column(table, data):
    frame, _, encoder = trained(table)
    whole = encoder.transform(frame)
    some = data.draw(st.lists(st.integers(0, len(table) - 1), min_size=1, max_size=8))
    part = read_table_file(csv(table.iloc[some])).frame
    for name in encoder.columns:
        if name not in part.columns:
            part[name] = np.nan
            return
    differ = columns_that_differ(encoder, whole, some, part)
    named = " ".join(reading_warnings(part, encoder))
    for name in differ:
        assert repr(name) in named, (name, table[name].iloc[some].tolist(), frame_formats(part))


def _beyond_a_sheet(series: pd.Series) -> bool:
    """Whether a column has numbers of more digits than a sheet keeps."""
    if series.dtype == object:
        return True
    return series.dtype == "float64" and bool((series.abs() > 2**53).any())


def columns_that_differ(encoder, whole, some, part) -> set[str]:
    found = encoder.transform(part)
    differ = {
        field.column
        for place, field in enumerate(encoder.categorical)
        if (found.codes[:, place] != whole.codes[some, place]).any()
    }
    return differ | {
        number.column
        for place, number in enumerate(encoder.numeric)
        if not np.array_equal(found.values[:, place], whole.values[some, place], equal_nan=True)
    }


@settings(max_examples=FEW, **QUIET)
@given(tables(), rows_drawn)
def test_parquet_of_the_table_as_it_was_read_means_the_same(table, data):
    frame, _, encoder = trained(table)
    whole = encoder.transform(frame)
    some = data.draw(st.lists(st.integers(0, len(table) - 1), min_size=1, max_size=8))
    stream = io.BytesIO()
    try:
        frame.iloc[some].to_parquet(stream, index=False)
    except pa.ArrowInvalid:
        # A column of floats and of integers beyond 2**53: there is no such file.
        return
    part = read_raw_table(stream.getvalue(), wanted=encoder.columns).frame
    same(encoder, (whole.codes[some], whole.values[some]), part)


@settings(max_examples=FEW, **QUIET)
@given(tables(), rows_drawn)
def test_excel_of_the_table_as_it_was_read_means_the_same(table, data):
    frame, _, encoder = trained(table)
    whole = encoder.transform(frame)
    some = data.draw(st.lists(st.integers(0, len(table) - 1), min_size=1, max_size=8))
    stream = io.BytesIO()
    written = frame.iloc[some].copy()
    if any(_beyond_a_sheet(written[name]) for name in written.columns):
        return
    for name in written.columns:
        if written[name].dtype in ("Int64", "UInt64", "int64", "uint64"):
            written[name] = written[name].astype("str")  # a sheet has no 64-bit numbers
    written.to_excel(stream, index=False)
    part = read_raw_table(stream.getvalue(), wanted=encoder.columns).frame
    differ = columns_that_differ(encoder, whole, some, part)
    doubts, notes = notes_and_doubts(part, encoder, encoder.columns)
    named = " ".join(doubts + notes)
    assert all(repr(name) in named for name in differ), (differ, named)


@settings(max_examples=MANY, **QUIET)
@given(tables())
def test_a_table_that_was_read_is_read_again_to_the_same_values(table):
    frame, schema, _ = trained(table)
    pd.testing.assert_frame_equal(schema.read(frame), frame)
    again = read_table_file(csv(table), options=read_table_file(csv(table)).options).frame
    pd.testing.assert_frame_equal(again, frame)


@pytest.mark.parametrize("style", sorted(STYLES))
def test_a_column_of_every_style_is_read_alike_in_parts(style):
    """No style is left out by chance: fifty cells of each, alone and together."""
    values, write = STYLES[style]
    cells = [write(value) for value in _examples(values)]
    table = pd.DataFrame({"x": cells, "n": [str(row) for row in range(len(cells))]}, dtype="str")
    frame, _, encoder = trained(table)
    whole = encoder.transform(frame)
    for row in range(len(table)):
        same(encoder, (whole.codes[[row]], whole.values[[row]]), table.iloc[[row]])


def _examples(values: st.SearchStrategy) -> list:
    found: list = []

    @settings(max_examples=50, database=None, **QUIET)
    @given(values)
    def collect(value):
        found.append(value)

    collect()
    return found[:50]
