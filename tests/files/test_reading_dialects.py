"""Delimiters, quotes, header rows, titles before the table, ragged lines, names."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest

from nfm.errors import ReadingError, ReadingWarning
from nfm.files.options import ReadingOptions
from nfm.files.reading import read_raw_table, read_table, read_table_file


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_delimiters_and_line_ends_are_detected(delimiter, end):
    lines = [["id", "word", "number"], ["1", "a b", "1.5"], ["2", "c-d", "2.5"]]
    content = end.join(delimiter.join(line) for line in lines).encode()
    file = read_table_file(content)
    assert file.options.delimiter == delimiter
    assert file.frame.values.tolist() == [[1, "a b", 1.5], [2, "c-d", 2.5]]


@pytest.mark.parametrize(
    ("content", "delimiter", "width"),
    [
        (b"a;b\n1,5;2,5\n3,5;4,5\n", ";", 2),
        (b"1,5;2,5\n3,5;4,5\n", ";", 2),
        (b"id,genres\n1,A|B|C\n2,D|E|F\n3,G|H|I\n", ",", 2),
        (b"id,tags,x\n1,a;b,2\n2,c;d,3\n3,e;f,4\n", ",", 3),
        (b"id\tname\n1\tDoe, J.\n2\tRoe, R.\n", "\t", 2),
        (b'"a, b";"c, d"\n"1, 2";"3, 4"\n', ";", 2),
        (b"A11 6 A34 x\nA12 48 A32 y\nA14 12 A34 x\n", " ", 4),
        (b"name\nAnna, B\nBob\nCarl, D\n", ";", 1),
        (b"sep=;\r\na;b\r\n1;2\r\n", ";", 2),
    ],
)
def test_the_delimiter_is_the_one_that_cuts_evenly(content, delimiter, width):
    file = read_table_file(content)
    assert file.options.delimiter == delimiter
    assert file.frame.shape[1] == width


def test_columns_aligned_by_spaces_and_tabs_are_read():
    content = (
        b'mpg  cyl  name\n 18.0   8\t"ford torino"\n9.5     12\tvw \n31      4    "fiat 124"\n'
    )
    file = read_table_file(content)
    assert file.options.delimiter == " "
    assert file.frame.values.tolist() == [
        [18, 8, "ford torino"],
        [9.5, 12, "vw"],
        [31, 4, "fiat 124"],
    ]
    assert read_table(content, file.options).equals(file.frame)


def test_row_names_of_r_have_no_name_of_their_own():
    rows = [f'"{i + 1}" "New York" {i / 2} "b"' for i in range(30)]
    file = read_table_file("\n".join(['"town" "size" "y"', *rows]).encode())
    assert file.frame.columns.tolist() == ["town", "size", "y"]
    assert file.frame.iloc[3].tolist() == ["New York", 1.5, "b"]
    names = b'"full name"\n"Anna Maria Bell"\n"Tom Lee Roy"\n"Tim Ka Lo"\n'
    assert read_table_file(names).frame["full name"].tolist()[0] == "Anna Maria Bell"


def test_the_delimiter_can_be_chosen():
    assert read_table(b"a|b,c\n1|2,3\n", ReadingOptions(delimiter="|")).shape == (1, 2)


@pytest.mark.parametrize("delimiter", ["", ";;", "\n", '"', "é"])
def test_what_cannot_be_a_delimiter_is_refused(delimiter):
    with pytest.raises(ReadingError, match="one character"):
        read_table(b"a,b\n1,2\n", ReadingOptions(delimiter=delimiter))


@pytest.mark.parametrize(
    "content",
    [
        b"1,2,3\n4,5,6\n7,8,9\n",
        b"5.1,3.5,setosa\n4.9,3.0,setosa\n6.3,3.3,virginica\n",
        b"p,x,s\ne,x,s\ne,b,s\np,x,y\n",
        b"39, State-gov, <=50K\n50, ?, >50K\n38, Private, <=50K\n53, Private, <=50K\n",
        b"2020-01-01,up\n2020-01-02,down\n2020-01-03,up\n",
        b"vhigh,2,small\nhigh,2,big\nlow,4,small\nlow,4,big\n",
    ],
)
def test_a_missing_header_line_is_noticed(content):
    file = read_table_file(content)
    assert file.options.has_header is False
    assert len(file.frame) == content.count(b"\n")
    assert file.frame.columns[0] == "column 1"


@pytest.mark.parametrize(
    "content",
    [
        b"a,b\n1,2\n3,4\n",
        b"name,city\nAnna,Bonn\nBob,Rome\n",
        b"country,1990,1991\nA,5.5,3\nB,6,4\n",
        b"0,1,2\n5.5,3,1\n6.1,4,2\n",
        b",a,b\n0,1,x\n1,2,y\n",
        b"date,value\n2020-01-01,up\n2020-01-02,down\n",
        b"x\n1\n",
        b"a\na\n",
    ],
)
def test_a_header_line_is_noticed(content):
    file = read_table_file(content)
    assert file.options.has_header is True
    assert len(file.frame) == content.count(b"\n") - 1


def test_the_header_line_can_be_denied():
    table = read_table(b"a,b\n1,2\n", ReadingOptions(has_header=False))
    assert table.values.tolist() == [["a", "b"], ["1", "2"]]


def test_spaces_after_every_delimiter_are_no_part_of_the_cells():
    table = read_table(b"a, b, c\n1, x, yes\n2, y, no\n3, x, no\n")
    assert list(table.columns) == ["a", "b", "c"]
    assert table["b"].tolist() == ["x", "y", "x"]


def test_titles_before_the_table_are_skipped():
    content = b"Annual report\nprinted on Monday\n\na,b,c\n1,2,3\n4,5,6\n7,8,9\n"
    file = read_table_file(content)
    assert file.options.skip_lines == 3
    assert file.frame.shape == (3, 3)


def test_narrow_titles_with_delimiters_are_skipped():
    content = b'"Source","World",\n\n"Country","Code","1990","1991"\n' + b'"A","AA","1.5","2"\n' * 5
    assert list(read_table(content).columns) == ["Country", "Code", "1990", "1991"]


def test_comments_before_the_table_are_skipped():
    table = read_table(b"# made by hand, in 2020\n# x, y, z\na,b\n1,2\n3,4\n")
    assert list(table.columns) == ["a", "b"]


def test_a_header_line_in_a_comment_is_the_header():
    assert list(read_table(b"# a,b\n1,2\n3,4\n").columns) == ["a", "b"]


def test_empty_lines_before_the_table_are_skipped():
    assert read_table(b"\n" * 100_000 + b"a,b\n1,2\n").shape == (1, 2)


def test_empty_lines_between_rows_are_no_rows():
    assert read_table(b"a,b\n1,2\n\n3,4\n\n\n").shape == (2, 2)


def test_cells_in_quotes_hold_delimiters_quotes_and_line_ends():
    table = read_table(b'a,b\n"x, y",1\n"say ""hi""",2\n"two\nlines",3\n"two\r\nlines",4\n')
    assert table["a"].tolist() == ["x, y", 'say "hi"', "two\nlines", "two\r\nlines"]


def test_quotes_escaped_by_a_backslash_are_part_of_the_cell():
    lines = [r'1,"plain, text",3.5', r'2,"he said \"hi\", then left",4.5', r'3,"C:\\dir",5.5']
    file = read_table_file(("id,note,price\n" + "\n".join(lines * 9)).encode())
    assert file.frame["note"].tolist()[:3] == ["plain, text", 'he said "hi", then left', r"C:\dir"]
    assert file.frame["price"].dtype == "float64"
    assert file.options.escape == "\\"
    assert any("backslash" in note for note in file.notes)
    assert read_table(file.frame.to_csv(index=False).encode()).equals(file.frame)


@pytest.mark.parametrize(
    "content",
    [
        b'id,path\n1,"C:\\dir\\"\n2,"C:\\x\\"\n3,"D:\\"\n',
        b'id,text\n1,"{""a"": ""x\\""y""}"\n2,b\n',
        b'size,n\n5\\" pipe,1\n6 pipe,2\n',
    ],
)
def test_a_backslash_that_escapes_no_quote_is_text(content):
    file = read_table_file(content)
    assert file.options.escape == ""
    assert any("\\" in str(cell) for cell in file.frame.to_numpy().ravel())
    assert len(file.frame) == content.count(b"\n") - 1


@pytest.mark.parametrize(
    ("content", "names"),
    [
        (
            b"name,2023,,2024,\n,Q1,Q2,Q1,Q2\na,1,2,3,4\nb,5,6,7,8\n",
            ["name", "2023 / Q1", "2023 / Q2", "2024 / Q1", "2024 / Q2"],
        ),
        (
            b";2023;;2024;\n;Q1;Q2;Q1;Q2\na;1,5;2;3;4\nb;5;6;7;8\n",
            ["column 1", "2023 / Q1", "2023 / Q2", "2024 / Q1", "2024 / Q2"],
        ),
        (
            b"A report\n\nid,size,,price\n,x,y,\n1,2,3,4\n2,3,4,5\n3,4,5,6\n",
            ["id", "size / x", "size / y", "price"],
        ),
    ],
)
def test_two_header_rows_that_name_groups_are_joined(content, names):
    file = read_table_file(content)
    assert list(file.frame.columns) == names
    assert file.options.header_rows == 2
    assert "Joined the names of two header rows." in file.notes
    assert read_table(content, file.options).equals(file.frame)


@pytest.mark.parametrize(
    "content",
    [
        b"name,a,,b\nx,1,2,3\ny,4,5,6\n",
        b"name,a,,b\nx,u,v,3\ny,w,v,6\nz,w,v,6\n",
        b"a,b,c\nx,y,z\nu,v,w\n",
    ],
)
def test_a_first_row_of_values_is_no_second_header_row(content):
    file = read_table_file(content)
    assert len(file.frame) == content.count(b"\n") - 1
    assert file.options.header_rows == 1


def test_the_second_header_row_can_be_denied():
    content = b"name,2023,,2024,\n,Q1,Q2,Q1,Q2\na,1,2,3,4\nb,5,6,7,8\n"
    options = ReadingOptions(skip_lines=0, has_header=True, header_rows=1)
    assert len(read_table(content, options)) == 3


INDEXED = pd.DataFrame({"a": np.arange(100) % 7, "b": ["x", "y"] * 50})


@pytest.mark.parametrize(
    "frame",
    [
        INDEXED,
        INDEXED[INDEXED.a > 3],
        INDEXED.sample(frac=1, random_state=0),
        INDEXED.iloc[[5]],
        pd.read_csv(io.StringIO(INDEXED[INDEXED.a > 3].to_csv())),
    ],
    ids=["whole", "filtered", "shuffled", "one row", "saved twice"],
)
def test_the_index_that_pandas_saves_is_left_out(frame):
    file = read_table_file(frame.to_csv().encode(), options=ReadingOptions(has_header=True))
    assert list(file.frame.columns) == ["a", "b"]
    assert file.options.leave_out_index is True
    assert any("row numbers that pandas saved" in note for note in file.notes)


@pytest.mark.parametrize(
    "content",
    [
        b",a\nx,1\ny,2\n",
        b",a\n5,x\n5,y\n6,z\n",
        b",a\n1.5,x\n2.5,y\n",
        b",a\n-1,x\n2,y\n",
        b"id,a\n0,x\n1,y\n",
        b",\n0,\n1,\n",
    ],
)
def test_a_first_column_that_is_no_index_stays(content):
    file = read_table_file(content, options=ReadingOptions(has_header=True))
    assert file.options.leave_out_index is False
    assert file.frame.shape[0] == content.count(b"\n") - 1


def test_the_choice_about_the_index_holds_for_other_files():
    header = ReadingOptions(has_header=True)
    kept = read_table_file(b",a\n5,x\n5,y\n6,z\n", options=header).options
    assert list(read_table(b",a\n7,x\n", kept).columns) == ["column 1", "a"]
    left_out = read_table_file(b",a\n5,x\n7,y\n6,z\n", options=header).options
    assert list(read_table(b",a\n7,x\n7,z\n", left_out).columns) == ["a"]


def test_header_cells_may_hold_line_ends():
    assert list(read_table(b'"first\nname",b\nx,1\n').columns) == ["first name", "b"]


def test_single_quotes_are_detected():
    table = read_table(b"a,b\n'x','y'\n'z, q','w'\n")
    assert table.values.tolist() == [["x", "y"], ["z, q", "w"]]


def test_an_inch_sign_is_an_ordinary_character():
    assert read_table(b'size,n\n5" pipe,1\n6 pipe,2\n')["size"].tolist() == ['5" pipe', "6 pipe"]


@pytest.mark.parametrize(
    ("content", "line"),
    [(b'a,b\n1,"x\n2,y\n3,z\n', 2), (b'a,b\n1,x\n2,"y\n3,z\n4,w\n', 3)],
)
def test_a_quote_that_never_closes_swallows_no_rows(content, line):
    file = read_table_file(content)
    assert len(file.frame) == content.count(b"\n") - 1
    assert any(f"line {line} is not closed" in note for note in file.notes)


def test_a_quote_that_never_closes_among_others_is_named():
    content = b'a,b\n"1","x"\n"2","y\n"3","z"\n'
    with pytest.raises(ReadingError, match="The quote on line 3 is not closed: close it"):
        read_table(content)


def test_short_lines_are_filled_up_in_their_place():
    file = read_table_file(b"a,b,c\n1,2,3\n4,5\n6,7,8\n9\n")
    assert file.frame["a"].tolist() == [1, 4, 6, 9]
    assert file.frame["c"].isna().tolist() == [False, True, False, True]
    assert any("2 lines" in note and "line 3" in note for note in file.notes)


@pytest.mark.parametrize("end", [b"Total: 2 rows\n", b"\nexported by hand\nall rights\n", b"\x1a"])
def test_remarks_after_the_table_are_left_out(end):
    file = read_table_file(b"a,b,c\n1,2,3\n4,5,6\n" + end)
    assert file.frame.values.tolist() == [[1, 2, 3], [4, 5, 6]]
    assert any("after the table" in note for note in file.notes)


def test_too_many_short_lines_are_refused(monkeypatch):
    monkeypatch.setattr("nfm.files.csv_parser._BROKEN_LINES", 10)
    with pytest.raises(ReadingError, match=r"^Line 2 has 1 cell where the table has 2 .*: add"):
        read_table(b"a,b\n" + b"1\n" * 50 + b"1,2\n" * 60)


def test_empty_cells_beyond_the_last_column_are_cut_off():
    file = read_table_file(b"a,b\n1,2\n3,4,,\n5,6\n")
    assert file.frame.values.tolist() == [[1, 2], [3, 4], [5, 6]]
    assert any("Removed empty cells" in note for note in file.notes)


def test_a_line_with_too_many_cells_is_named():
    with pytest.raises(ReadingError, match=r"^Line 3 has 4 cells where the table has 3:"):
        read_table(b"a,b,c\n1,2,3\n4,5,6,7\n6,7,8\n")


def test_the_line_is_counted_through_line_ends_in_quotes():
    with pytest.raises(ReadingError, match=r"^Line 5 has 3 cells"):
        read_table(b'a,b\n"two\nlines",1\nx,2\ny,3,4\nz,5\n')


def test_lines_with_too_many_cells_can_be_left_out():
    options = ReadingOptions(leave_out_broken_lines=True)
    file = read_table_file(b"a,b,c\n1,2,3\n4,5,6,7\n6,7,8\n", options=options)
    assert file.frame["a"].tolist() == [1, 6]
    assert any("Left out 1 line" in note for note in file.notes)


def test_a_delimiter_at_the_end_of_every_row_makes_no_column():
    assert read_table(b"a,b\n1,2,\n3,4,\n5,6,\n").shape == (3, 2)
    assert read_table(b"a,b,\n1,2,\n3,4,\n5,6,\n").shape == (3, 2)
    assert read_table(b"a,b,\n1,2\n3,4\n5,6\n").shape == (3, 2)


def test_row_names_without_a_header_cell_are_a_column_of_their_own():
    table = read_table(b"a,b\nr1,1,2\nr2,3,4\nr3,5,6\n")
    assert list(table.columns) == ["column 1", "a", "b"]
    assert table["a"].tolist() == [1, 3, 5]


@pytest.mark.parametrize(
    "rows", ["2,191.34,5\n1,463.55,6\n", "2191,34,5\n1463,55,6\n", "2,191.34,5\n"]
)
def test_a_number_with_a_comma_is_not_taken_for_a_row_name_without_a_word(rows):
    content = f"sales,rate\n{rows}".encode()
    for file in (read_table_file(content), read_raw_table(content, wanted=("sales", "rate"))):
        assert any("one cell more than the header" in note for note in file.notes)
    with pytest.warns(ReadingWarning, match="put it in quotes"):
        read_table(content)


@pytest.mark.parametrize("names", [["a", "b"], [1, 2, 3], [30, 71, 82, 83, 94]])
def test_row_names_are_read_without_a_note(names):
    rows = "".join(f"{name},{place},7\n" for place, name in enumerate(names))
    file = read_table_file(f"a,b\n{rows}".encode())
    assert not any("one cell more" in note for note in file.notes)


def test_names_are_made_unique_and_complete():
    file = read_table_file(b"a,a,,b,a (2)\n1,2,3,4,5\n6,7,8,9,10\n")
    assert list(file.frame.columns) == ["a", "a (3)", "column 3", "b", "a (2)"]
    assert "Numbered 1 column name that occurred before." in file.notes
    assert "Named 1 column without a name by position." in file.notes


def test_hostile_names_stay_as_they_are():
    names = ["<script>alert(1)</script>", "=cmd()", "**x**", "$x$", ":red[x]"]
    assert list(read_table((",".join(names) + "\n1,2,3,4,5\n").encode()).columns) == names


def test_more_lines_to_skip_than_there_are_is_refused():
    with pytest.raises(ReadingError, match="no rows"):
        read_table(b"a,b\n1,2\n", ReadingOptions(skip_lines=50))


def test_columns_that_are_numbered_save_the_last_have_a_header_line():
    content = b"1,2,3,target\n" + b"7,0.5,4,1\n8,0.25,4,0\n" * 20
    file = read_table_file(content)
    assert list(file.frame.columns) == ["1", "2", "3", "target"]
    without = read_table_file(b"1,2,3,4\n" + b"7,0.5,4,1\n8,0.25,4,0\n" * 20)
    assert without.options.has_header is False


def test_questions_and_ids_of_a_survey_are_no_rows():
    descriptions = (
        '"Start Date","How old\nare you?","Your town, please"\n'
        '"{""ImportId"":""startDate"",""timeZone"":""UTC""}","{""ImportId"":""Q1""}",'
        '"{""ImportId"":""Q2""}"\n'
    )
    answers = "".join(f"2024-01-{day:02} 10:00:00,{20 + day},Bonn\n" for day in range(1, 20))
    file = read_table_file(f"StartDate,Age,Town\n{descriptions}{answers}".encode())
    assert [str(dtype) for dtype in file.frame.dtypes] == ["datetime64[s]", "int64", "str"]
    assert file.frame["Age"].tolist() == [20 + day for day in range(1, 20)]
    assert any("a survey's questions" in note for note in file.notes)
    plain = read_table(f"StartDate,Age,Town\n{answers}".encode())
    assert plain.equals(file.frame)


@pytest.mark.parametrize("cell", ['="00123"', '"=""00123"""', '" =""00123"" "'])
def test_a_formula_around_a_text_is_not_part_of_it(cell):
    others = "".join(f'="{number:05}",{number}\n' for number in range(1, 30))
    table = read_table(f"zip,n\n{cell},0\n{others}".encode())
    assert table["zip"].tolist() == ["00123", *(f"{number:05}" for number in range(1, 30))]
