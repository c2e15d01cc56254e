"""Columns in groups to be drawn."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nfm.tabular.categorical_field import MISSING_LEVEL
from nfm.tabular.grouping import MAX_LEVELS, OTHERS_TEXT, group_rows


def counts(groups):
    return dict(zip(groups.texts, np.bincount(groups.codes, minlength=len(groups)), strict=True))


def test_numbers_fall_into_round_ranges_with_open_ends():
    groups = group_rows(pd.Series([*range(0, 1000), 1e6, -1e6, np.nan]), "numeric")
    assert groups.texts[0] == "below 100"
    assert groups.texts[1] == "100 to 200"
    assert groups.texts[-2:] == ("from 900", MISSING_LEVEL)
    assert groups.ends[:3] == ("", "100", "200")
    found = counts(groups)
    assert found["100 to 200"] == 100
    assert found["below 100"] == 101
    assert found[MISSING_LEVEL] == 1


def test_few_numbers_are_groups_of_their_own():
    found = counts(group_rows(pd.Series([3, 1, 1, 2.5]), "numeric"))
    assert found == {"1": 2, "2.5": 1, "3": 1}


def test_most_frequent_levels_come_first_and_the_rest_together():
    words = [name for place in range(30) for name in [f"level {place}"] * (40 - place)]
    groups = group_rows(pd.Series([*words, None]), "categorical")
    assert groups.texts[0] == "level 0"
    assert groups.texts[-2:] == (OTHERS_TEXT, MISSING_LEVEL)
    assert len(groups) == MAX_LEVELS + 2
    assert counts(groups)[OTHERS_TEXT] == len(words) - sum(range(31, 41))


def test_levels_that_are_numbers_stand_in_their_order():
    assert group_rows(pd.Series([3, 3, 3, 1, 2, 2]), "categorical").texts == ("1", "2", "3")


def test_dates_fall_into_ranges_that_hold_them():
    days = pd.Series(pd.date_range("2020-01-01", "2024-12-31", freq="7D")).astype(str)
    groups = group_rows(days, "date")
    assert groups.ordered
    assert 3 <= len(groups) <= 12
    assert groups.ends[:2] == ("2020-01", "2021-01")
    assert sum(counts(groups).values()) == len(days)


@pytest.mark.parametrize("kind", ["numeric", "date", "categorical"])
def test_a_column_of_missing_values_is_one_group(kind):
    groups = group_rows(pd.Series([np.nan] * 5), kind)
    assert groups.texts == (MISSING_LEVEL,)
    assert list(groups.codes) == [0] * 5


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=1, max_size=60))
def test_every_number_is_in_one_group(values):
    groups = group_rows(pd.Series(values, dtype=float), "numeric")
    assert len(groups.codes) == len(values)
    assert groups.codes.min() >= 0
    assert groups.codes.max() < len(groups)
    present = np.isfinite(values)
    order = np.argsort(np.array(values)[present])
    assert (np.diff(groups.codes[present][order]) >= 0).all()
