"""The form that a model is asked with."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nfm.settings import Settings
from nfm.tabular.encoding import Encoder
from nfm.tabular.infer_schema import infer_schema
from nfm.tabular.wording import Wording
from nfm.ui.state.form_fields import (
    FormField,
    changes,
    date_reading,
    form_fields,
    name_column,
    row_label,
    row_values,
    to_frame,
)
from nfm.ui.state.row_text import with_edits, write_cell


@pytest.fixture
def frame():
    generator = np.random.default_rng(0)
    count = 60
    return pd.DataFrame(
        {
            "who": [f"Person {number:02d} of the long list" for number in range(count)],
            "colour": [None, *generator.choice(["red", "blue"], count - 1)],
            "deck": generator.integers(1, 4, count),
            "child": generator.integers(0, 2, count).astype(bool),
            "size": [np.nan, *generator.normal(5, 2, count - 1)],
            "count": generator.integers(0, 50, count) + np.arange(count),
            "day": pd.date_range("2024-01-05", periods=count).strftime("%Y-%m-%d"),
            "answer": generator.choice(["yes", "no"], count),
        }
    )


@pytest.fixture
def schema(frame):
    schema = infer_schema(frame, "answer").with_column("deck", kind="categorical", role="feature")
    return schema.with_features(["colour", "deck", "child", "size", "count", "day"])


@pytest.fixture
def encoder(frame, schema):
    return Encoder.fit(frame, schema.features, Settings())


def test_every_feature_has_a_field_of_its_kind(encoder):
    fields = {field.name: field for field in form_fields(encoder)}
    assert list(fields) == ["colour", "deck", "child", "size", "count", "day"]
    assert [field.widget for field in fields.values()] == [
        *(["levels"] * 3),
        *(["number"] * 2),
        "text",
    ]
    assert fields["count"].whole
    assert not fields["size"].whole
    assert fields["day"].hint.startswith("2024-01-05 to")


@pytest.mark.parametrize(
    ("low", "high", "step"), [(0.42, 80, 1), (0, 512.3, 10), (0, 1, 0.01), (5, 5, 1)]
)
def test_step_suits_the_range(low, high, step):
    assert FormField("x", "number", minimum=low, maximum=high).step == pytest.approx(step)


def test_levels_are_offered_before_missing_and_other(encoder):
    colour = form_fields(encoder)[0]
    offered = [colour.levels[code] for code in colour.codes]
    assert offered == ["blue", "red", "(missing)", "(other)"]


def test_level_called_missing_is_not_a_missing_value():
    frame = pd.DataFrame({"a": ["(missing)", "x", None] * 10, "b": [0, 1, 1] * 10})
    encoder = Encoder.fit(frame, infer_schema(frame, "b").features, Settings())
    fields = form_fields(encoder)
    rows = [row_values(encoder, fields, frame, row) for row in range(3)]
    table = to_frame(fields, rows)
    assert np.array_equal(encoder.transform(table).codes, encoder.transform(frame.iloc[:3]).codes)


def test_filled_form_encodes_like_the_row_itself(encoder, frame):
    fields = form_fields(encoder)
    rows = [row_values(encoder, fields, frame, row) for row in range(len(frame))]
    made, real = encoder.transform(to_frame(fields, rows)), encoder.transform(frame)
    assert np.array_equal(made.codes, real.codes)
    assert np.array_equal(made.values, real.values, equal_nan=True)


def test_other_is_a_level_that_was_never_seen(encoder, frame):
    fields = form_fields(encoder)
    values = {**row_values(encoder, fields, frame, 1), "colour": 0}
    assert encoder.transform(to_frame(fields, [values])).codes[0, 0] == 0


def test_without_the_table_the_form_starts_from_an_ordinary_row(encoder):
    fields = form_fields(encoder)
    values = row_values(encoder, fields, None, 0)
    assert values["count"] == encoder.numeric[1].median
    assert fields[0].levels[values["colour"]] in ("red", "blue")
    assert len(encoder.transform(to_frame(fields, [values]))) == 1


def test_changes_are_told_in_the_words_of_the_table(encoder, frame):
    fields = form_fields(encoder)
    before = row_values(encoder, fields, frame, 0)
    after = {**before, "colour": fields[0].codes[0], "size": 7.5}
    assert changes(fields, before, after) == [
        ("colour", "(missing)", "blue"),
        ("size", "(missing)", "7.5"),
    ]


def test_rows_are_named_by_the_column_that_names_them(frame, schema):
    assert name_column(schema) == "who"
    assert row_label(frame, "who", 3) == "Person 03 of the long list"
    assert row_label(frame, None, 3) == "Row 4"


def test_words_for_people_change_what_is_shown_and_not_what_is_asked(encoder, frame):
    wording = Wording(columns={"colour": "Paint"}, levels={"colour": {"blue": "sky blue"}})
    fields, plain = form_fields(encoder, wording), form_fields(encoder)
    rows = [row_values(encoder, fields, frame, row) for row in range(len(frame))]
    assert to_frame(fields, rows).equals(to_frame(plain, rows))
    assert fields[0].title == "Paint"
    before = {**rows[0], "colour": 0}
    after = {**rows[0], "colour": fields[0].levels.index("blue")}
    assert changes(fields, before, after) == [("Paint", "(other)", "sky blue")]


@pytest.mark.parametrize(
    ("written", "text", "line"),
    [
        ("%Y-%m-%d", "2024-10-05", "read as 5 October 2024"),
        ("%Y-%m-%d", "05/10/2024", "counts as missing: not a date (year-month-day)"),
        ("%d.%m.%Y", "05/10/2024", "read as 5 October 2024"),
        ("%m/%d/%Y", "05/10/2024", "read as 10 May 2024"),
        ("%m/%d/%Y", "05/10/2024 14:30", "read as 10 May 2024, 14:30:00"),
        ("%m/%d/%Y", "?", "counts as missing"),
        ("%m/%d/%Y", " ", ""),
    ],
)
def test_the_form_says_how_a_date_is_read(frame, schema, written, text, line):
    day = pd.date_range("2024-01-05", periods=60).strftime(written)
    table = frame.assign(day=day)
    features = infer_schema(table, "answer").with_features(["day"]).features
    assert date_reading(Encoder.fit(table, features, Settings()), "day", text) == line


def test_levels_called_missing_and_other_are_told_from_missing_and_other_values():
    levels = ["(missing)", "(other)", "a", None] * 15
    frame = pd.DataFrame({"level": levels, "answer": ["yes", "no", "no"] * 20})
    schema = infer_schema(frame, "answer").with_features(["level"])
    encoder = Encoder.fit(frame, schema.features, Settings())
    (field,) = form_fields(encoder)
    assert len(set(field.levels)) == len(field.levels) == 5
    for row in range(4):
        values = row_values(encoder, [field], frame, row)
        linked, problems = with_edits(
            [field], values, {"level": write_cell(field, values["level"])}
        )
        assert (linked, problems) == (values, ())
        expected = encoder.transform(frame.iloc[[row]]).codes
        np.testing.assert_array_equal(
            encoder.transform(to_frame([field], [linked])).codes, expected
        )
