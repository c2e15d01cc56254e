from __future__ import annotations

import datetime
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from nfm.tabular.level_values import (
    level_codes,
    match_levels,
    mean_and_deviation,
    numbers,
    settled,
    value_type,
)


def read_levels(series):
    codes, levels = level_codes(series)
    return [None if code < 0 else levels[code] for code in codes]


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        (pd.Series([3, 1, 3]), ["3", "1", "3"]),
        (pd.Series([3.0, 1.5, np.nan]), ["3", "1.5", None]),
        (pd.Series([0.1], dtype="float32"), ["0.1"]),
        (pd.Series([-0.0]), ["0"]),
        (pd.Series([np.inf, -np.inf, 2.0]), [None, None, "2"]),
        (pd.Series([3, None], dtype="Int64"), ["3", None]),
        (pd.Series([True, False]), ["true", "false"]),
        (pd.Series([True, None], dtype="boolean"), ["true", None]),
        (pd.Series(["b", "a", None, "", "  "]), ["b", "a", None, None, None]),
        (pd.Series([3, 3.0, "3", None, True], dtype=object), ["3", "3", "3", None, "true"]),
        (pd.Series([["x"], ["x"]]), ['["x"]', '["x"]']),
        (pd.Series(["a", "b"], dtype=pd.CategoricalDtype(["c", "b", "a"])), ["a", "b"]),
        (pd.Series([2.0, None]).astype("category"), ["2", None]),
        (pd.to_datetime(pd.Series(["2024-03-05", None])), ["2024-03-05", None]),
        (pd.to_datetime(pd.Series(["2024-03-05 14:30"])), ["2024-03-05 14:30:00"]),
        (pd.Series([datetime.date(2024, 3, 5)], dtype=object), ["2024-03-05"]),
        (pd.Series([10**20, 1e18], dtype=object), ["100000000000000000000", "1e+18"]),
        (pd.Series(["\ud800"], dtype=object), ["?"]),
    ],
)
def test_levels_are_canonical_text(values, texts):
    assert read_levels(values) == texts


def test_only_categories_that_occur_are_levels():
    series = pd.Series(["b", "a", "b"], dtype=pd.CategoricalDtype(["x", "a", "b"]))
    codes, levels = level_codes(series)
    assert list(codes) == [0, 1, 0]
    assert list(levels) == ["b", "a"]


def test_an_empty_column_has_no_levels():
    codes, levels = level_codes(pd.Series([], dtype=object))
    assert len(codes) == len(levels) == 0


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (pd.Series([1, 2]), [1, 2]),
        (pd.Series([1.5, np.inf, -np.inf, np.nan]), [1.5, np.nan, np.nan, np.nan]),
        (pd.Series([True, False]), [1, 0]),
        (pd.Series([True, None], dtype="boolean"), [1, np.nan]),
        (pd.Series([3, None], dtype="Int64"), [3, np.nan]),
        (pd.Series(["1", " 2.5 ", "x", None]), [1, 2.5, np.nan, np.nan]),
        (pd.Series(["1e300", "nan", "inf", "1_000"]), [1e300, np.nan, np.nan, np.nan]),
        (pd.Series(["3,5", "4,25"]), [3.5, 4.25]),
        (pd.Series(["1.234,5", "1.234"]), [1234.5, 1234]),
        (pd.Series(["1,234", "12,345,678", "5"]), [1234, 12345678, 5]),
        (pd.Series([Decimal("1.5"), 2, None], dtype=object), [1.5, 2, np.nan]),
        (pd.Series([1.0, 2.0, None]).astype("category"), [1, 2, np.nan]),
        (pd.to_timedelta(pd.Series(["1h", None])), [3600, np.nan]),
        (pd.to_datetime(pd.Series(["2024-01-01"])), [np.nan]),
        (pd.Series([1 + 2j]), [np.nan]),
    ],
)
def test_any_column_can_be_read_as_numbers(values, expected):
    found = numbers(values)
    assert found.dtype == np.float64
    np.testing.assert_array_equal(found, expected)


def test_numbers_of_a_vocabulary_are_found_in_another_spelling():
    index = pd.Index(["1", "2", "10"], dtype=object)
    texts = np.array(["1.0", "2", " 10", "x", "true"], dtype=object)
    assert list(match_levels(texts, index, "number")) == [0, 1, 2, -1, 0]


def test_booleans_of_a_vocabulary_are_found_in_another_spelling():
    index = pd.Index(["false", "true"], dtype=object)
    texts = np.array(["True", "NO", "1", "0", "maybe"], dtype=object)
    assert list(match_levels(texts, index, "boolean")) == [1, 0, 1, 0, -1]


def test_text_is_found_only_as_it_is():
    index = pd.Index(["1"], dtype=object)
    assert list(match_levels(np.array(["1", "1.0"], dtype=object), index, "text")) == [0, -1]


@pytest.mark.parametrize(
    ("series", "expected"),
    [
        (pd.Series([1, 2]), "number"),
        (pd.Series([1, None], dtype=object), "number"),
        (pd.Series([True, None], dtype=object), "boolean"),
        (pd.Series([True]).astype("category"), "boolean"),
        (pd.Series(["a"]), "text"),
        (pd.Series([1, "a"], dtype=object), "text"),
    ],
)
def test_the_type_of_values_is_seen_behind_objects_and_categories(series, expected):
    assert value_type(series) == expected


def test_objects_that_are_all_numbers_become_numbers():
    assert settled(pd.Series([1.5, 2.5], dtype=object)).dtype == np.float64


@pytest.mark.parametrize(
    ("values", "mean", "deviation"),
    [
        ([1.0, 3.0], 2.0, 1.0),
        ([1e300, 3e300], 2e300, 1e300),
        ([1e-300, 3e-300], 2e-300, 1e-300),
        ([5.0, 5.0], 5.0, 1.0),
        ([0.0], 0.0, 1.0),
    ],
)
def test_mean_and_deviation_of_numbers_of_any_size(values, mean, deviation):
    assert mean_and_deviation(np.array(values)) == pytest.approx((mean, deviation), rel=1e-12)
