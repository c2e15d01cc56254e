from __future__ import annotations

import io
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from nfm.errors import ReadingError
from nfm.files.reading import read_table, read_table_file


def parquet(columns, **options):
    content = io.BytesIO()
    pq.write_table(pa.table(columns), content, **options)
    return content.getvalue()


def test_lists_become_text_in_brackets():
    frame = read_table(
        parquet(
            {
                "id": [1, 2, 3, 4],
                "genres": [["Action", "Drama"], None, [], ["Drama", None]],
                "sizes": [[1, 2], [3], None, [2]],
                "large": pa.array([["a"], ["b", "a"], None, ["c"]], pa.large_list(pa.string())),
                "flags": [[True], [False, True], None, [True]],
            }
        )
    )
    assert frame["genres"].tolist()[0] == '["Action", "Drama"]'
    assert frame["genres"].isna().tolist() == [False, True, True, False]
    assert frame["sizes"].tolist()[:2] == ['["1", "2"]', '["3"]']
    assert frame["large"].tolist()[1] == '["b", "a"]'
    assert frame["flags"].tolist()[1] == '["false", "true"]'


def test_a_cell_does_not_depend_on_the_others_of_the_file():
    lists = [["x|y", "z"], ["z", "w"], ["[a]"], ["b", " b ", ""]]
    cells = ['["x|y", "z"]', '["z", "w"]', '["[a]"]', '["b", "b"]']
    assert read_table(parquet({"a": lists}))["a"].tolist() == cells
    for row in range(2):
        assert read_table(parquet({"a": lists[row : row + 1]}))["a"].tolist() == [cells[row]]


def test_a_column_of_numbers_named_like_the_values_of_a_list_is_read():
    frame = read_table(parquet({"a": [["x", "y"], ["x"]], "a.list": [1, 2]}))
    assert frame["a.list"].tolist() == [1, 2]


def test_a_column_whose_name_begins_like_that_of_a_list_is_read_too():
    frame = read_table(parquet({"a": [["x", "y"], ["x"]], "a.b": ["u", "v"], "ab": [1, 2]}))
    assert frame["a.b"].tolist() == ["u", "v"]
    assert frame["a"].tolist() == ['["x", "y"]', '["x"]']


def test_lists_of_lists_and_structures_are_left_out_and_named():
    file = read_table_file(parquet({"n": [1, 2], "a": [[["x"]], [["y"]]], "s": [{"k": 1}] * 2}))
    assert list(file.frame.columns) == ["n"]
    assert "Left out 2 columns of structures, lists of lists, or bytes: 'a', 's'." in file.notes


def test_several_row_groups_are_read_like_one():
    lists = [[f"t{row % 7}", f"t{row % 3}"] for row in range(5_000)]
    content = parquet({"id": list(range(5_000)), "tags": lists}, row_group_size=700)
    frame = read_table(content)
    assert frame["tags"].tolist() == [json.dumps(each) for each in lists]


def test_more_different_values_than_a_dictionary_holds_are_read():
    lists = [[f"{row} {'x' * 100}", str(row % 5)] for row in range(60_000)]
    frame = read_table(parquet({"id": list(range(60_000)), "tags": lists}))
    assert frame["tags"].tolist() == [json.dumps(each) for each in lists]


@pytest.mark.parametrize(
    "column",
    [
        pa.array([["x" * 1_000] * 5_000] * 200),  # a file of a few kilobytes
        pa.array([[7] * 40_000_000]),
    ],
)
def test_lists_that_grow_when_unpacked_are_refused_before_they_do(column):
    with pytest.raises(ReadingError, match=r"grows|Unpacked"):
        read_table(parquet({"tags": column}))
