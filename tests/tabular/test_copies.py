"""Copies of rows are told from the repeats of columns with few values."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nfm.tabular.copies import find_copies, row_keys
from nfm.tabular.samples import SAMPLES, load_sample


def draw(rows: int, seed: int = 0, **columns: int) -> pd.DataFrame:
    """Independent columns: name to the number of its values, 0 for fractions."""
    random = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            name: random.integers(0, values, rows) if values else random.normal(size=rows)
            for name, values in columns.items()
        }
    )


def times(frame: pd.DataFrame, count: int) -> pd.DataFrame:
    return pd.concat([frame] * count, ignore_index=True)


@pytest.mark.parametrize("key", SAMPLES)
def test_no_sample_has_copies(key: str) -> None:
    assert not find_copies(load_sample(key), SAMPLES[key].target).beyond_chance


@pytest.mark.parametrize(("key", "different"), [("xor", 12), ("parity", 24)])
def test_repeats_of_few_valued_columns_are_counted(key: str, different: int) -> None:
    found = find_copies(load_sample(key), "lamp")
    assert (found.repeated, found.different) == (2000, different)


@pytest.mark.parametrize(
    "frame",
    [
        draw(200, a=0, b=0, c=2),
        draw(200, a=5, b=5, c=5, d=5, e=5, f=5),
        draw(200, a=0, b=3).assign(c=lambda rows: rows["a"] * 2),
        draw(200, a=0, b=4).assign(b=lambda rows: rows["b"].map(dict(enumerate("wxy")))),
    ],
    ids=["fractions", "levels", "columns that say the same", "text with gaps"],
)
def test_a_table_ten_times_over_has_copies(frame: pd.DataFrame) -> None:
    found = find_copies(times(frame, 10))
    assert not find_copies(frame).beyond_chance
    assert found.beyond_chance
    assert found.repeated == 2000
    np.testing.assert_array_equal(found.groups[:200], found.groups[200:400])


def test_one_copied_row_of_fractions_is_enough() -> None:
    frame = draw(200, a=0, b=0, c=2)
    found = find_copies(pd.concat([frame, frame.iloc[[7]]], ignore_index=True))
    assert found.beyond_chance
    assert (found.repeated, found.different) == (2, 1)


def test_some_copies_among_levels_are_found() -> None:
    frame = draw(1000, a=6, b=6, c=6, d=6, e=6)
    assert find_copies(pd.concat([frame, frame.iloc[:300]])).beyond_chance


def test_independent_columns_raise_hardly_a_false_alarm() -> None:
    random = np.random.default_rng(4)
    alarms = 0
    for seed in range(200):
        sizes = random.integers(2, 30, random.integers(2, 6))
        frame = draw(500, seed, **{f"c{place}": int(size) for place, size in enumerate(sizes)})
        alarms += find_copies(frame).beyond_chance
    assert alarms <= 1


def test_columns_that_say_the_same_make_no_copies() -> None:
    frame = load_sample("xor").drop(columns="lamp")
    frame["switch 1 is down"] = frame["switch 1"] == "down"
    assert not find_copies(frame).beyond_chance


def test_answers_that_go_together_make_no_copies() -> None:
    random = np.random.default_rng(2)
    mood = random.normal(size=4000)
    frame = pd.DataFrame(
        {
            f"question {place}": np.digitize(mood + random.normal(size=4000), [-2, -0.7, 0.7, 2])
            for place in range(6)
        }
    )
    found = find_copies(frame)
    assert found.repeated > 2000
    assert not found.beyond_chance


def test_a_frequent_case_is_no_copy() -> None:
    random = np.random.default_rng(2)
    health = random.normal(size=4000)
    frame = pd.DataFrame(
        {f"illness {place}": health + random.normal(size=4000) > 1.7 for place in range(15)}
    )
    assert not find_copies(frame).beyond_chance


@pytest.mark.parametrize(
    "names",
    [
        pd.Series(range(2000)),
        pd.Series(np.random.default_rng(0).permutation(3000)[:2000]),
        pd.Series([f"C-{row * 7919:05d}" for row in range(2000)]),
    ],
    ids=["row numbers", "with gaps", "codes"],
)
def test_names_of_rows_make_no_copy_a_case_of_its_own(names: pd.Series) -> None:
    frame = times(draw(200, a=0, b=3), 10).assign(names=names)
    assert find_copies(frame).repeated == 2000
    assert find_copies(frame).beyond_chance


def test_names_of_people_and_different_numbers_are_values() -> None:
    people = times(draw(200, b=3, c=30), 10)
    assert find_copies(people.assign(name=[f"Person {row}" for row in range(2000)])).repeated == 0
    assert find_copies(people.assign(income=np.arange(2000) * 977)).repeated == 0


def test_missing_values_are_equal_and_any_value_can_be_compared() -> None:
    frame = pd.DataFrame(
        {
            "list": [[1], [1], [2], None, None],
            "number": [0.0, -0.0, 1.0, np.nan, np.nan],
            "time": pd.to_datetime(["2024-01-01", "2024-01-01", "2024-01-02", None, None]),
        }
    )
    assert find_copies(frame).groups.tolist() == [0, 0, 1, 2, 2]


@pytest.mark.parametrize("rows", [0, 1, 2])
def test_tiny_tables_have_no_copies(rows: int) -> None:
    assert not find_copies(pd.DataFrame({"a": ["x"] * rows})).beyond_chance
    assert len(find_copies(pd.DataFrame({"a": ["x"] * rows})).groups) == rows


def test_the_order_of_rows_and_columns_changes_nothing() -> None:
    frame = times(draw(50, a=0, b=3), 3)
    order = np.random.default_rng(1).permutation(len(frame))
    found = find_copies(frame.iloc[order, ::-1])
    assert found.repeated == 150
    assert found.beyond_chance
    assert len({*zip(found.groups.tolist(), (order % 50).tolist(), strict=True)}) == 50


def test_equal_rows_have_equal_keys() -> None:
    columns = [np.array([1, 1, 2, 1]), np.array([np.nan, np.nan, 0.0, -0.0])]
    keys = row_keys(columns)
    assert keys[0] == keys[1]
    assert len(set(keys.tolist())) == 3
