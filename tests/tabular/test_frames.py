"""Tables of other libraries come in with their names, types and values."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from nfm.errors import SchemaError
from nfm.tabular.frames import as_column, as_frame, is_table

LONG = 720_575_940_631_797_001  # a float would make an even number of it


class Exchanged:
    """A table with nothing but the dataframe interchange protocol."""

    def __init__(self, table: pa.Table) -> None:
        self._table = table

    def __dataframe__(self, **options: bool) -> object:
        return self._table.__dataframe__(**options)


class Streamed:
    """A table with nothing but Arrow's C stream."""

    def __init__(self, table: pa.Table) -> None:
        self._table = table

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._table.__arrow_c_stream__(requested_schema)


def mixed() -> pa.Table:
    moments = [dt.datetime(2024, 3, 4, 5, 30), None]
    return pa.table(
        {
            "id": pa.array([LONG, None], pa.int64()),
            "large": pa.array([2**63 + 1, 1], pa.uint64()),
            "text": ["x", None],
            "yes": [True, None],
            "day": pa.array([dt.date(2024, 3, 4), None], pa.date32()),
            "clock": pa.array(moments, pa.timestamp("us", "America/New_York")),
            "price": pa.array([Decimal("1.50"), None], pa.decimal128(10, 2)),
            "long": pa.array([Decimal("12345678901234567.25"), None], pa.decimal128(30, 2)),
            "level": pa.array(["b", None]).dictionary_encode(),
            "small": pa.array([0.5, None], pa.float32()),
            "took": pa.array([dt.timedelta(minutes=7), None], pa.duration("us")),
            "gone": pa.nulls(2),
        }
    )


def forms() -> dict[str, object]:
    table = mixed()
    return {
        "polars": pl.from_arrow(table),
        "pyarrow": table,
        "batch": table.to_batches()[0],
        "stream": Streamed(table),
        "pandas with Arrow's types": table.to_pandas(types_mapper=pd.ArrowDtype),
    }


@pytest.mark.parametrize("form", list(forms()))
def test_every_value_of_every_type_comes_through(form: str) -> None:
    frame = as_frame(forms()[form])
    assert list(frame) == mixed().column_names
    assert not any(isinstance(dtype, pd.ArrowDtype) for dtype in frame.dtypes)
    first = frame.iloc[0]
    assert (first["id"], first["large"]) == (LONG, 2**63 + 1)
    assert (first["text"], first["level"], first["yes"]) == ("x", "b", True)
    assert first["day"] == pd.Timestamp("2024-03-04")
    # The moment is that of UTC, and the clock that of New York.
    assert first["clock"] == pd.Timestamp("2024-03-04 05:30", tz="UTC")
    assert first["clock"].hour == 0
    assert (first["price"], first["long"]) == (1.5, Decimal("12345678901234567.25"))
    assert (first["small"], first["took"]) == (0.5, pd.Timedelta(minutes=7))
    assert frame.drop(columns=["large"]).iloc[1].isna().all()
    assert pd.api.types.is_datetime64_any_dtype(frame["day"])
    assert isinstance(frame["level"].dtype, pd.CategoricalDtype)


def test_a_table_with_the_interchange_protocol_alone_is_read() -> None:
    table = pa.table({"b": [1.5, 2.5], "a": ["x", None]})
    frame = as_frame(Exchanged(table))
    assert list(frame) == ["b", "a"]
    assert frame["b"].tolist() == [1.5, 2.5]
    assert frame["a"].isna().tolist() == [False, True]


def test_types_that_arrow_does_not_have_come_from_polars() -> None:
    frame = as_frame(
        pl.DataFrame(
            {
                "o": pl.Series([{1}, None], dtype=pl.Object),
                "i": pl.Series([2**70, 1], dtype=pl.Int128),
                "c": pl.Series(["u", "v"], dtype=pl.Categorical),
                "e": pl.Series(["u", "v"], dtype=pl.Enum(["v", "u", "w"])),
            }
        )
    )
    assert frame["o"].tolist()[0] == {1}
    assert frame["i"].tolist() == [2**70, 1]
    assert frame["c"].tolist() == frame["e"].tolist() == ["u", "v"]


def test_an_ordinary_frame_is_given_back_itself() -> None:
    frame = pd.DataFrame({"a": [1], "b": ["x"], "c": pd.array([None], dtype="Int64")})
    assert as_frame(frame) is frame


def test_the_index_stays_and_the_given_frame_is_not_changed() -> None:
    days = pd.array([dt.date(2024, 3, 4)], dtype=pd.ArrowDtype(pa.date32()))
    frame = pd.DataFrame({0: [1], ("a", 1): days, "s": pd.arrays.SparseArray([1])}, index=[7])
    frame.columns = pd.Index([0, ("a", 1), "s"], dtype=object)
    made = as_frame(frame)
    assert list(made) == ["0", "('a', 1)", "s"]
    assert made.index.tolist() == [7]
    assert made.iloc[0, 1] == pd.Timestamp("2024-03-04")
    assert made["s"].dtype == np.int64
    assert frame.columns.tolist() == [0, ("a", 1), "s"]
    assert isinstance(frame.dtypes.iloc[1], pd.ArrowDtype)


def test_dictionaries_that_differ_by_chunk_or_repeat_a_value_are_one_set_of_levels() -> None:
    first = pa.DictionaryArray.from_arrays(pa.array([0, 1, None], pa.int32()), pa.array(["b", "b"]))
    second = pa.array(["a", "b"]).dictionary_encode()
    column = as_column(pa.chunked_array([first, second]))
    assert column.astype(object).where(column.notna(), None).tolist() == ["b", "b", None, "a", "b"]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (pd.Series([1], name="a"), "single column or row"),
        (pl.Series([1]), "single column or row"),
        (pa.array([1]), "single column or row"),
        (pa.chunked_array([[1]]), "single column or row"),
        ({"a": [1]}, "mapping"),
        (pl.LazyFrame({"a": [1]}), "collect"),
        ([[1]], "type list, which does not name its columns"),
        (np.ones((1, 1)), "does not name its columns"),
        (None, "does not name its columns"),
        (pd.DataFrame(index=[1, 2]), "no columns"),
        (pl.DataFrame(), "no columns"),
        (pd.DataFrame([[1, 2, 3]], columns=["b", "a", "b"]), "'b', columns 1 and 3"),
        (pd.DataFrame([[1, 2]], columns=[1, "1"]), "'1', columns 1 and 2"),
        (pa.table([[1], [2]], names=["a", "a"]), "'a', columns 1 and 2"),
        (pd.DataFrame({"a": [1], "b": [2 + 1j]}), "complex numbers in column 'b'.*real"),
    ],
)
def test_what_is_not_a_table_gets_a_sentence(table: object, message: str) -> None:
    with pytest.raises(SchemaError, match=message):
        as_frame(table)


@pytest.mark.parametrize(
    "values",
    [
        pl.Series([1, None, LONG]),
        pa.array([1, None, LONG]),
        pa.chunked_array([[1, None], [LONG]]),
        pd.array([1, None, LONG], dtype="Int64"),
        pd.Series([1, None, LONG], dtype=pd.ArrowDtype(pa.int64()), index=[3, 4, 5]),
    ],
)
def test_a_column_of_any_library_keeps_its_whole_numbers(values: object) -> None:
    column = as_column(values)
    assert column.index.tolist() == [0, 1, 2]
    assert column[2] == LONG
    assert column.isna().tolist() == [False, True, False]


def test_arrays_are_no_tables() -> None:
    assert not is_table(np.ones((2, 2)))
    assert not is_table([[1]])
    assert is_table(pl.DataFrame({"a": [1]}).lazy())
    assert is_table(Exchanged(pa.table({"a": [1]})))
