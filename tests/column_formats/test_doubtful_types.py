"""Cells of several types in a column, and values of an unusual type, are read alike or named."""

from __future__ import annotations

import datetime
import io

import numpy as np
import pandas as pd
import pytest

from nfm.column_formats.infer_format import infer_format
from nfm.column_formats.open_questions import questions
from nfm.column_formats.read_column import read_column
from nfm.errors import ReadingWarning
from nfm.files.reading import read_table, read_table_file
from nfm.tabular.infer_schema import infer_schema
from nfm.tabular.reading_notes import reading_warnings
from tests.column_formats.test_doubtful_readings import file, trained, warned


@pytest.mark.parametrize("beside", [[], [7.5]])
def test_a_time_among_plain_numbers_is_seconds_and_named(beside):
    encoder = trained(read_table(file([f"{i / 2}" for i in range(60)])))
    cells = pd.DataFrame({"k": pd.Series([datetime.time(0, 5, 12), *beside], dtype=object)})
    assert encoder.readings(cells.assign(v=1))["k"].values.tolist() == [312, *beside]
    assert "the cells are durations" in warned(cells, encoder)


@pytest.mark.parametrize("through_a_sheet", [True, False])
def test_times_of_a_sheet_are_named_on_either_route(through_a_sheet):
    encoder = trained(read_table(file([f"{i // 6 + 20}:{i % 60:02d}" for i in range(90)])))
    cells = pd.DataFrame({"k": [datetime.time(5, 12), datetime.time(4, 50)]})
    if through_a_sheet:
        stream = io.BytesIO()
        cells.assign(v=1).to_excel(stream, index=False)
        cells = read_table(stream.getvalue())
    assert "a sheet takes 3:45 for hours and minutes" in warned(cells, encoder)


def test_durations_of_a_sheet_stay_durations_beside_a_few_words():
    cells = ["DNF" if i % 30 == 3 else datetime.time(2, i % 60, i % 60) for i in range(90)]
    read = read_table_file(sheet(cells))
    assert read.formats["k"].duration
    assert read.frame["k"][4] == 2 * 3600 + 4 * 61
    assert any("'DNF' in row 4" in note for note in read.notes)


def test_a_few_dates_among_numbers_of_a_sheet_are_missing_and_named():
    cells = [datetime.datetime(2024, 1, 5) if i == 3 else i + 0.5 for i in range(60)]
    read = read_table_file(sheet(cells))
    assert read.frame["k"].tolist()[4:6] == [4.5, 5.5]
    assert np.isnan(read.frame["k"][3])
    assert any("'2024-01-05 00:00:00' in row 4" in note for note in read.notes)


def test_dates_that_a_spreadsheet_has_swapped_are_named():
    days = pd.date_range("2024-01-01", periods=60)
    cells = [
        datetime.datetime(day.year, day.day, day.month)
        if day.day <= 12
        else day.strftime("%d/%m/%Y")
        for day in days
    ]
    notes = read_table_file(sheet(cells)).notes
    assert any("has probably swapped day and month" in note for note in notes)
    right = [day if day.day % 2 else day.strftime("%d/%m/%Y") for day in days]
    assert not any("swapped" in note for note in read_table_file(sheet(right)).notes)
    months = pd.date_range("2023-01-01", periods=24, freq="MS")
    certain = [*months.to_pydatetime(), *(f"2024-{month:02d}-15" for month in range(1, 13))]
    assert not any("swapped" in note for note in read_table_file(sheet(certain)).notes)


def test_numbers_among_times_of_a_sheet_are_named():
    cells = [*(datetime.time(i % 24, i % 60) for i in range(60)), 0.5]
    assert any("such as '0.5'" in note for note in read_table_file(sheet(cells)).notes)


def test_infinite_cells_are_missing_and_counted():
    cells = ["-Inf" if i % 10 == 0 else f"{i}.5" for i in range(60)]
    read = read_table_file(file(cells))
    assert any("6 of 60 cells are infinite" in note for note in read.notes)
    with pytest.warns(ReadingWarning, match="1 of 2 cells is infinite"):
        infer_schema(pd.DataFrame({"k": [np.inf, 1.5]}))
    encoder = trained(read.frame)
    assert "1 of 2 cells is infinite" in warned(pd.DataFrame({"k": [np.inf, 1.5]}), encoder)


def test_several_time_zones_in_one_column_are_named():
    moments = pd.date_range("2024-05-01", periods=60, freq="97min", tz="Europe/Berlin")
    encoder = trained(pd.DataFrame({"k": moments, "v": range(60)}), k="date")
    both = pd.DataFrame({"k": [moments[0], moments[10].tz_convert("UTC")]}, dtype=object)
    assert "have several time zones" in warned(both, encoder)


def test_python_times_with_summer_and_winter_offsets_are_dates():
    moments = pd.date_range("2024-03-30", periods=60, freq="97min", tz="Europe/Berlin")
    cells = [datetime.datetime.fromisoformat(moment.isoformat()) for moment in moments]
    column = pd.Series(cells, dtype=object)
    column_format = infer_format(column)
    assert (column_format.type, column_format.time_zone) == ("date", "several")
    local = moments.tz_localize(None).astype("datetime64[s]")
    assert read_column(column, column_format).values.tolist() == local.tolist()


def test_periods_are_the_dates_that_they_begin_on():
    periods = pd.Series(pd.period_range("2018-01", periods=60, freq="M"))
    for column in (periods, periods.astype(object)):
        column_format = infer_format(column)
        assert column_format.type == "date"
        assert read_column(column, column_format).values[1] == pd.Timestamp("2018-02-01")


def test_a_level_without_its_leading_zeros_is_named():
    encoder = trained(read_table(file(["01234", "02139", "90210"] * 20)))
    assert "the training table has '01234'" in warned(pd.DataFrame({"k": ["1234"]}), encoder)


@pytest.mark.parametrize("cell", ["${} USD", "₹{} Cr", "{} Uhr"])
def test_amounts_in_an_unknown_style_are_named(cell):
    notes = read_table_file(file([cell.format(i + 0.25) for i in range(60)])).notes
    assert any("'k' has values such as" in note for note in notes)


def test_the_example_of_an_unknown_style_is_a_cell_that_cannot_be_read():
    notes = read_table_file(file([f">{i}" if i > 30 else f"{i}" for i in range(90)])).notes
    assert any("'k' has values such as '>31'" in note for note in notes)


def sheet(cells: list[object]) -> bytes:
    stream = io.BytesIO()
    table = pd.DataFrame({"k": pd.Series(cells, dtype=object), "v": range(len(cells))})
    table.to_excel(stream, index=False)
    return stream.getvalue()


@pytest.mark.parametrize("pattern", ["%Y-%m-%d", "%d.%m.%Y"])
def test_a_date_far_from_all_others_can_count_as_missing_text_or_typed(pattern):
    days = pd.date_range("2020-01-01", periods=60).to_pydatetime().tolist()
    days[3] = days[9] = days[20] = datetime.datetime(9999, 12, 31)
    cells = [day.strftime(pattern) for day in days]
    read = read_table_file(file(cells))
    assert any("9999-12-31 (3 cells) is far from all other dates" in note for note in read.notes)
    asked = questions(read.formats, read.reports)
    column_format = next(
        each.format for each in asked if each.action == "Count 9999-12-31 as missing"
    )
    for column in (pd.Series(cells, dtype="str"), pd.Series(days), pd.Series(days, dtype=object)):
        found = read_column(column, column_format)
        assert found.values.isna().sum() == 3
        assert not found.unreadable.any()
        assert found.missing_words == {"9999-12-31": 3}


def test_dates_that_are_treated_as_levels_are_named_if_they_are_read_in_another_order():
    frame = read_table(b"k,v\n" + b"01/02/2000,1\n13/02/2000,2\n" * 10)
    encoder = trained(frame, k="categorical")
    later = read_table(b"k,v\n01/02/2000,1\n02/14/2000,2\n")
    assert "'k': these cells were already read as" in " ".join(reading_warnings(later, encoder))


def test_times_that_all_have_hours_are_named_for_a_model_of_minutes_and_seconds():
    cells = [f"{row % 50}:{row * 7 % 60:02d}" for row in range(60)]
    encoder = trained(read_table(file(cells)))
    assert "minutes and seconds (m:ss)" in warned(pd.DataFrame({"k": ["1:07:00"]}), encoder)
    assert warned(pd.DataFrame({"k": ["1:07", "1:07:00"]}), encoder) == ""


def test_durations_for_numbers_with_a_unit_name_the_unit():
    encoder = trained(read_table(file([f"{row} EUR" for row in range(60)])))
    cells = pd.DataFrame({"k": pd.to_timedelta([5, 7], unit="min")})
    assert "had the unit 'EUR'" in warned(cells, encoder)


def test_one_time_zone_in_two_spellings_is_not_named():
    times = pd.date_range("2024-03-04", periods=60, freq="h", tz="+05:30").astype(str)
    encoder = trained(pd.DataFrame({"k": times, "v": range(60)}))
    typed = pd.Series(pd.to_datetime(times)).dt.tz_convert("UTC+05:30")
    assert warned(pd.DataFrame({"k": typed}), encoder) == ""


def test_zeros_that_fill_up_a_field_mean_nothing():
    frame = read_table(file(["u\0\0", *["u", "a longer word"] * 200]))
    assert set(frame["k"]) == {"u", "a longer word"}
    assert read_table(file(["7\0", *map(str, range(400))]))["k"].sum() == 79_807
