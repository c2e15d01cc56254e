"""JSON Lines: typed cells, keys that lines lack, and lines that are no objects."""

from __future__ import annotations

import io
import json

import pandas as pd
import pytest

from nfm.errors import ReadingError, ReadingWarning
from nfm.files.json_lines import read_json_lines
from nfm.files.options import FileLimits, ReadingOptions
from nfm.files.reading import read_table, read_table_file


def raw(content: bytes) -> dict[str, pd.Series]:
    return dict(read_json_lines(content, ReadingOptions(), FileLimits()).columns)


def test_every_key_is_a_column_and_what_a_line_lacks_is_missing():
    file = read_table_file(
        b'{"n": 1, "word": "x"}\n{"n": 2.5, "flag": true}\n\n{"word": null, "n": -3e2}\n'
    )
    assert file.format == "json_lines"
    assert list(file.frame.columns) == ["n", "word", "flag"]
    assert file.frame["n"].tolist() == [1, 2.5, -300]
    assert file.frame["word"].isna().tolist() == [False, True, True]
    assert str(file.frame["flag"].dtype) == "boolean"
    assert file.notes == ("Read as JSON Lines, utf-8.",)


def test_whole_numbers_of_64_bits_stay_exact_with_and_without_gaps():
    big = 720575940631797001
    columns = raw(
        f'{{"a": {big}, "b": {big}, "c": {2**64 - 1}}}\n{{"a": {big + 1}, "c": 0}}\n'.encode()
    )
    assert columns["a"].dtype == "int64"
    assert columns["b"].dtype == "Int64"
    assert columns["c"].dtype == "UInt64"
    assert columns["a"].tolist() == [big, big + 1]
    assert columns["b"][0] == big
    assert columns["c"].tolist() == [2**64 - 1, 0]


def test_cells_of_several_kinds_keep_them():
    assert raw(b'{"a": 1}\n{"a": "1"}\n{"a": true}\n{"a": 1.5}')["a"].tolist() == [
        1,
        "1",
        True,
        1.5,
    ]


def test_whole_numbers_too_long_for_floats_beside_floats_stay_exact():
    big = 2**60 + 1
    assert raw(f'{{"a": {big}}}\n{{"a": 0.5}}'.encode())["a"].tolist() == [big, 0.5]


def test_columns_of_objects_are_left_out_and_named():
    file = read_table_file(b'{"a": 1, "tags": [["x"]], "who": {"n": 1}}\n{"a": 2, "tags": null}\n')
    assert list(file.frame.columns) == ["a"]
    assert "Left out 2 columns of objects: 'tags', 'who'." in file.notes
    with pytest.warns(ReadingWarning, match="Left out 1 column of objects: 'who'"):
        read_table(b'{"a": 1, "who": {"n": 1}}\n')


def test_lists_become_text_in_brackets():
    frame = raw(
        b'{"tags": ["x", "y"]}\n{"tags": []}\n{"tags": ["x|y", 1, true, null]}\n{"tags": null}'
    )
    assert frame["tags"].dropna().tolist() == ['["x", "y"]', '["x|y", "1", "true"]']
    assert frame["tags"].isna().tolist() == [False, True, False, True]


def test_pandas_lines_come_back():
    frame = pd.DataFrame({"a": [1, 2], "b": ["é", "x\ny"], "c": [0.1, 1e300]})
    content = frame.to_json(orient="records", lines=True).encode()
    pd.testing.assert_frame_equal(read_table(content), frame, check_dtype=False)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"a": 1}\n{"a": 2', r"^Line 2 is not a JSON object"),
        (b'{"a": 1}\n\n[1, 2]\n', r"^Line 3 is not a JSON object"),
        (b'{"a": 1}\n{"a": ' + b"[" * 100_000, "Line 2"),
        (b'{"a": 1}\n{"a": ' + b"1" * 10_000 + b"}", "Line 2"),
        (b"{}\n{}\n", "no key with numbers"),
        (b'{"a": [[]]}\n', "no key with numbers"),
        (b'[{"a": 1}, {"a": 2}]', "save the table as JSON Lines or CSV"),
        (b'{"a": ' + json.dumps("x" * 100_001).encode() + b"}", "100,000 characters"),
    ],
)
def test_what_is_not_json_lines_gets_a_sentence(content, message):
    with pytest.raises(ReadingError, match=message):
        read_table(content)


def test_lines_that_are_no_objects_can_be_left_out():
    options = ReadingOptions(leave_out_broken_lines=True)
    file = read_table_file(b'{"a": 1}\nrubbish\n{"a": 2}\n', options=options)
    assert file.frame["a"].tolist() == [1, 2]
    assert any("Left out 1 line" in note and "line 2" in note for note in file.notes)


def test_half_a_character_is_replaced():
    assert read_table(b'{"a": "x\\ud83d", "\\ud83d": 1}').iloc[0].tolist() == ["x?", 1]


@pytest.mark.parametrize(
    ("content", "limits"),
    [
        (b"{}\n" * 5 + b'{"a": 1}', FileLimits(rows=5)),
        (b'{"a": 1, "b": 2, "c": 3}', FileLimits(columns=2)),
        (b'{"a": 1, "b": 2}\n' * 10, FileLimits(cells=19)),
        # Two thousand keys once, and many empty lines: a small file of many cells.
        (
            json.dumps({f"k{i}": 1 for i in range(2000)}).encode() + b"\n" + b"{}\n" * 200_000,
            FileLimits(),
        ),
    ],
)
def test_limits_are_kept_line_by_line(content, limits):
    with pytest.raises(ReadingError, match="limit"):
        read_table(b'{"first": 1}\n' + content, limits=limits)


def test_json_lines_are_read_from_gzip_and_with_a_byte_order_mark():
    buffer = io.BytesIO()
    pd.DataFrame({"a": [1]}).to_json(buffer, orient="records", lines=True, compression="gzip")
    assert read_table(buffer.getvalue())["a"].tolist() == [1]
    assert read_table(b'\xef\xbb\xbf{"a": 1}\n')["a"].tolist() == [1]


def test_half_of_a_surrogate_pair_in_a_list_is_replaced():
    table = read_table(b'{"a":["\\ud800","x"],"b":1}\n{"a":["y"],"b":2}\n' * 3)
    assert table["a"].tolist()[:2] == ['["?", "x"]', '["y"]']


def test_a_table_with_hardly_any_cell_is_refused():
    keys = json.dumps({f"k{number}": 1 for number in range(1000)}).encode()
    with pytest.raises(ReadingError, match="Nearly all cells"):
        read_table(keys + b"\n{}" * 3000)
    assert read_table(keys + b"\n{}" * 300).shape == (301, 1000)
