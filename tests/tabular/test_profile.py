"""What a table looks like."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nfm.tabular.infer_schema import infer_schema
from nfm.tabular.profile import PROFILE_ROWS, profile_table
from nfm.tabular.samples import load_sample


def profiled(frame, target=None, task=None):
    return profile_table(frame, infer_schema(frame, target, task))


def bars(profile, name):
    column = next(each for each in profile.columns if each.name == name)
    return {bar.text: bar for bar in column.bars}


@pytest.fixture(scope="module")
def titanic():
    return load_sample("titanic")


def test_rates_of_survival_are_those_of_the_table(titanic):
    profile = profiled(titanic)
    women = titanic[titanic["Sex"] == "female"]
    female = bars(profile, "Sex")["female"]
    assert female.count == len(women)
    assert female.mean == pytest.approx(women["Survived"].mean())
    assert profile.mean == pytest.approx(titanic["Survived"].mean())
    assert profile.classes == ("0", "1")
    assert [bar.count for bar in profile.target.bars] == [549, 342]


def test_column_that_tells_most_comes_first_and_identifiers_are_left_out(titanic):
    profile = profiled(titanic)
    assert [column.name for column in profile.columns[:2]] == ["Sex", "Pclass"]
    assert profile.left_out == ("PassengerId", "Name", "Ticket")


def test_share_explained_is_that_of_the_groups_without_what_chance_explains():
    random = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "all": ["a", "b"] * 500,
            "nothing": random.choice(list("abcdefghij"), 1000),
            "target": ["yes", "no"] * 500,
        }
    )
    told = {column.name: column.explained for column in profiled(frame, "target").columns}
    assert told["all"] == pytest.approx(1)
    assert told["nothing"] < 0.02


def test_means_of_a_number_and_missing_values_have_a_group():
    frame = pd.DataFrame({"level": ["a", "a", "b", None] * 10, "y": [1.5, 2.5, 7.0, 9.0] * 10})
    found = bars(profiled(frame, "y", "regression"), "level")
    assert found["a"].mean == pytest.approx(2)
    assert found["(missing)"].mean == pytest.approx(9)
    assert found["(missing)"].count == 10


def test_several_classes_are_counted_in_every_group():
    penguins = load_sample("penguins")
    profile = profiled(penguins)
    assert set(profile.classes) == {"Adelie", "Gentoo", "Chinstrap"}
    dream = bars(profile, "island")["Dream"]
    assert dream.counts[profile.classes.index("Chinstrap")] == 68
    assert sum(dream.counts) == dream.count


def test_many_classes_are_put_together():
    names = [name for place in range(20) for name in [f"class {place}"] * (25 - place)]
    frame = pd.DataFrame({"x": np.arange(len(names)) % 7, "target": names})
    profile = profiled(frame, "target")
    assert len(profile.classes) == 6
    assert profile.classes[-1] == "(all others)"
    for bar in profile.columns[0].bars:
        assert sum(bar.counts) == bar.count


def test_missing_values_are_found_where_they_are():
    frame = pd.DataFrame(
        {"full": range(200), "half": [None] * 100 + [1.5] * 100, "y": [0, 1] * 100}
    )
    profile = profiled(frame, "y")
    assert profile.missing_columns == ("half",)
    assert profile.missing[:50, 0].min() == 1
    assert profile.missing[50:, 0].max() == 0


def test_a_large_table_is_looked_at_in_part():
    rows = 3 * PROFILE_ROWS
    frame = pd.DataFrame({"x": np.arange(rows) % 5, "y": np.arange(rows) % 2})
    profile = profiled(frame, "y")
    assert profile.total == rows
    assert profile.rows == PROFILE_ROWS


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"a": [1, 2, 3], "b": [4, 5, 6]}),
        pd.DataFrame({"a": [np.nan] * 4, "target": [np.nan] * 4}),
        pd.DataFrame({"a": [1.0]}),
        pd.DataFrame({"x": [1e308, -1e308, 2.5] * 9, "target": [1e300, -1e300, 0.5] * 9}),
    ],
)
def test_a_table_that_tells_nothing_has_a_profile_all_the_same(frame):
    profile = profiled(frame)
    assert profile.total == len(frame)
    assert all(0 <= column.explained <= 1 for column in profile.columns)
