"""Missing values where training had none, and columns without a value, are named."""

from __future__ import annotations

import pandas as pd
import pytest

from nfm.settings import Settings
from nfm.tabular.encoding import Encoder
from nfm.tabular.infer_schema import infer_schema
from nfm.tabular.reading_notes import notes_and_doubts, reading_warnings

ROWS = 60
COLUMNS = {
    "number": [row % 41 + 0.5 for row in range(ROWS)],
    "level": [("red", "green", "blue")[row % 3] for row in range(ROWS)],
    "date": pd.date_range("2024-01-01", periods=ROWS).strftime("%Y-%m-%d"),
}


def warned(training: pd.Series, later: list[object]) -> str:
    frame = pd.DataFrame({"k": training, "v": [row % 7 for row in range(ROWS)]})
    encoder = Encoder.fit(frame, infer_schema(frame, "v").features, Settings())
    rows = pd.DataFrame({"k": later})
    sentences = reading_warnings(rows, encoder)
    doubts, notes = notes_and_doubts(rows, encoder, ["k"])
    assert set(sentences) <= set(doubts)
    assert not set(doubts) & set(notes)
    return " ".join(sentences)


@pytest.mark.parametrize("column", COLUMNS)
def test_the_first_missing_value_is_named_with_what_it_counts_as(column: str):
    training = pd.Series(COLUMNS[column])
    text = warned(training, [training[0], None, training[1]])
    assert "'k': 1 of 3 rows have no " in text
    assert "was missing; " in text
    assert warned(training, [training[0], training[1]]) == ""


@pytest.mark.parametrize("column", COLUMNS)
def test_a_column_that_is_blank_is_named_even_if_training_has_missing_values(column: str):
    training = pd.Series(COLUMNS[column], dtype=object)
    training[5:20] = None
    assert "no row has a value, so the model takes all 30 as missing" in warned(
        training, [None] * 30
    )
    assert warned(training, [None]) == ""
    assert warned(training, [None] * 2 + [training[0]]) == ""


@pytest.mark.parametrize("column", ["level", "date"])
def test_far_more_missing_values_than_in_training_are_named(column: str):
    training = pd.Series(COLUMNS[column], dtype=object)
    training[5:8] = None
    assert "but in training only 5% had none" in warned(training, [None] * 8 + [training[0]])
    assert warned(training, [None] * 2 + [training[0]]) == ""
    training[5:40] = None
    assert warned(training, [None] * 20 + [training[0]]) == ""


def test_cells_that_cannot_be_read_are_named_once():
    text = warned(pd.Series(COLUMNS["number"]), ["soon"] * 3 + ["1.5"] * 30)
    assert "cannot be read as a number" in text
    assert "was missing" not in text
