from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nfm.column_formats.infer_format import infer_format
from nfm.column_formats.list_text import SEPARATORS, join_items, split_items
from nfm.column_formats.read_column import read_column
from nfm.tabular.kinds import infer_kind

GENRES = [
    "Action",
    "Action|Adventure",
    "Comedy|Drama",
    "Drama",
    "Action|Drama",
    "Comedy|Action|Adventure",
]
MEALS = [
    "milk, eggs",
    "eggs",
    "milk",
    "milk, nuts",
    "nuts, eggs",
    "nuts",
    "milk, eggs, nuts",
    "soy, nuts",
    "soy",
    "soy, milk",
]


def kind_of(cells, name="genres", *, keep_all=False):
    series = pd.Series(cells, dtype="str")
    column_format = infer_format(series, text_stays_text=keep_all)
    return infer_kind(name, read_column(series, column_format).values, keep_all, column_format)


@pytest.mark.parametrize(
    "cells",
    [
        GENRES * 10,
        [text.replace("|", ";") for text in GENRES] * 10,
        [text.replace("|", " | ") for text in GENRES] * 10,
        MEALS * 8,
        [str(text.split("|")) for text in GENRES] * 10,
        [*(GENRES * 10), None, None],
        ["101", "101,205", "318,420", "205", "101,420", "318,101,205", "420,318", "420,205", "318"]
        * 8,
    ],
)
@pytest.mark.parametrize("keep_all", [False, True])
def test_cells_of_several_values_that_recur_are_lists(cells, keep_all):
    guess = kind_of(cells, keep_all=keep_all)
    assert guess.kind == "list"
    assert guess.level_count == 4
    assert "Up to 3 of 4 different values in a cell" in guess.reason


@pytest.mark.parametrize(
    "cells",
    [
        [f"{last}, {first}" for last in ("Smith", "Jones", "Brown") for first in ("A.", "B.")] * 9,
        [f"Town {n}, {state}" for n, state in enumerate(["TX", "CA", "NY", "WA"] * 8)] * 2,
        ["red", "blue", "green"] * 20,
        ["a|b", "c|d", "e|f", "g|h"] * 10,
        ["yes|no", "no"] * 20,
        ["1,234", "5,678", "9,012"] * 10,
        ["95", "101", "101,205", "99,420", "318,420", "101,318"] * 10,
        ["101,205", "318,420", "420,101", "101,318"] * 10,
        ["quick, and of good quality; thank you very much", "slow, but polite; it was fine"] * 20,
        [*["plain"] * 95, "plain|rare", "rare", "rare|plain", "other"],
        [f"{start};{end}" for start in ("OSL", "BER", "CDG") for end in ("OSL", "BER")] * 9,
        [f"{last}, {first}" for last in "STUV" for first in "ABCDEF"] * 9,
        [str([{"id": 1, "name": name}]) for name in "ABC"] * 9 + [str([{"id": 2}, {"id": 1}])] * 9,
        ["05/10/2024, 10:30", "06/10/2024, 11:30", "07/10/2024, 10:30", "07/10/2024, 11:30"] * 9,
    ],
)
@pytest.mark.parametrize("keep_all", [False, True])
def test_other_cells_with_separators_are_no_lists(cells, keep_all):
    assert kind_of(cells, name="text", keep_all=keep_all).kind != "list"


def test_declared_categories_stay_categories():
    series = pd.Series(GENRES * 10, dtype="category")
    assert infer_kind("genres", series).kind == "categorical"


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("Action|Adventure", ("Action", "Adventure")),
        (" Action | Adventure |", ("Action", "Adventure")),
        ("Action|Action", ("Action",)),
        ("Action", ("Action",)),
        ("|", ()),
        ("['Action', 'Adventure']", ("Action", "Adventure")),
        ('["Action", "Science, popular"]', ("Action", "Science, popular")),
        ("['Action' 'Adventure']", ("Action", "Adventure")),
        ("['Action'\n 'Adventure']", ("Action", "Adventure")),
        ("[1 2]", ("1", "2")),
        ("[2.0, -3.50, 007]", ("2", "-3.5", "007")),
        ("('Action', 'Adventure')", ("Action", "Adventure")),
        ("('Action',)", ("Action",)),
        ("{'Action', 'Adventure'}", ("Action", "Adventure")),
        ("['it\\'s', None, 'a\\\\b', \"c\"]", ("it's", "a\\b", "c")),
        ("A|[live]", ("A", "[live]")),
        ("[live]|A|[live]", ("[live]", "A")),
        ("(12)|(13)", ("(12)", "(13)")),
        ("[1, 2, 1]", ("1", "2")),
        ("[]", ()),
        ('["a \\"b\\" c", null, true, 1.50]', ('a "b" c', "true", "1.5")),
        ("[" * 50_000 + "]", ("[" * 50_000 + "]",)),
    ],
)
def test_a_cell_is_divided_into_its_different_items(text, items):
    assert split_items(text, "|") == items


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("[a, b]", ("a", "b")),
        ("{a,b}", ("a", "b")),
        ("[a]", ("a",)),
        ("b, [a]", ("b", "a")),
        ("(other), a", ("(other)", "a")),
        ("(other)", ("(other)",)),
        ("rock 'n' roll, pop", ("rock 'n' roll", "pop")),
        ("x[0], y", ("x[0]", "y")),
    ],
)
def test_brackets_without_quotes_belong_to_lists_with_commas(text, items):
    assert split_items(text, ",") == items
    assert split_items(text, "|") == (text,)


@given(
    st.lists(
        st.text(st.characters(categories=["L", "N", "P", "Zs", "Cc"]), min_size=1, max_size=8)
        .map(str.strip)
        .filter(bool),
        unique=True,
        max_size=5,
    ),
    st.sampled_from(SEPARATORS),
)
def test_joined_items_are_divided_into_the_same_items(items, separator):
    assert split_items(join_items(items, separator), separator) == tuple(items)


def test_the_rule_counts_rows_and_not_different_cells():
    few = ["plain"] * 1_000 + ["a|b", "a", "b", "a|plain", "b|plain"]
    assert kind_of(few).kind == "categorical"
    assert kind_of(few[900:] + few[-5:] * 4).kind == "list"
    assert np.isclose(kind_of([*few, None]).missing_share, 1 / 1_006)


@pytest.mark.parametrize(
    "text",
    [
        "['a'" + " " * 90_000 + "x]",
        "['a'" + "," * 90_000 + "x]",
        "['a'" + " ," * 45_000 + "x]",
        "[''" + "+1" * 45_000 + "]",
        "[''," + "(" * 45_000 + ")" * 45_000 + "]",
        "['" + "\\" * 90_001 + "']",
        "[" + "'" * 90_001 + "]",
        "[1" + " 1" * 45_000 + "x]",
        "[" + "-" * 90_000 + "1, '']",
    ],
)
def test_hostile_text_is_an_item_and_no_list(text):
    assert split_items(text, "|") == (text,)


def test_a_backslash_that_python_never_writes_is_no_escape():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert split_items(r"['\d', 'a']", "|") == (r"['\d', 'a']",)
        assert split_items(r"['\x', 'a']", "|") == (r"['\x', 'a']",)
