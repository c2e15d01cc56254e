from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nfm.settings import Settings
from nfm.tabular.encoding import Encoder
from nfm.tabular.infer_schema import infer_schema
from nfm.tabular.list_field import MOST_ITEMS, NO, YES, ListField
from nfm.tabular.reading_notes import notes_and_doubts, reading_warnings

CELLS = ["a|b", "a", "b|c", "c", "a|b|c", None, "rare|a"]


def fit(cells, rarest=1, **others):
    return ListField.fit("tags", pd.Series(cells, dtype="str"), {"tags"}, rarest, **others)


def test_every_item_has_a_field_that_says_yes_or_no():
    field, fields = fit(CELLS * 3, rarest=4)
    assert field.separator == "|"
    assert field.items == ("a", "b", "c")
    assert [each.name for each in fields] == [
        "tags: a",
        "tags: b",
        "tags: c",
        "tags: (other)",
        "tags: (missing)",
    ]
    assert [each.counts for each in fields] == [(9, 12), (12, 9), (12, 9), (18, 3), (18, 3)]
    codes = field.codes(pd.Series(["c|a", "", "new", None, "[]"]))
    expected = [
        [YES, NO, YES, NO, NO],
        [NO, NO, NO, NO, YES],
        [NO, NO, NO, YES, NO],
        [NO, NO, NO, NO, YES],
        [NO, NO, NO, NO, YES],
    ]
    np.testing.assert_array_equal(codes, expected)
    assert codes.dtype == np.int32


def test_without_rare_or_missing_items_there_are_no_fields_for_them():
    field, fields = fit(["a|b", "a", "b"] * 5)
    assert len(fields) == 2
    np.testing.assert_array_equal(field.codes(pd.Series(["new", None])), [[NO, NO], [NO, NO]])


def test_python_lists_and_arrays_mean_the_same_as_text():
    field, _ = fit(CELLS)
    text = field.codes(pd.Series(["a|b", "c", None]))
    for cells in ([["a", "b"], ["c"], None], [np.array(["a", "b"]), np.array(["c"]), None]):
        np.testing.assert_array_equal(field.codes(pd.Series(cells, dtype=object)), text)


def test_spellings_of_one_item_share_its_field():
    field, fields = fit(["it's|b", "it\u2019s", "it\u2019s|b", "c"])
    assert field.items == ("b", "c", "it's")
    assert fields[2].counts == (1, 3)


def test_only_the_most_frequent_items_have_fields():
    cells = [f"item{number}|item{number // 2}" for number in range(3 * MOST_ITEMS)]
    field, fields = fit(cells)
    assert len(field.items) == MOST_ITEMS
    assert "item1" in field.items
    assert fields[-1].name == "tags: (other)"


def test_items_of_further_rows_have_fields_if_they_are_given():
    field, fields = fit(["a|b", "a", "b"] * 5, more=pd.Series(["d", "d|a"]))
    assert field.items == ("a", "b", "d")
    assert fields[2].counts == (15, 0)


def test_names_of_fields_are_never_those_of_columns():
    field, fields = ListField.fit("tags", pd.Series(["a|b", "a", "b"] * 3), {"tags", "tags: a"})
    assert [each.name for each in fields] == ["tags: a (2)", "tags: b"]
    assert field.fields == ("tags: a (2)", "tags: b")


def test_unknown_items_are_found_with_their_rows():
    field, _ = fit(["a|b", "a", "b"] * 5)
    unknown, items = field.unknown_items(pd.Series(["a", "a|x", None, "y|x"]))
    assert unknown.tolist() == [False, True, False, True]
    assert items == ("x", "y")


def table_of(cells):
    return pd.DataFrame({"tags": pd.Series(cells, dtype="str"), "size": np.arange(len(cells)) % 9})


def encoder_of(frame, kind="list"):
    schema = infer_schema(frame, keep_all=True)
    return Encoder.fit(frame, schema.with_column("tags", kind=kind).columns, Settings())


@given(
    st.lists(
        st.lists(st.sampled_from(["a", "b", "c", "d e", "é"]), max_size=4),
        min_size=3,
        max_size=30,
    ),
    st.sampled_from(["|", ";", ", "]),
    st.data(),
)
def test_a_row_is_encoded_alone_as_in_its_table(lists, separator, data):
    frame = table_of([separator.join(items) or None for items in lists])
    encoder = encoder_of(frame)
    whole = encoder.transform(frame)
    chosen = data.draw(st.lists(st.integers(0, len(frame) - 1), min_size=1, max_size=5))
    part = encoder.transform(frame.iloc[chosen])
    np.testing.assert_array_equal(part.codes, whole.codes[chosen])
    np.testing.assert_array_equal(part.values, whole.values[chosen])
    assert (whole.codes < encoder.layout.level_counts).all()


def test_the_encoder_survives_json_exactly():
    frame = table_of(CELLS * 3)
    encoder = encoder_of(frame)
    again = Encoder.model_validate_json(encoder.model_dump_json())
    assert again == encoder
    np.testing.assert_array_equal(again.transform(frame).codes, encoder.transform(frame).codes)


def test_a_column_made_a_list_by_hand_need_not_keep_the_rules():
    encoder = encoder_of(table_of(["x", "y", "x", "x;y"]))
    assert encoder.lists[0].separator == ";"
    assert encoder.lists[0].items == ("x", "y")


def test_a_list_whose_items_are_all_rare_is_named():
    cells = [f"{number};{number + 1_000}" for number in range(600)]
    assert encoder_of(table_of(cells)).without_levels == ("tags",)
    assert encoder_of(table_of(CELLS * 3)).without_levels == ()


def test_an_encoder_whose_list_and_fields_disagree_is_refused():
    state = encoder_of(table_of(CELLS * 3)).model_dump()
    state["categorical"] = state["categorical"][1:]
    with pytest.raises(ValueError, match="fields of a list"):
        Encoder.model_validate(state)


TRAINING = ["Action|Drama", "Drama", "Action", "Comedy|Action", "Comedy"] * 5


@pytest.mark.parametrize(
    ("cells", "doubt", "note"),
    [
        (["Action|Drama", None, "Drama|Action"], "", ""),
        (["Action|Western"], "1 of 1 rows have a value in their list that was rare or absent", ""),
        (["action|Drama"], "'action' is unknown, but the training table has 'Action'", "rare"),
        (["Western"], "the model knows no value of any row", "1 of 1"),
        (["Action;Drama"], "are known: in training, lists were divided by '|'", "1 of 1"),
        (["Action", "Action, Drama"], "'Action' and 'Drama' are known", "1 of 2"),
        (["Action", "Action & Drama"], "'Action' and 'Drama' are known", "1 of 2"),
        (
            ["Western Noir"] * 10,
            "the model knows no value of any row. In training, lists were divided by '|'",
            "10 of 10",
        ),
    ],
)
def test_what_a_model_does_not_know_of_a_list_is_named(cells, doubt, note):
    encoder = encoder_of(table_of(TRAINING))
    frame = table_of(cells)
    doubts = reading_warnings(frame, encoder)
    questions, others = notes_and_doubts(frame, encoder, encoder.columns)
    notes = [each for each in questions + others if each not in doubts]
    assert [doubt in each for each in doubts] == [True] * bool(doubt)
    assert [note in each for each in notes if "tags" in each] == [True] * bool(note)
