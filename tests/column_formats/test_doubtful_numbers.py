"""Numbers, dates and names that look alike are told apart, or named."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from nfm.column_formats.date_text import parse_texts
from nfm.column_formats.infer_format import infer_format
from nfm.column_formats.read_column import read_column
from nfm.files.reading import read_table, read_table_file
from nfm.settings import Settings
from nfm.tabular.encoding import Encoder
from nfm.tabular.infer_schema import infer_schema
from nfm.tabular.reading_notes import reading_warnings


def notes_of(cells: list[str]) -> list[str]:
    """The notes on a column of a file whose other column shows that a point is the decimal mark."""
    rows = "".join(f'"{cell}",{place}.5\n' for place, cell in enumerate(cells))
    file = read_table_file(f"x,z\n{rows}".encode())
    return [note for note in file.column_notes if "'x'" in note]


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ([f"({1950 + place})" for place in range(60)], r"every number stands in parentheses"),
        ([f"{1950 + place}–" for place in range(60)], r"every number stands before a dash"),
        ([f"(1,{200 + place})" for place in range(60)], r"every number stands in parentheses"),
        ([f"08{10 + place}.10" for place in range(60)], r"'0810.10' .* zero in front"),
        ([f"01.{10 + place}" for place in range(60)], r"'01.10' .* zero in front"),
        ([f"{1013 + 71 * place}" for place in range(250)] + ["5.750"] * 9, r"'\.' .* check this"),
        (["60.957", "75.125"] * 30 + ["75,903"], r"',' is read as a thousands separator"),
        ([f"14{10 + place // 12}/{1 + place % 12:02}/07" for place in range(60)], "Persian"),
        ([f"07/{1 + place % 12:02}/25{50 + place // 12}" for place in range(60)], "Buddhist"),
    ],
)
def test_numbers_and_dates_that_may_mean_something_else_are_named(cells, said):
    assert re.search(said, " ".join(notes_of(cells)))


@pytest.mark.parametrize(
    "cells",
    [
        [f"({place})" if place % 3 else str(place) for place in range(60)],
        [f"{place}-" if place % 3 else str(place) for place in range(60)],
        [f"0.{10 + place}" for place in range(60)],
        [f"{place}.{100 + place}" for place in range(60)] + ["1"],
        [f"1,{100 + place}" for place in range(60)] + ["59.4"],
        [f"{1 + place},{200 + place}" for place in range(60)],
        [f"(-){place}.50" if place % 2 else f"{place}.50" for place in range(60)],
        *(
            [f"{1000 + 7 * place}{end}" for place in range(60)]
            for end in (".HK", ".T", "@qq.com", ".jpg", "/A")
        ),
    ],
)
def test_ordinary_numbers_and_names_that_begin_with_digits_are_not_named(cells):
    assert notes_of(cells) == []


@pytest.mark.parametrize("end", [".HK", ".T", "@qq.com", ".jpg", "/A"])
def test_names_that_begin_with_digits_are_text(end):
    plain = [f"{1000 + 7 * place}{end}" for place in range(60)]
    padded = [f"000{place}{end}" for place in range(60)]
    for cells in (plain, padded):
        assert infer_format(pd.Series(cells, dtype=object)).type == "text"


def test_a_minus_in_parentheses_is_a_minus():
    cells = pd.Series(["(-)45.20", "3.10", "(-) 1.00", "7"] * 20, dtype=object)
    values = read_column(cells, infer_format(cells)).values
    assert values[:4].tolist() == [-45.2, 3.1, -1.0, 7.0]


@pytest.mark.parametrize("word", ["avant le", "entro il", "do", "po", "до", "até", "EST", "per"])
def test_a_word_before_a_date_may_change_it_so_it_is_no_date(word):
    months = {"do": "lipca", "po": "lipca", "до": "марта", "entro il": "marzo", "até": "março"}
    month = months.get(word, "mars" if word == "avant le" else "March")
    assert np.isnat(parse_texts(pa.chunked_array([[f"{word} 5 {month} 1914"]]), None)[0])


@pytest.mark.parametrize(
    "text",
    [
        *("lundi 5 mars 2024", "do 5 maart 2024", "Вторник, 5 марта 2024", "śr 5 marca 2024"),
        *("tirsdag 5. mars 2024", "le mardi 5 mars 2024", "Tue, 5 Mar 2024", "Selasa 5 maret 2024"),
    ],
)
def test_a_weekday_before_a_date_is_left_out(text):
    found = parse_texts(pa.chunked_array([[text]]), None)[0]
    assert found == np.datetime64("2024-03-05")


def test_lists_of_codes_with_spaces_are_no_numbers():
    cells = ["101 205 310", "101", "205 310", "102"] * 20
    assert infer_format(pd.Series(cells, dtype=object)).type == "text"
    numbers = ["101 205 310", "1 205", "20 310", "102"] * 20
    assert infer_format(pd.Series(numbers, dtype=object)).type == "number"


@pytest.mark.parametrize(("one", "other"), [(-1, 0), (1, 2)])
def test_true_and_false_for_other_numbers_are_named_also_where_they_are_levels(one, other):
    rows = f"{one},a\n{other},b\n" * 40
    frame = read_table(f"x,y\n{rows}".encode())
    schema = infer_schema(frame)
    columns = [column.model_copy(update={"role": "feature"}) for column in schema.columns]
    encoder = Encoder.fit(frame, columns, Settings(min_level_count=1))
    doubts = reading_warnings(pd.DataFrame({"x": [True, False], "y": ["a", "b"]}), encoder)
    assert any("'x'" in doubt and "True or False" in doubt for doubt in doubts)


def test_labels_of_groups_are_named():
    labels = {0: "North", 6: "South"}
    rows = "".join(f"{labels.get(k, '')},{k},{k}\n" for k in range(12))
    notes = read_table_file(f"region,month,sales\n{rows}".encode()).column_notes
    assert any("'region' has a value in 2 of 12 rows" in note for note in notes)
    rows = "".join(f"{'' if k % 3 else 'North'},{k},{k}\n" for k in range(12))
    notes = read_table_file(f"region,month,sales\n{rows}".encode()).column_notes
    assert not any("as in a pivot table" in note for note in notes)


def test_numbers_with_a_decimal_comma_among_points_may_be_two_choices():
    (note,) = notes_of(["1,3", "2", "4,5", "6"] * 15)
    assert "If '1,3' means two choices" in note
    (note,) = notes_of(["11,35", "2,50", "124,5", "6"] * 15)
    assert note.endswith("unlike the other columns.")


def test_a_dash_with_a_currency_is_said_to_mean_zero():
    cells = [f"${place}.50" if place % 4 else "$-" for place in range(60)]
    assert any("a dash means zero" in note for note in notes_of(cells))


def test_long_numbers_that_a_spreadsheet_has_rounded_are_named():
    frame = read_table(
        ("k,v\n" + "".join(f"{10**14 + 37**9 * i},{i}\n" for i in range(80))).encode()
    )
    encoder = Encoder.fit(frame, [infer_schema(frame, "v").column("k")], Settings())

    def said(cell: str) -> str:
        return " ".join(reading_warnings(pd.DataFrame({"k": [cell, "100000000000000"]}), encoder))

    assert "'1.23E+14' has lost its last digits" in said("1.23E+14")
    assert "'1,2e14' has lost" in said("1,2e14")
    assert "lost" not in said("1.23456789012345E+14")
    assert "lost" not in said("123456789012345")


@pytest.mark.parametrize(
    ("true", "false"), [("WAHR", "FALSCH"), ("VRAI", "FAUX"), ("vero", "falso"), ("ИСТИНА", "ЛОЖЬ")]
)
def test_true_and_false_as_spreadsheets_of_other_languages_write_them(true, false):
    frame = pd.DataFrame({"k": [True, False, False] * 20, "v": range(60)})
    encoder = Encoder.fit(frame, [infer_schema(frame, "v").column("k")], Settings())
    later = pd.DataFrame({"k": [true, false]})
    assert encoder.read(later)["k"].tolist() == [True, False]
    assert reading_warnings(later, encoder) == ()


def test_text_of_times_without_seconds_is_read_as_in_the_sheet_that_has_them():
    times = pd.Series(pd.to_timedelta([61 * row for row in range(60)], unit="min"))
    for short, typed in ((True, times), (False, times + pd.Timedelta("1s"))):
        column_format = infer_format(typed)
        reading = read_column(pd.Series(["22:38", "1:05:00"]), column_format)
        assert reading.unreadable.tolist() == [not short, False]
        assert not short or reading.values[0] == (22 * 60 + 38) * 60


def trained_on(texts: list[str]) -> Encoder:
    rows = "".join(f"{text};{row}\n" for row, text in enumerate(texts))
    frame = read_table(f"k;v\n{rows}".encode())
    return Encoder.fit(frame, [infer_schema(frame, "v").column("k")], Settings())


def said_of(cells: list[str], encoder: Encoder) -> str:
    return " ".join(reading_warnings(pd.DataFrame({"k": cells}), encoder))


@pytest.mark.parametrize("cell", ["12-", "(12)", "12 -", "(12.00)"])
def test_a_minus_of_accounts_is_named_where_training_had_no_negative_number(cell):
    amounts = [f"{row}.50" for row in range(60)]
    assert "in training no number was negative" in said_of([cell, "8.25"], trained_on(amounts))
    both = trained_on([*amounts, *(f"-{amount}" for amount in amounts)])
    assert "no number was negative" not in said_of([cell, "8.25"], both)
    assert "no number was negative" not in said_of(["-12", "−12"], trained_on(amounts))


def test_a_thousands_separator_that_may_be_the_decimal_mark_is_named_by_the_range():
    values = [100.5 + 111 * row for row in range(80)]
    encoder = trained_on([f"{value:,}".translate(str.maketrans(".,", ",.")) for value in values])
    assert "'234.567' is read as 234567, above the largest" in said_of(["234.567"], encoder)
    assert "'2.345' is read as 2345, without decimals" in said_of(["2.345", "800"], encoder)
    assert said_of(["2.345,5", "8.001", "234,567"], encoder) == ""
    assert said_of(["800", "650"], encoder) == ""


@pytest.mark.parametrize(
    ("training", "later"),
    [([*range(50, 250, 7)] * 3, [1.75, 1.6]), (range(50_000, 900_000, 9_001), [350, 420, 510])],
)
def test_values_far_below_the_training_range_are_named(training, later):
    encoder = trained_on([str(value) for value in training])
    text = " ".join(reading_warnings(pd.DataFrame({"k": later}), encoder))
    assert "far outside the training range" in text or "a thousand times as large" in text
    assert said_of([str(training[0] // 2)], encoder) == ""


@pytest.mark.parametrize("form", ["{:.2E}", "{:.1E}", "{:.0E}"])
def test_numbers_that_a_spreadsheet_shows_with_fewer_digits_are_named(form):
    whole = [100_003 + 377 * row for row in range(80)]
    assert "has lost its last digits" in said_of(
        [form.format(value) for value in whole[:9]], trained_on([str(value) for value in whole])
    )
    written = [form.format(value) for value in whole]
    assert said_of(written[:9], trained_on([*written, "2.00E+02"])) == ""


def test_decimals_where_training_had_whole_numbers_in_a_range_a_thousand_times_as_large_are_named():
    encoder = trained_on([str(value) for value in range(1, 9_000, 101)])
    typed = pd.DataFrame({"k": [1.878, 532.0, 4.304]})
    assert "in training all numbers were whole" in " ".join(reading_warnings(typed, encoder))
    assert reading_warnings(pd.DataFrame({"k": [12.5, 532.0]}), encoder) == ()


def test_minus_signs_that_all_numbers_have_lost_are_named():
    balances = [f"{(-1) ** row * row}.25" for row in range(1, 90)]
    encoder = trained_on(balances)
    assert "that no minus sign was lost" in said_of([text.strip("-") for text in balances], encoder)
    assert said_of(balances[:40], encoder) == ""
    assert said_of([text for text in balances if "-" not in text][:20], encoder) == ""


def test_physical_constants_are_not_named_as_rounded():
    encoder = trained_on([f"{value}.123456789012" for value in range(90)])
    assert "lost its last digits" not in said_of(["6.02214076e+23"], encoder)
    large = trained_on([str(100_003 + 377 * row) for row in range(80)])
    assert "lost its last digits" not in said_of(["1.00003E+05", "12.5"], large)
