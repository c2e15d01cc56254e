"""Tests of CSV files that are to be harmless in a spreadsheet."""

import csv
import io
import re
import time

import numpy as np
import pandas as pd
import pytest

from nfm.files.reading import read_table
from nfm.files.writing import csv_bytes, guard_note, keep_exact


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+cmd|' /C calc'!A0",
        "-2+3",
        "@SUM(A1:A9)",
        "\t=1+1",
        "\r=1+1",
        "\n=1+1",
        "  =1+1",
        "\uff1d1+1",
        '=HYPERLINK("https://example.org/?"&A1, "name")',
    ],
)
def test_text_that_a_spreadsheet_would_run_gets_an_apostrophe(text: str) -> None:
    written = csv_bytes(pd.DataFrame({text: ["fine", text]}))
    read = pd.read_csv(io.BytesIO(written), encoding="utf-8-sig", dtype="str")
    harmless = f"'{text}".replace("\r", "\n")
    harmless = re.sub(r"(?<=[\t\n])(?==)", "'", harmless)  # a tab or a new line may end a cell
    assert read.columns.tolist() == [harmless]
    assert read[harmless].tolist() == ["fine", harmless]


def test_a_carriage_return_starts_no_row() -> None:
    written = csv_bytes(pd.DataFrame({"a": ["b\r=1+1\r\n=2+c"]}))
    assert written == b"""a\n"b\n'=1+1\n'=2+c"\n"""


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_NONE])
@pytest.mark.parametrize(
    "text",
    [
        "x;=1+1",
        "x\t=1+1",
        "x|=1+1",
        "x\n=1+1;",
        'x; "=1+1"',
        "x;\u200b@SUM(A1)",
        "x;-1;+1-2;y",
        "\u200b=1+1",
        "\ufeff=1+1",
        "\x00=1+1",
        "\u00a0=1+1",
        "\u2060\u202e=1+1",
        "a;b;=c;d|@e\t+f",
    ],
)
def test_no_delimiter_makes_a_formula_of_a_cell(text: str, delimiter: str, quoting: int) -> None:
    written = csv_bytes(pd.DataFrame({"a": ["first"], text: [text]})).decode("utf-8-sig")
    invisible = '"\x00\u200b\ufeff\u00a0\u2060\u202e \n'
    lines = written.split("\n") if quoting == csv.QUOTE_NONE else io.StringIO(written, newline="")
    for row in csv.reader(lines, delimiter=delimiter, quoting=quoting):
        for cell in row:
            start = cell.lstrip(invisible)
            assert not start.startswith(("=", "+", "@")), row
            assert not start.startswith("-") or start == "-1", row


def test_a_long_cell_of_delimiters_is_written_at_once() -> None:
    def seconds(*cells: str) -> float:
        began = time.process_time()
        csv_bytes(pd.DataFrame({"a": cells}))
        return time.process_time() - began

    seconds("a")
    ordinary = seconds(*["abc, def " * 100_000] * 3)
    # Work that grows with the square of the length would take minutes.
    assert seconds("\n" * 100_000, " " * 100_000, ';"' * 50_000) < 20 * ordinary


@pytest.mark.parametrize("text", ["-3.5", "+7", "-1e-05", "-.5", "C = 5", "a-b", "Mr. O'Brien", ""])
def test_plain_text_and_numbers_as_text_stay_as_they_are(text: str) -> None:
    written = csv_bytes(pd.DataFrame({"a": [text], "b": [1]}))
    read = pd.read_csv(io.BytesIO(written), dtype="str", keep_default_na=False)
    assert read["a"].tolist() == [text]


def test_numbers_missing_values_and_two_columns_of_one_name_survive() -> None:
    frame = pd.DataFrame({"a": [-1.5, np.nan], "b": ["x", None], "c": [True, False]}, index=[9, 9])
    frame.columns = pd.Index(["a", "a", "c"])
    assert csv_bytes(frame) == b"a,a,c\n-1.5,x,True\n,,False\n"


def test_levels_and_dates_are_written_as_their_text() -> None:
    frame = pd.DataFrame(
        {"level": pd.Categorical(["=b", "a", None]), "day": pd.to_datetime(["2026-01-02"] * 3)}
    )
    assert csv_bytes(frame) == b"level,day\n'=b,2026-01-02\na,2026-01-02\n,2026-01-02\n"


def test_accents_come_with_the_mark_that_spreadsheets_need() -> None:
    frame = pd.DataFrame({"name": ["Zoë", "Ivan"], "n": [1, 2]})
    written = csv_bytes(frame)
    assert written.startswith(b"\xef\xbb\xbf")
    assert read_table(written)["name"].astype(str).tolist() == ["Zoë", "Ivan"]
    assert not csv_bytes(frame.iloc[1:]).startswith(b"\xef\xbb\xbf")


def test_an_empty_table_is_a_line_of_names() -> None:
    assert csv_bytes(pd.DataFrame({"a": [], "=b": []})) == b"a,'=b\n"


def test_an_exact_file_changes_no_cell() -> None:
    texts = ["-k3Jd", "=Zm9v", "+bGk", "@x", "00123", "Zoë", "a\rb", 'say "hi", then', "a\nb"]
    frame = pd.DataFrame({"=id": texts, "n": range(len(texts))}, index=[4] * 9)
    written = csv_bytes(keep_exact(frame))
    assert not written.startswith(b"\xef\xbb\xbf")
    with io.StringIO(written.decode(), newline="") as stream:
        rows = list(csv.reader(stream))
    assert rows == [["=id", "n"], *([text, str(row)] for row, text in enumerate(texts))]


def test_what_the_guard_does_is_said() -> None:
    frame = pd.DataFrame(
        {
            "id": ["-k3Jd", "fine", None, "-2.5"],
            "@level": pd.Categorical(["=b", "a", "=b", None]),
            "n": [-1.5, 2.0, 3.0, 4.0],
        }
    )
    note = guard_note(frame)
    assert note is not None
    assert "4 cells of 'id', '@level'" in note
    assert "'-k3Jd'" in note
    changed = csv_bytes(frame).count(b"'")
    assert changed == 4
    assert guard_note(frame[["n"]]) is None
    assert "In 1 cell of 'id'" in (guard_note(frame[["id"]]) or "")
