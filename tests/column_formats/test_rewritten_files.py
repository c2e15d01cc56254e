"""Other programs write a table again: what may mean another value then is named."""

from __future__ import annotations

import decimal
from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest

from nfm.column_formats.typed_columns import moment_text
from nfm.files.reading import read_raw_table, read_table
from nfm.tabular.encoding import Encoder
from nfm.tabular.infer_schema import infer_schema
from nfm.tabular.reading_notes import notes_and_doubts
from tests.column_formats.test_doubtful_readings import trained, warned

ROWS = 80
DAYS = pd.date_range("2021-01-03", periods=ROWS, freq="37h")


def file(cells: Sequence[str]) -> bytes:
    return pd.DataFrame({"x": cells, "v": np.arange(len(cells)) % 7}).to_csv(index=False).encode()


def trained_on(cells: Sequence[str]) -> Encoder:
    return trained(read_table(file(cells)))


def named(encoder: Encoder, cells: Sequence[str]) -> str:
    """What is said of cells in a file that the model reads."""
    return warned(read_raw_table(file(cells)).frame, encoder)


def with_points(numbers: range) -> list[str]:
    return [f"{number:,}".replace(",", ".") for number in numbers]


@pytest.mark.parametrize(
    "cells",
    [
        [str(number) for number in range(1000, 9000, 100)],
        [f"{number:,}" for number in range(1000, 9000, 100)],
        [f"${number:,}.25" for number in range(1000, 9000, 100)],
    ],
)
def test_points_that_may_separate_thousands_are_named(cells):
    encoder = trained_on(cells)
    later = with_points(range(1000, 9000, 100))
    if cells[0].startswith("$"):
        later = [f"${cell}" for cell in later]
    assert "could separate thousands" in named(encoder, later)
    assert "could separate thousands" not in named(encoder, cells)


def test_points_that_another_reader_took_for_decimal_marks_are_named():
    encoder = trained_on([str(number) for number in range(1000, 9000, 100)])
    assert "may have been taken" in warned(pd.DataFrame({"x": [1.1, 2.25, 8.0, 3.333]}), encoder)
    for other in ([1.1, 2.25, 8.0, 3333.5], [0.5, 0.25, 0.125]):
        said = warned(pd.DataFrame({"x": other}), encoder)
        assert "far outside the training range" in said
        assert "may have been taken" not in said
    assert warned(pd.DataFrame({"x": [2000.0, 3000.0, 4000.5]}), encoder) == ""


def test_decimals_in_a_column_of_whole_numbers_are_not_questioned():
    encoder = trained_on([str(number) for number in range(1000, 9000, 100)])
    assert named(encoder, ["1000.5", "1234.25"]) == ""
    assert "far outside the training range" in named(encoder, ["0.125", "0.250"])


def test_what_cannot_be_read_is_not_said_to_have_a_thousands_separator():
    said = named(trained_on([f"{number / 1000:.3f}" for number in range(60)]), ["0,365", "0,079"])
    assert "count as missing" in said
    assert "thousands" not in said


@pytest.mark.parametrize("pattern", ["%Y-%m", "%b %Y", "%m/%Y", "%Y-W%V"])
def test_months_where_training_had_days_are_named(pattern):
    encoder = trained_on(DAYS.strftime("%Y-%m-%d"))
    assert "no day of the month" in named(encoder, DAYS.strftime(pattern))


def test_months_where_training_had_months_are_not_named():
    months = pd.date_range("2015-01-01", periods=ROWS, freq="MS").strftime("%Y-%m")
    assert named(trained_on(months), months[:9]) == ""


def test_dates_where_training_had_times_are_named():
    encoder = trained_on(DAYS.strftime("%Y-%m-%d %H:%M:%S"))
    days = [f"2021-03-{day}" for day in range(10, 30)]
    for count in (1, 2, 20):
        assert "no cell has a time of day" in named(encoder, days[:count])
    typed = pd.DataFrame({"x": pd.to_datetime(days[:3])})
    assert "no cell has a time of day" in warned(typed, encoder)
    assert named(encoder, [f"{day} 00:00:00" for day in days]) == ""


def test_days_are_named_where_training_had_months():
    months = [f"{year}-{month:02d}" for year in range(2015, 2020) for month in range(1, 13)]
    encoder = trained_on(months)
    assert "2021-03-31 has a day of the month" in named(encoder, ["2021-02", "2021-03-31"])
    assert named(encoder, ["2021-02-01", "2019-03"]) == ""


def test_weeks_are_not_named_where_training_had_weeks():
    weeks = [f"{year}-W{week:02d}" for year in range(2015, 2020) for week in range(1, 53, 3)]
    encoder = trained_on(weeks)
    assert named(encoder, ["2021-W05"]) == named(encoder, ["2021W05", "2019-W10"]) == ""


def test_missing_dates_are_counted_if_training_had_none():
    encoder = trained_on(DAYS.strftime("%Y-%m-%d"))
    frame = read_raw_table(file([""] + ["2021-03-05"] * 9)).frame
    doubts, _ = notes_and_doubts(frame, encoder, encoder.columns)
    assert any("no date was missing" in doubt for doubt in doubts)
    some = trained_on([*DAYS.strftime("%Y-%m-%d"), "", "", ""])
    assert notes_and_doubts(frame, some, some.columns) == ((), ())


def test_the_zone_of_compact_times_is_known():
    encoder = trained_on(DAYS.strftime("%Y-%m-%dT%H:%M:%S+02:00"))
    assert "time zone Z" in named(encoder, DAYS.strftime("%Y%m%dT%H%M%SZ"))
    assert named(encoder, DAYS.strftime("%Y%m%dT%H%M%S+0200")) == ""


def test_missing_times_among_others_without_a_zone_are_named_not_a_traceback():
    encoder = trained_on(DAYS.strftime("%Y-%m-%dT%H:%M:%SZ"))
    later = pd.Series(DAYS[:5])
    later[2] = pd.NaT
    assert "no time zone" in warned(pd.DataFrame({"x": later}), encoder)


def test_a_date_is_the_same_beside_dates_in_another_style():
    cells = DAYS.strftime("%Y-%m-%d %H:%M:%S").tolist()
    cells[3] = "0001-01-01 00:00:00"
    encoder = trained_on(cells)
    before = encoder.readings(pd.DataFrame({"x": cells, "v": 1}))["x"].values[3]
    cells[5] += ".000"
    assert encoder.readings(pd.DataFrame({"x": cells, "v": 1}))["x"].values[3] == before


def test_years_with_zeros_in_front_are_not_years_of_two_digits():
    cells = ["2021-03-04T10:00", "0024-01-01T00:00", *DAYS.strftime("%Y-%m-%dT%H:%M")]
    assert read_table(file(cells))["x"][1].year == 24


@pytest.mark.parametrize("sign", ["\u2010", "\u2011", "\u2012", "\ufe63", "\u2212", "\u2013"])
def test_every_dash_is_a_minus(sign):
    read = read_table(file([f"{sign}{row}" if row % 3 else str(row) for row in range(1, 60)]))
    assert read["x"][0] == -1
    assert read["x"].dtype == "int64"


@pytest.mark.parametrize(
    ("levels", "later", "words"),
    [
        (["1-2", "3-5", "11+", "6+"], ["2-Jan", "5-Mar", "11+", "6+"], "no value was a date"),
        (["SEPT2", "MARCH1", "A", "B"], ["2-Sep", "1-Mar", "A", "B"], "no value was a date"),
        (["1E5", "3E7", "A", "B"], ["1.00E+05", "3.00E+07", "A", "B"], "has '1E5'"),
    ],
)
def test_levels_that_a_spreadsheet_has_changed_are_named_beside_known_ones(levels, later, words):
    encoder = trained_on(levels * 20)
    assert words in named(encoder, later * 20)
    assert named(encoder, levels * 20) == ""


def test_a_value_that_became_blank_in_a_file_is_named():
    encoder = trained_on(["None", "Gd", "Ex", ""] * 20)
    assert "'None' was a value" in named(encoder, ["", "Gd", "Ex", ""] * 20)
    assert named(encoder, ["None", "Gd", "Ex", ""] * 20) == ""


def test_whole_decimals_are_ids_with_all_their_digits():
    ids = [10**17 + row % 6 for row in range(ROWS)]
    encoder = trained_on([str(number) for number in ids])
    decimals = pd.DataFrame({"x": [decimal.Decimal(number) for number in ids], "v": 1})
    codes = encoder.transform(pd.DataFrame({"x": ids, "v": 1})).codes
    np.testing.assert_array_equal(encoder.transform(decimals).codes, codes)
    assert len(np.unique(codes, axis=0)) == 6


def test_decimals_that_are_no_numbers_are_missing():
    cells = [decimal.Decimal(text) for text in ("1.5", "sNaN", "NaN", "3", "1e30", "-0.5")] * 9
    column = infer_schema(pd.DataFrame({"x": cells, "y": range(len(cells))})).column("x")
    assert (column.kind, column.missing_share) == ("numeric", pytest.approx(2 / 6))


@pytest.mark.parametrize(
    ("change", "kind", "values"),
    [
        (lambda x: x.dt.year, "number", {2021, 2022}),
        (lambda x: x.dt.strftime("%d.%m.%Y"), "date", None),
        (lambda x: (x.dt.month > 6).map({True: "late", False: "early"}), "text", {"late", "early"}),
        (lambda x: pd.cut(x.dt.month, [0, 6, 12], labels=["a", "b"]), "text", {"a", "b"}),
        (lambda x: x.astype("category"), "date", None),
        (lambda x: x.dt.month > 6, "boolean", {True, False}),
    ],
)
def test_a_column_that_was_changed_after_reading_is_read_as_what_it_is(change, kind, values):
    days = pd.date_range("2021-01-03", periods=ROWS, freq="9D")
    frame = read_table(file(days.strftime("%m/%d/%Y")))
    frame["x"] = change(frame["x"])
    schema = infer_schema(frame)
    assert schema.column("x").value_format.type == kind
    read = schema.read(frame)["x"]
    assert read.notna().all()
    assert values is None or set(read) == values


def test_a_file_of_blanks_is_read_in_time_that_grows_with_its_size():
    cells = ["a" + " " * 90_000 + str(row) for row in range(300)]
    assert read_table(file(cells))["x"].str.len().min() > 90_000


def test_numbers_with_more_digits_than_a_float_are_a_column_too():
    frame = pd.DataFrame({"x": np.array([1.5, 2.0, 3.0] * 20, "longdouble"), "y": range(60)})
    assert infer_schema(frame).column("x").value_format.type == "number"


def test_dates_and_times_of_fourteen_digits_are_dates_in_text_and_typed():
    digits = DAYS.strftime("%Y%m%d%H%M%S")
    typed = pd.DataFrame({"x": digits.astype("int64"), "v": 1})
    for frame in (read_table(file(digits)), infer_schema(typed).read(typed)):
        np.testing.assert_array_equal(frame["x"].to_numpy(), DAYS.to_numpy())
    assert read_table(file([str(10**13 + row**5) for row in range(60)]))["x"].dtype == "int64"


@pytest.mark.parametrize("word", ["bef", "abt.", "after", "ca.", "vor"])
def test_about_a_day_is_not_that_day(word):
    cells = [*DAYS.strftime("%d %b %Y"), f"{word} 5 Mar 1890"]
    assert read_table(file(cells))["x"].isna().tolist() == [False] * ROWS + [True]


@pytest.mark.parametrize("zone", [None, "Europe/Berlin"])
def test_midnight_is_written_as_its_day(zone):
    assert moment_text(pd.Timestamp("2024-03-05", tz=zone)) == "2024-03-05"
    assert moment_text(pd.Timestamp("2024-03-05 14:30", tz=zone)).startswith("2024-03-05 14:30:00")
    assert moment_text(pd.Timestamp(np.datetime64("20000-01-01", "s"))) == "20000-01-01"


@pytest.mark.parametrize("pattern", ["%Y-%m-%d", "%d-%b-%Y", "%d.%m.%Y"])
def test_years_of_two_digits_that_training_puts_into_another_century_are_named(pattern):
    births = pd.Series(pd.date_range("1930-01-05", "2003-05-01", freq="370D"))
    encoder = trained_on(births.dt.strftime(pattern))
    for text in ("05-MAR-45", "5 Mar 45", "5. März 45"):
        assert "among which it would be a century before" in named(encoder, [text])
    assert "a century before" not in named(encoder, ["5 Mar 1945", "05-MAR-2045", "5 Mar 95"])


@pytest.mark.parametrize(("here", "there"), [("%d/%m/%Y", "%m/%d/%Y"), ("%m/%d/%Y", "%d/%m/%Y")])
def test_dates_that_only_another_order_puts_into_the_training_range_are_named(here, there):
    days = pd.Series(pd.date_range("2024-01-01", "2024-03-30"))
    encoder = trained_on(days.dt.strftime(here))
    later = pd.to_datetime(["2024-03-11", "2024-02-12", "2024-01-10"])
    assert "but all are inside if they are" in named(encoder, list(later.strftime(there)))
    assert "but all are" not in named(encoder, list(later.strftime(here)))
    assert "but all are" not in named(encoder, ["11/05/2024", "12/05/2024", "10/06/2024"])
