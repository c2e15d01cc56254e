"""What might mean something else on another route is named, or means the same."""

from __future__ import annotations

import datetime
import io
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from nfm import NFMRegressor
from nfm.column_formats.open_questions import questions
from nfm.errors import ReadingWarning, SchemaError
from nfm.files.reading import TableFile, read_raw_table, read_table, read_table_file
from nfm.settings import Settings
from nfm.tabular.alignment import align
from nfm.tabular.encoding import Encoder
from nfm.tabular.infer_schema import infer_schema
from nfm.tabular.reading_notes import notes_and_doubts, reading_warnings


def trained(frame: pd.DataFrame, **kinds: str) -> Encoder:
    columns = [
        column.model_copy(update={"role": "feature", "kind": kinds.get(column.name, column.kind)})
        for column in infer_schema(frame).columns
    ]
    return Encoder.fit(frame, columns, Settings(min_level_count=1))


def file(cells: list[str], delimiter: str = ",") -> bytes:
    rows = [f"{cell}{delimiter}{row % 7}" for row, cell in enumerate(cells)]
    return "\n".join([f"k{delimiter}v", *rows]).encode()


def warned(frame: pd.DataFrame, encoder: Encoder) -> str:
    return " ".join(reading_warnings(frame.assign(v=1), encoder))


def test_a_value_that_other_readers_take_for_missing_is_named():
    encoder = trained(read_table(file(["None", "Brick", "Stone"] * 20)))
    small = b"k\nNone\nBrick\n"
    for frame in (read_table(small), pd.read_csv(io.BytesIO(small))):
        assert "'None' was a value" in warned(frame, encoder)
    assert warned(read_raw_table(small).frame, encoder) == ""


@pytest.mark.parametrize(
    "other",
    [
        lambda when: when.dt.tz_convert("UTC"),
        lambda when: when.dt.tz_convert(datetime.timezone(datetime.timedelta(hours=5))),
        lambda when: when.dt.tz_convert("UTC").astype(object),
        lambda when: when.dt.tz_convert("UTC").dt.strftime("%Y-%m-%dT%H:%M:%SZ"),
    ],
)
def test_another_time_zone_is_named(other):
    when = pd.Series(pd.date_range("2024-03-04", periods=60, freq="h", tz="America/New_York"))
    encoder = trained(pd.DataFrame({"k": when, "v": range(60)}))
    assert "America/New_York" in warned(pd.DataFrame({"k": other(when.head(3))}), encoder)
    assert warned(pd.DataFrame({"k": when.head(3)}), encoder) == ""


def test_plain_numbers_for_percentages_are_named_and_the_training_table_is_not():
    table = read_table(file([f"{row * 1.25:.2f}%" for row in range(60)]))
    encoder = trained(table)
    mixed = pd.DataFrame({"k": pd.Series([0.42, "50.0%", None], dtype=object)})
    assert "percentages" in warned(mixed, encoder)
    assert "percentages" in warned(pd.DataFrame({"k": [0.42]}), encoder)
    assert reading_warnings(table, encoder) == ()
    assert warned(pd.DataFrame({"k": ["42%"]}), encoder) == ""


def test_text_that_looks_like_dates_alone_is_named():
    encoder = trained(read_table(file(["05/01/2024", "06/01/2024", "later"] * 20)))
    alone = read_table(b"k\n05/01/2024\n06/01/2024\n")
    assert "were already read as" in warned(alone, encoder)


def test_decimals_beside_floats_keep_their_point():
    cells = [f"{row * 1.257:.3f}".replace(".", ",") for row in range(60)]
    encoder = trained(read_table(file(cells, ";")))
    read = encoder.read(
        pd.DataFrame({"k": pd.Series([Decimal("8.641"), 2.5], dtype=object), "v": [1, 2]})
    )
    assert read["k"].tolist() == [8.641, 2.5]


@pytest.mark.parametrize("odd", ["0.5", "1e3"])
def test_long_ids_stay_exact_beside_a_fraction(odd):
    ids = [str(720575940631797000 + 5 * place) for place in range(8)]
    frame = pd.DataFrame({"k": ids * 8, "v": [row % 7 for row in range(64)]})
    encoder = trained(frame, k="categorical")
    asked = pd.DataFrame({"k": [ids[0], ids[1], odd], "v": 1})
    for route in (asked, read_table(asked.to_csv(index=False).encode())):
        np.testing.assert_array_equal(encoder.transform(route).codes[:, 0], [1, 2, 0])


def test_a_decimal_comma_that_may_separate_thousands_is_named():
    notes = read_table_file("x;w\n£9,422;1,5\n£6,915;2,5\n".encode()).notes
    assert any("could separate thousands" in note for note in notes)


def test_digits_of_other_scripts_are_read_as_ours():
    for cell in ("２０２４年１月５日", "٢٠٢٤-٠١-٠٥"):
        assert read_table(f"x,y\n{cell}9,1\n{cell}99,2\n".encode())["x"].dtype == "str"
        assert read_table(f"x,y\n{cell},1\n{cell},2\n".encode())["x"][0] == pd.Timestamp(2024, 1, 5)
    numbers = read_table("x,y\n３４４.８７,1\n３４４.８７9,2\n".encode())["x"]
    assert numbers.tolist() == [344.87, 344.879]


def test_a_unit_stands_behind_a_space_that_does_not_break():
    table = read_table("x;y\n344,87\u00a0€;1\n3,4\u202f€;2\n".encode())
    assert table["x"].tolist() == [344.87, 3.4]


def test_a_group_of_thousands_does_not_begin_with_zero():
    assert read_table(b"x;w\n0.345;1,5\n-0.870;2,5\n")["x"].tolist() == [0.345, -0.87]


def test_true_is_found_however_it_is_spelt():
    mixed = pd.Series([True, False, "maybe"] * 20, dtype=object)
    encoder = trained(pd.DataFrame({"k": mixed, "v": range(60)}))
    asked = read_raw_table(b"k,v\nTRUE,1\ntrue,2\nFalse,3\n").frame
    codes = encoder.transform(asked).codes[:, 0]
    assert [encoder.categorical[0].names[code] for code in codes] == ["True", "True", "False"]


def test_typed_cells_of_a_file_keep_their_value():
    encoder = trained(read_table(file(["TRUE", "FALSE", "maybe"] * 20)))
    sheet = io.BytesIO()
    pd.DataFrame({"k": [True, False], "v": [1, 2]}).to_excel(sheet, index=False)
    codes = encoder.transform(read_raw_table(sheet.getvalue()).frame).codes[:, 0]
    assert [encoder.categorical[0].names[code] for code in codes] == ["TRUE", "FALSE"]


DAYS = pd.date_range("2024-01-01", periods=90)


@pytest.mark.parametrize(
    ("trained_as", "asked", "expected"),
    [
        ("%m/%d/%Y", "01.02.2024", "2024-01-02"),
        ("%m/%d/%Y", "01-02-2024", "2024-01-02"),
        ("%m/%d/%Y", "01/02/24", "2024-01-02"),
        ("%d.%m.%Y", "01/02/2024", "2024-02-01"),
        ("%d-%m-%y", "13/01/24", "2024-01-13"),
    ],
)
def test_dates_written_otherwise_than_in_training_keep_its_order_and_are_named(
    trained_as, asked, expected
):
    encoder = trained(read_table(file(list(DAYS.strftime(trained_as)))))
    frame = pd.DataFrame({"k": [asked]})
    assert str(encoder.read(frame.assign(v=1))["k"][0].date()) == expected
    assert f"{asked!r} are not written as in training" in warned(frame, encoder)
    usual = DAYS[:1].strftime(trained_as)[0]
    for known in (usual, "2024-01-05", "5 Jan 2024"):
        assert warned(pd.DataFrame({"k": pd.Series([known], dtype="str")}), encoder) == ""


@pytest.mark.parametrize(
    ("style", "shown"), [("%y/%m/%d", "yy/m/d"), ("%d.%m.%Y", "d.m.yyyy"), ("%m-%d-%y", "m-d-yy")]
)
def test_a_format_shows_how_its_dates_are_written(style, shown):
    read = read_table_file(file(list(DAYS.strftime(style))))
    assert read.formats["k"].describe_shapes() == shown


def test_a_date_that_the_order_of_training_does_not_allow_is_missing_and_named():
    encoder = trained(read_table(file(list(DAYS.strftime("%m/%d/%Y")))))
    frame = pd.DataFrame({"k": ["25.02.2024"]})
    assert encoder.read(frame.assign(v=1))["k"].isna().all()
    assert "cannot be read as a date (month/day/year)" in warned(frame, encoder)


def test_dates_of_several_ways_in_training_are_named():
    notes = read_table_file(file(["25/01/2024", "26.01.2024", "27/01/2024"])).notes
    assert any("dates in several formats (d.m.yyyy, d/m/yyyy)" in note for note in notes)


def test_a_time_without_seconds_is_missing_and_named_beside_durations():
    encoder = trained(read_table(file([f"{i}:{i % 60:02d}:05" for i in range(60)])))
    frame = pd.DataFrame({"k": ["1:30"]})
    assert encoder.read(frame.assign(v=1))["k"].isna().all()
    assert "'1:30' in row 1" in warned(frame, encoder)


@pytest.mark.parametrize("short", ["1:30", "14:30"])
def test_few_times_without_seconds_and_those_among_others_stay_text_and_that_is_said(short):
    for cells in ([short, "2:15", "3:45"] * 9, [f"{i % 9}:{i % 60:02d}" for i in range(60)]):
        more = ["1:30:00"] * (len(cells) if len({*cells}) > 9 else 1)
        read = read_table_file(file([short, *cells, *more]))
        assert read.formats["k"].type == "text"
        assert any("'k' has times such as" in note for note in read.notes)
    assert not any("times" in note for note in read_table_file(file(["1:30:00"] * 9)).notes)


@pytest.mark.parametrize(
    ("cells", "clock", "seconds", "certain"),
    [
        ([f"{i % 24}:{i % 60:02d}" for i in range(90)], "h:mm", 3660, False),
        ([f"{i % 24}:{i % 60:02d}" for i in range(90)] + ["24:00"], "h:mm", 3660, False),
        ([f"{i % 40}:{i % 60:02d}" for i in range(90)], "m:ss", 61, False),
        ([f"{i % 40}:{i % 60:02d}" for i in range(90)] + ["1:02:03"] * 30, "m:ss", 61, False),
        ([f"{i % 5}:{i % 60:02d}.5" for i in range(90)], "m:ss", 61.5, True),
    ],
)
def test_times_of_two_numbers_are_read_and_asked(cells, clock, seconds, certain):
    """3:45 is hours and minutes, as in sheets, unless a cell can only be minutes and seconds."""
    read = read_table_file(file([*cells, "DNF"]))
    style = read.formats["k"]
    assert (style.clock, style.certain, read.frame["k"][1]) == (clock, certain, seconds)
    assert any("times such as 1:30" in note for note in read.notes) is not certain
    asked = [question for question in questions(read.formats, read.reports) if question.open]
    assert len(asked) == (not certain)
    encoder = trained(read.frame)
    alone = encoder.read(pd.DataFrame({"k": [cells[1]], "v": 1}))
    assert alone["k"][0] == seconds
    if asked:
        options = read.options.with_format("k", asked[0].format)
        again = read_table_file(file(cells), options=options).frame["k"][1]
        assert again == (seconds / 60 if clock == "h:mm" else seconds * 60)


def test_times_of_a_sheet_are_named_where_training_had_minutes_and_seconds():
    """A sheet takes 3:45 for hours and minutes, and gives 13,500 seconds instead of 225."""
    encoder = trained(read_table(file([f"{i % 40}:{i % 60:02d}.5" for i in range(90)])))
    frame = pd.DataFrame({"k": pd.to_timedelta(["03:45:00"])})
    assert "a sheet takes 3:45 for hours and minutes" in warned(frame, encoder)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("PT1H30M", 5400),
        ("P1DT2H", 93600),
        ("1h 30m", 5400),
        ("2 min 5 s", 125),
        ("2 hr 25 min", 8700),
        ("1 hour and 5 minutes", 3900),
        ("2 days, 3 hours", 183600),
        ("1h05", 3900),
        ("1 day, 3:00:00", 97200),
        ("-1 day, 23:59:00", -60),
        ("-1 days +23:59:00", -60),
        ("1:00:00,5", 3600.5),
    ],
)
def test_durations_of_other_programs_are_seconds(text, seconds):
    assert read_table(file([text] * 3, ";"))["k"].tolist() == [seconds] * 3


def test_a_unit_of_time_alone_is_a_unit():
    read = read_table_file(file([f"{i} min" for i in range(60)]))
    assert (read.formats["k"].unit, read.frame["k"][5]) == ("min", 5)


@pytest.mark.parametrize(
    ("one", "unit"), [("day", "days"), ("Jahr", "Jahre"), ("box", "boxes"), ("lb", "lbs")]
)
def test_one_of_a_unit_is_read_beside_several(one, unit):
    cells = [f"{i} {one if i == 1 else unit}" for i in range(60)] + [f"1 {one}"] * 60
    read = read_table_file(file(cells))
    assert read.formats["k"].unit == unit
    assert read.frame["k"].tolist() == [*range(60), *[1] * 60]
    assert not any("'k'" in note for note in read.notes)


@pytest.mark.parametrize("cell", ["{}-70", "~{}", "{} ± 0.5", "{}/2", "1H{}", "{}.5 m2 x"])
def test_text_that_looks_like_numbers_in_an_unknown_style_is_named(cell):
    notes = read_table_file(file([cell.format(i + 10) for i in range(60)])).notes
    assert any("'k' has values such as" in note for note in notes)


def test_a_word_that_keeps_numbers_from_being_read_is_named():
    cells = ["cash" if i % 5 == 0 else f"{i / 7:.2f}" for i in range(100)]
    read = read_table_file(file(cells))
    assert read.formats["k"].type == "text"
    assert any("If 'cash' means a missing value" in note for note in read.notes)


@pytest.mark.parametrize("cells", [[f"PC {i}" for i in range(60)], [f"{i:05d}" for i in range(60)]])
def test_codes_are_not_named_as_numbers(cells):
    assert len(read_table_file(file(cells)).notes) == 1


@pytest.mark.parametrize(
    "typed",
    [
        pd.Series([5400.0]),
        pd.Series([5400], dtype=object),
        pd.Series([5400, "n.d.", "1:30:00"], dtype=object),
    ],
)
def test_plain_numbers_among_durations_are_seconds_and_named(typed):
    encoder = trained(read_table(file([f"{i}:{i % 60:02d}:05" for i in range(60)])))
    assert "durations, but here they are plain numbers" in warned(
        pd.DataFrame({"k": typed}), encoder
    )
    spans = pd.Series([pd.Timedelta(hours=1.5)])
    assert warned(pd.DataFrame({"k": spans}), encoder) == ""
    plain = trained(pd.DataFrame({"k": np.arange(60) * 1.5, "v": range(60)}))
    assert "the cells are durations" in warned(pd.DataFrame({"k": spans}), plain)
    assert "the cells are durations" in warned(pd.DataFrame({"k": spans.astype(object)}), plain)


def test_the_durations_of_the_training_file_are_not_named():
    table = read_table(file([f"{i}:{i % 60:02d}:05" for i in range(60)]))
    assert warned(table.drop(columns="v"), trained(table)) == ""


@pytest.mark.parametrize(
    ("first", "second"), [("5 kg", "300 g"), ("$5", "€5"), ("5%", "5‰"), ("5 kg", "5")]
)
def test_numbers_of_several_units_stay_text_and_that_is_said(first, second):
    cells = [
        (first if i % 2 else second).replace("5", str(5 + i)).replace("300", str(300 + i))
        for i in range(60)
    ]
    read = read_table_file(file(cells))
    assert read.formats["k"].type == "text"
    assert any("'k' has numbers with different units" in note for note in read.notes)


@pytest.mark.parametrize("levels", [["12A", "3B", "4C"], ["12 months", "24 months"], ["a", "b"]])
def test_codes_and_levels_have_no_units(levels):
    notes = read_table_file(file(levels * 20)).notes
    assert not any("different units" in note for note in notes)


def test_a_few_cells_of_another_unit_are_missing_and_named():
    read = read_table_file(file([f"{i} g" if i % 30 == 0 else f"{i} kg" for i in range(60)]))
    assert read.frame["k"].isna().sum() == 2
    assert any("'0 g' in row 1" in note for note in read.notes)


@pytest.mark.parametrize(("unit", "bare"), [("5%", "0.05"), ("$5", "5")])
def test_numbers_that_lack_the_unit_are_named_at_training(unit, bare):
    cells = [unit.replace("5", str(i)) if i % 2 else bare.replace("5", str(i)) for i in range(60)]
    read = read_table_file(file(cells))
    assert any("30 of 60 cells have no" in note for note in read.notes)
    asked = questions(read.formats, read.reports)
    assert any(q.action == "Read the column as text" and "without" in q.text for q in asked)


def test_a_share_of_a_sheet_beside_percentages_is_named_at_training():
    stream = io.BytesIO()
    cells = [f"{i}%" if i % 2 else i / 100 for i in range(60)]
    pd.DataFrame({"k": cells, "v": range(60)}).to_excel(stream, index=False)
    notes = read_table_file(stream.getvalue()).notes
    assert any("30 of 60 cells have no '%', such as '0" in note for note in notes)


def test_a_cell_that_cannot_be_read_is_not_said_to_be_taken_as_if_it_had_the_unit():
    encoder = trained(read_table(file([f"{i} kg" for i in range(60)])))
    said = warned(pd.DataFrame({"k": ["3000 g", "4 kg"]}), encoder)
    assert "cannot be read" in said
    assert "as if they had it" not in said
    assert "1 of 2 rows have no 'kg', such as '3'" in warned(
        pd.DataFrame({"k": ["3", "4 kg"]}), encoder
    )


ROWS = [f"{row + 0.5},{'xy'[row % 2]},{row * 3}" for row in range(30)]


def scored(rows: list[str], training: list[str]) -> TableFile:
    """Read a file for a model of another one."""
    schema = infer_schema(read_table("\n".join(training).encode()))
    content = "\n".join(rows).encode()
    return read_raw_table(content, guess=schema.file_options, wanted=schema.names)


@pytest.mark.parametrize(
    "header", ["a,b,c", "column 1,column 2,other", "1st,2nd,3rd"], ids=["names", "some", "ranks"]
)
def test_a_header_above_rows_of_a_model_without_one_is_named(header):
    file = scored([header, *ROWS[:12]], ROWS)
    assert len(file.frame) == 13
    assert list(file.frame.columns) == ["column 1", "column 2", "column 3"]
    assert "looks like a header row" in file.doubts[0]
    assert set(file.doubts) <= set(file.notes)


def test_a_header_that_names_the_columns_by_position_is_one():
    file = scored(["column 3,column 1,column 2", "3,1.5,x"], ROWS)
    assert file.doubts == ()
    assert file.frame["column 1"].tolist() == ["1.5"]


def test_no_row_becomes_a_header():
    for rows in (ROWS[:1], ROWS[:12]):
        file = scored(rows, ROWS)
        assert file.doubts == ()
        assert len(file.frame) == len(rows)


def test_rows_without_a_header_are_refused_by_a_model_with_one():
    training = ["a,b,c", *ROWS]
    schema = infer_schema(read_table("\n".join(training).encode()))
    columns = [column.model_copy(update={"role": "feature"}) for column in schema.columns]
    encoder = Encoder.fit(read_table("\n".join(training).encode()), columns, Settings())
    for rows in (ROWS[:1], ROWS[:12]):
        with pytest.raises(SchemaError, match="has a header row"):
            align(scored(rows, training).frame, schema, encoder)


def test_the_delimiter_of_rows_without_a_header_is_their_own():
    """Cut at commas, 1,5;2 would be 1 in the first column."""
    training = [f"{row}.5,{row % 7}" for row in range(30)]
    file = scored(["1,5;2", "3,5;4"], training)
    assert file.frame["column 1"].tolist() == ["1,5", "3,5"]


def test_a_first_row_is_not_taken_for_the_second_of_two_header_rows():
    training = ["id,2023,,2024,", ",Q1,Q2,Q1,Q2", *(f"{i},{i}.5,1,2,3" for i in range(30))]
    names = list(read_table("\n".join(training).encode()).columns)
    assert names[1] == "2023 / Q1"
    file = scored([",".join(names), ",1,2,3,4", "5,6,7,8,9"], training)
    assert list(file.frame.columns) == names
    assert len(file.frame) == 2


def test_times_without_the_zone_of_training_are_named():
    hours = [f"2024-01-{1 + row // 24:02d}T{row % 24:02d}:00:00Z" for row in range(60)]
    encoder = trained(read_table(file(hours)))
    assert "no time zone" in warned(pd.DataFrame({"k": ["2024-01-01 10:00:00"]}), encoder)
    assert warned(pd.DataFrame({"k": [hours[3]]}), encoder) == ""
    assert "zone" not in warned(pd.DataFrame({"k": ["2024-01-01"]}), encoder)
    assert warned(read_table(file(hours)).drop(columns="v"), encoder) == ""


@pytest.mark.parametrize(
    "training",
    [
        [f"{row / 4:.2f}" for row in range(60)],
        [f"{row}%" for row in range(60)],
        list(DAYS.strftime("%d.%m.%Y")),
        list(DAYS.strftime("%Y-%m-%d 10:00:00+02:00")),
        ["None", "Brick", "Stone"] * 20,
    ],
    ids=["numbers", "shares", "dates", "times", "words"],
)
@pytest.mark.parametrize("others", [[], [2.5, None], [True, "x"]])
def test_half_of_a_surrogate_pair_is_a_cell_like_any_other(training, others):
    encoder = trained(read_table(file(training)))
    frame = pd.DataFrame({"k": pd.Series(["\ud800x", *others], dtype=object)})
    assert len(encoder.read(frame.assign(v=1))) == len(frame)
    doubts, notes = notes_and_doubts(frame.assign(v=1), encoder, encoder.columns)
    assert "'k'" in " ".join(doubts + notes)


def test_years_of_two_digits_that_are_not_evident_are_named_and_asked():
    cells = [f"{1 + i % 28:02d}.{1 + i % 12:02d}.{40 + i % 50}" for i in range(100)]
    read = read_table_file(file(cells))
    assert read.frame["k"].dt.year.tolist() == [1940 + i % 50 for i in range(100)]
    assert any("'k' has years of two digits, which are read as 1940" in note for note in read.notes)
    [other] = [q for q in questions(read.formats, read.reports) if "Two-digit" in q.text]
    again = read_table_file(file(cells), options=read.options.with_format("k", other.format))
    assert again.frame["k"].dt.year.max() == 2068
    encoder = trained(read.frame)
    alone = read_table(file(["05.03.41", "25.03.42"]))  # 2041 by itself
    assert "is a date (day/month/year, years 1940 to 2039)" in warned(alone, encoder)
    assert encoder.read(pd.DataFrame({"k": ["05.03.41"], "v": 1}))["k"][0].year == 1941


def test_several_time_zones_in_training_are_named():
    cells = [f"2024-03-0{1 + i % 9}T10:00:00{'+01:00' if i % 2 else '+02:00'}" for i in range(60)]
    notes = read_table_file(file(cells)).notes
    assert any("'k' has times with different time zones" in note for note in notes)


def test_a_date_that_means_none_is_missing_and_named():
    cells = ["0000-00-00" if i % 5 == 0 else f"2024-03-{1 + i % 28:02d}" for i in range(60)]
    read = read_table_file(file(cells))
    assert (read.formats["k"].type, int(read.frame["k"].isna().sum())) == ("date", 12)
    assert any("'0000-00-00' in row 1" in note for note in read.notes)


@pytest.mark.parametrize("word", ["#WERT!", "#NV", "no data", "(leer)", "–", "нет данных", "無"])
def test_words_for_a_missing_number_in_other_languages_are_missing_and_named(word):
    cells = [word if i % 5 == 0 else f"{i / 7:.2f}" for i in range(100)]
    read = read_table_file(file(cells))
    assert int(read.frame["k"].isna().sum()) == 20
    assert any(f"'{word}' in row 1" in note for note in read.notes)


def test_text_of_a_data_frame_gets_the_notes_of_a_file():
    frame = pd.DataFrame(
        {
            "day": [f"0{1 + i * 5 % 9}/0{1 + i * i % 9}/2024" for i in range(40)],
            "when": [f"2024-03-05 10:{i:02d}:00+0{1 + i % 2}:00" for i in range(40)],
            "mass": [f"{i}.5 {'kg' if i % 2 else 'lb'}" for i in range(40)],
            "y": range(40),
        }
    )
    with pytest.warns(ReadingWarning) as found:
        infer_schema(frame)
    said = " ".join(str(warning.message) for warning in found)
    for words in ("'day' has dates that could", "pandas.to_datetime", "'when' has times with"):
        assert words in said
    assert "'mass' has numbers with different units" in said
    with pytest.warns(ReadingWarning, match="'day' has dates that could"):
        NFMRegressor(epochs=1).fit(frame[["day"]], frame["y"])
    with pytest.warns(ReadingWarning, match="'day' has dates that could"):
        read_table(frame.to_csv(index=False).encode())


def test_plain_numbers_are_named_where_training_had_a_unit():
    encoder = trained(read_table(file([f"{i}.5 kg" for i in range(60)])))
    assert "had the unit 'kg'" in warned(pd.DataFrame({"k": [3.5]}), encoder)
    assert warned(read_table(file([f"{i}.5 kg" for i in range(60)])), encoder) == ""


def test_typed_times_without_the_time_zone_of_training_are_named():
    when = pd.Series(pd.date_range("2024-03-04", periods=60, freq="h", tz="America/New_York"))
    frame = pd.DataFrame({"k": when, "v": range(60)})
    encoder = trained(frame)
    naive = frame.assign(k=when.dt.tz_localize(None))
    assert "'k': times such as '2024-03-04 01:00:00' have no time zone" in warned(naive, encoder)
    assert warned(frame, encoder) == ""


def test_values_in_another_case_and_a_column_of_unknown_values_are_named():
    encoder = trained(pd.DataFrame({"k": ["Oslo", "Rome", "Bonn"] * 20, "v": range(60)}))
    assert "'OSLO' is scored as (other)" in warned(pd.DataFrame({"k": ["OSLO"]}), encoder)
    assert warned(pd.DataFrame({"k": [b"Oslo"] * 12}), encoder) == ""
    strange = pd.DataFrame({"k": ["Paris"] * 12})
    assert "12 of 12 rows have a value that did not occur" in warned(strange, encoder)
    assert "'Paris'; scored as (other)" in warned(pd.DataFrame({"k": ["Paris", "Oslo"]}), encoder)


def test_whole_numbers_that_floats_cannot_tell_apart_are_codes():
    for first, dtype in ((720575940631797000, "int64"), (2**63, "uint64")):
        column = pd.Series([first + i % 8 for i in range(96)], dtype=dtype)
        found = infer_schema(pd.DataFrame({"k": column, "v": range(96)})).column("k")
        assert (found.kind, found.level_count) == ("categorical", 8)
        assert f"{first:,} to {first + 7:,}" in found.reason


def test_a_row_of_totals_is_named():
    rows = "".join(f"{i / 7:.2f},{'Oslo' if i % 2 else 'Rome'},{i % 2}\n" for i in range(40))
    for last in ("Total,,20", "111.43,Summe:,", "Grand total,,20"):
        notes = read_table_file(f"size,city,y\n{rows}{last}\n".encode()).notes
        assert any("last row seems to have totals" in note for note in notes)
    book = io.BytesIO()
    cells = [[i / 7, i % 2] for i in range(40)]
    pd.DataFrame([*cells, ["Total", 20]], columns=["size", "y"]).to_excel(book, index=False)
    notes = read_table_file(book.getvalue()).notes
    assert any("last row seems to have totals ('Total' in column 'size')" in note for note in notes)
    once = read_table_file(f"size,city,y\n{rows}1,Total,1\n2,Total,0\n".encode())
    assert not any("totals" in note for note in once.notes)


@pytest.mark.parametrize("mark", ["-9999", "-999.0", "999"])
def test_a_number_that_may_mean_a_missing_value_is_named_and_can_be_missing(mark):
    cells = [mark if i % 6 == 0 else f"{20 + i % 50}.5" for i in range(120)]
    read = read_table_file(file(cells))
    plain = f"{float(mark):.0f}"
    assert any(f"'k': {plain} (20 cells) is far from" in note for note in read.notes)
    [asked] = [q for q in questions(read.formats, read.reports) if "as missing" in q.action]
    again = read_table_file(file(cells), options=read.options.with_format("k", asked.format))
    assert int(again.frame["k"].isna().sum()) == 20
    assert any(f"'{plain}' counts as missing: 20 cells" in note for note in again.notes)
    encoder = trained(again.frame)
    for value in (float(mark), int(float(mark)), mark, f"{plain}.00"):
        assert encoder.read(pd.DataFrame({"k": [value], "v": 1}))["k"].isna().all()
    assert encoder.read(pd.DataFrame({"k": [33, int(plain)], "v": 1}))["k"].tolist()[0] == 33


def test_numbers_near_the_others_are_not_named_as_marks():
    for cells in ([f"{i * 10}" for i in range(100)] + ["999"] * 3, [str(i) for i in range(100)]):
        assert not any("far from" in note for note in read_table_file(file(cells)).notes)


@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_the_lowest_64_bit_number_is_compared_with_marks_too():
    cells = [str(-(2**63)), *(str(i) for i in range(100)), *["999"] * 3]
    assert read_table_file(file(cells)).frame["k"].min() == -(2**63)


def test_codes_that_look_like_powers_of_ten_are_text():
    assert read_table(file([f"{i}E{i % 9 + 10}" for i in range(60)]))["k"].dtype == "str"
    assert read_table(file(["1e+05", "2e+06"]))["k"].tolist() == [1e5, 2e6]
    assert read_table(file(["1.5e5", "2e6"]))["k"].tolist() == [1.5e5, 2e6]


def test_a_month_and_two_digits_are_no_date_and_named():
    months = pd.date_range("2010-01-01", periods=60, freq="MS")
    table = pd.DataFrame({"k": months.strftime("%b-%y"), "v": range(60)})
    file = read_table_file(table.to_csv(index=False).encode())
    assert file.frame["k"].iloc[0] == "Jan-10"
    assert any("'Jan-10', which could be a month and a year" in note for note in file.column_notes)
    codes = read_table_file(b"k,v\n" + b"".join(b"Lot-%d,%d\n" % (i, i) for i in range(10, 70)))
    assert not any("month" in note for note in codes.column_notes)
