"""Versions, chapters and periods are no decimal numbers: 3.10 is not 3.1."""

from __future__ import annotations

import numpy as np
import pytest

from nfm.column_formats.column_format import ColumnFormat
from nfm.files.options import ReadingOptions
from nfm.files.reading import read_table_file

RANDOM = np.random.default_rng(4)
VERSIONS = [f"3.{minor}" for minor in range(13)] * 5
CHAPTERS = [f"{chapter}.{part}" for chapter in range(1, 5) for part in range(1, 15)]
MONTHS = [f"{year}.{month}" for year in range(2018, 2023) for month in range(1, 13)]
PERIODS = [f"{number:03d}.{year}" for number in range(1, 17) for year in range(2018, 2023)]
PRICES = [f"{cents / 100:.2f}" for cents in RANDOM.integers(0, 9_999, 400)]


def read(cells: list[str], options: ReadingOptions | None = None):
    lines = [f"{cell},{row}" for row, cell in enumerate(cells)]
    file = read_table_file("\n".join(["k,v", *lines]).encode(), options=options)
    return file.frame["k"], [note for note in file.column_notes if "'k'" in note]


@pytest.mark.parametrize("cells", [VERSIONS, CHAPTERS, MONTHS, PERIODS])
def test_two_counts_with_a_point_between_them_stay_text_and_are_named(cells: list[str]) -> None:
    values, notes = read(cells)
    assert values.tolist() == cells
    assert len(notes) == 1
    assert "versions, chapters and months" in notes[0]


def test_months_without_zeros_in_front_are_dates() -> None:
    cells = [f"{month}.{year}" for month in range(1, 13) for year in range(2018, 2023)]
    values, notes = read(cells)
    assert values.dt.strftime("%-m.%Y").tolist() == cells
    assert notes == []


@pytest.mark.parametrize(
    "cells",
    [
        PRICES,
        [price.rstrip("0").rstrip(".") for price in PRICES],
        [price.rstrip("0") if row % 2 else price for row, price in enumerate(PRICES)],
        ["3.1", "3.2", "2018.5", "7.2019"],
        [f"{value:.1f}" for value in RANDOM.uniform(0, 99, 60)],
        [f"{value / 10:g}" for value in range(100)],
        [f"-{number}" for number in MONTHS],
    ],
    ids=["prices", "short", "mixed", "few", "one decimal", "tenths", "signed"],
)
def test_decimal_numbers_remain_numbers_without_a_note(cells: list[str]) -> None:
    values, notes = read(cells)
    np.testing.assert_array_equal(values, [float(cell) for cell in cells])
    assert notes == []


@pytest.mark.parametrize(
    "versions",
    [["3.9", "3.10", "3.11", "3.12"], ["1.8", "1.9", "1.10"], ["2.7", "3.8", "3.9", "3.10"]],
)
def test_versions_that_go_on_from_nine_to_ten_are_named(versions: list[str]) -> None:
    _, notes = read(versions * 20)
    assert "10 is read as a smaller number than" in notes[0]


def test_two_texts_that_are_read_as_one_number_are_named() -> None:
    cells = ["3.1", "3.2", "3.9", "3.10", "3.12"] * 12
    values, notes = read(cells)
    assert values.nunique() == 4
    assert len(notes) == 1
    assert "3.1 and 3.10 are read as the same number" in notes[0]
    as_text = ReadingOptions(formats=(("k", ColumnFormat(type="text")),))
    values, notes = read(cells, as_text)
    assert values.tolist() == cells
    assert notes == []  # a person has chosen text
