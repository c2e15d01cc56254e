from __future__ import annotations

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from nfm.files.names import unique_name, with_text_names


def test_a_repeated_name_is_numbered():
    frame = pd.DataFrame([[1, 2, 3]], columns=["a", "a", "a"])
    assert list(with_text_names(frame)) == ["a", "a (2)", "a (3)"]


def test_a_made_name_does_not_meet_an_original_one():
    frame = pd.DataFrame([[1, 2, 3]], columns=["a", "a", "a (2)"])
    assert list(with_text_names(frame)) == ["a", "a (3)", "a (2)"]


def test_a_frame_with_good_names_is_returned_as_it_is():
    frame = pd.DataFrame({"a": [1], "名前 😀": [2]})
    assert with_text_names(frame) is frame


def test_the_given_frame_keeps_its_names():
    frame = pd.DataFrame([[1, 2]], columns=[0, 1])
    assert list(with_text_names(frame)) == ["0", "1"]
    assert list(frame) == [0, 1]


@given(st.lists(st.one_of(st.integers(0, 3), st.sampled_from(["0", "a", "a (2)", ""])), max_size=9))
def test_any_names_become_different_texts(names):
    made = list(with_text_names(pd.DataFrame([range(len(names))], columns=names)))
    assert len(set(made)) == len(names)
    assert all(type(name) is str for name in made)


def test_a_free_name_stays():
    assert unique_name("a", {"b"}) == "a"
