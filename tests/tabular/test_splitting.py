from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nfm.errors import SchemaError
from nfm.tabular.splitting import SplitOptions, split_rows


def split(rows, values=None, task="binary", **options):
    frame = rows if isinstance(rows, pd.DataFrame) else pd.DataFrame(index=range(rows))
    return split_rows(frame, values, task, SplitOptions(**options))


def sizes(parts):
    return len(parts.train), len(parts.validation), len(parts.test)


@given(
    st.lists(st.sampled_from([0, 1, 2, 3, None]), max_size=60),
    st.sampled_from([0.0, 0.01, 0.2, 0.5, 0.9]),
    st.sampled_from([0.0, 0.01, 0.2, 0.5, 0.9]),
    st.integers(0, 2**32 - 1),
    st.sampled_from(["binary", "multiclass", "regression", None]),
    st.booleans(),
)
def test_every_row_with_target_is_in_one_part(values, test, validation, seed, task, stratify):
    parts = split(
        len(values),
        pd.Series(values, dtype=float),
        task,
        test_fraction=test,
        validation_fraction=validation,
        random_state=seed,
        stratify=stratify,
    )
    together = np.concatenate([parts.train, parts.validation, parts.test])
    rows = [row for row, value in enumerate(values) if task is None or value is not None]
    assert sorted(together) == rows
    assert together.dtype == np.int64
    assert len(parts.train) > 0 or not rows
    assert (len(parts.test) > 0) == (test > 0 and len(rows) > 1)


def test_shares_are_of_all_rows_and_of_the_rest():
    assert sizes(split(1000)) == (640, 160, 200)
    assert sizes(split(1000, test_fraction=0.0)) == (800, 200, 0)
    assert sizes(split(1000, test_fraction=0.0, validation_fraction=0.0)) == (1000, 0, 0)


def test_equal_seeds_give_equal_parts_and_others_do_not():
    values = [0, 1] * 500
    first, again = (split(1000, values, random_state=3) for _ in range(2))
    other = split(1000, values, random_state=4)
    np.testing.assert_array_equal(first.test, again.test)
    np.testing.assert_array_equal(first.validation, again.validation)
    assert set(first.test) != set(other.test)


def test_parts_are_in_the_order_of_the_rows():
    parts = split(100, [0, 1] * 50)
    assert all((np.diff(part) > 0).all() for part in (parts.train, parts.validation, parts.test))


def test_every_part_has_its_share_of_each_class():
    values = np.repeat([0, 1, 2], [700, 250, 50])
    parts = split(1000, values, "multiclass")
    assert np.bincount(values[parts.test]).tolist() == [140, 50, 10]
    assert np.bincount(values[parts.validation]).tolist() == [112, 40, 8]


def test_every_part_has_its_share_of_low_and_high_numbers():
    values = np.random.default_rng(0).lognormal(0, 3, 1000)
    median = np.median(values)
    parts = split(1000, values, "regression")
    assert (values[parts.test] > median).mean() == pytest.approx(0.5, abs=0.01)


def test_a_class_with_one_row_is_learned_from():
    for seed in range(20):
        parts = split(101, [0] * 50 + [1] * 50 + [2], "multiclass", random_state=seed)
        assert 100 in parts.train


def test_a_class_with_two_rows_keeps_one_in_training():
    for seed in range(20):
        parts = split(
            12, [0] * 10 + [1] * 2, test_fraction=0.5, validation_fraction=0.5, random_state=seed
        )
        assert {10, 11} & set(parts.train)


def test_a_table_in_which_every_row_is_a_class_of_its_own_is_divided():
    assert sizes(split(10, range(10), "multiclass")) == (6, 2, 2)


def test_a_group_stays_together():
    frame = pd.DataFrame({"family": np.random.default_rng(0).integers(0, 60, 1000)})
    parts = split(frame, [0, 1] * 500, group_column="family")
    groups = [set(frame["family"].iloc[rows]) for rows in (parts.train, parts.validation)]
    groups.append(set(frame["family"].iloc[parts.test]))
    assert not groups[0] & groups[1]
    assert not groups[0] & groups[2]
    assert not groups[1] & groups[2]
    assert sizes(parts) == (
        pytest.approx(640, abs=40),
        pytest.approx(160, abs=20),
        pytest.approx(200, abs=20),
    )


def test_groups_are_divided_so_that_the_classes_are_spread():
    frame = pd.DataFrame({"group": np.repeat(range(100), 10)})
    values = np.repeat(np.arange(100) < 20, 10)
    parts = split(frame, values, group_column="group")
    assert values[parts.test].mean() == pytest.approx(0.2, abs=0.05)


def test_rows_without_a_group_are_divided_freely():
    frame = pd.DataFrame({"group": [None] * 100})
    assert sizes(split(frame, group_column="group")) == (64, 16, 20)


def test_two_groups_give_training_and_test():
    frame = pd.DataFrame({"group": ["a", "b"] * 10})
    assert sizes(split(frame, group_column="group")) == (10, 0, 10)


def test_one_group_cannot_be_divided():
    frame = pd.DataFrame({"group": ["a"] * 10})
    with pytest.raises(SchemaError, match="All rows have the same value in 'group'"):
        split(frame, group_column="group")
    whole = split(frame, group_column="group", test_fraction=0.0, validation_fraction=0.0)
    assert sizes(whole) == (10, 0, 0)


@pytest.mark.parametrize(
    "times",
    [
        pd.Series(pd.date_range("2024-01-01", periods=10)),
        pd.Series([f"{day}.1.2024" for day in range(10, 20)]),
        pd.Series(range(10)),
    ],
)
def test_the_latest_rows_are_the_test(times):
    order = np.array([3, 1, 9, 0, 5, 2, 8, 7, 4, 6])
    parts = split(pd.DataFrame({"when": times.iloc[order].to_numpy()}), time_column="when")
    assert sorted(order[parts.test]) == [8, 9]
    assert sorted(order[parts.validation]) == [6, 7]


def test_rows_without_a_time_are_learned_from():
    frame = pd.DataFrame({"when": [np.nan, *range(9)]})
    assert 0 in split(frame, time_column="when").train


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"group_column": "x"}, "There is no column 'x'"),
        ({"time_column": "x"}, "There is no column 'x'"),
        ({"time_column": "word"}, "neither dates nor numbers"),
        ({"time_column": "word", "group_column": "word"}, "not both"),
    ],
)
def test_an_impossible_split_is_refused_in_a_sentence(options, message):
    with pytest.raises(SchemaError, match=message):
        split(pd.DataFrame({"word": ["a", "b"] * 5}), **options)


def test_options_survive_json():
    options = SplitOptions(test_fraction=0.1, group_column="a")
    assert SplitOptions.model_validate_json(options.model_dump_json()) == options


@pytest.mark.parametrize(
    ("values", "task"),
    [
        (["a", "b", None, "a", " ", "b"] * 5, "binary"),
        ([1.0, 2.0, np.nan, 4.0, np.inf, 6.0] * 5, "regression"),
        (["1", "x", "", "2", None, "y"] * 5, "regression"),
    ],
)
def test_rows_without_a_target_are_in_no_part(values: list, task: str) -> None:
    frame = pd.DataFrame({"x": range(30)})
    split = split_rows(frame, pd.Series(values), task, SplitOptions())
    together = np.sort(np.concatenate([split.train, split.validation, split.test]))
    assert together.tolist() == [row for row in range(30) if row % 6 not in (2, 4)]


def test_two_rows_of_a_small_class_stay_in_training():
    values = pd.Series([name for place in range(30) for name in [f"class {place}"] * 2])
    values = pd.concat([values, pd.Series(["large"] * 60)], ignore_index=True)
    for seed in range(5):
        options = SplitOptions(random_state=seed)
        split = split_rows(pd.DataFrame(index=values.index), values, "multiclass", options)
        assert values.iloc[split.train].value_counts().min() == 2
        assert len(split.test) == 24
