"""Notes on the columns of a training table that stay text although they have numbers."""

from __future__ import annotations

import pandas as pd
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


@pytest.mark.parametrize(
    "form",
    [
        *("(405) 535-3{}", "405-535-3{}", "+1 405.535.3{}", "+49 30 6090{}", "06 12 34 56 {:.2}"),
        *("192.168.1.{}", "978-3-16-148{}-0", "4111 1111 1111 1{}", "123-45-6{}", "123.456.{}-09"),
        *("2024-63{}", "2024/3{}", "750113-1{}", "77{}-18-5", "2024-00{}"),
    ],
)
def test_codes_of_groups_of_digits_are_not_named(form: str):
    assert column_notes([form.format(str(number)) for number in range(100, 160)]) == ()


@pytest.mark.parametrize("form", ["168/{}", "1:02:03:{}", "{}0-{}5"])
def test_quantities_of_several_numbers_are_named(form: str):
    cells = [form.format(number, number) for number in range(10, 60)]
    assert any("kept as text" in note for note in column_notes(cells))


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


def days(form: str) -> list[str]:
    return [f"{day:{form}}" for day in pd.date_range("2021-01-01", periods=90, freq="3D")]


WORDS = ["Φεβρουαρίου", "Μαρτίου", "Απριλίου", "Ιουνίου"]
UNREAD = {
    "day first": days("%d%m%Y"),
    "month first": days("%m%d%Y"),
    "day first, numbers": [str(int(day)) for day in days("%d%m%Y")],
    "day first, with gaps": [str(int(day)) for day in days("%d%m%Y")] + [""],
    "Greek": [f"{n % 28 + 1} {WORDS[n % 4]} {2015 + n % 9}" for n in range(90)],
    "Hungarian": [f"{2015 + n % 9}. {WORDS[n % 4]} {n % 28 + 1}." for n in range(90)],
    "without a year": days("%d-%b"),
    "JavaScript": days("%a %b %d %Y %H:%M:%S GMT+0100 (Central European Standard Time)"),
    "log": days("[%d/%b/%Y:%H:%M:%S +0100]"),
    "era": [f"令和{n % 5 + 1}年{n % 12 + 1}月{n % 28 + 1}日" for n in range(90)],
    "week": [f"KW {n * 7 % 52 + 1:02d}/{2015 + n % 10}" for n in range(90)],
    "duration": [f"P{n}Y{n * 7 % 12}M" for n in range(90)],
    ".NET": [f"/Date({1_600_000_000_000 + n * 86_400_000})/" for n in range(90)],
    "latitude": [f"{'NS'[n % 2]}{n * 0.17:.4f}" for n in range(90)],
    "arrows": [f"{'▲▼'[n % 2]}{n * 1.37:.2f}" for n in range(90)],
    "triangle": [f"{'△' if n % 2 else ''}{n * 13:,}" for n in range(90)],
    "apostrophe": [f"'{n * 1.37:.2f}" for n in range(90)],
    "rupees": [f"Rs. {n * 137:,}/-" for n in range(90)],
    "accounts": ["$ -" if n % 6 == 1 else f"$({n * 1.5:.2f})" for n in range(90)],
}


@pytest.mark.parametrize("cells", UNREAD.values(), ids=UNREAD)
def test_dates_and_numbers_of_an_unknown_style_are_named(cells: list[str]):
    lines = [f'"{cell}",{row}' for row, cell in enumerate(cells)]
    file = read_table_file("\n".join(["k,v", *lines]).encode())
    assert not pd.api.types.is_datetime64_any_dtype(file.frame["k"])
    assert any(
        ("Column 'k'" in note and "look like" in note) or "kept as text" in note
        for note in file.column_notes
    )


CODES = {
    "invoice": [f"INV-2024-{n:03d}" for n in range(90)],
    "seat": [f"{'ABC'[n % 3]}{n * 0.17:.4f}" for n in range(90)],
    "whole numbers": [str(1_000_000 + n * 7_919) for n in range(90)],
    "codes": [f"{n * 1_001:08d}" for n in range(90)],
    "title": [f"{n % 28 + 1} {'abcdefghij'[n % 10] * (n % 7 + 3)} 2019 {n}" for n in range(90)],
    "sizes": [f"{n % 28 + 1} {'klmnopq'[n % 7] * (n % 9 + 3)}" for n in range(90)],
}


@pytest.mark.parametrize("cells", CODES.values(), ids=CODES)
def test_codes_and_titles_are_not_named_as_dates(cells: list[str]):
    lines = [f'"{cell}",{row}' for row, cell in enumerate(cells)]
    notes = read_table_file("\n".join(["k,v", *lines]).encode()).column_notes
    assert not [note for note in notes if "look like dates" in note]


def number_notes(cells: list[str]) -> tuple[str, ...]:
    lines = [f'"{cell}",{row}' for row, cell in enumerate(cells)]
    file = read_table_file("\n".join(["k,v", *lines]).encode())
    assert file.frame["k"].dtype == "float64"
    return file.column_notes


@pytest.mark.parametrize("form", ["{:,.2f}", "${:,.2f}", "{:.2f} €"])
def test_a_dash_among_amounts_may_be_a_zero(form: str):
    amounts = [form.format(900 + 37.5 * row) if row % 4 else "-" for row in range(40)]
    assert any("10 cells with a dash are read as missing" in note for note in number_notes(amounts))


def test_a_dash_among_other_numbers_is_missing():
    assert not number_notes([f"{row / 8:.3f}" if row % 4 else "-" for row in range(40)])
