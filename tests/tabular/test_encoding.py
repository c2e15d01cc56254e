from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nfm.errors import SchemaError
from nfm.files.names import with_text_names
from nfm.settings import PRESETS, Settings, make_settings
from nfm.tabular.encoding import Encoder
from nfm.tabular.infer_schema import infer_schema
from nfm.tabular.schema import Column


def fit(frame, settings=None, vocabulary=None, **kinds):
    columns = infer_schema(with_text_names(frame), keep_all=True).columns
    columns = [
        column.model_copy(update={"kind": kinds.get(column.name, column.kind)})
        for column in columns
    ]
    return Encoder.fit(frame, columns, settings or Settings(), vocabulary)


def test_the_articles_fields_have_the_articles_sizes(titanic):
    settings = make_settings(PRESETS["article"])
    layout = Encoder.fit(titanic, infer_schema(titanic).features, settings).layout
    assert layout.categorical == ("Pclass", "Sex", "Cabin", "Embarked")
    assert layout.level_counts == (4, 3, 149, 5)
    assert layout.numeric == ("Age", "SibSp", "Parch", "Fare")
    assert layout.bin_counts == (1, 1, 1, 1)
    assert layout.has_missing == (False, False, False, False)


def test_the_articles_numbers_are_as_they_are_and_missing_ones_zero(titanic):
    settings = make_settings(PRESETS["article"])
    encoder = Encoder.fit(titanic, infer_schema(titanic).features, settings)
    values = encoder.transform(titanic).values
    expected = titanic[["Age", "SibSp", "Parch", "Fare"]].fillna(0).to_numpy(np.float32)
    np.testing.assert_array_equal(values, expected)


def test_a_table_is_encoded_in_the_types_and_shapes_of_its_layout(titanic):
    encoder = Encoder.fit(titanic, infer_schema(titanic).features, Settings())
    table = encoder.transform(titanic)
    assert table.codes.dtype == np.int32
    assert table.values.dtype == np.float32
    assert table.codes.shape == (891, 4)
    assert table.values.shape == (891, 4)
    assert (np.isnan(table.values).sum(axis=0) == [177, 0, 0, 0]).all()


def test_unseen_cabin_is_encoded_as_other(titanic):
    encoder = Encoder.fit(titanic, infer_schema(titanic).features, Settings())
    row = titanic.iloc[[0]].assign(Cabin="Z999")
    assert encoder.transform(row).codes[0, 2] == 0


def test_the_encoder_survives_json_exactly(titanic):
    frame = titanic.assign(when=pd.date_range("2024-01-01 01:30", periods=891, freq="31h"))
    encoder = fit(frame)
    again = Encoder.model_validate_json(encoder.model_dump_json())
    assert again == encoder
    np.testing.assert_array_equal(again.transform(frame).codes, encoder.transform(frame).codes)
    np.testing.assert_array_equal(again.transform(frame).values, encoder.transform(frame).values)


def test_columns_may_come_in_any_order_with_others_among_them():
    frame = pd.DataFrame({"a": ["x", "y"], "b": [0.5, 1.5]})
    encoder = fit(frame)
    mixed = pd.DataFrame({"z": [1, 2], "b": [0.5, 1.5], "a": ["x", "y"]})
    np.testing.assert_array_equal(encoder.transform(mixed).codes, encoder.transform(frame).codes)


def test_missing_columns_are_named():
    encoder = fit(pd.DataFrame({"a": ["x"], "b": [0.5], "c": [1.5]}))
    with pytest.raises(SchemaError, match="lacks the columns 'a', 'c'"):
        encoder.transform(pd.DataFrame({"b": [1.0]}))
    with pytest.raises(SchemaError, match="lacks the column 'a'"):
        encoder.transform(pd.DataFrame({"b": [1.0], "c": [2.0]}))


def test_a_training_frame_without_a_feature_is_refused():
    column = Column(name="a", kind="numeric", role="feature")
    with pytest.raises(SchemaError, match="lacks the column 'a'"):
        Encoder.fit(pd.DataFrame({"b": [1.0]}), [column], Settings())
    with pytest.raises(SchemaError, match="No column is a feature"):
        Encoder.fit(pd.DataFrame({"b": [1.0]}), [], Settings())


def test_columns_that_are_no_features_are_left_out(titanic):
    encoder = Encoder.fit(titanic, infer_schema(titanic).columns, Settings())
    assert "Survived" not in encoder.columns
    assert "Name" not in encoder.columns


@pytest.mark.parametrize(
    "scored",
    [
        pd.Series(["1.5", "x", None]),
        pd.Series([1.5, np.inf, -np.inf]),
        pd.Series([1.5, None, "?"], dtype=object),
        pd.Series(["1.5", "", "many"]),
    ],
)
def test_what_is_no_number_at_scoring_time_is_missing(scored):
    encoder = fit(pd.DataFrame({"x": [1.0, 1.5, 2.0, np.nan]}))
    values = encoder.transform(pd.DataFrame({"x": scored})).values[:, 0]
    assert values[0] == 1.0
    assert np.isnan(values[1:]).all()


def test_a_number_with_another_decimal_mark_than_in_training_is_missing():
    encoder = fit(pd.DataFrame({"x": [1.0, 1.5, 2.0, np.nan]}))
    values = encoder.transform(pd.DataFrame({"x": ["1,5", "1.5"]})).values[:, 0]
    np.testing.assert_array_equal(values, [np.nan, 1.0])


def test_a_column_without_any_value_in_training_is_encoded():
    frame = pd.DataFrame({"x": [np.nan] * 3, "t": pd.Series([None] * 3, dtype=object)})
    encoder = fit(frame)
    layout = encoder.layout
    assert layout.ramp_counts == (2,)
    assert layout.level_counts == (2,)
    table = encoder.transform(pd.DataFrame({"x": [5.0, None], "t": ["a", None]}))
    np.testing.assert_array_equal(table.values[:, 0], [0, np.nan])
    assert table.codes[:, 0].tolist() == [0, 1]


def test_levels_of_the_vocabulary_frame_count_only_if_the_setting_says_so():
    frame, more = pd.DataFrame({"a": ["x"]}), pd.DataFrame({"a": ["y"]})
    assert fit(frame, Settings(), more).categorical[0].levels == ("x",)
    everywhere = make_settings({"vocabulary": "all"})
    assert fit(frame, everywhere, more).categorical[0].levels == ("x", "y")


def test_rare_levels_are_other_by_the_setting():
    frame = pd.DataFrame({"a": list("xxyz")})
    encoder = fit(frame, make_settings({"min_level_count": 2}))
    assert encoder.transform(frame).codes[:, 0].tolist() == [1, 1, 0, 0]


def test_identifiers_and_text_that_were_made_features_are_categorical(titanic):
    columns = [infer_schema(titanic).with_column("Ticket", role="feature").column("Ticket")]
    settings = Settings(min_level_count=1)
    assert Encoder.fit(titanic, columns, settings).layout.level_counts == (682,)


def test_only_categorical_only_numeric_and_one_column():
    assert fit(pd.DataFrame({"a": ["x", "y"]})).layout.fields == ("a",)
    table = fit(pd.DataFrame({"a": ["x", "y"]})).transform(pd.DataFrame({"a": ["y"]}))
    assert table.values.shape == (1, 0)
    table = fit(pd.DataFrame({"a": [0.5, 1.5]})).transform(pd.DataFrame({"a": [1.0]}))
    assert table.codes.shape == (1, 0)


def test_names_that_are_numbers_repeated_or_odd():
    frame = pd.DataFrame([[0.5, 1.5, 2.5]] * 2, columns=["a/b", "a/b", 3])
    encoder = fit(frame)
    assert encoder.columns == ("a/b", "a/b (2)", "3")
    np.testing.assert_array_equal(encoder.transform(frame).values, np.zeros((2, 3)))


def test_a_date_gives_days_month_weekday_and_hour():
    frame = pd.DataFrame({"when": ["2024-01-01 12:00", "2024-02-06 18:00", None]})
    encoder = fit(
        frame, make_settings({"numeric": "value", "numeric_scaling": "none"}), when="date"
    )
    layout = encoder.layout
    assert layout.numeric == ("when (days)",)
    assert layout.categorical == ("when (month)", "when (weekday)", "when (hour)")
    assert encoder.categorical[0].names == ("(other)", "January", "February", "(missing)")
    assert encoder.categorical[1].levels == ("Monday", "Tuesday")
    assert encoder.categorical[2].levels == ("12:00", "18:00")
    table = encoder.transform(frame)
    assert table.codes.tolist() == [[1, 1, 1], [2, 2, 2], [3, 3, 3]]
    assert table.values[:2, 0].tolist() == [19723.5, 19759.75]
    assert np.isnan(table.values[2, 0])


def test_a_date_keeps_what_a_form_needs():
    date = fit(pd.DataFrame({"d": ["5.1.2024", "7.1.2024", "25.3.2024"]}), d="date").dates[0]
    assert (date.minimum, date.median, date.maximum) == ("2024-01-05", "2024-01-07", "2024-03-25")
    assert date.day_first is True
    assert not date.has_time
    assert date.fields == ("d (days)", "d (month)", "d (weekday)")


def test_a_date_is_read_as_in_training_and_in_iso_form():
    frame = pd.DataFrame({"d": ["5.1.2024", "25.3.2024", "7.2.2024"]})
    encoder = fit(frame, d="date")
    for written in ("7.2.2024", "2024-02-07", "7 February 2024"):
        again = encoder.transform(pd.DataFrame({"d": [written]}))
        np.testing.assert_array_equal(again.codes, encoder.transform(frame.iloc[[2]]).codes)
        np.testing.assert_array_equal(again.values, encoder.transform(frame.iloc[[2]]).values)


def test_the_order_of_day_and_month_that_the_schema_found_counts():
    frame = pd.DataFrame({"d": ["13/1/2024", "5/6/2024"] * 10})
    schema = infer_schema(frame)
    encoder = Encoder.fit(frame.iloc[[1]], schema.columns, Settings())
    assert encoder.dates[0].maximum == "2024-06-05"


def test_parts_of_a_date_do_not_take_the_name_of_another_column():
    frame = pd.DataFrame({"d": ["2024-01-05", "2024-02-07"], "d (days)": [0.5, 1.5]})
    assert fit(frame, d="date").layout.numeric == ("d (days) (2)", "d (days)")


def test_a_column_of_dates_without_any_date_is_encoded():
    encoder = fit(pd.DataFrame({"d": ["soon", None]}), d="date")
    assert encoder.dates[0].minimum is None
    table = encoder.transform(pd.DataFrame({"d": ["2024-01-01", "later"]}))
    np.testing.assert_array_equal(table.values[:, 0], [0, np.nan])


@pytest.mark.parametrize(
    "change",
    [
        {"columns": ("a",)},
        {"columns": ()},
        {"dates": ()},
        {"unknown": 1},
    ],
)
def test_a_contradictory_state_is_refused(change):
    frame = pd.DataFrame({"a": ["x"], "d": ["2024-01-05"]})
    state = fit(frame, d="date").model_dump()
    with pytest.raises(ValueError, match="Encoder"):
        Encoder.model_validate({**state, **change})


def test_two_fields_of_one_name_are_refused():
    state = fit(pd.DataFrame({"a": ["x"]})).model_dump()
    state["categorical"] = state["categorical"] * 2
    with pytest.raises(ValueError, match="same name"):
        Encoder.model_validate(state)


def test_a_hundred_thousand_levels_are_encoded_and_kept():
    frame = pd.DataFrame({"id": pd.Series(range(100_000)).map("item {}".format)})
    fitted = fit(frame, Settings(min_level_count=1))
    encoder = Encoder.model_validate_json(fitted.model_dump_json())
    codes = encoder.transform(frame).codes[:, 0]
    assert encoder.layout.level_counts == (100_001,)
    assert len(np.unique(codes)) == 100_000


@pytest.mark.parametrize(("rows", "kept"), [(499, ("a", "b")), (500, ("a",))])
def test_levels_of_two_rows_get_a_code_in_small_tables_only(rows, kept):
    frame = pd.DataFrame({"x": ["a"] * (rows - 2) + ["b"] * 2})
    assert fit(frame).categorical[0].levels == kept


def test_encoders_that_learned_the_same_are_equal_also_after_they_were_used(titanic):
    one, other = (fit(titanic.head(80)) for _ in range(2))
    for encoder in (one, other):
        encoder.transform(titanic)
    assert one == other
    assert one.categorical[0] == other.categorical[0]
    assert one.numeric[0] == other.numeric[0]
    assert len({one, other}) == 1
    different = fit(titanic.head(79))
    different.transform(titanic)
    assert one != different
    assert one.numeric[0] != one.categorical[0]
