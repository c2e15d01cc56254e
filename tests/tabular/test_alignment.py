from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nfm.errors import SchemaError
from nfm.settings import Settings
from nfm.tabular.alignment import align
from nfm.tabular.encoding import Encoder
from nfm.tabular.infer_schema import infer_schema


@pytest.fixture(scope="module")
def fitted(titanic_rows):
    schema = infer_schema(titanic_rows)
    return schema, Encoder.fit(titanic_rows, schema.features, Settings(min_level_count=1))


def notes(frame, fitted):
    return align(frame, *fitted).notes


def test_the_training_table_needs_no_account(titanic, fitted):
    aligned = align(titanic.drop(columns="Survived"), *fitted)
    assert aligned.notes == ()
    assert not aligned.has_target
    assert tuple(aligned.frame) == fitted[1].columns


def test_the_target_is_kept_and_said_to_be_unused(titanic, fitted):
    aligned = align(titanic, *fitted)
    assert aligned.has_target
    assert list(aligned.frame)[-1] == "Survived"
    assert aligned.notes == ("The target 'Survived' is in the file; the model does not use it.",)


def test_missing_columns_are_filled_and_said(titanic, fitted):
    aligned = align(titanic.drop(columns=["Survived", "Cabin", "Fare"]), *fitted)
    assert aligned.notes[0] == (
        "Columns 'Fare', 'Cabin' are not in the file; all their values count as missing."
    )
    assert aligned.frame[["Cabin", "Fare"]].isna().all(axis=None)
    assert len(fitted[1].transform(aligned.frame)) == 891


def test_added_columns_are_ignored_and_said(titanic, fitted):
    frame = titanic.drop(columns="Survived").assign(Deck=1)
    assert notes(frame, fitted) == ("Column 'Deck' is unknown to the model and ignored.",)


def test_another_order_makes_no_difference(titanic, fitted):
    frame = titanic.drop(columns="Survived")
    aligned = align(frame[frame.columns[::-1]], *fitted)
    assert len(aligned.notes) == 1
    assert "another order" in aligned.notes[0]
    pd.testing.assert_frame_equal(aligned.frame, align(frame, *fitted).frame)


def test_a_name_in_another_case_is_recognised(titanic, fitted):
    frame = titanic.drop(columns="Survived").rename(columns={"Age": " AGE", "SibSp": "sib_sp"})
    aligned = align(frame, *fitted)
    assert aligned.notes == (
        "Column ' AGE' was matched to 'Age'.",
        "Column 'sib_sp' was matched to 'SibSp'.",
    )
    pd.testing.assert_series_equal(aligned.frame["Age"], titanic["Age"])


@pytest.mark.parametrize("form", ["Gro\u0308ße", "\ufeffGröße", "grö\u00adße"])
def test_a_name_in_another_form_is_recognised(form):
    frame = pd.DataFrame({"Größe": [1.5, 2.5, 4.0], "y": [1, 2, 5]})
    schema = infer_schema(frame, "y")
    encoder = Encoder.fit(frame, schema.features, Settings())
    aligned = align(frame.rename(columns={"Größe": form}), schema, encoder)
    assert aligned.frame["Größe"].tolist() == [1.5, 2.5, 4.0]
    assert any("was matched to" in note for note in aligned.notes)


def test_another_decimal_mark_than_in_training_is_said(titanic, fitted):
    frame = titanic.drop(columns="Survived")
    commas = frame.assign(Fare=frame["Fare"].map(lambda fare: f"{fare:.2f}".replace(".", ",")))
    aligned = align(commas, *fitted)
    assert aligned.notes[0] == (
        "Column 'Fare': 891 of 891 cells cannot be read as a number such as 1234.5, so they count "
        "as missing: '7,25' in row 1, '71,28' in row 2, '7,92' in row 3 and 888 more."
    )


def test_a_thousands_separator_that_training_does_not_have_is_said(fitted):
    aligned = align(pd.DataFrame({"Fare": ["1,234", "5"]}), *fitted)
    assert fitted[1].read(aligned.frame)["Fare"].tolist() == [1234, 5]
    assert (
        "'Fare': ',' in '1,234' is read as a thousands separator, which the training table does "
        "not have."
    ) in aligned.notes


def test_a_file_in_another_style_is_refused_with_examples():
    days = pd.Series(pd.date_range("2024-01-01", periods=60))
    train = pd.DataFrame({"d": days.dt.strftime("%Y-%m-%d"), "y": [0.5, 1.0] * 30})
    schema = infer_schema(train)
    encoder = Encoder.fit(train, schema.features, Settings())
    with pytest.raises(SchemaError, match=r"expects a date \(year-month-day\).*'01/02/2024'"):
        align(pd.DataFrame({"d": days.dt.strftime("%d/%m/%Y")[31:]}).iloc[:10], schema, encoder)


def test_what_is_no_number_is_counted_and_shown(titanic, fitted):
    frame = titanic.drop(columns="Survived").astype({"Age": object})
    frame.loc[:2, "Age"] = "<b>old</b>"
    assert notes(frame, fitted)[0] == (
        "Column 'Age': 3 of 891 cells cannot be read as a number such as 1234.5, so they count as "
        "missing: '<b>old</b>' in row 1 and 2 more."
    )


def test_new_levels_are_counted_and_shown(titanic, fitted):
    frame = titanic.drop(columns="Survived")
    frame.loc[:4, "Embarked"] = "Z"
    assert notes(frame, fitted) == (
        "'Embarked': 5 of 891 rows have a value that did not occur in training, such as 'Z'; "
        "scored as (other).",
    )


def test_numbers_missing_for_the_first_time_and_beyond_the_range_are_counted(titanic, fitted):
    frame = titanic.drop(columns="Survived")
    frame.loc[0, "Fare"] = np.nan
    frame.loc[1, "Fare"] = 1e9
    assert notes(frame, fitted) == (
        "'Fare': 1 of 891 rows have no number, but in training no number was missing; the "
        "median is used instead.",
        "'Fare': 1 of 891 rows are outside the training range of 0 to 512.329.",
    )


def test_what_is_no_date_is_counted():
    frame = pd.DataFrame({"d": ["2024-01-05", "2024-02-07"] * 9, "y": [0.5, 1.0, 2.0] * 6})
    schema = infer_schema(frame)
    encoder = Encoder.fit(frame, schema.features, Settings())
    assert align(pd.DataFrame({"d": ["soon", "2024-01-05", None]}), schema, encoder).notes == (
        "Column 'd': 1 of 3 cells cannot be read as a date (year-month-day), so it counts as "
        "missing: 'soon' in row 1.",
        "'d': 1 of 3 rows have no date, but in training no date was missing; the median date is "
        "used instead, with (other) for its month and the like.",
    )


def test_a_file_of_something_else_is_refused(fitted):
    with pytest.raises(SchemaError, match=r"none of the columns that the model needs \('Pclass'"):
        align(pd.DataFrame({"a": [1]}), *fitted)


def test_a_file_without_rows_is_refused(titanic, fitted):
    with pytest.raises(SchemaError, match="no rows"):
        align(titanic.head(0), *fitted)


def test_the_file_itself_is_not_changed(titanic, fitted):
    frame = titanic.rename(columns={"Age": "age"})
    before = frame.copy()
    align(frame, *fitted)
    pd.testing.assert_frame_equal(frame, before)
