"""What people call the columns and levels of their table."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as some

from nfm.errors import ReadingError
from nfm.files.writing import csv_bytes
from nfm.tabular.data_dictionary import (
    FRAME_COLUMNS,
    LONGEST_NAME,
    MOST_ENTRIES,
    ColumnEntry,
    DataDictionary,
)
from nfm.tabular.infer_schema import infer_schema
from nfm.tabular.samples import SAMPLES, load_sample, sample_dictionary

HOUSES = b"""column,level,name,unit,probability
,,house,,
sqm,,Living area,m2,
sold,,,,
sold,0,still for sale,,
sold,yes,sold,,Probability of a sale
zone,-,no zone,,
"""
# No marks and blanks at the ends, which cells lose, and no apostrophe, which may be a guard.
TEXTS = some.text(
    some.characters(codec="utf-8", exclude_categories=("C", "Z"), exclude_characters="'"),
    min_size=1,
    max_size=12,
)


def test_csv_names_rows_columns_levels_classes_and_units():
    read = DataDictionary.read(HOUSES)
    assert read.row == "house"
    assert read.columns == {
        "sqm": ColumnEntry(name="Living area", unit="m2"),
        "sold": ColumnEntry(
            levels={"0": "still for sale", "yes": "sold"},
            probabilities={"yes": "Probability of a sale"},
        ),
        "zone": ColumnEntry(levels={"-": "no zone"}),
    }


def test_json_is_the_same():
    read = DataDictionary.read(HOUSES)
    assert DataDictionary.read(read.model_dump_json(indent=2).encode()) == read


@pytest.mark.parametrize(
    "content",
    [
        HOUSES.replace(b",", b";"),
        HOUSES.replace(b"column,level,name", b"Column, Level ,NAME"),
        "\ufeff".encode() + HOUSES,
        HOUSES.replace(b"\n", b"\r\n"),
    ],
)
def test_spreadsheets_write_it_in_their_own_way(content: bytes):
    assert DataDictionary.read(content) == DataDictionary.read(HOUSES)


def test_only_names_are_needed():
    assert DataDictionary.read(b"name,column\nLiving area,sqm\n").columns["sqm"].name == (
        "Living area"
    )


def test_file_may_be_given_as_a_path(tmp_path):
    path = tmp_path / "names.csv"
    path.write_bytes(HOUSES)
    assert DataDictionary.read(path) == DataDictionary.read(str(path))
    with pytest.raises(ReadingError, match=r"other\.csv cannot be read"):
        DataDictionary.read(tmp_path / "other.csv")


entries = some.builds(
    ColumnEntry,
    name=TEXTS,
    unit=some.just("") | TEXTS,
    levels=some.dictionaries(TEXTS, TEXTS, max_size=3),
    probabilities=some.dictionaries(TEXTS, TEXTS, max_size=2),
)
dictionaries = some.builds(
    DataDictionary,
    columns=some.dictionaries(TEXTS, entries, max_size=3),
    row=some.just("") | TEXTS,
)


@given(dictionaries)
def test_what_is_written_is_read_again_also_after_the_guard_against_formulas(dictionary):
    assert DataDictionary.from_frame(dictionary.to_frame()) == dictionary
    if dictionary != DataDictionary():
        assert DataDictionary.read(csv_bytes(dictionary.to_frame())) == dictionary


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"name,unit\nLiving area,m2\n", "no column 'column'"),
        (b"column,level\nsold,0\n", "no column 'name'"),
        (b"column,level,name,unit\nsold,0,open,m2\n", "level '0' of 'sold' has the unit 'm2'"),
        (b"column,name,probability\nsold,Sold,chance\n", "'sold' has the probability 'chance'"),
        (b"column,name\nsold," + b"x" * (LONGEST_NAME + 1), "'columns > sold > name'"),
        (b'{"columns": {"sold": {"label": "Sold"}}}', "'columns > sold > label'"),
        (b'{"columns": ', "The data dictionary is wrong"),
        (b'{"row": "\xff"}', "not UTF-8"),
        (b"", "empty"),
    ],
)
def test_what_cannot_be_used_is_named(content: bytes, message: str):
    with pytest.raises(ReadingError, match=message):
        DataDictionary.read(content)


def test_too_many_entries_are_refused():
    frame = pd.DataFrame({"column": "a", "level": range(MOST_ENTRIES + 1), "name": "b"})
    with pytest.raises(ReadingError, match=r"5,002 entries, more than the 5,000 allowed"):
        DataDictionary.from_frame(frame)


def test_levels_are_named_by_their_canonical_text():
    frame = pd.DataFrame({"column": "a", "level": [1.0, 2.0], "name": ["one", "two"]})
    assert DataDictionary.from_frame(frame).columns["a"].levels == {"1": "one", "2": "two"}


def test_columns_of_other_tables_are_found():
    assert DataDictionary.read(HOUSES).unknown_columns(["sqm", "zone"]) == ("sold",)


@pytest.mark.parametrize(
    ("names", "levels", "message"),
    [
        ({"a": {"name": "b"}}, {}, "The columns 'a' and 'b' would both be called 'b'"),
        ({"a": {"name": "x"}, "b": {"name": "x"}}, {}, "would both be called 'x'"),
        ({"a": {"levels": {"0": "no", "1": "no"}}}, {}, "The levels '0' and '1' of 'a' would"),
        ({"a": {"levels": {"0": "1"}}}, {"a": ["0", "1"]}, "The levels '0' and '1' of 'a' would"),
        ({"a": {"levels": {"0": "1", "1": "0"}}}, {"a": ["0", "1"]}, ""),
        ({"a": {"name": "x", "unit": "m"}, "b": {"name": "x", "unit": "s"}}, {}, ""),
        ({"a": {"name": "x"}, "c": {"name": "x"}}, {}, ""),  # of another table
    ],
)
def test_names_that_look_the_same_are_refused(names: dict, levels: dict, message: str):
    dictionary = DataDictionary.model_validate({"columns": names})
    if not message:
        dictionary.check_distinct(["a", "b"], levels)
        return
    with pytest.raises(ReadingError, match=message):
        dictionary.check_distinct(["a", "b"], levels)


@pytest.mark.parametrize("key", SAMPLES)
def test_samples_dictionaries_name_what_the_samples_have(key: str):
    frame, dictionary = load_sample(key), sample_dictionary(key)
    assert dictionary.unknown_columns(frame.columns) == ()
    for name, entry in dictionary.columns.items():
        assert {*entry.levels, *entry.probabilities} <= set(frame[name].dropna().astype(str))


def test_a_schema_carries_it_and_its_unit():
    cars = load_sample("cars")
    plain = infer_schema(cars, "mpg")
    words = DataDictionary.read(b"column,name,unit\nmpg,Range,mi/gal\nhp,Power,hp\n")
    schema = plain.with_dictionary(words)
    assert schema.unit == "mi/gal"
    assert schema.with_target("hp", cars).unit == "hp"
    assert type(schema).model_validate_json(schema.model_dump_json()) == schema
    assert "dictionary" not in plain.model_dump()  # versions without it read the rest
    assert tuple(FRAME_COLUMNS) == tuple(words.to_frame().columns)
