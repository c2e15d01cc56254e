from __future__ import annotations

import io

import numpy as np
import openpyxl
import pytest

from nfm.files.reading import read_raw_table, read_table_file
from nfm.files.unwrapping import unwrapped

ROWS = [f"{k},{'Smith' if k % 2 else 'Jones'},{k / 4}" for k in range(40)]
PLAIN = "\n".join(["id,name,y", *ROWS, ""])
EXPECTED = read_table_file(PLAIN.encode()).frame


def printed() -> str:
    """The table as databases print it."""
    table = [f"| {line.replace(',', ' | ')} |" for line in ["id,name,y", *ROWS]]
    rule = "+------+----------+--------+"
    return "\n".join([rule, table[0], rule, *table[1:], rule, ""])


@pytest.mark.parametrize(
    ("text", "note"),
    [
        (
            "".join(f'"{line}"\n' for line in PLAIN.splitlines()),
            "Removed the quotes around every line of the file.",
        ),
        (
            "".join(f'"{line}"\r\n' for line in PLAIN.splitlines()),
            "Removed the quotes around every line of the file.",
        ),
        (printed(), "Left out 3 lines of dashes."),
    ],
)
def test_what_programs_write_around_lines_is_left_out_and_said(text, note):
    file = read_table_file(text.encode())
    assert note in file.repairs
    assert list(file.frame.columns) == ["id", "name", "y"]
    assert np.array_equal(file.frame.to_numpy(), EXPECTED.to_numpy())
    raw = read_raw_table(text.encode(), guess=file.options, wanted=["id", "name", "y"])
    assert raw.frame["name"].tolist() == EXPECTED["name"].tolist()
    again = read_table_file(text.encode(), options=file.options)
    assert np.array_equal(again.frame.to_numpy(), EXPECTED.to_numpy())


def test_quotes_in_a_quoted_line_stay():
    lines = [PLAIN.splitlines()[0], *(f'{k},"Smith, ""J""",{k}' for k in range(9))]
    text = "".join('"' + line.replace('"', '""') + '"\n' for line in lines)
    assert read_table_file(text.encode()).frame["name"].tolist() == ['Smith, "J"'] * 9


@pytest.mark.parametrize(
    "text",
    [
        PLAIN,
        '"name"\n' + '"Smith, John"\n' * 9,
        '"a","b"\n' + '"1","2"\n' * 9,
        "a,b\n--,--\n" + "1,2\n" * 9,
        "| a | b |\n|---|---|\n" + "| 1 | 2 |\n" * 9,
        "a|b\n" + "x|+----+\n+-----+\n" * 9,
        "a,b\n" + "x|y,--------------------\n" * 9,
        "text\n" + "-----\n" * 9,
    ],
)
def test_ordinary_text_stays_as_it_is(text):
    assert unwrapped(text.encode()) == (text.encode(), ())


@pytest.mark.parametrize("line", [b"+" + b"-" * 2_000_000 + b"x", b"|" + b" " * 2_000_000 + b"x"])
def test_a_long_line_that_is_no_rule_takes_no_time(line):
    text = b"+---+\na|b\n" + line + b"\n"
    assert unwrapped(text)[1] == ("Left out 1 line of dashes.",)


def test_a_table_beside_the_table_is_named():
    book = openpyxl.Workbook()
    book.active.append(["size", "y", None, "Summary", "value"])
    for row in range(30):
        book.active.append([row, row / 4, None, *(["Mean", 3.5] if row < 3 else [])])
    stream = io.BytesIO()
    book.save(stream)
    notes = read_table_file(stream.getvalue()).column_notes
    assert any("'Summary', have values in the first 3 rows only" in note for note in notes)
