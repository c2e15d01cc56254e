"""How cells become numbers, text and missing values, and what a person is told."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest

import nfm
from nfm.errors import ReadingError
from nfm.files.options import ReadingOptions
from nfm.files.reading import read_table, read_table_file


def column(*cells: str, delimiter: str = ";") -> pd.Series:
    """The column that these cells become beside a column of text."""
    lines = "".join(f'"{cell}"{delimiter}x\n' for cell in cells)
    return read_table(f"it{delimiter}other\n{lines}".encode())["it"]


def test_titanic_has_its_rows_and_kinds(titanic):
    assert titanic.shape == (891, 12)
    assert titanic.dtypes.astype(str).to_dict() == {
        "PassengerId": "int64",
        "Survived": "int64",
        "Pclass": "int64",
        "Name": "str",
        "Sex": "str",
        "Age": "float64",
        "SibSp": "int64",
        "Parch": "int64",
        "Ticket": "str",
        "Fare": "float64",
        "Cabin": "str",
        "Embarked": "str",
    }
    assert titanic.isna().sum().loc[["Age", "Cabin", "Embarked"]].tolist() == [177, 687, 2]


def test_path_bytes_and_open_files_give_the_same_table(tmp_path):
    content = "a,b\n1,ä\n2,ö\n".encode()
    path = tmp_path / "table.csv"
    path.write_bytes(content)
    expected = read_table(content)
    with path.open() as text_file:
        sources = [path, str(path), bytearray(content), memoryview(content), io.BytesIO(content)]
        assert all(read_table(source).equals(expected) for source in [*sources, text_file])


def test_read_table_is_a_public_name():
    assert nfm.read_table is read_table


def test_a_missing_file_is_named_without_its_folder(tmp_path):
    with pytest.raises(
        ReadingError,
        match=r"^The file 'none.csv' cannot be opened: check its path and permissions\.$",
    ):
        read_table(tmp_path / "none.csv")


def test_the_name_of_a_file_is_kept_and_never_opened():
    file = read_table_file(b"a,b\n1,2\n", "../../etc/passwd.xlsx")
    assert (file.name, file.format) == ("../../etc/passwd.xlsx", "text")


def _dates(*days):
    return "datetime64[s]", [pd.Timestamp(day) for day in days]


@pytest.mark.parametrize(
    ("cells", "dtype", "values"),
    [
        (["1", "-2", "+3"], "int64", [1, -2, 3]),
        (["1", "2.5", ".5", "3.", "1e3", "-2E-2"], "float64", [1, 2.5, 0.5, 3, 1000, -0.02]),
        ([" 1", "2 ", " 3 "], "int64", [1, 2, 3]),
        (["9223372036854775807", "-9223372036854775808"], "int64", [2**63 - 1, -(2**63)]),
        (["1", "2", "12345678901234567890"], "uint64", [1, 2, 12345678901234567890]),
        (["1", "1e400", "-inf", "Infinity"], "float64", [1, np.inf, -np.inf, np.inf]),
        (["true", "False", "TRUE"], "bool", [True, False, True]),
        (["yes", "no", "yes"], "str", ["yes", "no", "yes"]),
        (["00123", "04567", "12345"], "str", ["00123", "04567", "12345"]),
        (["+491701234567", "+491707654321"], "str", ["+491701234567", "+491707654321"]),
        (["12%", "3%", "4%"], "int64", [12, 3, 4]),
        (["€ 12", "$3", "4 kr"], "str", ["€ 12", "$3", "4 kr"]),
        (["0x1F", "1", "2"], "str", ["0x1F", "1", "2"]),
        (["1", "2", "0x1F"], "str", ["1", "2", "0x1F"]),
        (["1_000", "2", "3"], "str", ["1_000", "2", "3"]),
        (["2020-01-05", "2021-02-03"], *_dates("2020-01-05", "2021-02-03")),
        (["01.02.2020", "05.12.2021"], *_dates("2020-02-01", "2021-12-05")),
        (["1.2.3", "1.10.0"], "str", ["1.2.3", "1.10.0"]),
        (["=cmd()", "<script>", "$x$"], "str", ["=cmd()", "<script>", "$x$"]),
    ],
)
def test_a_column_has_the_kind_of_its_cells(cells, dtype, values):
    result = column(*cells)
    assert str(result.dtype) == dtype
    assert result.tolist() == values


@pytest.mark.parametrize("head", ["1", "1.5", "true"])
def test_a_late_odd_cell_makes_the_whole_column_text(head):
    cells = [head] * 1000 + ["odd"]
    result = column(*cells)
    assert result.tolist() == cells


def test_identifiers_too_long_to_count_with_stay_exact():
    cells = ["123456789012345678901", "123456789012345678902"]
    file = read_table_file(f"id,x\n{cells[0]},1\n{cells[1]},2\n".encode())
    assert file.frame["id"].tolist() == cells
    assert (
        "Column 'id' has whole numbers that are too long to calculate with; they are kept as text."
        in file.notes
    )


def test_long_whole_numbers_beside_missing_ones_stay_exact():
    assert column("9007199254740993", "", "5").dropna().tolist() == [9007199254740993, 5]
    assert column("18446744073709551615", "", "5").dropna().tolist() == [2**64 - 1, 5]


def test_whole_numbers_with_missing_ones_become_float():
    result = column("1", "", "3")
    assert result.dtype == "float64"
    assert result.isna().tolist() == [False, True, False]


def test_booleans_with_missing_ones_stay_booleans():
    result = column("true", "NA", "false")
    assert str(result.dtype) == "boolean"
    assert result.isna().tolist() == [False, True, False]


@pytest.mark.parametrize("token", ["", "?", "NA", "N/A", "N-A", "-", "null", "NULL", " ", " ? "])
def test_usual_signs_of_a_missing_value_are_missing(token):
    assert column("1.5", token, "2").isna().tolist() == [False, True, False]
    assert column("word", token, "other").isna().tolist() == [False, True, False]


def test_minus_is_a_value_beside_plus():
    assert column("+", "-", "+").tolist() == ["+", "-", "+"]


def test_signs_of_missing_values_can_be_chosen():
    options = ReadingOptions(missing=("999",))
    table = read_table(b"a,b\n1,NA\n999,x\n3,\n", options)
    assert table["a"].isna().tolist() == [False, True, False]
    assert table["b"].isna().tolist() == [False, False, True]


def test_a_column_without_values_is_numeric_and_missing():
    table = read_table(b"a,b\n1,\n2,\n")
    assert table["b"].dtype == "float64"
    assert table["b"].isna().all()


def test_a_few_cells_that_are_not_numbers_count_as_missing_and_are_named():
    rows = "".join(f"{i},2\n" for i in range(30))
    file = read_table_file(f"a,b\n{rows}about 5,3\n".encode())
    assert file.frame["a"].dropna().tolist() == list(range(30))
    assert (
        "Column 'a': 1 of 31 cells cannot be read as a number such as 1234.5, so it counts as "
        "missing: 'about 5' in row 31."
    ) in file.notes


def test_few_different_numbers_beside_a_word_are_levels():
    cells = ["1"] * 20 + ["2"] * 20 + ["3", "X"]
    assert column(*cells).tolist() == cells


def test_text_keeps_its_characters():
    words = ["**x**", ":red[x]", "a\nb", 'say "hi"', "trailing ", "tab\there"]
    frame = pd.DataFrame({"word": words, "n": range(6)})
    read = read_table(frame.to_csv(index=False).encode())["word"].tolist()
    assert read == [word.strip() for word in words]


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["1,5", "2,25"], [1.5, 2.25]),
        (["1.234,56", "7,8"], [1234.56, 7.8]),
        (["1.234.567,5", "2,5"], [1234567.5, 2.5]),
        (["1 234,5", "2,25"], [1234.5, 2.25]),
        (["1\u00a0234,5", "1\u202f000,25"], [1234.5, 1000.25]),
        (["1'234.5", "2'000.25"], [1234.5, 2000.25]),
        (["1,234.5", "2.25"], [1234.5, 2.25]),
        (["1,234,567", "1,000"], [1234567, 1000]),
        (["-1,5", "+2,5e3"], [-1.5, 2500]),
        (["0,123", "0,456"], [0.123, 0.456]),
        (["1.234", "5.678"], [1.234, 5.678]),
        (["1,234", "5,678"], [1.234, 5.678]),
    ],
)
def test_decimal_marks_and_thousands_are_told_apart(cells, values):
    assert column(*cells).tolist() == values


def test_quoted_groups_of_thousands_in_a_comma_file_are_thousands():
    assert column("1,234", "12,345", delimiter=",").tolist() == [1234, 12345]


def test_other_columns_decide_an_ambiguous_one():
    table = read_table(b"a;b\n1.234;0,5\n5.678;0,7\n")
    assert table["a"].tolist() == [1234, 5678]


def test_one_column_with_another_decimal_mark_is_read_and_noted():
    content = b"a;b;c\n1,5;2,5;0.5\n2,5;3,5;12.25\n"
    file = read_table_file(content)
    assert file.frame["c"].tolist() == [0.5, 12.25]
    assert "Column 'c' was read with a decimal point, unlike the other columns." in file.notes
    again = read_table_file(content, options=file.options)
    pd.testing.assert_frame_equal(again.frame, file.frame)
    assert again.notes == file.notes


def test_the_decimal_mark_can_be_chosen():
    content = b"a;b\n1.234;x\n5.678;y\n"
    assert read_table(content, ReadingOptions(decimal=","))["a"].tolist() == [1234, 5678]
    assert read_table(content, ReadingOptions(decimal="."))["a"].tolist() == [1.234, 5.678]


def test_what_was_detected_is_told_and_can_be_changed():
    content = "Größe;Preis\n1,5;x\n2,5;y\n".encode("cp1252")
    file = read_table_file(content)
    assert file.notes[0] == (
        "Read as cp1252, delimiter semicolon, decimal comma, with a header row."
    )
    changed = file.options.model_copy(update={"has_header": False})
    table = read_table(content, changed)
    assert list(table.columns) == ["column 1", "column 2"]
    assert table.iloc[0].tolist() == ["Größe", "Preis"]


def test_notes_of_a_plain_file_are_only_how_it_was_read():
    assert len(read_table_file(b"a,b\n1,x\n2,y\n").notes) == 1


def test_a_large_file_is_read_like_a_small_one(monkeypatch):
    rows = "".join(f"{i};{i},5;word {i % 7};{'' if i % 5 else 'x'}\n" for i in range(20_000))
    content = f"a;b;c;d\n{rows}".encode()
    expected = read_table_file(content)
    monkeypatch.setattr("nfm.files.delimited._LARGE", 10_000)
    file = read_table_file(content)
    pd.testing.assert_frame_equal(file.frame, expected.frame)
    assert (file.options, file.notes) == (expected.options, expected.notes)


def test_a_file_of_many_blocks_is_read_like_one_of_one_block(monkeypatch):
    rows = "".join(
        f"{i},{'+' if i % 3 else ''}{i},{'' if i < 900 else i / 4},{i if i % 50 else 'about 5'},"
        f"{' padded ' if i > 500 else 'bare'},{'NA' if i % 9 else 'true'},{i // 10:04}\n"
        for i in range(1_000)
    )
    content = f"whole,signed,late,almost,text,flag,code\n{rows}".encode()
    expected = read_table_file(content)
    monkeypatch.setattr("nfm.files.csv_parser._BLOCK", 1_000)
    file = read_table_file(content)
    pd.testing.assert_frame_equal(file.frame, expected.frame)
    assert file.notes == expected.notes
    assert file.frame.dtypes.astype(str).tolist() == [
        *("int64", "int64", "float64", "float64", "str", "boolean", "str")
    ]
    assert "20 of 1,000 cells cannot be read as a number" in " ".join(file.notes)


def test_a_large_ragged_file_is_mended_like_a_small_one(monkeypatch):
    rows = "".join(f"{i},{i}.5,w\n" if i % 50 else f"{i},1\n" for i in range(5_000))
    content = f"a,b,c\n{rows}".encode()
    expected = read_table_file(content)
    monkeypatch.setattr("nfm.files.delimited._LARGE", 10_000)
    file = read_table_file(content)
    pd.testing.assert_frame_equal(file.frame, expected.frame)
    assert file.frame["a"].tolist() == list(range(5_000))
    assert file.notes == expected.notes
