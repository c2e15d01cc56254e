from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nfm.tabular.kinds import infer_kind

RANDOM = np.random.default_rng(0)


def column(values, repeat=1):
    return pd.Series(list(values) * repeat)


def words(count, length):
    letters = list("abcdefghij")
    return [
        " ".join("".join(RANDOM.choice(letters, 5)) for _ in range(length)) for _ in range(count)
    ]


@pytest.mark.parametrize(
    ("name", "series", "kind"),
    [
        # whole numbers
        ("Pclass", column([3, 3, 3, 1, 1, 2], 50), "categorical"),
        ("SibSp", column([0, 0, 0, 0, 1, 1, 2, 3, 4, 5, 8], 40), "numeric"),
        ("children", column([0] * 9 + [1] * 5 + [2] * 2 + [3], 9), "numeric"),
        ("slope", column([0] * 3 + [1] * 5 + [2] * 4, 9), "categorical"),
        ("having_ip", column([-1, 0, 1, 1], 9), "categorical"),
        ("cylinders", column([3, 4, 5, 6, 8], 40), "numeric"),
        ("doors", column([2, 3, 4, 5], 40), "numeric"),
        ("rating", column(range(1, 11), 40), "numeric"),
        ("year", column(range(1900, 2000)), "numeric"),
        ("built", column(range(1900, 2000)), "numeric"),
        ("smoker", column([0, 1], 40), "categorical"),
        ("grade", column([3, 7], 40), "categorical"),
        ("zip", column([10001, 10002, 90210, 60601, 73301, 94105], 40), "categorical"),
        ("zipCode", column(range(10000, 10400), 3), "categorical"),
        ("month", column(range(1, 13), 10), "categorical"),
        ("user_id", column(RANDOM.integers(0, 500, 2000)), "categorical"),
        ("childid", column(RANDOM.integers(0, 100, 600)), "categorical"),
        ("Household.hid", column(RANDOM.integers(0, 100, 600)), "categorical"),
        ("municipality", column(RANDOM.integers(100, 2500, 60), 9), "categorical"),
        ("county", column(range(1, 90), 7), "categorical"),
        ("account", column(RANDOM.integers(10**12, 10**13, 40), 9), "categorical"),
        ("joined", column(1_700_000_000_000 + 86_400_000 * np.arange(40), 9), "numeric"),
        ("assets", column(RANDOM.integers(10**9, 10**12, 40), 9), "numeric"),
        ("amount_paid", column(RANDOM.integers(0, 100, 600)), "numeric"),
        ("humid", column(RANDOM.integers(0, 100, 600)), "numeric"),
        ("NO2", column(RANDOM.integers(0, 100, 600)), "numeric"),
        ("user_age", column(RANDOM.integers(18, 80, 2000)), "numeric"),
        ("population", column(RANDOM.choice(10**7, 500, replace=False)), "numeric"),
        ("id", column(RANDOM.choice(10**7, 500, replace=False)), "identifier"),
        ("customerID", column(RANDOM.choice(10**7, 500, replace=False)), "identifier"),
        ("row", column(range(300)), "identifier"),
        ("row", column(RANDOM.permutation(300) + 1001), "identifier"),
        ("row", column(np.sort(RANDOM.choice(891, 600, replace=False))), "identifier"),
        ("date", column([20240101 + day for day in range(28)], 2), "date"),
        ("fecha", column([20240101 + 100 * (d % 12) + d % 28 for d in range(84)], 2), "date"),
        ("amount", column([20240101 + day for day in range(28)], 2), "numeric"),
        ("coded", pd.Series([1.0, 2.0, 3.0, np.nan] * 20), "categorical"),
        # fractions
        ("measure", column(RANDOM.normal(size=500)), "numeric"),
        ("id", column(RANDOM.normal(size=500)), "numeric"),
        ("two", column([0.5, 1.5], 20), "numeric"),
        # booleans, dates, durations, categories
        ("flag", column([True, False], 20), "categorical"),
        ("flag", pd.Series([True, None] * 20, dtype="boolean"), "categorical"),
        ("when", pd.Series(pd.date_range("2024-01-01", periods=30)), "date"),
        ("when", column([f"{day}.1.2024" for day in range(1, 31)]), "date"),
        ("took", pd.to_timedelta(pd.Series(range(30)), unit="h") / 7, "numeric"),
        ("size", pd.Series(list("abc") * 20, dtype="category"), "categorical"),
        # text
        ("sex", column(["male", "female"], 40), "categorical"),
        ("comment", column(words(300, 12)), "text"),
        ("review", column(words(100, 12), 3), "text"),
        ("title", column(words(300, 3)), "text"),
        ("hash", column(words(300, 1)), "identifier"),
        (
            "price",
            column([f"{x:.2f}" for x in RANDOM.uniform(0, 9, 300)] + ["n.k."] * 3),
            "numeric",
        ),
        ("price", column([f"{x:,d}" for x in RANDOM.integers(1000, 10**7, 300)]), "numeric"),
        ("plz", column([f"{x:05d}" for x in RANDOM.integers(1000, 1100, 300)]), "categorical"),
        ("grade", column(["1", "2", "3", "A"], 20), "categorical"),
        ("colour", column(["red", "green", "blue", "red", "green"]), "categorical"),
        # nothing to learn from
        ("empty", pd.Series([np.nan] * 20), "constant"),
        ("empty", pd.Series([None] * 20, dtype=object), "constant"),
        ("same", column([7], 20), "constant"),
        ("same", column(["x"], 20), "constant"),
        ("same", column([True], 20), "constant"),
        ("marked", pd.Series(["x", None] * 20), "categorical"),
        ("marked", pd.Series([1, np.nan] * 20), "categorical"),
    ],
)
def test_kind_of_an_ordinary_column(name, series, kind):
    judged = infer_kind(name, series)
    assert judged.kind == kind, judged.reason
    assert judged.reason.endswith(".")


def test_a_column_with_many_levels_but_few_values_is_categorical(titanic):
    judged = infer_kind("Cabin", titanic["Cabin"])
    assert judged.kind == "categorical"
    assert judged.level_count == 147
    assert judged.missing_share == pytest.approx(687 / 891)


def test_the_reason_for_an_identifier_gives_the_numbers(titanic):
    judged = infer_kind("PassengerId", titanic["PassengerId"])
    assert judged.reason == "891 of 891 values differ: an identifier."


def test_the_reason_says_how_dates_are_read():
    judged = infer_kind("when", column(["13/1/2024", "5/2/2024"], 5))
    assert judged.reason == "Values such as 13/1/2024 are dates, day before month."
    assert judged.day_first is True


def test_the_reason_says_which_text_is_no_number():
    series = column([str(x / 7) for x in range(200)] + ["unknown"])
    assert infer_kind("x", series).reason == (
        '200 of 201 values can be read as numbers; the others, such as "unknown", count as missing.'
    )


def test_examples_are_short_and_few():
    judged = infer_kind("x", column(["y" * 1000, *"abcdefgh"], 3))
    assert len(judged.examples) == 5
    assert max(map(len, judged.examples)) == 60


def test_examples_of_numbers_have_six_digits():
    assert infer_kind("x", column([60.50600051879883, 3.0, 0.1], 9)).examples == (
        "60.506",
        "3",
        "0.1",
    )


@pytest.mark.parametrize(
    ("series", "kind"),
    [
        (column(range(300)), "numeric"),
        (pd.Series([1.0, 2.0, 3.0] * 20), "numeric"),
        (pd.Series([0.0, 1.0] * 20), "numeric"),
        (pd.Series([np.nan] * 20), "numeric"),
        (pd.Series([2.0] * 20), "numeric"),
        (pd.Series([1.5, 2, 3] * 20, dtype=object), "numeric"),
        (column([1, 2, 3], 20), "categorical"),
        (column(words(300, 1)), "categorical"),
        (column(words(300, 12)), "categorical"),
        (column(["2024-01-01", "2024-01-02"], 9), "categorical"),
        (pd.Series(range(300)).astype("category"), "categorical"),
        (pd.Series(["x"] * 20), "categorical"),
        (column([True, False], 20), "categorical"),
        (pd.Series(pd.date_range("2024-01-01", periods=30)), "date"),
    ],
)
def test_the_estimator_keeps_every_column_as_its_type_says(series, kind):
    assert infer_kind("x", series, keep_all=True).kind == kind


def test_a_column_without_rows_is_judged():
    assert infer_kind("x", pd.Series([], dtype=float)).kind == "constant"
    assert infer_kind("x", pd.Series([], dtype=object)).kind == "constant"
