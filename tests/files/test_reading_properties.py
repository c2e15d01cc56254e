"""What holds of every table and of every string of bytes."""

from __future__ import annotations

import io
import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import pandas as frames

from nfm.column_formats.missing_words import MISSING_WORDS as MISSING
from nfm.errors import ReadingError
from nfm.files.options import FileLimits, ReadingOptions
from nfm.files.reading import read_table, read_table_file
from nfm.text import INVISIBLE

pytestmark = pytest.mark.slow

TEXT_DTYPE = pd.StringDtype("pyarrow", na_value=np.nan)
WORDS = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), include_characters='\n",;\t|'), max_size=12
).filter(
    lambda text: any(char.isalpha() for char in text) and text == text.strip().strip(INVISIBLE)
)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
COLUMNS = [
    frames.column("whole", elements=st.integers(-(2**63), 2**63 - 1), dtype="int64"),
    frames.column("number", elements=st.one_of(FLOATS, st.just(float("nan"))), dtype="float64"),
    frames.column("truth", elements=st.booleans(), dtype="bool"),
]


@st.composite
def tables(draw: st.DrawFn) -> pd.DataFrame:
    frame = draw(frames.data_frames(COLUMNS, index=frames.range_indexes(min_size=1, max_size=12)))
    texts = draw(
        st.lists(
            st.one_of(WORDS.map(lambda word: f"w{word}"), st.just(np.nan)),
            min_size=len(frame),
            max_size=len(frame),
        )
    )
    texts[0] = draw(WORDS.map(lambda word: f"w{word}"))
    frame.insert(1, "word", pd.Series(texts, dtype=TEXT_DTYPE))
    frame.loc[0, "number"] = draw(FLOATS) + 0.5
    return frame


@settings(max_examples=50)
@given(tables(), st.sampled_from([",", ";", "\t", "|"]), st.sampled_from(["\n", "\r\n"]))
def test_a_frame_written_as_csv_comes_back_equal(frame, delimiter, end):
    content = frame.to_csv(index=False, sep=delimiter, lineterminator=end).encode()
    pd.testing.assert_frame_equal(read_table(content), frame)


@settings(max_examples=50)
@given(tables())
def test_a_frame_with_decimal_commas_comes_back_equal(frame):
    content = frame.to_csv(index=False, sep=";", decimal=",").encode()
    options = ReadingOptions(decimal=",")
    pd.testing.assert_frame_equal(read_table(content, options), frame)


@settings(max_examples=50)
@given(tables(), st.sampled_from(["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030"]))
def test_a_frame_comes_back_equal_in_every_unicode_encoding(frame, encoding):
    content = frame.to_csv(index=False).encode(encoding)
    options = ReadingOptions(encoding=encoding)
    pd.testing.assert_frame_equal(read_table(content, options), frame)


@settings(max_examples=50)
@given(tables())
def test_a_frame_written_as_parquet_comes_back_equal(frame):
    file = io.BytesIO()
    frame.to_parquet(file)
    pd.testing.assert_frame_equal(read_table(file.getvalue()), frame)


@settings(max_examples=50)
@given(tables())
def test_reading_again_with_the_detected_options_gives_the_same_table(frame):
    content = frame.to_csv(index=False).encode()
    first = read_table_file(content)
    restored = ReadingOptions.model_validate_json(first.options.model_dump_json())
    pd.testing.assert_frame_equal(read_table(content, restored), first.frame)


def only_reading_errors(content: bytes) -> None:
    """Read, and let every exception through that is not meant for people."""
    try:
        frame = read_table(content, limits=FileLimits(unpacked_bytes=2**22))
    except ReadingError:
        return
    assert frame.columns.is_unique
    assert len(frame)


@settings(max_examples=200)
@given(st.binary(max_size=400))
@example(b'"')
@example(b"\x00\x0a")
@example(b"PK\x03\x04")
@example(b"PAR1PAR1")
@example(b"\x1f\x8b")
@example(b"\xff\xfe\x0a")
def test_arbitrary_bytes_raise_nothing_but_reading_errors(content):
    only_reading_errors(content)


@settings(max_examples=200)
@given(st.text(st.sampled_from(list("ab1.,;'\"\t|\n\r #-?é中=\x00")), max_size=60))
def test_arbitrary_scraps_of_csv_raise_nothing_but_reading_errors(content):
    only_reading_errors(content.encode())


def packed(kind: str) -> bytes:
    frame = pd.DataFrame({"a": [1, 2, 3], "b": ["x", "y", None]})
    file = io.BytesIO()
    if kind == "parquet":
        frame.to_parquet(file)
    elif kind == "xlsx":
        frame.to_excel(file, index=False)
    else:
        frame.to_csv(file, index=False, compression=kind)
    return file.getvalue()


@pytest.mark.parametrize("kind", ["zip", "gzip", "xlsx"])
def test_a_damaged_package_raises_nothing_but_reading_errors(kind):
    content = packed(kind)

    @settings(max_examples=60)
    @given(st.integers(0, len(content) - 1), st.integers(0, 255))
    def damage(position, byte):
        only_reading_errors(content[:position] + bytes([byte]) + content[position + 1 :])
        only_reading_errors(content[:position])

    damage()


@given(st.lists(st.text(max_size=8), max_size=5))
def test_missing_tokens_survive_json(tokens):
    options = ReadingOptions(missing=tuple(tokens))
    assert ReadingOptions.model_validate(json.loads(options.model_dump_json())) == options


def test_every_default_missing_token_is_read_as_missing():
    for token in MISSING:
        lines = "zebra,1\n" * 30 + f"{token},1\n"
        assert read_table(f"word,one\n{lines}".encode())["word"].count() == 30, token
