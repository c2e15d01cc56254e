from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nfm.errors import SchemaError
from nfm.tabular.samples import SAMPLES, load_sample
from nfm.tabular.splitting import SplitOptions, divides_alike, split_rows


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
        ({"group_column": "x"}, "The table has no column 'x'"),
        ({"time_column": "x"}, "The table has no column 'x'"),
        ({"time_column": "word"}, "neither dates nor numbers"),
        ({"time_column": "word", "group_column": "word"}, "not by both"),
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


def copied(rows: int, times: int, seed: int = 0) -> pd.DataFrame:
    """Different rows of fractions, and of a class that goes with none of them, several times."""
    random = np.random.default_rng(seed)
    once = pd.DataFrame(random.normal(size=(rows, 3)), columns=["a", "b", "c"])
    once["y"] = random.integers(0, 2, rows)
    return pd.concat([once] * times, ignore_index=True)


def assert_together(parts, units) -> None:
    """Make sure that no two parts have a row of the same set of copies."""
    units = np.asarray(units)
    sets = [set(units[rows]) for rows in (parts.train, parts.validation, parts.test)]
    assert not sets[0] & sets[1]
    assert not sets[0] & sets[2]
    assert not sets[1] & sets[2]


@pytest.mark.parametrize(("rows", "times"), [(200, 10), (50, 40), (20, 100), (1000, 2)])
@pytest.mark.parametrize("stratify", [True, False])
def test_copies_stay_in_one_part(rows: int, times: int, stratify: bool):
    frame = copied(rows, times)
    parts = split(frame, frame["y"], stratify=stratify)
    assert_together(parts, np.arange(len(frame)) % rows)
    assert len(parts.test) == pytest.approx(400, abs=times)
    assert len(parts.validation) == pytest.approx(320, abs=times)
    if stratify:
        share = frame["y"].mean()
        for part in (parts.train, parts.validation, parts.test):
            assert frame["y"].iloc[part].mean() == pytest.approx(share, abs=2 * times / len(part))


def test_copies_stay_together_whatever_their_labels_and_their_number_in_the_file():
    frame = copied(200, 10)
    frame["y"] = np.random.default_rng(1).integers(0, 2, len(frame))
    frame["row"] = np.arange(len(frame))
    assert_together(split(frame, frame["y"]), np.arange(2000) % 200)


def test_few_copies_among_many_rows_leave_shares_and_classes_exact():
    frame = pd.concat([copied(900, 1), copied(900, 1).iloc[:100]], ignore_index=True)
    parts = split(frame, frame["y"])
    assert sizes(parts) == (640, 160, 200)
    assert_together(parts, np.append(np.arange(900), np.arange(100)))
    assert frame["y"].iloc[parts.test].mean() == pytest.approx(frame["y"].mean(), abs=0.01)


@pytest.mark.parametrize("key", SAMPLES)
def test_samples_are_divided_as_before_copies_stayed_together(key: str):
    frame, sample = load_sample(key), SAMPLES[key]
    for seed in range(3):
        auto, never = (
            SplitOptions(random_state=seed, keep_copies_together=keep) for keep in ("auto", False)
        )
        assert divides_alike(frame, frame[sample.target], sample.task, auto, never)


def test_copies_are_divided_or_kept_as_one_wants():
    frame = copied(200, 10)
    never = split(frame, frame["y"], keep_copies_together=False)
    assert set(never.train % 200) & set(never.test % 200)
    xor = load_sample("xor").drop(columns="lamp")
    always = split(xor, keep_copies_together=True)
    assert_together(always, xor.astype(str).agg(" ".join, axis=1))
    assert min(sizes(always)) > 0


@given(
    st.lists(
        st.tuples(st.integers(0, 8), st.sampled_from([0, 1, 2, None])), min_size=1, max_size=50
    ),
    st.sampled_from([0.0, 0.2, 0.5, 0.9]),
    st.sampled_from([0.0, 0.2, 0.9]),
    st.sampled_from(["multiclass", "regression", None]),
    st.sampled_from([{}, {"time_column": "x"}, {"stratify": False}]),
)
def test_whole_sets_of_copies_are_divided_without_losing_a_row(rows, test, validation, task, more):
    frame = pd.DataFrame(rows, columns=["x", "y"]).astype(float)
    options = {"test_fraction": test, "validation_fraction": validation, **more}
    values = frame["y"]
    kept = [row for row, value in enumerate(values) if task is None or value == value]
    different = frame["x"].iloc[kept].nunique()
    if len(kept) > 1 and different == 1 and test + validation > 0:
        with pytest.raises(SchemaError, match="All rows are equal except for the target"):
            split(frame, values, task, keep_copies_together=True, **options)
        return
    parts = split(frame, values, task, keep_copies_together=True, **options)
    assert sorted(np.concatenate([parts.train, parts.validation, parts.test])) == kept
    assert_together(parts, frame["x"])
    assert len(parts.train) > 0 or not kept
    if test and different > 1:
        assert len(parts.test) > 0


def test_time_goes_before_copies_and_copies_of_one_time_stay_together():
    frame = pd.DataFrame({"day": np.repeat(np.arange(20), 10), "x": np.tile([0.5, 1.5], 100)})
    parts = split(frame, time_column="day", test_fraction=0.17, keep_copies_together=True)
    days = frame["day"].to_numpy()
    assert days[parts.train].max() <= days[parts.validation].min()
    assert days[parts.validation].max() <= days[parts.test].min()
    assert_together(parts, days * 2 + (frame["x"] > 1))
    assert len(parts.test) == 35


def test_copies_at_different_times_are_the_past_and_the_future():
    frame = copied(100, 4)
    frame["when"] = np.arange(len(frame))
    parts = split(frame, frame["y"], time_column="when")
    assert parts.test.min() == 320
    assert sizes(parts) == (256, 64, 80)


def test_copies_without_a_group_are_a_group():
    frame = copied(100, 4)
    frame["family"] = np.where(np.arange(400) % 100 < 50, np.arange(400) % 10, np.nan)
    parts = split(frame, frame["y"], group_column="family")
    assert_together(parts, np.arange(400) % 100)
    assert_together(parts, frame["family"].fillna(-1 - pd.Series(np.arange(400) % 100)))


def test_a_column_of_row_numbers_as_group_does_not_part_copies():
    frame = copied(100, 4)
    frame["number"] = np.arange(len(frame))
    assert_together(split(frame, frame["y"], group_column="number"), np.arange(400) % 100)


def test_rows_without_a_target_are_no_copies_of_others():
    frame = copied(100, 2)
    frame["y"] = frame["y"].astype(float)
    frame.loc[100:, "y"] = np.nan
    auto, never = (SplitOptions(keep_copies_together=keep) for keep in ("auto", False))
    assert divides_alike(frame, frame["y"], "binary", auto, never)


def test_a_rare_class_among_copies_is_learned_from():
    frame = copied(200, 5)
    frame["y"] = np.where(np.arange(1000) % 200 < 2, "rare", "usual")
    for seed in range(10):
        parts = split(frame, frame["y"], random_state=seed)
        assert "rare" in set(frame["y"].iloc[parts.train])
