from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nfm.column_formats.column_format import ColumnFormat
from nfm.column_formats.read_column import read_column
from nfm.tabular.categorical_field import OTHER_LEVEL, CategoricalField


def test_levels_are_in_the_order_of_numbers_or_text():
    assert CategoricalField.fit("x", pd.Series([10, 9, 10]), "number").levels == ("9", "10")
    assert CategoricalField.fit("x", pd.Series(["10", "9"]), "text").levels == ("10", "9")


def test_codes_are_other_levels_missing():
    field = CategoricalField.fit("x", pd.Series(["b", "a", None, "b"]), "text")
    assert field.names == ("(other)", "a", "b", "(missing)")
    assert field.level_count == 4
    assert field.counts == (1, 2)
    assert field.missing_count == 1
    codes = field.codes(pd.Series(["b", "z", None, "a"]))
    assert codes.dtype == np.int32
    assert codes.tolist() == [2, 0, 3, 1]


def test_a_missing_value_is_other_where_training_had_none():
    field = CategoricalField.fit("x", pd.Series(["b", "a"]), "text")
    assert field.codes(pd.Series([None, "a"], dtype=object)).tolist() == [0, 1]


def test_a_level_that_is_called_missing_is_not_the_missing_one():
    field = CategoricalField.fit("x", pd.Series(["(missing)", "(other)", None]), "text")
    codes = field.codes(pd.Series(["(missing)", "(other)", None, "x"]))
    assert codes.tolist() == [1, 2, 3, 0]


def test_rare_levels_are_other():
    field = CategoricalField.fit("x", pd.Series(list("aaabbc")), "text", min_level_count=2)
    assert field.levels == ("a", "b")
    assert field.other_count == 1
    assert field.codes(pd.Series(["c"])).tolist() == [0]


def test_levels_of_more_rows_get_codes_and_no_count():
    field = CategoricalField.fit("x", pd.Series(["a"]), "text", 1, pd.Series(["b", None]))
    assert field.levels == ("a", "b")
    assert field.counts == (1, 0)
    assert field.has_missing
    assert field.missing_count == 0


@pytest.mark.parametrize(
    "series",
    [
        pd.Series([3, 1]),
        pd.Series([3.0, 1.0]),
        pd.Series(["3", "1"]),
        pd.Series(["3.0", " 1"]),
        pd.Series([3, "1"], dtype=object),
        pd.Series([3, 1]).astype("category"),
        pd.Series([3, 1], dtype="Int64"),
    ],
)
def test_a_number_level_is_recognised_in_any_type(series):
    field = CategoricalField.fit("x", pd.Series([1, 2, 3]), "number")
    assert field.codes(series).tolist() == [3, 1]


@pytest.mark.parametrize(
    "state", [{"levels": ("a",), "counts": ()}, {"levels": ("a", "a"), "counts": (1, 1)}]
)
def test_a_contradictory_categorical_state_is_refused(state):
    with pytest.raises(ValueError, match="CategoricalField"):
        CategoricalField(name="x", column="x", **state)


def test_fields_are_equal_whether_or_not_they_have_encoded_rows():
    series = pd.Series(["b", "a", None])
    field, same = (CategoricalField.fit("x", series, "text") for _ in range(2))
    field.codes(series)
    assert field == same
    same.codes(series)
    assert field == same
    assert field != CategoricalField.fit("x", pd.Series(["a"]), "text")


@pytest.mark.parametrize("levels", [["1", "2", "12", "A"], ["1.0", "2.0", "12.0", "A"]])
@pytest.mark.parametrize("dtype", ["str", "object", "category"])
def test_a_whole_number_in_text_is_known_with_and_without_a_point(levels, dtype):
    field = CategoricalField.fit("x", pd.Series(levels), "text")
    expected = field.read_codes(read_column(pd.Series(levels), ColumnFormat()))
    for cells in (["1", "2", "12", "A"], ["1.0", "2.0", "12.0", "A"]):
        reading = read_column(pd.Series(cells, dtype=dtype), ColumnFormat())
        assert field.read_codes(reading).tolist() == expected.tolist()


def test_only_whole_numbers_are_known_in_two_texts():
    field = CategoricalField.fit("x", pd.Series(["1", "1.0", "1.1", "v2", "007"]), "text")
    cells = ["1", "1.0", "1.10", "v2.0", "7", ".0", "1.00"]
    codes = field.read_codes(read_column(pd.Series(cells), ColumnFormat()))
    names = [field.names[code] for code in codes]
    assert names == ["1", "1.0", *[OTHER_LEVEL] * 5]
