"""Dates of a later table that are read, but may mean other ones than in training."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest

from nfm.files.reading import read_raw_table, read_table_file
from nfm.settings import Settings
from nfm.tabular.encoding import Encoder
from nfm.tabular.infer_schema import infer_schema
from nfm.tabular.reading_notes import reading_warnings

GENERATOR = np.random.default_rng(3)
DAYS = pd.Timestamp("2019-01-01") + pd.to_timedelta(GENERATOR.integers(0, 1800, 200), unit="D")
MOMENTS = DAYS + pd.to_timedelta(GENERATOR.integers(0, 86_400, 200), unit="s")
QUARTERS = [f"{2010 + row // 4}-Q{1 + row % 4}" for row in range(60)]


def csv(cells: Sequence[str]) -> bytes:
    rows = [f"{cell},{row % 7}" for row, cell in enumerate(cells)]
    return "\n".join(["x,y", *rows]).encode()


def said(training: Sequence[str], later: Sequence[str]) -> str:
    """Return the warnings of a later file, read with the formats of the training file."""
    frame = read_table_file(csv(training), "training.csv").frame
    encoder = Encoder.fit(frame, infer_schema(frame, "y").features, Settings())
    raw = read_raw_table(csv(later), "later.csv").frame
    return " ".join(reading_warnings(raw, encoder))


@pytest.mark.parametrize(
    "changed", ["{:%Y-%m-%d}", "{:%Y-%m-%d} 00:00:00", "{0.month}/{0.day}/{0.year}"]
)
def test_days_and_months_that_a_spreadsheet_has_swapped_are_named(changed: str) -> None:
    written = [f"{day:%d/%m/%Y}" for day in DAYS]
    # A spreadsheet that reads month first takes 4 March for 3 April, and leaves 25 March as it is.
    swapped = [
        text if day.day > 12 else changed.format(pd.Timestamp(day.year, day.day, day.month))
        for text, day in zip(written, DAYS, strict=True)
    ]
    assert "may have swapped day and month" in said(written, swapped[:40])
    assert said(written, written[:40]) == ""


@pytest.mark.parametrize("form", ["{0.day}/{0.month}/{0.year}", "{0.day}. {0:%B} {0.year}"])
def test_dates_in_one_form_are_not_taken_for_swapped_ones(form: str) -> None:
    written = [form.format(day) for day in DAYS]
    assert said(written, written[:40]) == ""


def test_times_of_day_where_training_had_days_are_named() -> None:
    days = [f"{day:%Y-%m-%d}" for day in DAYS]
    late = [f"{day - pd.Timedelta(hours=1):%Y-%m-%d %H:%M:%S}" for day in DAYS[:20]]
    assert "has a time of day, but in training no date had one" in said(days, late)
    assert said(days, [f"{day} 00:00:00" for day in days[:20]]) == ""


@pytest.mark.parametrize("form", ["{}-{}", "{}/{}", "{}.{}", "{}-0{}"])
def test_quarters_that_are_read_as_months_are_named(form: str) -> None:
    later = [form.format(text[:4], text[-1]) for text in QUARTERS[:12]]
    assert "in training all dates were the beginnings of quarters" in said(QUARTERS, later)
    months = [f"{year}-{month:02d}" for year in range(2010, 2016) for month in range(1, 13)]
    assert said(months, months[1:3]) == ""


@pytest.mark.parametrize("mark", ["1970-01-01", "1970-01-01 00:00:00", "1969-12-31", "1904-01-01"])
def test_the_first_moment_of_a_clock_is_named_as_a_missing_date(mark: str) -> None:
    days = [f"{day:%Y-%m-%d}" for day in DAYS]
    assert "If it means a missing value" in said(days, [*days[:20], mark, mark, mark])
    assert "1970" not in said(["1970-01-01", *days], ["1970-01-01", *days[:3]])


def test_a_clock_of_twelve_hours_without_am_and_pm_is_named() -> None:
    for form, twelve in (
        ("{:%Y-%m-%d %H:%M:%S}", "{:%Y-%m-%d %I:%M:%S}"),
        ("{:%H:%M:%S}", "{:%I:%M:%S}"),
    ):
        written = list(map(form.format, MOMENTS))
        assert "on a twelve-hour clock" in said(written, list(map(twelve.format, MOMENTS[:60])))
        assert said(written, written[:60]) == ""
        mornings = [form.format(moment) for moment in MOMENTS if 6 <= moment.hour < 12]
        assert said(written, mornings) == ""


def test_three_dates_at_midnight_are_no_surprise_where_most_were() -> None:
    moments = [
        f"{day:%Y-%m-%d} {'01' if row % 4 == 0 else '00'}:00:00" for row, day in enumerate(DAYS)
    ]
    midnights = [text for text in moments if text.endswith("00:00:00")][:3]
    frame = read_table_file(csv(moments), "training.csv").frame
    encoder = Encoder.fit(frame, infer_schema(frame, "y").features, Settings())
    assert reading_warnings(pd.DataFrame({"x": pd.to_datetime(midnights)}), encoder) == ()
    rare = [
        f"{day:%Y-%m-%d} {'00' if row % 9 == 0 else '13'}:00:00" for row, day in enumerate(DAYS)
    ]
    frame = read_table_file(csv(rare), "training.csv").frame
    encoder = Encoder.fit(frame, infer_schema(frame, "y").features, Settings())
    found = reading_warnings(pd.DataFrame({"x": pd.to_datetime(midnights)}), encoder)
    assert "no cell has a time of day" in " ".join(found)
