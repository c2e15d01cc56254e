"""A list means the same in every type of cell, every kind of file, and with every separator."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nfm.column_formats.list_text import SEPARATORS, list_text
from nfm.files.options import ReadingOptions
from nfm.files.reading import read_table_file
from nfm.settings import Settings
from nfm.tabular.encoding import Encoder
from nfm.tabular.frames import as_frame
from nfm.tabular.infer_schema import infer_schema
from nfm.tabular.level_values import level_codes

WORDS = ["Action", "Drama", "Sci-Fi", "it's", 'the "new"', "a\\b", "café\u00a0noir"]
NUMBERS = [1, 2, 30, 400]
FLOATS = [1.0, 2.5, -30.0, 1e20]
ITEMS: dict[str, list[Any]] = {"words": WORDS, "numbers": NUMBERS, "floats": FLOATS}
ROWS = {"all": slice(None), "the first": slice(1), "the last, in reverse": slice(None, -8, -1)}


def lists(items: list[Any], rows: int = 120) -> list[list[Any]]:
    random = np.random.default_rng(0)
    return [
        [items[place] for place in random.permutation(len(items))[: random.integers(1, 4)]]
        for _ in range(rows)
    ]


def of_objects(cells: list[Any]) -> pd.DataFrame:
    return pd.DataFrame({"x": pd.Series(cells, dtype=object)})


def parquet(cells: list[Any]) -> bytes:
    stream = io.BytesIO()
    of_objects(cells).to_parquet(stream)
    return stream.getvalue()


def json_lines(cells: list[Any]) -> bytes:
    return "\n".join(json.dumps({"x": cell}) for cell in cells).encode()


def in_a_file(content: bytes, name: str) -> pd.DataFrame:
    return read_table_file(content, name, ReadingOptions()).frame


FORMS: dict[str, Callable[[list[Any]], pd.DataFrame]] = {
    "lists": of_objects,
    "tuples": lambda cells: of_objects([tuple(cell) for cell in cells]),
    "arrays": lambda cells: of_objects([np.array(cell) for cell in cells]),
    "scalars of NumPy": lambda cells: of_objects([list(np.array(cell)) for cell in cells]),
    "Parquet": lambda cells: in_a_file(parquet(cells), "x.parquet"),
    "Parquet by pandas": lambda cells: pd.read_parquet(io.BytesIO(parquet(cells))),
    "JSON Lines": lambda cells: in_a_file(json_lines(cells), "x.jsonl"),
    "polars": lambda cells: as_frame(pl.DataFrame({"x": cells})),
    "pyarrow": lambda cells: as_frame(pa.table({"x": cells})),
    "Python's text": lambda cells: of_objects([str(cell) for cell in cells]),
    "JSON": lambda cells: of_objects([json.dumps(cell) for cell in cells]),
    **{
        f"text with {separator!r}": lambda cells, separator=separator: of_objects(
            [separator.join(map(str, cell)) for cell in cells]
        )
        for separator in SEPARATORS
    },
}
TYPED = [form for form in FORMS if not form.startswith("text with")]


def encoder_of(frame: pd.DataFrame) -> Encoder:
    frame = frame.assign(y=np.arange(len(frame)) % 2)
    schema = infer_schema(frame, "y", "binary")
    assert schema.column("x").kind == "list"
    return Encoder.fit(frame, schema.features, Settings())


@cache  # a file of Parquet is read in a process, and each of these is needed for each other form
def frame_of(form: str, kind: str, rows: str) -> pd.DataFrame:
    return FORMS[form](lists(ITEMS[kind])[ROWS[rows]])


@pytest.mark.parametrize("kind", ITEMS)
@pytest.mark.parametrize("trained", FORMS)
def test_codes_do_not_depend_on_how_a_list_is_given(kind: str, trained: str) -> None:
    encoder = encoder_of(frame_of(trained, kind, "all"))
    assert len(encoder.lists[0].items) == len(ITEMS[kind])
    expected = encoder.transform(frame_of(trained, kind, "all")).codes
    for form in [*TYPED, trained]:
        for name, rows in ROWS.items():
            codes = encoder.transform(frame_of(form, kind, name)).codes
            np.testing.assert_array_equal(codes, expected[rows], err_msg=f"{trained} → {form}")


@given(
    st.lists(
        st.one_of(
            st.text(max_size=5),
            st.integers(),
            st.floats(),
            st.booleans(),
            st.none(),
            st.just(pd.NA),
        ),
        max_size=4,
    )
)
@settings(deadline=None)
def test_any_list_is_the_same_level_in_a_list_a_tuple_and_an_array(cell: list[Any]) -> None:
    array = np.empty(len(cell), dtype=object)
    array[:] = cell
    texts = []
    for value in (cell, tuple(cell), array):
        series = pd.Series([value], dtype=object)
        rows, levels = level_codes(series)
        texts.append([levels[row] if row >= 0 else None for row in rows])
    assert texts[0] == texts[1] == texts[2]


def test_sets_have_one_text_whatever_their_order() -> None:
    assert list_text({"b", "a", "c"}) == list_text(frozenset("cab")) == '["a", "b", "c"]'


def test_missing_items_are_no_items() -> None:
    assert list_text([None, np.nan, "", " ", pd.NA]) == ""
    assert list_text(["a", None]) == '["a"]'
    assert list_text([1, 1.0, np.int8(1), np.float32(1), True]) == '["1", "1", "1", "1", "true"]'
    assert list_text([b"a"]) == '["a"]'
