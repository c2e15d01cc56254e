from __future__ import annotations

import datetime

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from nfm.column_formats.column_format import ColumnFormat
from nfm.column_formats.infer_format import infer_format
from nfm.column_formats.open_questions import questions
from nfm.column_formats.read_column import read_column
from nfm.column_formats.reading_report import report_column
from nfm.files.reading import read_table_file
from tests.column_formats.test_doubtful_readings import file


def infer(*cells, **more):
    return infer_format(pa.chunked_array([list(cells)], pa.string()), **more)


def values(*cells, **more):
    column_format = infer(*cells, **more)
    found = read_column(pa.chunked_array([list(cells)], pa.string()), column_format).values
    return [None if pd.isna(value) else value for value in found]


MANY = [f"{number / 4:.2f}" for number in range(100)]


def test_a_few_words_among_many_numbers_are_missing():
    assert infer(*MANY, "n.d.", "<0.5", "k.A.").type == "number"
    assert infer(*MANY, "twelve", "about 3", "x12").type == "number"
    assert infer(*MANY, *["unknown"] * 40).type == "number"


def test_too_many_words_make_text():
    assert infer(*MANY, *(f"word {place}" for place in range(12))).type == "text"
    assert infer(*MANY, *["word"] * 15).type == "text"


def test_few_numbers_beside_a_word_are_levels():
    assert values(*["1", "2", "3"] * 10, "X") == [*["1", "2", "3"] * 10, "X"]


def test_an_error_cell_is_missing_in_any_column():
    assert values("1", "#DIV/0!", "3") == [1, None, 3]
    assert values("oak", "#N/A", "elm") == ["oak", None, "elm"]


def test_a_unit_that_is_not_a_currency_needs_many_numbers():
    assert infer("12 months", "24 months", "36 months").type == "text"
    column_format = infer(*(f"{number} kg" for number in range(50)))
    assert (column_format.type, column_format.unit) == ("number", "kg")


def test_codes_with_leading_zeros_stay_text():
    assert values("00123", "04567") == ["00123", "04567"]
    assert infer(*(f"{number:04d}" for number in range(50)), "n.d.").type == "text"


@pytest.mark.parametrize("word", ["None", "none", "NA", "n/a", "-"])
def test_a_frequent_word_among_words_is_a_value(word):
    assert values("oak", "elm", "ash", *[word] * 3)[-1] == word


@pytest.mark.parametrize("word", ["None", "none", "NA", "n/a", "-"])
def test_a_word_beside_blank_cells_is_a_value(word):
    assert values("oak", *["elm"] * 50, word, "")[-2:] == [word, None]


@pytest.mark.parametrize("word", ["None", "none", "NA", "n/a", "-"])
def test_a_rare_word_without_blank_cells_is_missing(word):
    assert values("oak", *["elm"] * 50, word)[-1] is None


@pytest.mark.parametrize("word", ["None", "none", "NA", "n/a", "-"])
def test_a_frequent_word_among_numbers_is_missing(word):
    assert values("1.5", "2.5", *[word] * 5, "")[2:] == [None] * 6


@pytest.mark.parametrize("word", ["?", "NULL", "NaN", "#N/A", "<NA>"])
def test_other_signs_are_missing_however_frequent(word):
    assert values("oak", "elm", *[word] * 5, "")[2:] == [None] * 6


def test_na_among_countries_is_a_value():
    assert values("DE", "FR", "IT", *["DE"] * 50, "NA")[-1] == "NA"


def test_minus_beside_plus_is_a_value():
    assert values("+", "-", *["+"] * 50)[1] == "-"


def test_words_that_a_person_chose_are_missing_and_no_others():
    assert values("oak", "None", "elm", missing=("elm",)) == ["oak", "None", None]


def test_surrounding_blanks_make_no_level():
    assert values("yes", "yes ", " yes", "no") == ["yes", "yes", "yes", "no"]


def test_levels_that_differ_in_case_are_named_and_can_be_merged():
    cells = pa.chunked_array([["Yes", "yes", "yes", "no"] * 3], pa.string())
    column_format = infer_format(cells)
    report = report_column(cells, column_format, read_column(cells, column_format))
    assert report.case_variants == (("yes", 6), ("Yes", 3))
    (question,) = questions({"y": column_format}, {"y": report})
    assert question.action == "Merge them"
    assert set(read_column(cells, question.format).values) == {"yes", "no"}


def test_a_kept_word_can_be_made_missing_and_back():
    cells = pa.chunked_array([["a", "b", "None", "None", "None"]], pa.string())
    column_format = infer_format(cells)
    (question,) = questions(
        {"y": column_format},
        {"y": report_column(cells, column_format, read_column(cells, column_format))},
    )
    assert question.action == "Count 'None' as missing"
    assert read_column(cells, question.format).values.isna().sum() == 3
    report = report_column(cells, question.format, read_column(cells, question.format))
    (back,) = questions({"y": question.format}, {"y": report})
    assert read_column(cells, back.format).values.notna().all()


def test_what_the_cells_leave_open_is_asked():
    dates = infer("05/10/2024", "06/11/2024", "04/09/2024")
    asked = questions({"d": dates, "n": infer("1,234", "5,678")}, {})
    assert [question.open for question in asked] == [True, True]
    assert asked[0].format.date_order != dates.date_order
    assert all(question.format.certain for question in asked)
    assert not questions({"d": infer("25/10/2024", "06/11/2024")}, {})


@pytest.mark.parametrize(
    ("series", "type"),
    [
        (pd.Series([1, 2]), "number"),
        (pd.Series([1.5, None]), "number"),
        (pd.Series([True, None], dtype="boolean"), "boolean"),
        (pd.Series(pd.to_datetime(["2024-01-01"])), "date"),
        (pd.Series([datetime.date(2024, 1, 1), None], dtype=object), "date"),
        (pd.Series([pd.Timedelta("1min")]), "number"),
        (pd.Series([1, 2, 3] * 10 + ["#DIV/0!"], dtype=object), "number"),
        (pd.Series(list(range(60)) + ["n.d."] * 3, dtype=object), "number"),
        (pd.Series([101, "102A", 103], dtype=object), "text"),
        (pd.Series(["1", "2"], dtype="category"), "text"),
        (pd.Series(["1.5", "2.5"]), "number"),
        (pd.Series(["2024-01-05", None]), "date"),
        (pd.Series([None, None], dtype=object), "text"),
        (pd.Series([[1], [2]]), "text"),
    ],
)
def test_a_column_of_a_frame_has_a_format_too(series, type):
    assert infer_format(series).type == type


def test_the_estimators_texts_may_be_dates_but_not_numbers():
    assert infer_format(pd.Series(["1", "2"]), text_stays_text=True).type == "text"
    assert infer_format(pd.Series(["5 May 2024"]), text_stays_text=True).type == "date"


def test_a_format_survives_json_and_writes_only_what_is_unusual():
    column_format = ColumnFormat(type="number", decimal=",", unit="€")
    assert column_format.model_dump_json() == '{"type":"number","decimal":",","unit":"€"}'
    assert ColumnFormat.model_validate_json(column_format.model_dump_json()) == column_format


def test_typed_cells_are_taken_by_their_value():
    mixed = pd.Series([3, 3.0, "3", True, 1.5, None, datetime.date(2024, 1, 2)], dtype=object)
    assert read_column(mixed, ColumnFormat()).values.dropna().tolist() == [
        "3",
        "3",
        "3",
        "True",
        "1.5",
        "2024-01-02",
    ]
    read = read_column(mixed, ColumnFormat(type="number"))
    np.testing.assert_array_equal(read.values, [3, 3, 3, 1, 1.5, np.nan, np.nan])
    assert np.flatnonzero(read.unreadable).tolist() == [6]


def test_whole_numbers_of_more_than_64_bits_are_numbers_among_other_cells():
    mixed = pd.Series([2**70, True, None, datetime.date(2024, 1, 2)], dtype=object)
    read = read_column(mixed, ColumnFormat(type="number"))
    assert read.values.dropna().tolist() == [2**70, 1]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["a", "\ud800b", False], ["a", "?b", "False"]),
        (["\ud800b", 2.5, None], ["?b", "2.5", np.nan]),
        (["a", "\ud800b", None], ["a", "?b", np.nan]),
    ],
)
def test_half_of_a_surrogate_pair_becomes_a_question_mark_beside_any_other_cell(cells, expected):
    series = pd.Series(cells, dtype=object)
    column_format = ColumnFormat(type="text")
    reading = read_column(series, column_format)
    assert reading.values.fillna("").tolist() == [
        "" if text is np.nan else text for text in expected
    ]
    assert report_column(series, column_format, reading).unreadable == 0


def test_digits_of_other_scripts_are_numbers_and_leading_zeros_codes_there_too():
    assert infer("٤٫٥", "٣").type == "number"
    assert infer("００１２３", "０４５６７").type == "text"


def test_a_dash_in_place_of_the_cents_is_not_a_minus():
    assert values("12,-", "3,50", "7,-", decimal=",") == [12, 3.5, 7]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_points_in_whole_numbers_of_several_sizes_separate_thousands(delimiter):
    people = [87, 532, 989, *(1_937 + 31 * i * i for i in range(60))]
    cells = [f"{n:,}".replace(",", ".") for n in people]
    read = read_table_file(file(cells, delimiter))
    assert read.frame["k"].tolist() == people
    assert (read.formats["k"].decimal, read.formats["k"].thousands) == (",", ".")
    assert any("'.' is read as a thousands separator but could be" in note for note in read.notes)


def test_a_blank_cell_does_not_settle_what_a_point_means():
    assert not infer("1.000", "2.500").certain
    assert not infer("1.000", None, "2.500").certain


@pytest.mark.parametrize("parts", [3, 7, 9, 17])
@pytest.mark.parametrize("largest", [5, 90, 900])
def test_rounded_means_of_whole_numbers_are_decimals(parts, largest):
    sums = np.random.default_rng(parts).integers(parts, parts * largest, 200)
    means = np.round(sums / parts, 3)
    read = read_table_file(file([f"{mean:.15g}" for mean in means]))
    assert read.frame["k"].tolist() == means.tolist()


def test_other_columns_settle_what_a_point_means():
    rows = "\n".join(f"{1 + i % 7}.{100 + i},0.{i}" for i in range(60))
    read = read_table_file(f"k,v\n{rows}".encode())
    assert not any("could" in note for note in read.notes)


def test_points_that_may_separate_thousands_are_named_and_asked():
    read = read_table_file(file([f"{1 + i % 7}.{100 + i}" for i in range(60)]))
    assert read.frame["k"][0] == 1.1
    assert any("'.' is read as the decimal mark but could separate" in note for note in read.notes)
    question = next(each for each in questions(read.formats, {}) if each.column == "k")
    assert question.action == "Read '.' as a thousands separator"
    assert (question.format.decimal, question.format.thousands) == (",", ".")


def test_a_month_and_a_year_with_a_point_are_a_date():
    cells = [f"{month:02d}.{year}" for year in range(2020, 2025) for month in range(1, 13)]
    read = read_table_file(file(cells)).frame["k"]
    assert read.dt.month.tolist() == [*range(1, 13)] * 5
    assert read[50] == pd.Timestamp(2024, 3, 1)


@pytest.mark.parametrize("cells", [["1999.01", "2010.05", "1950.10"], ["2024.03", "2023.11"]])
def test_numbers_that_could_be_a_year_and_a_month_are_numbers(cells):
    read = read_table_file(file(cells * 20)).frame["k"]
    assert read[0] == float(cells[0])


@pytest.mark.parametrize(
    ("cell", "unit"), [("{} kr.", "kr."), ("Rs. {}", "Rs."), ("{} Uhr", "Uhr"), ("{} m", "m")]
)
def test_a_point_in_a_unit_leaves_no_doubt(cell, unit):
    read = read_table_file(file([cell.format(i) for i in range(60)]))
    assert (read.formats["k"].unit, read.formats["k"].certain) == (unit, True)
    assert not any("could" in note for note in read.notes)


@pytest.mark.parametrize("cell", ["P{}M", "{:04d}A", "A{:02d}.1", "v1.{}"])
def test_months_of_iso_codes_and_versions_are_text(cell):
    read = read_table_file(file([cell.format(i) for i in range(60)]))
    assert read.formats["k"].type == "text"


@pytest.mark.parametrize("mark", ["00000000", "0", "99991231"])
@pytest.mark.parametrize("as_file", [True, False])
def test_dates_of_digits_beside_one_that_is_none_stay_dates(mark, as_file):
    days = pd.date_range("2023-01-01", periods=60, freq="5D").strftime("%Y%m%d").tolist()
    days[7] = mark
    if as_file:
        read = read_table_file(file(days))
        found, notes = read.frame["k"], " ".join(read.notes)
        assert f"'{mark}' counts as missing" in notes
    else:
        column_format = infer_format(pd.Series(days).astype(int))
        found = read_column(pd.Series(days).astype(int), column_format).values
    assert found.isna().sum() == 1
    assert found[8] == pd.Timestamp("2023-02-10")


@pytest.mark.parametrize("text", ["−2:01:00", "−2:01.1", "−2h 1m"])
def test_the_sign_of_a_duration_may_be_typographic(text):
    cells = pd.Series([text, *(text.replace("01", f"{row:02d}")[1:] for row in range(10, 50))])
    column_format = infer_format(cells)
    assert column_format.duration
    assert read_column(cells, column_format).values[0] < 0
