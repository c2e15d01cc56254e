"""What holds for the encoding of any table."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nfm.settings import make_settings
from nfm.tabular.encoding import Encoder
from nfm.tabular.infer_schema import infer_schema

pytestmark = pytest.mark.slow

CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=5),
    st.sampled_from(["1", "1.0", "2,5", "2024-03-05", "3/5/24", "true", "(missing)", "\ud800"]),
    st.datetimes().map(pd.Timestamp),
)
SETTINGS = st.builds(
    lambda **values: make_settings(values),
    numeric=st.sampled_from(["concat", "value", "piecewise"]),
    numeric_scaling=st.sampled_from(["standard", "none"]),
    numeric_bins=st.integers(2, 20),
    min_level_count=st.integers(1, 3),
)


@st.composite
def series(draw, rows, cells=CELLS):
    """Draw a column of one sort of cells, or of all sorts mixed."""
    sort = draw(
        st.sampled_from(
            [
                cells,
                st.booleans(),
                st.integers(-(2**63), 2**63 - 1),
                st.integers(0, 3),
                st.floats(),
                st.floats(0, 1) | st.none(),
                st.text(max_size=3) | st.none(),
                st.sampled_from(["2024-03-05", "13/5/24", "3/5/24 10:30 pm", None]),
            ]
        )
    )
    values = draw(st.lists(sort, min_size=rows, max_size=rows))
    dtype = draw(st.sampled_from([None, object]))
    # pandas' text cannot hold half of a surrogate pair, its objects can.
    column = pd.Series(values, dtype=object if "\ud800" in values else dtype)
    return column.astype("category") if draw(st.booleans()) and column.notna().all() else column


@st.composite
def two_tables(draw):
    """Draw a training table, and one to score with the same columns but any values."""
    width = draw(st.integers(1, 4))
    rows, more = draw(st.integers(1, 12)), draw(st.integers(0, 6))
    names = draw(st.lists(st.text(max_size=3), min_size=width, max_size=width, unique=True))
    train = pd.DataFrame({name: draw(series(rows)) for name in names})
    return train, pd.DataFrame({name: draw(series(more)) for name in names})


@given(two_tables(), SETTINGS, st.booleans(), st.data())
def test_any_table_is_encoded_within_its_layout(tables, settings, keep_all, data):
    train, scored = tables
    schema = infer_schema(train, keep_all=keep_all)
    kinds = st.sampled_from(["categorical", "numeric", "date", "text"])
    columns = [
        column.model_copy(
            update={"role": "feature", "kind": data.draw(kinds | st.just(column.kind))}
        )
        for column in schema.columns
    ]
    encoder = Encoder.fit(train, columns, settings)
    layout = encoder.layout
    for frame in (train, scored):
        table = encoder.transform(frame)
        assert len(table) == len(frame)
        assert (table.codes >= 0).all()
        assert (table.codes < np.array(layout.level_counts)).all()
        missing = np.isnan(table.values)
        assert not missing[:, ~np.array(layout.has_missing, dtype=bool)].any()
        assert np.isfinite(table.values[~missing]).all()
        if settings.numeric == "piecewise":
            assert (table.values[~missing] >= 0).all()
            assert (missing | (table.values <= np.array(layout.bin_counts))).all()
    again = Encoder.model_validate_json(encoder.model_dump_json())
    assert again == encoder
    np.testing.assert_array_equal(again.transform(scored).codes, encoder.transform(scored).codes)
    np.testing.assert_array_equal(again.transform(scored).values, encoder.transform(scored).values)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=2, max_size=60))
def test_a_larger_number_never_lies_before_a_smaller_one(values):
    frame = pd.DataFrame({"x": sorted(values)})
    encoder = Encoder.fit(frame, infer_schema(frame, keep_all=True).columns, make_settings({}))
    assert (np.diff(encoder.transform(frame).values[:, 0]) >= 0).all()


@given(st.lists(st.text(min_size=1, max_size=4), min_size=1, max_size=30))
def test_a_level_seen_in_training_has_a_code_of_its_own(texts):
    texts = [f"x{text}x" for text in texts]
    frame = pd.DataFrame({"a": texts})
    encoder = Encoder.fit(frame, infer_schema(frame, keep_all=True).columns, make_settings({}))
    codes = encoder.transform(frame).codes[:, 0]
    assert len(set(codes)) == len(set(texts))
    assert codes.min() >= 1
    assert [encoder.categorical[0].names[code] for code in codes] == texts
