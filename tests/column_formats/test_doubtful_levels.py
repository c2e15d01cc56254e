"""Levels that may be levels of the training table in another form are named."""

from __future__ import annotations

import datetime
import io

import pandas as pd
import pytest

from nfm.files.reading import read_raw_table, read_table, read_table_file
from nfm.settings import Settings
from nfm.tabular.encoding import Encoder
from nfm.tabular.infer_schema import infer_schema
from nfm.tabular.reading_notes import reading_warnings


def trained(frame: pd.DataFrame) -> Encoder:
    columns = [
        column.model_copy(update={"role": "feature", "kind": "categorical"})
        for column in infer_schema(frame).columns
    ]
    return Encoder.fit(frame, columns, Settings(min_level_count=1))


def file(cells: list[str]) -> bytes:
    return "\n".join(["k,v", *(f"{cell},{row % 7}" for row, cell in enumerate(cells))]).encode()


def warned(frame: pd.DataFrame, encoder: Encoder) -> str:
    return " ".join(reading_warnings(frame.assign(v=1), encoder))


@pytest.mark.parametrize(
    "cell",
    [
        pd.Timestamp("2026-01-02"),
        datetime.date(2026, 1, 2),
        datetime.time(1, 2),
        datetime.timedelta(hours=1, minutes=2),
    ],
)
def test_a_date_or_time_is_named_where_training_had_text(cell):
    encoder = trained(read_table(file(["1-2", "3-5", "10-12"] * 20)))
    for cells in ([cell], [cell, "3-5"]):
        for rows in (
            pd.DataFrame({"k": cells}),
            pd.DataFrame({"k": pd.Series(cells, dtype=object)}),
        ):
            assert "is a date or time here, but in training the cells were text" in warned(
                rows, encoder
            )
    assert warned(pd.DataFrame({"k": ["3-5", "3-5"]}, dtype=object), encoder) == ""


def test_dates_among_the_text_of_a_sheet_are_named():
    cells = ["10-20", datetime.datetime(2024, 5, 10), "20-30", None] * 10
    out = io.BytesIO()
    pd.DataFrame({"k": cells, "v": range(40)}).to_excel(out, index=False)
    notes = read_table_file(out.getvalue()).column_notes
    assert any("'k': 10 cells among text are dates or times, such as '2024" in n for n in notes)
    assert not read_table_file(file(["10-20", "2024-05-10", "20-30"] * 20)).column_notes


def test_codes_that_have_lost_digits_are_named():
    codes = [str(2**60 + 17 * (i % 8)) for i in range(60)]
    encoder = trained(read_table(file(codes)))
    exact = pd.DataFrame({"k": codes[:3]})
    assert warned(exact, encoder) == ""
    assert warned(exact.astype({"k": "int64"}), encoder) == ""
    for rows in (exact.astype({"k": float}), exact.astype({"k": float}).astype(object)):
        assert "has lost its last digits" in warned(rows, encoder)
    powers = trained(pd.DataFrame({"k": [2.0**70, 2.0**71] * 20, "v": range(40)}))
    assert warned(pd.DataFrame({"k": [2.0**70]}), powers) == ""


def test_the_offset_of_a_form_is_a_time_zone():
    form = read_table(
        file([f"2024/01/{i % 28 + 1:02d} 3:0{i % 10}:00 PM GMT+1" for i in range(60)])
    )
    style = infer_schema(form).column("k").format
    assert style is not None
    assert style.time_zone == "GMT+1"
    assert (form["k"].dt.hour == 15).all()


@pytest.mark.parametrize(
    "cells",
    [
        [f"{i + 40}.5 bhp" if i % 12 else "null bhp" for i in range(60)],
        [f"{i + 9}.25 {'kmpl' if i % 5 else 'km/kg'}" for i in range(60)],
    ],
)
def test_numbers_with_units_that_are_left_out_are_named(cells):
    [note] = read_table_file(file(cells)).column_notes
    assert "kept as text" in note


@pytest.mark.parametrize(
    "cells",
    [
        [f"{i} {['Main', 'Oak', 'Elm', 'High', 'Bay'][i % 5]} St" for i in range(60)],
        [f"B{i}" for i in range(60)],
        [f"AB-{i}" for i in range(60)],
    ],
)
def test_addresses_and_codes_are_not_named_as_numbers(cells):
    assert not read_table_file(file(cells)).column_notes


@pytest.mark.parametrize("word", ["", "nan", "NA", "NULL", "N/A", "-"])
def test_another_missing_word_for_a_word_that_is_a_level_is_named(word):
    levels = ["None", "Apnea", "Insomnia"] * 20
    encoder = trained(read_table(file(levels)))
    later = read_raw_table(file([level.replace("None", word) for level in levels])).frame[["k"]]
    assert "'None' was a value" in warned(later, encoder)
    assert warned(read_raw_table(file(levels)).frame[["k"]], encoder) == ""
