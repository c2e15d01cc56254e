"""Numbers and dates far outside the training range are named; what a later table brings is not."""

from __future__ import annotations

import pandas as pd
import pytest

from nfm.settings import Settings
from nfm.tabular.encoding import Encoder
from nfm.tabular.infer_schema import infer_schema
from nfm.tabular.reading_notes import notes_and_doubts, reading_warnings

HEIGHTS = pd.Series([1.5 + row / 100 for row in range(50)])
DAYS = pd.Series(pd.date_range("2023-01-01", periods=90))


def trained(values: pd.Series) -> Encoder:
    frame = pd.DataFrame({"k": values, "v": [row % 7 for row in range(len(values))]})
    return Encoder.fit(frame, infer_schema(frame, "v").features, Settings())


def warned(values: object, training: pd.Series) -> str:
    return " ".join(reading_warnings(pd.DataFrame({"k": values}), trained(training)))


@pytest.mark.parametrize(
    ("training", "later"),
    [
        (HEIGHTS, 100 * HEIGHTS),  # centimetres
        (HEIGHTS, ["173"]),
        (HEIGHTS, list(100 * HEIGHTS) + list(HEIGHTS)),
        (pd.Series(range(1950, 2010)), pd.Series(range(50, 99))),
        (pd.Series([*range(-5, 30)] * 3), range(270, 300)),  # kelvins
        (pd.Series([*range(1995, 2023)] * 2), range(2540, 2560)),  # Buddhist years
        # Inches.
        (pd.Series([*range(150, 201)] * 2), [round(cm / 2.54, 1) for cm in range(155, 195)]),
        (DAYS, ["1901-01-01", "1902-03-05"]),
    ],
)
def test_values_of_another_unit_are_named(training: pd.Series, later: object):
    text = warned(later, training)
    assert "'k'" in text
    assert "far outside the training range" in text
    assert "unit" in text


@pytest.mark.parametrize(
    ("training", "mark", "value"),
    [
        (HEIGHTS, -999, 1.7),
        (pd.Series([*range(2000)] * 2), -999, 7),
        (HEIGHTS, 9999.0, 1.7),
        (DAYS, "9999-12-31", "2023-02-03"),
    ],
)
def test_a_number_or_date_that_may_mean_missing_is_named(training, mark, value):
    text = warned([value] * 40 + [mark] * 3, training)
    assert f"3 of 43 rows have {mark:g}" in text if isinstance(mark, float | int) else mark in text
    assert "If it means a missing value" in text


@pytest.mark.parametrize(
    ("training", "later"),
    [
        (HEIGHTS, HEIGHTS + 0.3),
        (HEIGHTS, [*HEIGHTS, 17.0]),  # an outlier
        (pd.Series([1.4 + row / 2 for row in range(60)]), [0.1]),
        (pd.Series([*range(1, 40)] * 3), [0, 12, 0, 7, 0, 30]),
        (pd.Series(range(2000, 2020)), range(2020, 2030)),
        (DAYS, pd.date_range("2026-01-01", periods=90)),
        (pd.Series([5.0] * 50 + [6.0]), [None, 7.0, 5.0]),
        (pd.Series([0, 1] * 30), [1, 0, 1]),
    ],
)
def test_what_a_later_table_brings_is_not_named(training: pd.Series, later: object):
    assert "outside" not in warned(later, training)


def test_dates_on_both_sides_of_the_training_range_are_named():
    years = pd.Series(pd.date_range("2014-01-01", "2024-12-31", periods=90))
    later = [f"20{1 + row:02}-0{1 + row % 9}-17" for row in range(30)]  # yy/mm/dd as dd/mm/yy
    assert "Check the order of day, month and year" in warned(later, years)


@pytest.mark.parametrize("training", [[1234.56, 70.25, 80_000.5], [1000, 70, 80_000]])
@pytest.mark.parametrize("as_text", [True, False])
def test_points_between_thousands_read_as_decimal_marks_are_named(training, as_text):
    later = ["1.955", "13.240", "2.001", "370"]
    values = later if as_text else [float(text) for text in later]
    text = warned(values, pd.Series(training * 30))
    assert "thousand" in text


def test_a_value_is_outside_the_range_in_one_sentence():
    rows = pd.DataFrame({"k": 100 * HEIGHTS})
    doubts, notes = notes_and_doubts(rows, trained(HEIGHTS), ["k"])
    assert sum("outside the training range" in text for text in (*doubts, *notes)) == 1
