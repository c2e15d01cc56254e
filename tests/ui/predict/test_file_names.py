from __future__ import annotations

import pytest

from nfm.ui.predict.file_names import file_name, stem


@pytest.mark.parametrize(
    ("parts", "name"),
    [
        (("Titanic", "Run 1"), "titanic-run-1.nfm"),
        (("../../etc/passwd",), "etc-passwd.nfm"),
        (("Größe 舱位", "x"), "größe-舱位-x.nfm"),
        (('<b>"a\r\nb"</b>',), "b-a-b-b.nfm"),
        (("", "…"), "nfm.nfm"),
        (("a" * 500,), "a" * 60 + ".nfm"),
    ],
)
def test_names_hold_words_only(parts, name):
    assert file_name(*parts, ending="nfm") == name


@pytest.mark.parametrize(
    ("name", "bare"),
    [("train.csv.gz", "train"), ("a.b c.xlsx", "a.b c"), (".csv", ".csv"), ("rows", "rows")],
)
def test_endings_are_left_out(name, bare):
    assert stem(name) == bare
