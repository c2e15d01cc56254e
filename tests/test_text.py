from __future__ import annotations

import pytest

from nfm.text import clipped, counted, megabytes, quote, quoted, shorten


def test_a_text_that_is_cut_off_ends_in_an_ellipsis():
    assert clipped("abcdef", 6) == "abcdef"
    assert clipped("abcdefg", 6) == "abcde…"
    assert shorten(" a\n b  c ", 4) == "a b…"


def test_blanks_of_a_cell_stay_visible_between_quotes():
    assert quote("yes ") == "'yes '"
    assert quote("x" * 50, 10) == "'xxxxxxxxx…'"


@pytest.mark.parametrize(
    ("count", "written"), [(0, "0 rows"), (1, "1 row"), (2, "2 rows"), (1204, "1,204 rows")]
)
def test_things_are_counted(count, written):
    assert counted(count, "row") == written


def test_long_lists_of_names_end_in_a_number():
    assert quoted(["a", "b"]) == "'a', 'b'"
    assert quoted(["a", "b", "c"], limit=2) == "'a', 'b' and 1 more"


@pytest.mark.parametrize(
    ("count", "written"), [(12, "12 bytes"), (2**16, "64 kB"), (200 * 2**20, "200 MB")]
)
def test_bytes_are_written_as_people_read_them(count, written):
    assert megabytes(count) == written
