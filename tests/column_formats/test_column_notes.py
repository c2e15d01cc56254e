"""Notes on the columns of a training table that stay text although they have numbers."""

from __future__ import annotations

import pytest

from nfm.column_formats.infer_format import infer_format
from nfm.files.reading import read_table_file
from nfm.tabular.infer_schema import infer_schema


def column_notes(cells: list[str]) -> tuple[str, ...]:
    lines = [f'"{cell}",{row}' for row, cell in enumerate(cells)]
    file = read_table_file("\n".join(["k,v", *lines]).encode())
    assert file.frame["k"].dtype == "str"
    return file.column_notes


@pytest.mark.parametrize(
    "form",
    [
        "ca. {}",
        "about {}",
        "{} g CO2/km",
        "{}.5 of 900 points",
        "POINT (-73.{} 40.7{})",
        "{} (1.{}%)",
    ],
)
def test_numbers_among_the_same_words_are_named(form: str):
    notes = column_notes([form.format(number, number) for number in range(100, 160)])
    assert any(repr(form.format(100, 100)) in note and "kept as text" in note for note in notes)


@pytest.mark.parametrize("form", ["Room {}", "user_{}", "PC {}", "A{}B", "Lot-{}"])
def test_names_with_a_number_are_not_named(form: str):
    assert column_notes([form.format(number) for number in range(100, 160)]) == ()


def test_different_words_are_no_numbers():
    streets = ["Main St", "Elm St", "Oak Av", "Hill Rd"]
    cells = [f"{number} {streets[number % 4]}" for number in range(100, 160)]
    assert column_notes(cells) == ()


def test_dates_of_cameras_are_no_durations():
    days = [f"{2010 + row % 12}:{row % 12 + 1:02}:{row % 28 + 1:02}" for row in range(60)]
    lines = [f"{day},{day} 14:30:{row:02},{row}" for row, day in enumerate(days)]
    file = read_table_file("\n".join(["day,moment,y", *lines]).encode())
    assert [column.kind for column in infer_schema(file.frame, "y").columns[:2]] == ["date"] * 2
    assert file.frame["day"].iloc[13] == file.frame["moment"].iloc[13].normalize()
    long = file.frame["day"].dt.strftime("1%Y:%m:%d")
    assert infer_format(long).duration
