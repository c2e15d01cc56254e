"""Levels that another program has changed are named also where new levels are usual."""

from __future__ import annotations

import pandas as pd
import pytest

from nfm.settings import Settings
from nfm.tabular.encoding import Encoder
from nfm.tabular.infer_schema import infer_schema
from nfm.tabular.reading_notes import reading_warnings

# So many levels of one row that a new one is no surprise.
NAMES = ["A & B", "St. Gallen", "20-30", "Zürich", "10-12", "1234567890123", "Weil (Rhein)"]
LEVELS = [*NAMES * 20, *(f"place{row}x" for row in range(60))]


def warned(value: str, levels: list[str] = LEVELS) -> str:
    frame = pd.DataFrame({"k": levels, "v": [row % 7 for row in range(len(levels))]})
    encoder = Encoder.fit(frame, infer_schema(frame, "v").features, Settings())
    return " ".join(reading_warnings(pd.DataFrame({"k": [value, "A & B"]}), encoder))


@pytest.mark.parametrize(
    ("value", "level"),
    [
        ("A &amp; B", "A & B"),
        ("A%20%26%20B", "A & B"),
        ("'A & B'", "A & B"),
        ("St.Gallen", "St. Gallen"),
        ("St._Gallen", "St. Gallen"),
        ("Z&uuml;rich", "Zürich"),
        ("20 - 30", "20-30"),
        ("1,234,567,890,123", "1234567890123"),
        ("'1234567890123", "1234567890123"),
        ("Zuerich", "Zürich"),
        ("A and B", "A & B"),
        ("Weil", "Weil (Rhein)"),
        ("St. Galle", "St. Gallen"),  # cut off after nine letters
        ("Z\\u00fcrich", "Zürich"),
        ("b'Z\\xc3\\xbcrich'", "Zürich"),
        ("St. G\u0430llen", "St. Gallen"),  # with a Cyrillic letter
    ],
)
def test_another_spelling_is_named_with_the_level(value: str, level: str) -> None:
    assert f"but the training table has {level!r}" in warned(value)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("10/12/2024", "no value was a date"),
        ("2024-10-12 00:00:00", "no value was a date"),
        ("10-Dec", "no value was a date"),
        ("1.23457E+12", "Spreadsheets round long numbers"),
        ("#NV", "leave these cells empty"),
        ("#¡REF!", "leave these cells empty"),
        ("#N/D", "leave these cells empty"),
        ("N.A.", "leave these cells empty"),
        ("(leer)", "leave these cells empty"),
        ("..", "leave these cells empty"),
        ("Unknown", "leave these cells empty"),
        ("<not recorded>", "leave these cells empty"),
        ("12月10日", "no value was a date"),
        ("123456789012345000", "Spreadsheets round long numbers"),
    ],
)
def test_dates_rounded_numbers_and_errors_are_named(value: str, said: str) -> None:
    assert said in warned(value)


@pytest.mark.parametrize("value", ["45292", "-999", "3.0"])
def test_a_number_where_no_level_was_one_is_named(value: str) -> None:
    levels = [level for level in LEVELS if not level.isdigit()]
    assert "no value was a number" in warned(value, levels)


@pytest.mark.parametrize("value", [float("inf"), float("-inf")])
def test_infinite_numbers_where_training_had_text_are_named(value: float) -> None:
    frame = pd.DataFrame({"k": ["INF", "WC", "RE", None] * 20, "v": [*range(8)] * 10})
    encoder = Encoder.fit(frame, infer_schema(frame, "v").features, Settings())
    assert "a word such as INF" in " ".join(reading_warnings(pd.DataFrame({"k": [value]}), encoder))
    assert reading_warnings(pd.DataFrame({"k": ["INF"]}), encoder) == ()


@pytest.mark.parametrize(
    "value", ["Bern", "place77x", "30-40", "2030", "1234567890124", "B", "#1 Main St"]
)
def test_an_ordinary_new_level_is_not_named(value: str) -> None:
    assert warned(value) == ""
